"""Every reader of what users give: a name, what it gets, and how it is called."""

import functools
import gzip
import importlib
import io
import json
import pathlib
import struct

from hypothesis import strategies as st
import ml_collections
import numpy as np
from PIL import Image

from jaxgan import options, pretrained, runner
from jaxgan.data import labels, sources
from jaxgan.engine import model_file, workdir
from jaxgan.experiments.dcgan import names
from jaxgan.experiments.dcgan.tasks import made
from jaxgan.experiments.shared import arguments, style_weights
from jaxgan.experiments.stylize.tasks import comparisons
from jaxgan.features import weights
from jaxgan.images import film_reader, masks, reader, stream
from jaxgan.prepare import pack
from tests.fuzz import models
from tests.fuzz import weights as fuzzed_weights
from tests.fuzz.damage import TEXTS, altered, damaged, of_type

FAMILIES = ("dcgan_anime_conditional", "consingan", "stylize", "gatys", "siamese")


def _encoded(mode: str, kind: str, **how) -> bytes:
  pixels = np.random.default_rng(0).integers(0, 255, (9, 12, 4), np.uint8)
  if mode == "I;16":
    image = Image.fromarray(256 * pixels[..., 0].astype(np.uint16))
  else:
    image = Image.fromarray(pixels[..., : 4 if mode == "RGBA" else 3]).convert(mode)
  file = io.BytesIO()
  image.save(file, kind, **how)
  return file.getvalue()


@functools.cache
def images() -> list[bytes]:
  frames = [Image.new("P", (8, 6), i) for i in range(3)]
  return [
    _encoded("RGB", "PNG"),
    _encoded("RGBA", "PNG"),
    _encoded("L", "PNG"),
    _encoded("I;16", "PNG"),
    _encoded("P", "GIF", save_all=True, append_images=frames),
    _encoded("RGB", "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0"),
    _encoded("CMYK", "JPEG"),
    _encoded("RGB", "TIFF", compression="tiff_lzw"),
    _encoded("RGBA", "WEBP"),
    _encoded("RGB", "BMP"),
    _encoded("RGB", "PPM"),
    _encoded("1", "TIFF", compression="group4"),
  ]


@functools.cache
def films() -> list[bytes]:
  frames = [Image.new("RGB", (12, 9), (90 * i, 0, 255)) for i in range(3)]
  how = {"save_all": True, "append_images": frames, "duration": 40}
  return [
    _encoded("P", "GIF", **how),
    _encoded("RGB", "WEBP", **how),
    _encoded("RGB", "WEBP", lossless=True, **how),
  ]


def _array_file(**arrays) -> bytes:
  file = io.BytesIO()
  np.savez(file, **arrays) if arrays else np.save(file, np.ones((3, 4, 5), np.uint8))
  return file.getvalue()


# What reads a file.


def _read_picture(path):
  with stream.open_picture(str(path)) as bands:
    while bands.height > 0:
      rows = min(bands.height, 4)
      bands.read(rows)
      bands.height -= rows


def _read_film(path):
  for frame in film_reader.read(path).frames:
    assert frame.dtype == np.uint8 and frame.shape[2] == 3


def _read_array(path):
  source = sources.find(str(path), size=(4, 5), channels=1, split="train", num_drawn=1)
  source.open()(0)


def _open(path):
  family, run = runner.open_run(path)
  options.describe(family.TASKS, runner.choices(family, run))


def _opened_with(name):
  """Reads a folder of which one file is the fuzzed one."""

  def read(path):
    folder = path.parent / "run"
    _run_in(folder, FAMILIES[0])
    (folder / name).write_bytes(path.read_bytes())
    _open(folder)
    workdir.read_config(folder)

  return read


@functools.cache
def config_of(name: str) -> ml_collections.ConfigDict:
  return importlib.import_module(f"configs.{name}").get_config("tiny")


@functools.cache
def _facts() -> dict:
  run = model_file.read(pretrained.find("shipped:anime"))
  return run.facts


def _run_in(folder: pathlib.Path, name: str) -> None:
  folder.mkdir(exist_ok=True)
  (folder / "config.json").write_text(config_of(name).to_json())
  (folder / "facts.json").write_text(json.dumps(_facts()))
  (folder / "facts.npz").write_bytes(_array_file(**{"96x96/image": np.ones(3)}))


LABELS = (
  b"file,hair,eyes\na.png,blue,1\nb.png,red,2\n",
  b'file,x\r\na.png,"q\n,"\r\n',
  b"file,x\na.png," + 5_000 * b"9",
)
IDX = struct.pack(">I3I", 0x803, 2, 3, 4) + bytes(24)
JSON = lambda tree: st.builds(lambda x: json.dumps(x).encode(), altered(tree))
read_facts = lambda: JSON(_facts()) | damaged(json.dumps(_facts()).encode())

