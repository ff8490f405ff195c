"""VGG16's activations against a NumPy computation."""

import jax
import numpy as np
import pytest

from jaxgan.features import vgg, weights


@pytest.fixture(scope="module")
def params():
  return weights.load_vgg16()


def numpy_activations(params, images, depth):
  """The first `depth` activations by loops over the taps, in float64."""
  mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
  x = ((images.astype(np.float64) + 1) / 2 - mean) / std
  found = {}
  for layer in vgg.LAYERS[:depth]:
    if layer in ("relu2_1", "relu3_1"):
      x = np.stack([x[:, i::2, j::2] for i in (0, 1) for j in (0, 1)]).max(0)
    kernel, bias = (
      params[layer.replace("relu", "conv")][k] for k in ("kernel", "bias")
    )
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    h, w = x.shape[1:3]
    x = bias + sum(
      padded[:, i : i + h, j : j + w] @ kernel[i, j].astype(np.float64)
      for i in range(3)
      for j in range(3)
    )
    x = found[layer] = np.maximum(x, 0)
  return found


def test_activations_are_those_of_an_independent_computation(params):
  images = np.random.default_rng(0).uniform(-1, 1, (2, 8, 12, 3)).astype(np.float32)
  want = numpy_activations(params, images, depth=5)
  got = jax.jit(vgg.activations, static_argnums=2)(params, images, tuple(want))
  assert set(got) == {"relu1_1", "relu1_2", "relu2_1", "relu2_2", "relu3_1"}
  for layer in want:
    np.testing.assert_allclose(got[layer], want[layer], rtol=1e-4, atol=1e-4)


def test_shapes_of_all_layers(params):
  images = jax.ShapeDtypeStruct((2, 50, 33, 3), np.float32)
  found = jax.eval_shape(lambda p, x: vgg.activations(p, x, vgg.LAYERS), params, images)
  assert len(found) == 13
  assert found["relu1_2"].shape == (2, 50, 33, 64)
  assert found["relu3_3"].shape == (2, 12, 8, 256)
  assert found["relu5_3"].shape == (2, 3, 2, 512)


def test_only_the_layers_up_to_the_deepest_are_needed(params):
  shallow = {name: params[name] for name in ("conv1_1", "conv1_2")}
  found = vgg.activations(shallow, np.zeros((1, 4, 4, 3), np.float32), ("relu1_2",))
  assert list(found) == ["relu1_2"]


@pytest.mark.parametrize("shape", [(4, 4, 3), (1, 4, 4, 1)])
def test_other_shapes_are_refused(params, shape):
  with pytest.raises(ValueError, match=r"\[n, h, w, 3\]"):
    vgg.activations(params, np.zeros(shape, np.float32), ("relu1_1",))


def test_unknown_layers_are_refused(params):
  with pytest.raises(ValueError, match="relu3_4"):
    vgg.activations(params, np.zeros((1, 4, 4, 3), np.float32), ("relu3_4",))
