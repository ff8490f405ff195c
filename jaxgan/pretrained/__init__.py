"""Models that come with the program: `--workdir=shipped:NAME`.

Each is a file NAME.safetensors, which `jaxgan.export` writes, and a card NAME.md. The
registry, registry.json, knows their sizes and SHA-256 sums.
"""

import hashlib
import json
import pathlib
from typing import NamedTuple

from jaxgan.errors import UserError, nearest

PREFIX = "shipped:"  # As images that are shipped are named, where a run is asked for.
FOLDER = pathlib.Path(__file__).parent
REGISTRY = "registry.json"


class Entry(NamedTuple):
  """What the registry knows of a model.

  Attributes:
    file: its name in the folder.
    sha256: of the file, in hexadecimal digits.
    bytes: its size.
    summary: a line for users.
  """

  file: str
  sha256: str
  bytes: int
  summary: str


def registry() -> dict[str, Entry]:
  """All models that are shipped, by name."""
  known = json.loads((FOLDER / REGISTRY).read_text())
  return {name: Entry(**fields) for name, fields in sorted(known.items())}


def describe(file: pathlib.Path, summary: str) -> Entry:
  """The entry that a file should have."""
  content = file.read_bytes()
  digest = hashlib.sha256(content).hexdigest()
  return Entry(file.name, digest, len(content), summary)


def find(text: str) -> pathlib.Path:
  """The file of a model that is named as "shipped:NAME".

  Raises:
    UserError: no such model is shipped, or its file is not as it was shipped.
  """
  known, name = registry(), text.removeprefix(PREFIX)
  if name not in known:
    raise UserError(f"{text}: no such model is shipped: {nearest(name, known)}")
  entry, path = known[name], FOLDER / known[name].file
  if not path.is_file() or describe(path, entry.summary) != entry:
    raise UserError(
      f"{text}: {path} is missing or not as it was shipped: reinstall jaxgan."
    )
  return path


def listing() -> str:
  """A line for each model: name, size, summary."""
  known = registry()
  if not known:
    return "no models are shipped with this version."
  width = max(map(len, known))
  return "\n".join(
    f"{PREFIX}{name:{width}}  {entry.bytes / 1e6:4.1f} MB  {entry.summary}"
    for name, entry in known.items()
  )