# {name: (suffix of the file, its contents, reader)}
FILES = {
  "image": (".png", lambda: damaged(*images()), reader.load),
  "image of a set": (
    ".png",
    lambda: damaged(*images()),
    lambda path: reader.decode(path, size=(6, 5), channels=3),
  ),
  "picture": (".png", lambda: damaged(*images()), _read_picture),
  "mask": (
    ".png",
    lambda: damaged(*images()),
    lambda path: masks.load(path, (7, 9), "editing"),
  ),
  "film": (".gif", lambda: damaged(*films()), _read_film),
  "labels": (
    ".csv",
    lambda: damaged(*LABELS) | st.builds(str.encode, st.text('abf,.png01²٣"\n\r\0')),
    lambda path: labels.from_csv(str(path), ["a.png", "x/b.png"]),
  ),
  "npy": (".npy", lambda: damaged(_array_file()), _read_array),
  "idx": (".idx", lambda: damaged(IDX, gzip.compress(IDX)), _read_array),
  "weights": (
    ".npz",
    lambda: damaged(
      _array_file(a=np.ones(3)), _array_file(**{"features.0.weight": np.ones((2, 2))})
    ),
    lambda path: weights.load_vgg16(str(path)),
  ),
  "weights of Inception": (
    ".npz",
    lambda: damaged(_array_file(**{"Conv2d_1a_3x3.conv.weight": np.ones((2, 2))})),
    lambda path: weights.load_inception(str(path)),
  ),
  "model": (".safetensors", lambda: damaged(models.whole()), _open),
  "made-up model": (".safetensors", models.made_up, models.use),
  "weights in safetensors": (
    ".safetensors",
    lambda: damaged(models.whole()),
    lambda path: weights.load_vgg16(str(path)),
  ),
  "published network": (".npz", fuzzed_weights.networks, fuzzed_weights.read_network),
  "published amplitudes": (
    ".npz",
    fuzzed_weights.amplitudes,
    fuzzed_weights.read_amplitudes,
  ),
  "config.json": (
    "",
    lambda: (
      JSON(config_of(FAMILIES[0]).to_dict())
      | damaged(config_of(FAMILIES[0]).to_json().encode())
    ),
    _opened_with("config.json"),
  ),
  "facts.json": ("", read_facts, _opened_with("facts.json")),
  "facts.npz": (
    "",
    lambda: damaged(
      _array_file(**{"96x96/image": np.ones(3)}), _array_file(a=np.ones(2))
    ),
    _opened_with("facts.npz"),
  ),
}

# What takes a text of the command line.
CLASSES = {"hair": ["blue", "red"], "eyes": ["1", "2"]}
WORDS = {
  "size": arguments.size,
  "side": arguments.side,
  "scale": arguments.scale,
  "size of a set": pack.parse_size,
  "shape": comparisons._shape,
  "latents": names.parse,
  "labels": lambda text: made.parse_labels(text, CLASSES),
  "style": lambda text: style_weights.parse(text, ["wave", "scream"]),
  "class": lambda text: labels.find_class(text, CLASSES),
}


def call_task(family_name: str, task: str, words: list[str]) -> None:
  """Reads the options of a task as `generate` does."""
  parser = options.verb_parser("generate", "")
  options.add_function(parser, runner.find_family(family_name).TASKS[task])
  parser.parse_args(words)


def commands() -> st.SearchStrategy[tuple[str, str, list[str]]]:
  """(family, task, arguments) with the task's options and any values."""

  def of(family, task, function):
    known = st.sampled_from(list(options.keyword_only(function)) or ["x"])
    value = TEXTS | st.integers(-(10**30), 10**30).map(str) | st.just("9" * 5_000)
    word = st.builds("--{}={}".format, known, value)
    return st.tuples(st.just(family), st.just(task), st.lists(word | TEXTS, max_size=3))

  return st.one_of(
    of(name, task, function)
    for name in ("dcgan", "single_image", "patches", "stylize", "siamese")
    for task, function in runner.find_family(name).TASKS.items()
  )


def configs() -> st.SearchStrategy[ml_collections.ConfigDict]:
  """Configs of all families with a few fields of other values of their types."""

  def change(name, changes):
    config = ml_collections.ConfigDict(config_of(name).to_dict())
    config.update_from_flattened_dict(dict(changes))
    return config

  def of(name):
    fields = _fields(config_of(name))
    one = st.sampled_from(sorted(fields)).flatmap(
      lambda field: st.tuples(st.just(field), of_type(fields[field]))
    )
    return st.builds(change, st.just(name), st.lists(one, min_size=1, max_size=3))

  return st.one_of(map(of, FAMILIES))


def _fields(config, prefix="") -> dict:
  result = {}
  for name, value in config.items():
    if isinstance(value, ml_collections.ConfigDict):
      result |= _fields(value, f"{prefix}{name}.")
    elif name != "experiment":
      result[prefix + name] = value
  return result
