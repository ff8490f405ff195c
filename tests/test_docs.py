"""README and docs name commands, options, fields, files and links that exist."""

import functools
import importlib
import importlib.util
import inspect
import pathlib
import re
import shlex

import pytest

from jaxgan import options, runner

ROOT = pathlib.Path(__file__).parents[1]
OWN = ROOT / "tests" / "families"  # What docs/add_a_family.md builds.
PAGES = [
  str(path.relative_to(ROOT))
  for path in (
    ROOT / "README.md",
    ROOT / "launch" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
  )
]
CONFIGS = sorted([*ROOT.glob("configs/*.py"), *OWN.glob("configs/*.py")])
FAMILIES = ("dcgan", "single_image", "stylize", "gatys", "siamese", "translation")
PAGE_FAMILIES = {  # Pages of one method; the others are of all.
  "docs/dcgan.md": ("dcgan",),
  "docs/single_image.md": ("single_image",),
  "docs/style_transfer.md": ("stylize", "gatys"),
  "docs/siamese.md": ("siamese",),
  "docs/translation.md": ("translation",),
  "docs/add_a_family.md": ("mygans.wgan",),
}
VERB_OPTIONS = {
  "main": ("workdir", "distributed", "coordinator", "num_processes", "process_id"),
  "benchmark": ("workdir", "steps", "warmup", "stage"),
  "generate": ("workdir", "step", "task", "output", "list"),
  "evaluate": ("workdir", "step", "output"),
  "export": ("workdir", "step", "format", "output", "dtype"),
}


@pytest.fixture(autouse=True)
def _own_package(monkeypatch):
  monkeypatch.syspath_prepend(OWN)


def text_of(page):
  return (ROOT / page).read_text()


def blocks(page, language):
  """Contents of the page's fenced blocks of a language."""
  pattern = rf"^```{language}\n(.*?)^```$"
  return re.findall(pattern, text_of(page), re.MULTILINE | re.DOTALL)


def commands(page):
  """Words of every command line of the page; `\\` joins lines, && divides commands."""
  for block in blocks(page, "(?:bash)?"):
    for line in block.replace("\\\n", " ").splitlines():
      for command in line.split("&&"):
        if re.match(r"\s*(\S*python3?|sbatch|launch/\S+)\s", command):
          yield shlex.split(command, comments=True)


def spans(page):
  """Inline code of the page, outside of fenced blocks."""
  plain = re.sub(r"^```.*?^```$", "", text_of(page), flags=re.MULTILINE | re.DOTALL)
  return re.findall(r"`([^`\n]+)`", plain)


def families(page):
  return [runner.find_family(name) for name in PAGE_FAMILIES.get(page, FAMILIES)]


def module_of(path):
  """The module of a config file."""
  spec = importlib.util.spec_from_file_location(path.stem, path)
  module = importlib.util.module_from_spec(spec)
  spec.loader.exec_module(module)
  return module


@functools.cache
def config_of(path, variant):
  """What a config file gives for a variant."""
  return module_of(path).get_config(*filter(None, [variant]))


def find_config(page, value):
  """The config that --config=VALUE means."""
  name, _, variant = value.partition(":")
  folder = OWN if page == "docs/add_a_family.md" else ROOT
  name = name if name.endswith(".py") else f"configs/{name}.py"
  assert (folder / name).is_file(), f"{page}: --config={value} does not exist"
  return config_of(folder / name, variant)


def configs(page):
  """All configs of the page's families."""
  known = [config_of(path, "") for path in CONFIGS]
  names = PAGE_FAMILIES.get(page, FAMILIES)
  return [config for config in known if config.experiment in names]


def has_field(config, field):
  name, _, rest = field.partition(".")
  return name in config and (not rest or has_field(config[name], rest))


own_options = lambda function: set(options.keyword_only(function))


