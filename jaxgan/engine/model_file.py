"""A model as one file: what inference needs of a run, in the safetensors format.

Its tensors are the arrays of the checkpoint's items and of the facts. Its metadata,
texts, hold `format`, `version`, `step`, `digest` and, as JSON, `config`, `facts`,
`provenance` and `arrays`: the trees of the items and facts, with a tensor's name in the
place of every array. Nothing in it is ever run. The digest shows damage, but no ill
will: it has no key, so whoever makes a file up can compute it. Hence `compare`.
"""

from collections.abc import Mapping
import hashlib
import json
import pathlib
from typing import Any, NamedTuple

import jax
import ml_collections
import numpy as np
import safetensors
from safetensors.numpy import save

from jaxgan.errors import UserError
from jaxgan.images import writer

Tree = Any
FORMAT, VERSION, SUFFIX = "jaxgan", 1, ".safetensors"
DTYPES = ("float16", "float32")
MOST_BYTES = 2**31  # Of a file.
MOST_TEXT = 2**24  # Characters of its metadata.
FACTS = "facts"  # What `compare` calls the facts, beside the items.
_UNREADABLE = (
  safetensors.SafetensorError,
  ValueError,  # Of JSON, too.
  KeyError,
  TypeError,
  AttributeError,
  RecursionError,
)


class FileRun(NamedTuple):
  """The run that a file holds; see `workdir.Run`.

  Attributes:
    name: the file, or what else the user called it.
    config: the config it was trained with.
    facts: what inference must know besides, by stage.
    step: of the checkpoint that was exported.
    trees: its items.
    origin: what `provenance` returns.
  """

  name: str
  config: ml_collections.ConfigDict
  facts: dict[str, Any]
  step: int
  trees: dict[str, Tree]
  origin: dict[str, Any]

  def restore(self, name: str) -> Tree:
    """One item, such as "extra.ema", as NumPy arrays."""
    if name not in self.trees:
      raise UserError(
        f"{self.name} holds no {name!r}, since it was exported for inference: give the "
        "folder of its training."
      )
    return self.trees[name]

  def run_step(self) -> int:
    """The step of the training that the file holds."""
    return self.step

  def items(self) -> set[str]:
    """Names of the items."""
    return set(self.trees)

  def provenance(self) -> dict[str, Any]:
    """Where it came from, JSON."""
    return self.origin


def write(path: pathlib.Path, run: FileRun, dtype: str = DTYPES[0]) -> None:
  """Writes a file that exists whole or not at all.

  Args:
    path: its suffix is `SUFFIX`.
    run: trees are nested dicts and lists of arrays.
    dtype: float16 halves arrays of float32 with 2 or more axes, but for statistics and
      what float16 cannot hold; float32 leaves all as it is.

  Raises:
    UserError: the file cannot be written.
  """
  arrays: dict[str, np.ndarray] = {}

  def store(tree: Tree, name: str) -> Tree:
    if isinstance(tree, Mapping):
      return {key: store(x, f"{name}/{key}") for key, x in tree.items()}
    if isinstance(tree, list | tuple):
      return [store(x, f"{name}/{i}") for i, x in enumerate(tree)]
    if tree is None:
      return None
    while name in arrays:  # {"a/b": x, "a": {"b": y}}
      name += "_"
    array = np.asarray(tree, order="C")
    arrays[name] = halved(name, array) if dtype == "float16" else array
    return name

  is_array = lambda x: isinstance(x, np.ndarray)
  facts = {
    stage: {name: x for name, x in own.items() if is_array(x)}
    for stage, own in run.facts.items()
  }
  plain = {
    stage: {name: x for name, x in own.items() if not is_array(x)}
    for stage, own in run.facts.items()
  }
  names = {
    "items": {name: store(tree, name) for name, tree in sorted(run.trees.items())},
    "facts": store(facts, "facts"),
  }
  header = {
    "format": FORMAT,
    "version": str(VERSION),
    "step": str(run.step),
    "config": json.dumps(run.config.to_dict()),
    "facts": json.dumps(plain),
    "provenance": json.dumps(run.origin),
    "arrays": json.dumps(names),
  }
  header["digest"] = _digest(header, arrays)
  with writer.explained(path):
    writer.write_whole(path, save(arrays, header))


def halved(name: str, array: np.ndarray) -> np.ndarray:
  """An array in float16 where that loses nothing that an image would show."""
  parts = name.replace(".", "/").split("/")
  is_statistics = any(part.endswith("stats") for part in parts)
  if array.dtype != np.float32 or array.ndim < 2 or is_statistics:
    return array
  with np.errstate(over="ignore"):
    half = array.astype(np.float16)
  return half if np.isfinite(half).all() else array


