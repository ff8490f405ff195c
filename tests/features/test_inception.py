"""FID's Inception: counts, folded batch norms, and blocks against NumPy.

The whole network was compared with pytorch-fid's definition in PyTorch on random
weights, at two image sizes: equal to 8e-6 of the features' standard deviation.
"""

import jax
import numpy as np
import pytest

from jaxgan.features import inception, weights


@pytest.fixture(scope="module")
def file(tmp_path_factory):
  """Random weights as pytorch-fid names them: (path, arrays)."""
  rng = np.random.default_rng(0)
  arrays = {"fc.weight": np.zeros((1008, 2048), np.float32)}
  for name, (out, *rest) in inception.shapes().items():
    scale = np.float32(np.sqrt(2 / np.prod(rest)))
    arrays[f"{name}.conv.weight"] = scale * rng.random((out, *rest), np.float32) - (
      scale / 2
    )
    arrays[f"{name}.bn.weight"] = rng.uniform(0.5, 2, out).astype(np.float32)
    arrays[f"{name}.bn.bias"] = rng.normal(size=out).astype(np.float32)
    arrays[f"{name}.bn.running_mean"] = rng.normal(size=out).astype(np.float32)
    arrays[f"{name}.bn.running_var"] = rng.uniform(0, 2, out).astype(np.float32)
    arrays[f"{name}.bn.num_batches_tracked"] = np.array(7)
  path = str(tmp_path_factory.mktemp("weights") / "inception.npz")
  np.savez(path, **arrays)
  return path, arrays


@pytest.fixture(scope="module")
def params(file):
  return weights.load_inception(file[0])


def conv(arrays, name, x):
  """Convolution at full size, then batch norm and ReLU, as PyTorch does them."""
  weight = arrays[f"{name}.conv.weight"].astype(np.float64)
  kh, kw = weight.shape[2:]
  h, w = x.shape[1:3]
  padded = np.pad(x, ((0, 0), (kh // 2,) * 2, (kw // 2,) * 2, (0, 0)))
  x = sum(
    padded[:, i : i + h, j : j + w] @ weight[:, :, i, j].T
    for i in range(kh)
    for j in range(kw)
  )
  gamma, beta, mean, variance = (
    arrays[f"{name}.bn.{each}"].astype(np.float64)
    for each in ("weight", "bias", "running_mean", "running_var")
  )
  return np.maximum((x - mean) / np.sqrt(variance + 0.001) * gamma + beta, 0)


def pool(x, reduce):
  """3x3 windows, cut off at the border."""
  h, w = x.shape[1:3]
  rows = [
    [
      reduce(x[:, max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2], axis=(1, 2))
      for j in range(w)
    ]
    for i in range(h)
  ]
  return np.stack([np.stack(row, axis=1) for row in rows], axis=1)


def test_counts_are_the_published_ones():
  shapes = inception.shapes()
  assert len(shapes) == 94
  # Keras' InceptionV3 without its top: 21,802,784, of which beta, mean and variance
  # of 17,216 channels.
  weights = sum(np.prod(shape) for shape in shapes.values())
  assert sum(shape[0] for shape in shapes.values()) == 17_216
  assert weights + 3 * 17_216 == 21_802_784
  assert shapes["Mixed_6b.branch7x7_2"] == (128, 128, 1, 7)
  assert shapes["Mixed_7c.branch1x1"] == (320, 2048, 1, 1)


def test_features_are_2048_of_any_size():
  params = {
    name: {
      "kernel": jax.ShapeDtypeStruct((kh, kw, into, out), np.float32),
      "bias": jax.ShapeDtypeStruct((out,), np.float32),
    }
    for name, (out, into, kh, kw) in inception.shapes().items()
  }
  for size in ((32, 32), (400, 299)):
    images = jax.ShapeDtypeStruct((2, *size, 3), np.float32)
    assert jax.eval_shape(inception.pool3, params, images).shape == (2, 2048)


def test_blocks_are_those_of_an_independent_computation(file, params):
  arrays = file[1]
  x = np.random.default_rng(1).normal(size=(2, 5, 4, 192))

  def chain(x, *names):
    for name in names:
      x = conv(arrays, f"Mixed_5b.{name}", x)
    return x

  want = [
    chain(x, "branch1x1"),
    chain(x, "branch5x5_1", "branch5x5_2"),
    chain(x, "branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"),
    chain(pool(x, np.mean), "branch_pool"),
  ]
  got = inception._run(inception._a("Mixed_5b", 32), params, x.astype(np.float32))
  np.testing.assert_allclose(got, np.concatenate(want, -1), rtol=1e-3, atol=1e-4)


def test_the_last_block_pools_by_maxima(file, params):
  arrays = file[1]
  x = np.random.default_rng(2).normal(size=(1, 3, 4, 2048))

  def layer(name, x):
    return conv(arrays, f"Mixed_7c.{name}", x)

  short = layer("branch3x3_1", x)
  double = layer("branch3x3dbl_2", layer("branch3x3dbl_1", x))
  want = [
    layer("branch1x1", x),
    layer("branch3x3_2a", short),
    layer("branch3x3_2b", short),
    layer("branch3x3dbl_3a", double),
    layer("branch3x3dbl_3b", double),
    layer("branch_pool", pool(x, np.max)),
  ]
  got = inception._run(inception._NETWORK[-1], params, x.astype(np.float32))
  np.testing.assert_allclose(got, np.concatenate(want, -1), rtol=1e-3, atol=1e-4)


def test_resizing_is_bilinear_without_antialiasing(monkeypatch):
  seen = []
  monkeypatch.setattr(inception, "_run", lambda network, params, x: seen.append(x) or x)
  images = np.random.default_rng(0).uniform(-1, 1, (1, 897, 598, 3)).astype(np.float32)
  inception.pool3({}, images)
  # A third: every third row, its center. Half: the mean of two columns.
  want = (images[:, 1::3, ::2] + images[:, 1::3, 1::2]) / 2
  np.testing.assert_allclose(seen[0], want, atol=1e-4)