def option(word):
  """--name=value or --no-name to its name, else ""."""
  found = re.fullmatch(r"--(no-)?([A-Za-z]\w*)(=.*)?", word, re.DOTALL)
  return found[2] if found else ""


def is_placeholder(value):
  """Whether a value stands for one of the reader's: X, NAME, FOLDER/..."""
  return not re.search(r"[a-z]", pathlib.PurePath(value.partition(":")[0]).stem)


def config_problems(page, words):
  """Fields that a command sets and that its config does not have."""
  values = [w.removeprefix("--config=") for w in words if w.startswith("--config=")]
  fields = [w.removeprefix("--config.") for w in words if w.startswith("--config.")]
  for value in values:
    if not is_placeholder(value):
      config = find_config(page, value)
      for field in fields:
        if not has_field(config, field.partition("=")[0]):
          yield f"{value} has no config.{field}"


def option_problems(page, words):
  """Options of a command that what it runs does not have."""
  names = {option(word) for word in words if not word.startswith("--config")} - {""}
  verb = next((w.removeprefix("jaxgan.") for w in words if w.startswith("jaxgan.")), "")
  scripts = [ROOT / word for word in words if word.startswith(("bench", "launch"))]
  scripts += (ROOT / "jaxgan" / "prepare").glob("*.py") if verb == "prepare" else []
  sources = [path.read_text() for path in scripts if path.is_file()]
  known = set(VERB_OPTIONS.get(verb, ()))
  task = next((w.removeprefix("--task=") for w in words if w.startswith("--task=")), "")
  if verb == "generate" and task:
    tasks = [family.TASKS[task] for family in families(page) if task in family.TASKS]
    if not tasks:
      yield f"no task {task!r}"
    # The command is for one of the families that have a task of that name.
    wanted = names - known
    known |= max(
      map(own_options, tasks), key=lambda own: len(own & wanted), default=set()
    )
  elif verb == "evaluate":
    known |= set().union(*(own_options(family.evaluate) for family in families(page)))
  for name in names - known:
    found = any(re.search(rf"--{name}\b", source) for source in sources)
    if not found and (verb or sources):
      yield f"no option --{name} in: {' '.join(words)}"


@pytest.mark.parametrize("page", PAGES)
def test_commands(page):
  problems = []
  for words in commands(page):
    problems += [*config_problems(page, words), *option_problems(page, words)]
  assert not problems, "\n".join(problems)


def text_problems(page):
  """Options, tasks, configs and fields in the page's text that do not exist."""
  names = {name for names in VERB_OPTIONS.values() for name in names} | {"help"}
  tasks = {}
  for family in families(page):
    tasks |= family.TASKS
    names |= own_options(family.evaluate).union(*map(own_options, tasks.values()))
  scripts = "".join(path.read_text() for path in (ROOT / "launch").glob("*.*"))
  for span in spans(page):
    words = span.split() if span.startswith("--") else [span]
    for word in words:
      name, value = option(word), word.partition("=")[2]
      if name == "task" and value not in tasks:
        yield f"no task {value!r}"
      elif name == "config" and not is_placeholder(value):
        find_config(page, value)
      elif name and name not in names and not re.search(rf"--{name}\b", scripts):
        yield f"no option --{name}"
      field = re.match(r"(?:--)?config\.((?:[a-z]\w*\.)*[a-z]\w*)", word)
      field = field[1] if field and field[1] not in ("json", "py") else ""
      if field and not any(has_field(config, field) for config in configs(page)):
        yield f"no config has the field config.{field}"


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_docstrings_of_configs(path):
  config = config_of(path, "")
  family = runner.find_family(config.experiment)
  names = {name for names in VERB_OPTIONS.values() for name in names}
  names = names.union(*map(own_options, family.TASKS.values()))
  for word in inspect.getdoc(module_of(path)).replace("[", " ").split():
    word = word.strip("]`.,;:()")
    if word.startswith("--config."):
      field = word.removeprefix("--config.").partition("=")[0]
      assert has_field(config, field), f"no config.{field}"
    elif word.startswith("--config="):
      find_config("docs/add_a_family.md" if OWN in path.parents else "", word[9:])
    elif word.startswith("--task="):
      assert word.removeprefix("--task=") in family.TASKS
    elif name := option(word):
      assert name in names, f"no option --{name}"


