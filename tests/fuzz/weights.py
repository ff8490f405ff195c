"""Weights of others and of runs: damaged, or with other names, shapes and types."""

import functools
import io
import json
import pathlib
import tempfile

from hypothesis import strategies as st
import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.engine import checkpoints, core
from jaxgan.engine.saver import Saver
from jaxgan.errors import UserError
from jaxgan.prepare import convert, published
from tests.fuzz.damage import TEXTS, altered, damaged

FEATURES, STAGES = 2, 2
STATE = core.State(
  jnp.int32(3), jax.random.key(0), {"net": {"kernel": jnp.ones((2, 3))}}, {}, {}
)


def _block(name: str, inputs: int, outputs: int) -> dict[str, np.ndarray]:
  return {
    f"{name}.weight": np.ones((outputs, inputs, 3, 3), np.float32),
    f"{name}.bias": np.ones(outputs, np.float32),
  }


def _networks() -> list[dict[str, np.ndarray]]:
  """Names and arrays of a published generator and a discriminator."""
  wide = lambda name: _block(f"{name}.conv", FEATURES, FEATURES)
  head = _block("head.conv", 3, FEATURES)
  generator = head | _block("tail.0", FEATURES, 3)
  critic = head | _block("tail", FEATURES, 1)
  for j in range(3):
    critic |= wide(f"body.block{j}")
    for i in range(STAGES):
      generator |= wide(f"body.{i}.block{j}")
  return [generator, critic]


def _npz(arrays: dict[str, np.ndarray]) -> bytes:
  file = io.BytesIO()
  np.savez(file, **arrays)
  return file.getvalue()


def _other_arrays() -> st.SearchStrategy[np.ndarray]:
  shapes = st.lists(st.integers(0, 4), max_size=5)
  kinds = st.sampled_from(["f2", "f4", "f8", "i4", "c8", "U3", "?", "M8[s]"])
  return st.builds(np.zeros, shapes, kinds)


def _changed(arrays, changes, added, removed):
  names = sorted(arrays)
  changed = arrays | {names[i % len(names)]: x for i, x in changes} | added
  return {name: x for i, (name, x) in enumerate(changed.items()) if i not in removed}


def networks() -> st.SearchStrategy[bytes]:
  """Files of networks, damaged, or with a few arrays changed, added or removed."""
  whole = _networks()
  names = st.from_regex(r"body\.[0-9²]{1,9}(\.block[0-9]{1,9}\.[a-z.]{0,9})?") | TEXTS
  of_file = names.filter(lambda name: "\0" not in name and "/" not in name)
  made = st.builds(
    _changed,
    st.sampled_from(whole),
    st.lists(st.tuples(st.integers(0, 40), _other_arrays()), max_size=2),
    st.dictionaries(of_file, _other_arrays(), max_size=2),
    st.sets(st.integers(0, 40), max_size=2),
  )
  return made.map(_npz) | damaged(*map(_npz, whole))


def read_network(path: pathlib.Path) -> None:
  """Converts a file as a generator and as a discriminator."""
  arrays = published.read_dict(str(path))
  for read in (published.convert_generator, published.convert_discriminator):
    try:
      read(arrays, str(path))
    except UserError as error:
      assert str(error)


def amplitudes() -> st.SearchStrategy[bytes]:
  """Files of a few numbers by which noise is multiplied, or of anything else."""
  few = st.dictionaries(
    st.from_regex(r"arr_[0-9]{1,9}", fullmatch=True) | st.just("9" * 5_000),
    _other_arrays(),
    max_size=3,
  )
  return few.map(_npz) | damaged(_npz({"arr_0": np.ones(()), "arr_1": np.ones(())}))


def read_amplitudes(path: pathlib.Path) -> None:
  convert.read_amplitudes(convert.Files(net_g="netG", noise_amp=str(path)), STAGES)


@functools.cache
def _checkpoint() -> dict[str, bytes]:
  """The files of a run's one checkpoint, by path."""
  with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    with Saver(folder, keep=1) as saver:
      saver.save(3, checkpoints.Position("first", 3), STATE)
    return {
      str(path.relative_to(folder)): path.read_bytes()
      for path in sorted(folder.rglob("*"))
      if path.is_file()
    }


def damages() -> st.SearchStrategy[tuple[str, bytes]]:
  """A file of the checkpoint, and what it now holds."""

  def of(path, data):
    contents = damaged(data)
    try:
      tree = json.loads(data)
    except ValueError:
      return st.tuples(st.just(path), contents)
    as_json = altered(tree).map(lambda tree: json.dumps(tree).encode())
    return st.tuples(st.just(path), contents | as_json)

  return st.one_of(of(path, data) for path, data in _checkpoint().items())


def restore(damage: tuple[str, bytes], folder: pathlib.Path) -> None:
  """Restores a damaged checkpoint, for inference and to continue the training.

  What is restored is what was saved.
  """
  for path, data in (_checkpoint() | dict([damage])).items():
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(data)
  want = STATE.params["net"]["kernel"].tobytes()
  for read in (_restore_item, _continue):
    try:
      assert np.asarray(read(folder)["kernel"]).tobytes() == want
    except UserError as error:
      assert str(error)


def _restore_item(folder):
  return checkpoints.restore_item(folder, "params.net", 3)


def _continue(folder):
  with Saver(folder, keep=1) as saver:
    run_step, position, state = saver.restore(lambda position: STATE)
  assert (run_step, *position, int(state.step)) == (3, "first", 3, 3)
  return state.params["net"]