def read(path: pathlib.Path, name: str = "", step: int | str = "best") -> FileRun:
  """Opens a file; arrays of float16 become float32, with which networks compute.

  Args:
    path: the file.
    name: what the user called it, by default the path.
    step: "best", "latest", or the number of the one step that is in it.

  Raises:
    UserError: there is no such file, it is damaged, not of this program, or of another
      version of the format; or the step is another.
  """
  name = name or str(path)
  try:
    if path.stat().st_size > MOST_BYTES:
      raise ValueError(f"it has more than {MOST_BYTES:,} bytes")
    with safetensors.safe_open(path, framework="numpy") as file:
      header = file.metadata() or {}
      _check_format(name, header)
      if sum(map(len, header.values())) > MOST_TEXT:
        raise ValueError(f"its texts have more than {MOST_TEXT:,} characters")
      arrays = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    if header.pop("digest") != _digest(header, arrays):
      raise ValueError("its contents are not those that were written")
    run = _parsed(name, header, arrays)
  except OSError as error:
    raise UserError(
      f"no model file {name} ({error.strerror or error}): give one that python -m "
      "jaxgan.export wrote."
    ) from error
  except _UNREADABLE as error:
    raise UserError(
      f"{name} is damaged or no model file ({cause(error)}): download it or export it "
      "again."
    ) from error
  if step not in ("best", "latest") and str(step) != str(run.step):
    raise UserError(f"--step={step}: {name} holds step {run.step} alone.")
  return run


def cause(error: Exception) -> str:
  """What an error says, briefly."""
  return (str(error).strip() or repr(error)).splitlines()[0][:100]


def compare(run: FileRun, wanted: Mapping[str, Tree]) -> None:
  """Compares a file's arrays with those of the networks that its config describes.

  Args:
    run: the file's.
    wanted: trees of `jax.ShapeDtypeStruct` for items, and for the facts' arrays as
      `FACTS`. Other items are not compared, and so must never be restored.

  Raises:
    UserError: a name, shape or type is another.
  """
  arrays = {
    stage: {name: x for name, x in own.items() if isinstance(x, np.ndarray)}
    for stage, own in run.facts.items()
  }
  held = run.trees | {FACTS: arrays}
  for item, tree in wanted.items():
    if other := difference(held.get(item, {}), tree):
      raise UserError(
        f"{run.name}: array {item}{other}: damaged or made up, not to be used."
      )


def difference(tree: Tree, wanted: Tree) -> str:
  """The first array by name of which type or shape is not the wanted one, or ""."""
  got, want = _described(tree), _described(wanted)
  for name in sorted(got.keys() | want.keys()):
    if got.get(name) != want.get(name):
      is_, should = got.get(name, "missing"), want.get(name, "none")
      return f"{name} is {is_}, and by the config {should}"
  return ""


def _described(tree: Tree) -> dict[str, str]:
  """Type and shape of a tree's arrays by name, such as "['kernel']"."""
  leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
  return {
    jax.tree_util.keystr(path): f"{x.dtype} {list(x.shape)}" for path, x in leaves
  }


def _check_format(name: str, header: Mapping[str, str]) -> None:
  """Raises UserError for a file of another program, or of another format version."""
  if header.get("format") != FORMAT:
    raise UserError(
      f"{name} is no model of jaxgan: give a file that python -m jaxgan.export wrote."
    )
  version = header.get("version", "")
  if version != str(VERSION):
    newer = version.isdecimal() and int(version) > VERSION
    remedy = "update jaxgan" if newer else "export the run again"
    raise UserError(
      f"{name} has version {version} of the format, and this jaxgan reads version "
      f"{VERSION}: {remedy}."
    )


def _parsed(
  name: str, header: Mapping[str, str], arrays: Mapping[str, np.ndarray]
) -> FileRun:
  """What the texts and tensors mean."""
  unused = dict(arrays)

  def fill(tree: Tree) -> Tree:
    if isinstance(tree, dict):
      return {key: fill(x) for key, x in tree.items()}
    if isinstance(tree, list):
      return [fill(x) for x in tree]
    if tree is None:
      return None
    array = unused.pop(tree)  # Each once: a copy for every mention could fill memory.
    return array.astype(np.float32) if array.dtype == np.float16 else array

  found = fill(json.loads(header["arrays"]))
  facts, origin = json.loads(header["facts"]), json.loads(header["provenance"])
  if not isinstance(found["items"], dict) or not isinstance(origin, dict):
    raise TypeError("its items or its provenance have no names")
  return FileRun(
    name,
    ml_collections.ConfigDict(json.loads(header["config"])),
    {stage: own | found["facts"][stage] for stage, own in facts.items()},
    int(header["step"]),
    found["items"],
    origin,
  )


def _digest(header: Mapping[str, str], arrays: Mapping[str, np.ndarray]) -> str:
  """SHA-256 of all that a file holds: texts, names, types, shapes and numbers."""
  result = hashlib.sha256(json.dumps(sorted(header.items())).encode())
  for name, array in sorted(arrays.items()):
    result.update(json.dumps([name, array.dtype.str, array.shape]).encode())
    result.update(array.tobytes())
  return result.hexdigest()
