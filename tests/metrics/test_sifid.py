"""Metrics of one image's generator, by hand and by NumPy."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.features import dists, inception, lpips, vgg, weights
from jaxgan.metrics import estimates, sifid


def _draw(*shape, seed=0):
  return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def _frechet(a, b):
  """Of positions' features [n, d], by the eigenvalues of a general matrix."""
  cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
  cross = np.sqrt(np.linalg.eigvals(cov_a @ cov_b).astype(complex)).real.sum()
  return (
    np.square(a.mean(0) - b.mean(0)).sum()
    + np.trace(cov_a)
    + np.trace(cov_b)
    - 2 * cross
  )


def test_sifid_compares_the_positions_of_a_layer():
  real, fakes = _draw(40, 30, 3), _draw(2, 24, 50, 3, seed=1) // 2
  layer = sifid.vgg16_layer("relu1_2")
  assert layer.name == "sifid_vgg16_relu1_2"
  got = sifid.sifid(layer, real, fakes)
  params = weights.load_vgg16()

  def features(image):
    x = jnp.asarray(image[None], jnp.float32) / 127.5 - 1
    found = vgg.activations(params, x, ("relu1_2",))["relu1_2"]
    return np.asarray(found, np.float64).reshape(-1, 64)

  want = [_frechet(features(real), features(fake)) for fake in fakes]
  np.testing.assert_allclose(got, want, rtol=1e-3)
  assert sifid.sifid(layer, real, real[None])[0] < 1e-3 * min(want)


def test_sifid_of_gray_images():
  layer = sifid.vgg16_layer("relu1_1")
  gray = _draw(20, 20, 1)
  rgb = np.broadcast_to(gray, (20, 20, 3))
  np.testing.assert_allclose(layer(gray)[1], layer(rgb)[1])


@pytest.mark.parametrize(
  ("channels", "name", "strides"), ((64, "Conv2d_2b_3x3", 2), (192, "Conv2d_4a_3x3", 4))
)
def test_published_layers(tmp_path, channels, name, strides):
  rng = np.random.default_rng(0)
  arrays = {}
  for conv, (out, *rest) in inception.shapes().items():
    arrays[f"{conv}.conv.weight"] = rng.normal(
      size=(out, *rest), scale=np.prod(rest) ** -0.5
    ).astype(np.float16)
    for norm in ("weight", "running_var"):
      arrays[f"{conv}.bn.{norm}"] = np.ones(out, np.float16)
    for norm in ("bias", "running_mean"):
      arrays[f"{conv}.bn.{norm}"] = np.zeros(out, np.float16)
  path = str(tmp_path / "weights.npz")
  np.savez(path, **arrays)
  layer = sifid.inception_layer(channels, path)
  assert layer.name == f"sifid{channels}"
  params = weights.load_inception(path)
  image = _draw(61, 47, 3)
  x = inception.activation(params, image[None] / np.float32(127.5) - 1, name)
  assert x.shape[-1] == channels
  assert 61 // strides - 6 <= x.shape[1] <= 61 // strides
  assert x.min() == 0  # After the ReLU.
  mean, _ = layer(image)
  np.testing.assert_allclose(mean, np.asarray(x).mean((0, 1, 2)), rtol=1e-4)


def test_only_published_layers(tmp_path):
  with pytest.raises(ValueError, match="128 channels"):
    sifid.inception_layer(128, str(tmp_path))
  with pytest.raises(ValueError, match="has no 'Mixed_5b'"):
    inception.activation({}, jnp.zeros((1, 99, 99, 3)), "Mixed_5b")


def test_diversity_by_hand():
  real = np.zeros((1, 2, 3), np.uint8)
  real[0, 1] = 100  # Intensities 0 and 100: deviation 50.
  fakes = np.zeros((2, 1, 2, 3), np.uint8)
  fakes[1, 0, 0] = 60  # Deviations 30 and 0.
  assert sifid.diversity(real, fakes) == pytest.approx(15 / 50)
  assert sifid.diversity(real[..., :1], fakes[..., :1]) == pytest.approx(0.3)
  assert sifid.diversity(real * 0, fakes) == 0
  red = np.zeros((1, 2, 3), np.uint8)
  red[0, 1, 0] = 100
  assert sifid.diversity(red, fakes) == pytest.approx(15 / 14.95)


def test_lpips_diversity():
  same = np.stack([_draw(32, 32, 3)] * 4)
  assert sifid.lpips_diversity(same) == pytest.approx((0, 0), abs=1e-6)
  many = np.stack([_draw(32, 32, 3, seed=i) // (i + 1) for i in range(4)])
  got = sifid.lpips_diversity(many)
  found = lpips.distances(many, many[[1, 2, 3, 0]]).astype(float)
  assert got == estimates.ring_mean(found)
  assert got.value > 0.1


@pytest.mark.slow
def test_small_and_gray_images_are_fitted_to_vgg16():
  gray = _draw(4, 9, 30, 1)
  large = gray.repeat(3, -1).repeat(2, 1).repeat(2, 2)
  assert sifid.lpips_diversity(gray) == sifid.lpips_diversity(large)
  assert sifid.dists_of(gray[0], gray[1]) == pytest.approx(
    dists.distances(large[:1], large[1:2])[0]
  )
  assert sifid.dists_of(gray[0], gray[0]) == pytest.approx(0, abs=1e-6)


def test_psnr():
  real = np.full((4, 4, 3), 100, np.uint8)
  assert sifid.psnr(real, real + 1) == pytest.approx(48.1308, abs=1e-3)
  assert sifid.psnr(real, real) == float("inf")
