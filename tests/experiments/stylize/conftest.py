"""One small network of four drawn styles, trained once for all modules."""

import importlib

import numpy as np
from PIL import Image
import pytest

from jaxgan import runner
from jaxgan.engine import sharding, workdir

COLORS = {
  "dots": (20, 60, 200),
  "ramp": (90, 200, 80),
  "rows": (220, 40, 30),
  "tiles": (240, 220, 60),
}


def _painting(name, size=16):
  rows, columns = np.mgrid[:size, :size]
  shape = {
    "dots": (rows % 8 < 4) & (columns % 8 < 4),
    "ramp": rows * 2 > size,
    "rows": rows % 6 < 3,
    "tiles": rows // 4 % 2 == columns // 4 % 2,
  }[name]
  color = np.array(COLORS[name])
  return np.where(shape[..., None], color, 255 - color).astype(np.uint8)


@pytest.fixture(scope="session")
def data(tmp_path_factory):
  """Folders of four photographs, of four paintings, and of one more."""
  root = tmp_path_factory.mktemp("data")
  files = {f"styles/{name}": _painting(name) for name in COLORS}
  files["more/ramp_again"] = _painting("ramp")[::-1]
  random = np.random.default_rng(0)
  for i in range(4):
    small = random.integers(0, 256, (4, 4, 3)).astype(np.uint8)
    files[f"content/{i}"] = np.asarray(Image.fromarray(small).resize((20, 16)))
  for name, pixels in files.items():
    (root / name).parent.mkdir(exist_ok=True)
    Image.fromarray(pixels).save(root / f"{name}.png")
  return root


@pytest.fixture(scope="session")
def make_config(data):
  """Makes a config of a network that compiles in a moment, and VGG16 up to relu1_2."""

  def make(**changes):
    config = importlib.import_module("configs.stylize").get_config("tiny")
    config.data.update(
      content=str(data / "content"),
      styles=str(data / "styles"),
      size=16,
      style_size=16,
      batch_size=4,
    )
    config.stylizer.update(width=2, initializer="quick")
    config.optimizer.learning_rate = 0.02
    config.loss.content, config.loss.style = {"relu1_1": 1.0}, {"relu1_2": 4.0}
    config.every.update(log=1, image=0, checkpoint=0, evaluate=0)
    config.update_from_flattened_dict(changes)
    return config

  return make


@pytest.fixture(scope="session")
def run(make_config, tmp_path_factory):
  """A run of enough steps for the styles to differ."""
  folder = tmp_path_factory.mktemp("run")
  make_mesh = sharding.make_mesh
  with pytest.MonkeyPatch.context() as patch:  # Module fixtures are out of reach here.
    patch.setattr(sharding, "make_mesh", lambda count=1: make_mesh(count))
    runner.train(make_config(num_steps=80, **{"every.evaluate": 80}), folder)
  return workdir.load(folder)
