"""What pages may name: families and their options, configs and their fields."""

import functools
import importlib.util
import pathlib
import re

from jaxgan import options, runner
from tests.docs.pages import OWN, ROOT

CONFIGS = sorted([*ROOT.glob("configs/*.py"), *OWN.glob("configs/*.py")])
FAMILIES = (
  "dcgan",
  "single_image",
  "patches",
  "stylize",
  "gatys",
  "siamese",
  "translation",
)
PAGE_FAMILIES = {  # Pages of one method; the others are of all.
  "docs/dcgan.md": ("dcgan",),
  "docs/single_image.md": ("single_image",),
  "docs/patches.md": ("patches",),
  "docs/style_transfer.md": ("stylize", "gatys"),
  "docs/siamese.md": ("siamese",),
  "docs/translation.md": ("translation",),
  "docs/add_a_family.md": ("mygans.wgan",),
}
VERB_OPTIONS = {
  "main": ("workdir", "distributed", "coordinator", "num_processes", "process_id"),
  "benchmark": ("workdir", "steps", "warmup", "stage"),
  "generate": ("workdir", "step", "task", "output", "list"),
  "app": ("workdir", "runs", "host", "port"),
  "evaluate": ("workdir", "step", "output"),
  "export": (
    *("workdir", "step", "task", "format", "output", "list", "dtype", "layout"),
    *("bytes", "weights", "runtime", "title", "size", "scale"),
  ),
}


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
