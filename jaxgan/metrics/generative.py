"""Generated images against real ones: quality, variety, memorization."""

from collections.abc import Iterator
import contextlib
import dataclasses
import functools
import hashlib
import os
import tempfile

from absl import logging
import numpy as np

from jaxgan import cache as cache_lib
from jaxgan import errors
from jaxgan.features import extractors as features_lib
from jaxgan.metrics import estimates, image_quality, sliced, statistics

MIN_IMAGES = 6  # Density and coverage look at the 5th neighbor.


@dataclasses.dataclass(frozen=True)
class Reference:
  """Features and statistics of the real images; made once by `create_reference`.

  Attributes:
    extractor: what makes the features.
    features: of the real images [n, d].
    size: (height, width) of the images.
    saturation: the real images' mean HSV saturation; None if they are gray.
    training: features [m, d] of the images trained on, where the real images are
      others, held out; None if not given.
  """

  extractor: features_lib.Extractor
  features: np.ndarray
  size: tuple[int, int]
  saturation: float | None
  training: np.ndarray | None = None

  @functools.cached_property
  def mean_pairwise_distance(self) -> float:
    """Mean distance of two real images."""
    return statistics.mean_pairwise_distance(self.features)

  @functools.cached_property
  def nearest_neighbor_distance(self) -> float:
    """Mean distance of a held-out real image to the nearest one of the training set."""
    return statistics.nearest_neighbor_distance(self.features, self.training)


def create_reference(
  images: np.ndarray,
  *,
  extractor: features_lib.Extractor,
  training: np.ndarray | None = None,
  cache: str = "",
) -> Reference:
  """Computes the features of the real images, or reads them from the cache.

  Args:
    images: real images, uint8 [n, h, w, 1 or 3], 6 or more.
    extractor: of the features module.
    training: the images trained on, uint8 [m, h, w, c], if `images` are others: then
      memorization is measured.
    cache: the cache's root; "" for $JAXGAN_CACHE or ~/.cache/jaxgan.

  Raises:
    errors.UserError: too few images.
  """
  _check_count(images, "real")
  return Reference(
    extractor,
    _cached_features(images, extractor, cache),
    tuple(images.shape[1:3]),
    float(image_quality.saturation(images).mean()) if images.shape[-1] == 3 else None,
    None if training is None else _cached_features(training, extractor, cache),
  )


def compare(fake: np.ndarray, reference: Reference) -> Iterator[tuple[str, float]]:
  """Yields (name, value) of every metric of generated images.

  fd_*, kid_* and swd_* fall as generated images get better; with Inception features,
  and only then, the first is called fid. KID is not multiplied by 1000. *_interval is
  half of the 95 % interval of the number before: what other images would change. A
  mean_pairwise_distance_ratio below 1 shows mode collapse; a nearest_neighbor_distance
  well below nearest_neighbor_distance_real shows memorized training images.

  Args:
    fake: generated images, uint8 [m, h, w, c], 6 or more, of the reals' size, neither
      screened nor chosen.
    reference: what `create_reference` returns.

  Raises:
    errors.UserError: too few images.
    ValueError: images of another size.
  """
  _check_count(fake, "generated")
  if fake.shape[1:3] != reference.size:
    raise ValueError(f"generated images {fake.shape} against reals of {reference.size}")
  features = reference.extractor(fake)
  yield from _of_features(features, reference)
  if reference.saturation is not None:
    yield "saturation", float(image_quality.saturation(fake).mean())
    yield "saturation_real", reference.saturation


def _of_features(fake: np.ndarray, reference: Reference) -> Iterator[tuple[str, float]]:
  """The metrics of the generated images' features [m, d]."""
  real, name = reference.features, reference.extractor.name
  if min(len(fake), len(real)) <= fake.shape[1]:
    logging.warning(
      "%d generated, %d real images for %d features: the Frechet distance is badly"
      " biased: compare KID instead",
      len(fake),
      len(real),
      fake.shape[1],
    )
  yield from estimates.named(
    "fid" if name == "inception" else f"fd_{name}",
    statistics.frechet_distance(real, fake),
  )
  yield from estimates.named(f"kid_{name}", statistics.kid(real, fake))
  yield from estimates.named(f"swd_{name}", sliced.distance(real, fake))
  yield from zip(
    ("precision", "recall"), statistics.precision_recall(real, fake), strict=True
  )
  yield from zip(
    ("density", "coverage"), statistics.density_coverage(real, fake), strict=True
  )
  pairwise = statistics.mean_pairwise_distance(fake)
  yield "mean_pairwise_distance", pairwise
  yield "mean_pairwise_distance_ratio", pairwise / reference.mean_pairwise_distance
  if reference.training is not None:
    nearest = statistics.nearest_neighbor_distance(fake, reference.training)
    yield "nearest_neighbor_distance", nearest
    yield "nearest_neighbor_distance_real", reference.nearest_neighbor_distance


def protocol(num_fake: int, reference: Reference) -> str:
  """How the numbers were made: only those of the same protocol may be compared."""
  height, width = reference.size
  return (
    f"{len(reference.features)} real / {num_fake} generated images of {height}x{width};"
    f" {reference.extractor.protocol}"
  )


def _check_count(images: np.ndarray, kind: str) -> None:
  if len(images) < MIN_IMAGES:
    raise errors.UserError(
      f"{len(images)} {kind} images: evaluation needs {MIN_IMAGES} at the very least,"
      " and thousands for numbers worth reporting"
    )


def _cached_features(
  images: np.ndarray, extractor: features_lib.Extractor, cache: str
) -> np.ndarray:
  """The images' features, kept in <cache>/features/<hash of both>.npy."""
  folder = cache_lib.root(cache) / "features"
  path = folder / f"{_key(images, extractor)}.npy"
  with contextlib.suppress(OSError, ValueError, EOFError):
    features = np.load(path)
    if features.ndim == 2 and len(features) == len(images):
      return features
  features = extractor(images)
  try:
    folder.mkdir(parents=True, exist_ok=True)
    # Renamed when whole: a reader never meets half a file.
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
      np.save(f"{scratch}/features.npy", features)
      os.replace(f"{scratch}/features.npy", path)
  except OSError as error:
    logging.warning("%s: features not kept for the next time (%s)", folder, error)
  return features


def _key(images: np.ndarray, extractor: features_lib.Extractor) -> str:
  digest = hashlib.sha256(f"{extractor.fingerprint} {images.shape}".encode())
  for start in range(0, len(images), 1024):
    digest.update(np.ascontiguousarray(images[start : start + 1024]))
  return digest.hexdigest()[:32]