@pytest.mark.parametrize("page", PAGES)
def test_options_and_fields_in_the_text(page):
  problems = list(text_problems(page))
  assert not problems, "\n".join(problems)


def rows(page, header):
  """Cells of the rows of all tables whose first column has a name."""
  lines, inside = text_of(page).splitlines(), False
  for line in lines:
    cells = [cell.strip() for cell in line.strip("|").split(" | ")]
    if not line.startswith("|"):
      inside = False
    elif inside and not line.startswith("|--"):
      yield cells
    inside = inside or (line.startswith("|") and cells[0].strip("| ") == header)


@pytest.mark.parametrize("page", PAGES)
def test_tables_of_configs_name_configs(page):
  for cells in rows(page, "config"):
    for name in re.findall(r"`([^`]+)`", cells[0]):
      find_config(page, name)


@pytest.mark.parametrize(
  "page", [page for page in PAGE_FAMILIES if "add_a" not in page]
)
def test_tables_of_tasks_are_complete(page):
  tasks = {
    name: task for family in families(page) for name, task in family.TASKS.items()
  }
  found = {}
  for cells in rows(page, "task"):
    found[cells[0].strip("`| ")] = set(re.findall(r"`--(\w+)`", cells[-1]))
  assert found == {name: own_options(task) for name, task in tasks.items()}


@pytest.mark.parametrize("page", PAGES)
def test_links_and_files(page):
  place = (ROOT / page).parent
  for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
    if not re.match(r"\w+://", target):
      path, _, anchor = target.partition("#")
      other = place / path if path else ROOT / page
      assert other.exists(), f"{page}: {target} does not exist"
      if anchor:
        titles = re.findall(r"^#+ (.*)$", other.read_text(), re.MULTILINE)
        slugs = [re.sub(r"[^\w\- ]", "", t).lower().replace(" ", "-") for t in titles]
        assert anchor in slugs, f"{page}: {target} is no heading"
  folders = "jaxgan|configs|tests|docs|benchmarks|launch|colab"
  for span in spans(page):
    if re.fullmatch(rf"(?:{folders})/[\w./-]*", span):
      path = OWN / span if page == "docs/add_a_family.md" else ROOT / span
      path = path if path.exists() else ROOT / span.replace("FAMILY", "dcgan")
      assert path.exists(), f"{page}: {span} does not exist"
    elif re.fullmatch(r"jaxgan(?:\.\w+)+", span):
      *module, name = span.split(".")
      parent = importlib.import_module(".".join(module))
      known = hasattr(parent, name) or importlib.util.find_spec(span)
      assert known, f"{page}: {span} does not exist"


def test_the_readme_is_short():
  assert len(text_of("README.md").splitlines()) <= 150


def test_every_config_is_in_a_page():
  for path in (ROOT / "configs").glob("*.py"):
    assert any(f"`{path.stem}`" in text_of(page) for page in PAGE_FAMILIES), path.stem


def test_the_family_that_is_built_is_that_of_the_tests():
  shown = blocks("docs/add_a_family.md", "python")
  config, family = (
    (OWN / name).read_text() for name in ("configs/wgan_digits.py", "mygans/wgan.py")
  )
  assert shown[0] == config
  squeezed = lambda text: re.sub(r"\n{2,}", "\n", text)
  assert squeezed("".join(shown[1:])) == squeezed(family)


def test_the_mkdocs_site_has_every_page():
  text = text_of("mkdocs.yml")
  assert set(re.findall(r"[\w/]+\.md", text)) == {
    path.name for path in (ROOT / "docs").glob("*.md")
  }
