"""Who may import whom, and what library code does not do, read from the sources."""

import ast
import pathlib

import pytest

import jaxgan

PACKAGE = pathlib.Path(jaxgan.__file__).parent
# Each part of the package and what it may import besides itself. Verbs, which are not
# listed, may import everything.
ALLOWED = {
  "errors": set(),
  "cache": {"errors"},
  "progress": set(),
  "pretrained": {"errors", "options"},
  "ops": set(),
  "losses": set(),
  "nets": {"ops"},
  "features": {
    "ops",
    "images",  # How bytes become numbers, and no more.
    "errors",
    "progress",
  },
  "images": {"errors"},
  "drawing": {"errors", "progress"},
  "data": {"images", "drawing", "cache", "errors", "progress"},
  "engine": {
    "images",  # Sheets of images go out by way of it alone.
    "pretrained",  # Knows where files lie, not what is in them.
    "errors",
  },
  "metrics": {"nets", "losses", "features", "images", "data", "cache", "errors"},
  "experiments": {
    "ops",
    "losses",
    "nets",
    "features",
    "images",
    "drawing",
    "data",
    "engine",
    "metrics",
    "errors",
    "options",
    "progress",
  },
  "formats": {"experiments", "ops", "images", "engine", "errors"},
}
VERBS = {"app", "prepare"}  # Those that are folders.
CONFIGS = {"configs"}  # A link to a folder beside the package.
SOURCES = {
  ".".join(("jaxgan", *path.relative_to(PACKAGE).with_suffix("").parts)): ast.parse(
    path.read_text()
  )
  for path in sorted(PACKAGE.rglob("*.py"))
}


def imported(name: str) -> set[str]:
  """Full names of what a module imports, wherever in it; relative ones are refused."""
  found = set()
  for node in ast.walk(SOURCES[name]):
    if isinstance(node, ast.Import):
      found |= {alias.name for alias in node.names}
    elif isinstance(node, ast.ImportFrom):
      assert node.level == 0, f"{name}: import by full names"
      found |= {f"{node.module}.{alias.name}" for alias in node.names}
  return found


def part_of(name: str) -> str:
  """jaxgan.features.vgg -> features; "" for the package itself and what is outside."""
  return name.split(".")[1] if name.startswith("jaxgan.") else ""


def test_every_part_is_under_the_rule():
  folders = {
    path.name for path in PACKAGE.iterdir() if path.is_dir() and any(path.glob("*.py"))
  }
  assert folders - VERBS - CONFIGS == set(ALLOWED) - {"errors", "cache", "progress"}
  assert "engine" in {part_of(name) for name in imported("jaxgan.runner")}


@pytest.mark.parametrize("name", SOURCES)
def test_imports_run_downwards_only(name):
  part = part_of(name)
  if part in ALLOWED:  # Else it is a verb's.
    others = {part_of(other) for other in imported(name)} - {"", part}
    assert others <= ALLOWED[part]


@pytest.mark.parametrize("name", SOURCES)
def test_parts_use_public_names_of_each_other(name):
  for other in imported(name):
    if part_of(other) not in ("", part_of(name)):
      assert "._" not in other
    assert not other.startswith("jax._src"), other
  modules = {
    alias.asname or alias.name
    for node in ast.walk(SOURCES[name])
    if isinstance(node, ast.ImportFrom) and node.module.startswith("jaxgan")
    for alias in node.names
  }
  private = [
    f"{node.value.id}.{node.attr}"
    for node in ast.walk(SOURCES[name])
    if isinstance(node, ast.Attribute)
    and isinstance(node.value, ast.Name)
    and node.value.id in modules
    and node.attr.startswith("_")
    and not node.attr.startswith("__")
  ]
  assert private == []


@pytest.mark.parametrize("name", SOURCES)
def test_library_code_needs_no_tensorflow_and_prints_nothing(name):
  assert "tensorflow" not in {x.split(".")[0] for x in imported(name)}
  calls = {
    node.func.id
    for node in ast.walk(SOURCES[name])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
  }
  assert not calls & {"print", "breakpoint"}


def test_the_engine_knows_no_family():
  families = {
    path.stem
    for path in (PACKAGE / "experiments").iterdir()
    if not path.stem.startswith("_") and path.stem != "shared"
  }
  assert "dcgan" in families
  for path in (PACKAGE / "engine").glob("*.py"):
    text = path.read_text().lower()
    assert [family for family in families if family in text] == [], path
