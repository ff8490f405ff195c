"""Commands and texts of README and docs name options, tasks and fields that exist."""

import inspect
import re

import pytest

from jaxgan import runner
from tests.docs.known import (
  CONFIGS,
  VERB_OPTIONS,
  config_of,
  configs,
  families,
  find_config,
  has_field,
  is_placeholder,
  module_of,
  option,
  own_options,
)
from tests.docs.pages import OWN, PAGES, ROOT, commands, spans


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


@pytest.mark.parametrize("page", PAGES)
def test_options_and_fields_in_the_text(page):
  problems = list(text_problems(page))
  assert not problems, "\n".join(problems)


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
