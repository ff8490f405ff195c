"""The table of metrics on small sets whose order of merit is known."""

import numpy as np
import pytest

from jaxgan import errors
from jaxgan.features import extractors
from jaxgan.metrics import generative, image_quality, sliced, statistics

CALLS = []


def extractor(name="toy"):
  """Means of the four quarters of an image, per channel."""

  def apply(params, images):
    n, h, w, c = images.shape
    quarters = images.reshape(n, 2, h // 2, 2, w // 2, c).mean((2, 4))
    return params * quarters.reshape(n, -1)

  class Counted(extractors.Extractor):
    def __call__(self, images):
      CALLS.append(len(images))
      return super().__call__(images)

  return Counted(name, apply, np.float32(1), protocol="quarters", batch_size=64)


def pictures(n, seed, brightness=128, spread=40):
  """Images of four flat quarters of random colors."""
  rng = np.random.default_rng(seed)
  quarters = rng.normal(brightness, spread, (n, 2, 2, 3)).clip(0, 255)
  return quarters.astype(np.uint8).repeat(4, axis=1).repeat(4, axis=2)


@pytest.fixture(autouse=True)
def no_calls():
  CALLS.clear()


@pytest.fixture
def cache(tmp_path):
  return str(tmp_path / "cache")


def table(fake, cache, **options):
  options = {"extractor": extractor()} | options
  reference = generative.create_reference(pictures(200, 0), cache=cache, **options)
  return dict(generative.compare(fake, reference))


def test_values_are_the_named_statistics(cache):
  fake = pictures(150, 1, brightness=140)
  got = table(fake, cache, training=pictures(100, 2))
  extract = extractor()
  a, b, t = extract(pictures(200, 0)), extract(fake), extract(pictures(100, 2))
  assert got == pytest.approx(
    {
      "fd_toy": statistics.frechet_distance(a, b).value,
      "fd_toy_interval": statistics.frechet_distance(a, b).interval,
      "kid_toy": statistics.kid(a, b).value,
      "kid_toy_interval": statistics.kid(a, b).interval,
      "swd_toy": sliced.distance(a, b).value,
      "swd_toy_interval": sliced.distance(a, b).interval,
      "precision": statistics.precision_recall(a, b)[0],
      "recall": statistics.precision_recall(a, b)[1],
      "density": statistics.density_coverage(a, b)[0],
      "coverage": statistics.density_coverage(a, b)[1],
      "saturation": image_quality.saturation(fake).mean(),
      "saturation_real": image_quality.saturation(pictures(200, 0)).mean(),
      "mean_pairwise_distance": statistics.mean_pairwise_distance(b),
      "mean_pairwise_distance_ratio": statistics.mean_pairwise_distance(b)
      / statistics.mean_pairwise_distance(a),
      "nearest_neighbor_distance": statistics.nearest_neighbor_distance(b, t),
      "nearest_neighbor_distance_real": statistics.nearest_neighbor_distance(a, t),
    }
  )


def test_faults_show_in_their_metrics(cache):
  training = pictures(200, 3)
  good = table(pictures(200, 1), cache, training=training)
  dark = table(pictures(200, 1, brightness=60), cache)
  collapsed = table(pictures(10, 1).repeat(20, axis=0), cache)
  memorized = table(training, cache, training=training)
  assert good["fd_toy"] < 0.2 * dark["fd_toy"]
  assert good["kid_toy"] < 0.2 * dark["kid_toy"]
  assert good["swd_toy"] < 0.3 * dark["swd_toy"]
  assert collapsed["mean_pairwise_distance_ratio"] < 0.95
  assert collapsed["coverage"] < 0.5 * good["coverage"]
  nearest, usual = "nearest_neighbor_distance", "nearest_neighbor_distance_real"
  assert good[nearest] > 0.9 * good[usual]
  assert memorized[nearest] < 1e-3 * memorized[usual]


def test_only_inceptions_distance_is_called_fid(cache):
  names = set(table(pictures(50, 1), cache, extractor=extractor("inception")))
  assert {"fid", "kid_inception"} < names
  assert not any(name.startswith("fd_") for name in names)


def test_gray_images_have_no_saturation(cache):
  reference = generative.create_reference(
    pictures(20, 0)[..., :1], extractor=extractor(), cache=cache
  )
  names = dict(generative.compare(pictures(20, 1)[..., :1], reference))
  assert "fd_toy" in names and not any("saturation" in name for name in names)


def test_real_features_are_computed_once(cache):
  first = table(pictures(50, 1), cache)
  assert CALLS == [200, 50]
  assert table(pictures(50, 1), cache) == first
  assert CALLS == [200, 50, 50]


def test_other_images_are_not_recalled(cache):
  real = pictures(20, 0)
  one = generative.create_reference(real, extractor=extractor(), cache=cache)
  real[7, 0, 0, 0] ^= 128
  two = generative.create_reference(real, extractor=extractor(), cache=cache)
  assert CALLS == [20, 20]
  assert (one.features != two.features).any()


def test_a_damaged_cache_is_computed_again(cache, tmp_path):
  first = table(pictures(50, 1), cache)
  (file,) = (tmp_path / "cache" / "features").iterdir()
  file.write_bytes(file.read_bytes()[:100])
  assert table(pictures(50, 1), cache) == first
  assert CALLS == [200, 50, 200, 50]


def test_a_cache_that_cannot_be_written_does_not_stop_the_evaluation(tmp_path):
  (tmp_path / "file").write_text("")
  assert "fd_toy" in table(pictures(50, 1), str(tmp_path / "file"))


def test_protocol_names_counts_size_and_features(cache):
  reference = generative.create_reference(
    pictures(20, 0), extractor=extractor(), cache=cache
  )
  assert (
    generative.protocol(50, reference)
    == "20 real / 50 generated images of 8x8; quarters"
  )


def test_too_few_images_and_other_sizes_are_refused(cache):
  with pytest.raises(errors.UserError, match="5 generated images"):
    table(pictures(5, 1), cache)
  with pytest.raises(errors.UserError, match="3 real images"):
    generative.create_reference(pictures(3, 0), extractor=extractor(), cache=cache)
  with pytest.raises(ValueError, match="against reals of"):
    table(pictures(50, 1)[:, :4], cache)
