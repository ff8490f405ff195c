"""The files that tell what a run is: config.json, facts.json and facts.npz; JSON."""

from collections.abc import Mapping
import json
import math
import pathlib
from typing import Any

import ml_collections
import numpy as np

from jaxgan.errors import UserError
from jaxgan.images import writer

CONFIG, FACTS, ARRAYS = "config.json", "facts.json", "facts.npz"


def read(path: pathlib.Path) -> dict[str, Any]:
  """A JSON object.

  Raises:
    OSError: the file cannot be read.
    UserError: it holds none.
  """
  try:
    tree = json.loads(path.read_text())
    if not isinstance(tree, dict):
      raise ValueError("no JSON object")
    return tree
  except (ValueError, RecursionError) as error:
    raise _damaged(path, error) from error


def known(text: str) -> dict[str, Any]:
  """The JSON object that a text is; empty if it is none, or damaged."""
  try:
    tree = json.loads(text)
  except (ValueError, RecursionError):
    return {}
  return tree if isinstance(tree, dict) else {}


def read_known(path: pathlib.Path) -> dict[str, Any]:
  """The JSON object in a file that a run can do without; see `known`."""
  try:
    return known(path.read_text(errors="replace"))
  except OSError:
    return {}


def write(path: pathlib.Path, tree: Any) -> None:
  """Writes JSON, so that the file exists whole or not at all."""
  writer.write_whole(path, (json.dumps(tree, indent=2) + "\n").encode())


def line(results: Mapping[str, Any]) -> str:
  """Numbers, texts and lists of them as a line of JSON.

  JSON has no NaN and Inf: they become null.
  """
  return json.dumps(_finite(results), allow_nan=False) + "\n"


def _finite(tree: Any) -> Any:
  match tree:
    case Mapping():
      return {name: _finite(value) for name, value in tree.items()}
    case list() | tuple():
      return [_finite(value) for value in tree]
    case float() if not math.isfinite(tree):
      return None
  return tree


def read_config(workdir: pathlib.Path) -> ml_collections.ConfigDict:
  """The config of a run; raises as `read`."""
  path = workdir / CONFIG
  tree = read(path)
  try:
    return ml_collections.ConfigDict(tree)
  except (ValueError, TypeError, AttributeError, RecursionError) as error:
    raise _damaged(path, error) from error


def read_facts(workdir: pathlib.Path) -> dict[str, dict[str, Any]]:
  """What inference must know, by stage; raises as `read`."""
  facts = read(workdir / FACTS)
  if not all(isinstance(own, dict) for own in facts.values()):
    raise _damaged(workdir / FACTS, ValueError("a stage has no object"))
  path = workdir / ARRAYS
  if not path.is_file():
    return facts
  try:
    with np.load(path, allow_pickle=False) as arrays:
      for key, value in arrays.items():
        stage, _, name = key.rpartition("/")
        facts[stage][name] = value
  except Exception as error:  # A damaged archive makes NumPy raise nearly anything.
    raise _damaged(path, error) from error
  return facts


def write_facts(workdir: pathlib.Path, facts: Mapping[str, Mapping]) -> None:
  """Writes facts.json, and facts.npz if some facts are arrays."""
  arrays = {
    f"{stage}/{name}": value
    for stage, own in facts.items()
    for name, value in own.items()
    if isinstance(value, np.ndarray)
  }
  if arrays:
    with writer.whole_file(workdir / ARRAYS) as temporary:
      np.savez(temporary, **arrays)
  write(
    workdir / FACTS,
    {
      stage: {name: x for name, x in own.items() if f"{stage}/{name}" not in arrays}
      for stage, own in facts.items()
    },
  )


def _damaged(path: pathlib.Path, error: Exception) -> UserError:
  return UserError(
    f"{path} is damaged ({error!r}): delete it and start the run again with the same "
    "config, which writes it anew."
  )
