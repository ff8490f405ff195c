"""What a run learns from: the training image at the size of every stage."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from absl import logging
import ml_collections
import numpy as np

from jaxgan.data.digest import digest
from jaxgan.engine import workdir
from jaxgan.errors import UserError, expanded
from jaxgan.experiments.shared import resizing
from jaxgan.experiments.shared.resizing import Rules, Size
from jaxgan.experiments.single_image import pyramid
from jaxgan.images import examples, inputs, reader


class TrainingImage(NamedTuple):
  """One training image.

  Attributes:
    name: what its run is called.
    source: what `config.image` says of it.
    levels: size and scale of every stage, from the coarsest.
    reals: float32 [1, h, w, c] in [-1, 1] of every stage.
    digest: of its pixels as they were read.
  """

  name: str
  source: str
  levels: tuple[resizing.Level, ...]
  reals: tuple[np.ndarray, ...]
  digest: str = ""

  @property
  def sizes(self) -> tuple[Size, ...]:
    """(height, width) of every stage."""
    return tuple(tuple(level.size) for level in self.levels)

  @property
  def channels(self) -> int:
    """1, 3 or 4."""
    return self.reals[0].shape[-1]

  def facts(self, index: int) -> dict[str, Any]:
    """What a stage tells inference; see `stored_reals`."""
    return {
      "size": self.sizes[index],
      "scale": self.levels[index].scale,
      "channels": self.channels,
      f"real_{index}": self.reals[index],
    }


def stored_reals(run: workdir.Run, num_stages: int) -> list[np.ndarray]:
  """The training image at the first stages of a run, float32 [1, h, w, c]."""
  facts = {name: x for stage in run.facts.values() for name, x in stage.items()}
  if "real_0" not in facts:  # Earlier versions wrote the image to every checkpoint.
    facts = {f"real_{i}": x for i, x in run.restore("extra.real").items()}
  return [facts[f"real_{i}"] for i in range(num_stages)]


def rules(config: ml_collections.ConfigDict) -> Rules:
  """How sizes are rounded and pixels resampled."""
  return Rules(config.exact_sizes, config.resize.border, config.resize.truncate)


def levels(config: ml_collections.ConfigDict, size: Size) -> Sequence[resizing.Level]:
  """All levels of an image of a size.

  Raises:
    UserError: if it is too small.
  """
  how = rules(config)
  if config.network == "singan":
    return pyramid.singan(
      size,
      factor=config.factor,
      min_size=config.min_size,
      max_size=config.max_size,
      rules=how,
    )
  return pyramid.consingan(
    resizing.finest(size, config.max_size, how).size,
    num_stages=config.num_stages,
    min_size=config.min_size,
    spacing=config.spacing,
    rules=how,
  )


def prepare(
  config: ml_collections.ConfigDict, source: str, name: str = ""
) -> TrainingImage:
  """Reads an image and resamples it to every stage.

  Raises:
    UserError: if it cannot be read, or is too small.
  """
  image = reader.load(source or examples.SINGLE)
  try:
    known = levels(config, image.shape[:2])
  except UserError as error:
    raise UserError(f"{source or 'the default image'}: {error}") from error
  how = rules(config)
  top = resizing.finest(image.shape[:2], config.max_size, how)
  reals = tuple(real[None] for real in pyramid.build(image, known, top, how))
  return TrainingImage(name, source, tuple(known), reals, digest([image]))


def is_folder(source: str) -> bool:
  """Whether `config.image` names a folder of images."""
  return bool(source) and expanded(source).is_dir()


def load(config: ml_collections.ConfigDict) -> list[TrainingImage]:
  """The image that `config.image` names, or those of the folder that it names.

  What cannot be used of a folder is left out, and said.

  Raises:
    UserError: if there is none.
  """
  if not is_folder(config.image):
    return [prepare(config, config.image)]
  folder = expanded(config.image)
  files = list(inputs.images_in(folder))
  if not files:
    raise UserError(f"config.image = {folder}: the folder holds no images.")
  known = []
  names = inputs.names([path.relative_to(folder) for path in files])
  for path, name in zip(files, names, strict=True):
    try:
      known.append(prepare(config, str(path), str(name)))
    except UserError as error:
      logging.warning("left out: %s", error)
  if not known:
    raise UserError(
      f"config.image = {folder}: none of its {len(files)} images can be used."
    )
  return known
