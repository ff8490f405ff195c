"""The extractor's batching, and the default features."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.features import extractors, vgg, weights


def draw(*shape, seed=0):
  return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def means(batch_size=4, scale=1.0, calls=None, protocol="means"):
  """An extractor of the mean of each channel, which counts its compilations."""

  def apply(params, images):
    if calls is not None:
      calls.append(images.shape)
    return params["scale"] * images.mean((1, 2))

  params = {"scale": jnp.float32(scale)}
  return extractors.Extractor(
    "toy", apply, params, protocol=protocol, batch_size=batch_size
  )


@pytest.mark.parametrize("n", [1, 4, 11])
def test_batching_changes_nothing_and_compiles_once(n):
  images, calls = draw(n, 5, 6, 3), []
  extract = means(calls=calls)
  want = (images / 127.5 - 1).mean((1, 2))
  for _ in range(2):
    got = extract(images)
    assert got.dtype == np.float32 and got.shape == (n, 3)
    np.testing.assert_allclose(got, want, atol=1e-6)
  assert calls == [(4, 5, 6, 3)]


def test_fingerprint_tells_weights_and_protocols_apart():
  assert means().fingerprint == means(batch_size=2).fingerprint
  assert means().fingerprint != means(scale=2.0).fingerprint
  assert means().fingerprint != means(protocol="others").fingerprint


@pytest.mark.parametrize(
  "images", [np.zeros((2, 8, 8), np.uint8), np.zeros((2, 8, 8, 3)), draw(0, 8, 8, 3)]
)
def test_what_are_no_uint8_images_is_refused(images):
  with pytest.raises(ValueError, match="expected uint8 images"):
    means()(images)


def test_vgg16_features_are_the_mean_of_the_last_activation():
  images = draw(3, 40, 32, 3)
  got = extractors.vgg16_features(batch_size=2)(images)
  layer = vgg.activations(
    weights.load_vgg16(), jnp.float32(images) / 127.5 - 1, ("relu5_3",)
  )
  assert got.shape == (3, 512)
  np.testing.assert_allclose(got, layer["relu5_3"].mean((1, 2)), rtol=1e-4, atol=1e-4)


def test_vgg16_features_of_small_gray_images():
  gray = draw(2, 8, 16, 1)
  extract = extractors.vgg16_features(batch_size=2)
  got = extract(gray)
  assert got.shape == (2, 512)
  assert np.all(np.isfinite(got)) and got.std() > 0
  # A gray image is that image with three equal channels.
  np.testing.assert_array_equal(got, extract(gray.repeat(3, axis=-1)))
