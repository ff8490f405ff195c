"""Models that are shipped: the registry, and each of them."""

import inspect
import json
import pathlib
import re
import zlib

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors, evaluate, export, generate, pretrained, runner
from jaxgan.engine import workdir
from jaxgan.images import examples
from jaxgan.pretrained import __main__ as verb

REGISTERED = pretrained.registry()
SECTIONS = ("Data", "Training", "Scores", "Limits", "Rights")
LARGEST = 6_000_000  # Bytes of all together in the wheel, which compresses files.


@pytest.fixture
def folder(tmp_path, monkeypatch):
  """The folder of another set of models, which is empty."""
  folder = tmp_path / "pretrained"
  folder.mkdir()
  (folder / "registry.json").write_text("{}")
  monkeypatch.setattr(pretrained, "FOLDER", folder)
  return folder


@pytest.fixture
def shipped(folder, gan_run, exported):
  """The same with one model, "faces"."""
  exported(gan_run).rename(folder / "faces.safetensors")
  (folder / "faces.md").write_text("# faces: drawn faces, four steps\n\nMore.\n")
  verb.main(["pretrained", "faces"])
  return folder


def _generate(*arguments):
  generate.main(["generate", *map(str, arguments)])


def test_a_registered_model_is_opened_by_its_name(shipped, gan_run, tmp_path, capsys):
  _generate("--workdir=shipped:faces", "--list")
  assert "sample: Images from noise" in capsys.readouterr().out
  images = []
  for name in ("shipped:faces", gan_run):
    path = tmp_path / "x.npy"
    _generate(f"--workdir={name}", "--task=sample", "--num=4", f"--output={path}")
    images.append(np.load(path).astype(int))
  assert np.abs(images[0] - images[1]).mean() < 1
  evaluate.main(["evaluate", "--workdir=shipped:faces", "--num=8", "--training=0"])
  assert json.loads(capsys.readouterr().out)["workdir"] == "shipped:faces"
  copy = tmp_path / "copy.safetensors"
  export.main(["export", "--workdir=shipped:faces", f"--output={copy}"])
  assert workdir.load(copy).items() == workdir.load("shipped:faces").items()


@pytest.mark.parametrize("program", [generate, evaluate, export])
def test_the_models_are_listed(shipped, capsys, program):
  capsys.readouterr()
  program.main(["", "--workdir=shipped:"])
  size = (shipped / "faces.safetensors").stat().st_size / 1e6
  line = f"shipped:faces   {size:.1f} MB  drawn faces, four steps\n"
  assert capsys.readouterr().out == line


def test_there_may_be_none(folder, capsys):
  _generate("--workdir=shipped:")
  assert capsys.readouterr().out == "no models are shipped with this version.\n"


def test_the_registry_is_updated(shipped, capsys):
  before = pretrained.registry()["faces"]
  path = shipped / "faces.safetensors"
  path.rename(shipped / "people.safetensors")
  with pytest.raises(errors.UserError, match=r"no file .*people\.md"):
    verb.main(["pretrained", "people"])
  (shipped / "people.md").write_text("# faces: drawn faces")
  with pytest.raises(
    errors.UserError, match=r"first line of people\.md must be # people"
  ):
    verb.main(["pretrained", "people"])
  (shipped / "people.md").write_text("# people: the same")
  verb.main(["pretrained", "people"])
  assert "shipped:people" in capsys.readouterr().out
  after = pretrained.registry()
  assert after["people"].sha256 == before.sha256 and after["faces"] == before


def test_unknown_and_changed_models_are_named(shipped):
  with pytest.raises(errors.UserError, match=r"^shipped:face: .* mean 'faces'\?$"):
    runner.open_run("shipped:face")
  with pytest.raises(errors.UserError, match=r"^shipped:: no such .* known: faces\.$"):
    workdir.load("shipped:")
  path = shipped / "faces.safetensors"
  told = r"^shipped:faces: .* not as it was shipped: reinstall jaxgan\.$"
  for content in (path.read_bytes()[:-1], path.read_bytes()[:-1] + b"x", None):
    path.unlink()
    if content:
      path.write_bytes(content)
    with pytest.raises(errors.UserError, match=told):
      runner.open_run("shipped:faces")


def test_main_trains_in_none(shipped):
  with pytest.raises(errors.UserError, match=r"shipped:faces is a model file"):
    workdir.claim(pathlib.Path("shipped:faces"), {})


# Each of the models that are really shipped.


@pytest.mark.parametrize("name", REGISTERED)
def test_its_file_and_card_are_as_the_registry_says(name):
  entry = REGISTERED[name]
  assert entry.file == f"{name}.safetensors"
  path = pretrained.find(f"shipped:{name}")
  card = path.with_suffix(".md").read_text()
  assert pretrained.describe(path, verb.summary_of(card, name)) == entry
  assert re.findall(r"^## (.*)$", card, re.MULTILINE) == list(SECTIONS)
  assert "python -m jaxgan.main" in card


def test_all_together_are_small_and_nothing_else_lies_there():
  contents = [(pretrained.FOLDER / x.file).read_bytes() for x in REGISTERED.values()]
  assert sum(len(zlib.compress(content)) for content in contents) <= LARGEST
  files = {path.name for path in pretrained.FOLDER.iterdir() if path.is_file()}
  named = {
    f"{name}{suffix}" for name in REGISTERED for suffix in (".safetensors", ".md")
  }
  assert files == named | {"registry.json", "__init__.py", "__main__.py"}


def _pixels(path):
  with Image.open(path) as image:
    return np.asarray(image.convert("RGB"))


def _has_content(pixels):
  """Whether an image has light and dark parts, and neighbors that are alike.

  A network that was never trained makes gray, or noise.
  """
  small = np.asarray(Image.fromarray(pixels).resize((16, 16)))
  plain = pixels.astype(np.float32)
  steps = sum(np.abs(np.diff(plain, axis=axis)).mean() for axis in (0, 1))
  return small.std() > 20 and steps < 2 * plain.std()


def test_gray_and_noise_would_be_noticed():
  random = np.random.default_rng(0)
  gray = random.integers(120, 136, (64, 64, 3)).astype(np.uint8)
  noise = random.integers(0, 256, (64, 64, 3)).astype(np.uint8)
  images = gray, noise, examples.load("astronaut")
  assert [_has_content(x) for x in images] == [False, False, True]


@pytest.mark.parametrize("name", REGISTERED)
def test_it_makes_an_image(name, tmp_path):
  """By its family's first task that needs no more than a photograph."""
  family, run = runner.open_run(f"shipped:{name}")
  assert run.provenance()["evaluation"] and run.run_step() >= 1_000
  task = next(iter(family.TASKS))
  output = tmp_path / "x.png"
  arguments = [f"--workdir=shipped:{name}", f"--task={task}", f"--output={output}"]
  options = {"input": "shipped:astronaut", "num": 4}
  known = inspect.signature(family.TASKS[task]).parameters
  arguments += [f"--{key}={value}" for key, value in options.items() if key in known]
  _generate(*arguments)
  assert _has_content(_pixels(output))
