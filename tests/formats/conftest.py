"""A function small enough to be exported in a moment, and a runtime for no browser."""

import json

import jax
import numpy as np
import pytest

from jaxgan.experiments.shared import exportable
from jaxgan.formats import web
from jaxgan.ops import lowering


@pytest.fixture
def toy():
  """Images of any size, convolved and brightened by a mixture of two."""
  generator = np.random.default_rng(0)
  weights = {
    "kernel": generator.normal(0, 0.3, (3, 3, 3, 3)).astype(np.float32),
    "light": np.float32([[-1], [1]]),
  }

  def function(weights, photographs, styles):
    y = lowering.conv(photographs, weights["kernel"], strides=(1, 1), padding="SAME")
    return jax.nn.sigmoid(y + (styles @ weights["light"])[:, None, None])

  sides = (exportable.Free("height", 2), exportable.Free("width"), 3)
  return exportable.Exportable(
    function,
    weights,
    (
      exportable.image("photographs", sides, -1, 1),
      exportable.mixture("styles", ("dark", "bright")),
    ),
    exportable.image("images", sides, 0, 1),
  )


@pytest.fixture
def fake_runtime(tmp_path):
  """A folder like that of onnxruntime-web, whose files are not."""
  folder = tmp_path / "onnxruntime-web"
  (folder / "dist").mkdir(parents=True)
  (folder / "package.json").write_text(json.dumps({"version": "1.2.3"}))
  (folder / "dist" / web.SCRIPT).write_text("script")
  (folder / "dist" / web.WASM).write_bytes(b"\0asm" * 1000)
  return folder
