"""Model files made up to deceive: anything in them, under a digest that is right."""

import functools
import importlib
import inspect
import json
import pathlib
import struct
import tempfile

from hypothesis import strategies as st
import jax
import ml_collections
import numpy as np
from PIL import Image
from safetensors import numpy as safetensors

from jaxgan import options, runner
from jaxgan.engine import model_file
from tests.fuzz.damage import altered

REALS = {
  f"{i}_{n}x{n}": {"size": [n, n], "scale": n / 16, "channels": 3, f"real_{i}": x}
  for i, n in enumerate((12, 16))
  for x in [np.zeros((1, n, n, 3), np.float32)]
}
FACES = {
  "quality": {"sharpness": [1.0, 9.0], "nearest": [0.1, 0.9]},
  "classes": {"hair": ["blue", "red"], "eyes": ["1", "2"]},
  "frequencies": {"hair": [0.5, 0.5], "eyes": [0.25, 0.75]},
}
# {config: (its fields, facts, what cannot be told from these)}
KINDS = {
  "dcgan_anime_conditional": (
    {"data.size": 12, "generator.width": 2},
    {"12x12": FACES},
    {},
  ),
  "siamese": ({"data.size": 16, "generator.width": 2}, {"32x32": {}}, {}),
  "stylize": ({"stylizer.width": 2}, {"2_styles": {"styles": ["wave", "udnie"]}}, {}),
  "cyclegan": ({"generator.width": 2}, {"32x32": {}}, {}),
  "patches": (
    {},
    {"20x20": {"image": np.arange(1200, dtype=np.uint8).reshape(20, 20, 3)}},
    {},
  ),
  "consingan": (
    {"features": 2},
    REALS,
    {"extra.amplitudes": np.ones(2, np.float32), "extra.noise": {}},
  ),
}


@functools.cache
def _model(name: str) -> tuple[dict[str, str], dict[str, np.ndarray], bytes]:
  """A small model file of a config: its texts, its arrays, and all of it."""
  changes, facts, trees = KINDS[name]
  config = importlib.import_module(f"configs.{name}").get_config("tiny")
  config = ml_collections.ConfigDict(config.to_dict())
  config.update_from_flattened_dict(changes)
  run = model_file.FileRun("", config, facts, 3, trees, {"evaluation": {"kid": 1}})
  wanted = runner.find_family(config.experiment).contents(run)
  wanted.pop(model_file.FACTS, None)
  made = jax.tree.map(lambda x: np.full(x.shape, 0.1, x.dtype), wanted)
  with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "model.safetensors"
    model_file.write(path, run._replace(trees=made | trees))
    data = path.read_bytes()
  size = struct.unpack("<Q", data[:8])[0]
  header = json.loads(data[8 : 8 + size])["__metadata__"]
  return header, safetensors.load(data), data


def whole() -> bytes:
  """A model file in which nothing is wrong."""
  return _model("dcgan_anime_conditional")[2]


def _written(name: str, texts: dict[str, str], others: dict[str, np.ndarray]) -> bytes:
  """A model with other texts and arrays, and the digest of these."""
  header, arrays, _ = _model(name)
  header, arrays = header | texts, arrays | others
  header.pop("digest")
  header["digest"] = model_file._digest(header, arrays)
  return safetensors.save(arrays, header)


def made_up() -> st.SearchStrategy[bytes]:
  """Models with another text or array."""

  def of(name):
    header, arrays, _ = _model(name)
    texts = [
      altered(json.loads(header[field])).map(lambda x, y=field: {y: json.dumps(x)})
      for field in ("config", "facts", "arrays", "provenance", "step")
    ]
    array = st.builds(
      np.zeros,
      st.lists(st.integers(0, 5), max_size=5),
      st.sampled_from((np.float16, np.float32, np.float64, np.int32, np.uint8, bool)),
    )
    others = st.dictionaries(st.sampled_from(sorted(arrays)), array, max_size=1)
    # The config twice: it has the most in it.
    return st.builds(_written, st.just(name), st.one_of(texts[0], *texts), others)

  return st.one_of(map(of, KINDS))


def use(path: pathlib.Path) -> None:
  """Lists what a model can do, and makes an image by its first task."""
  family, run = runner.open_run(path)
  options.describe(family.TASKS, runner.choices(family, run))
  task = next(iter(family.TASKS.values()))
  photo = path.with_name("photo.png")
  Image.new("RGB", (24, 20), (9, 99, 199)).save(photo)
  given = {"input": str(photo), "num": 1}
  known = inspect.signature(task).parameters
  task(run, path.with_name("made.png"), **{x: given[x] for x in given if x in known})
