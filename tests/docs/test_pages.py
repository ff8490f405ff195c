"""Links, files and tables of README and docs: all that they name exists."""

import importlib
import importlib.util
import re

import pytest

from tests.docs.known import PAGE_FAMILIES, families, find_config, own_options
from tests.docs.pages import OWN, PAGES, ROOT, blocks, rows, spans, text_of


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
  assert len(text_of("README.md").splitlines()) <= 160


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
