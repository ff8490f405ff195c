"""What a run learns from: the picture, the sizes of its stages, the picture at each."""

import pathlib
from typing import NamedTuple

from absl import logging
import ml_collections
import numpy as np

from jaxgan.errors import UserError, nearest
from jaxgan.experiments.single_image import pyramid
from jaxgan.images import inputs, reader

Size = pyramid.Size
DEFAULT = "shipped:rocket"  # A scene whose parts can be elsewhere, and not too dark.


class Picture(NamedTuple):
  """One training image.

  Attributes:
    name: what its run is called.
    source: what `config.image` says of it.
    levels: size and scale of every stage, from the coarsest.
    reals: float32 [1, h, w, c] in [-1, 1] of every stage.
  """

  name: str
  source: str
  levels: tuple[pyramid.Level, ...]
  reals: tuple[np.ndarray, ...]

  @property
  def sizes(self) -> tuple[Size, ...]:
    """(height, width) of every stage."""
    return tuple(tuple(level.size) for level in self.levels)


def rules(config: ml_collections.ConfigDict) -> pyramid.Rules:
  """How sizes are rounded and pixels resampled.

  Raises:
    UserError: for an unknown border.
  """
  if config.resize.border not in pyramid.BORDERS:
    raise UserError(
      f"config.resize.border = {config.resize.border!r} is not known: "
      f"{nearest(config.resize.border, pyramid.BORDERS)}"
    )
  return pyramid.Rules(config.exact_sizes, config.resize.border, config.resize.truncate)


def levels(
  config: ml_collections.ConfigDict, size: Size
) -> tuple[pyramid.Level, list[pyramid.Level]]:
  """The finest level of an image of a size, relative to the image, and all levels.

  Raises:
    UserError: if the config gives no pyramid for it.
  """
  how = rules(config)
  top = pyramid.finest(size, config.max_size, how)
  if config.network == "singan":
    return top, pyramid.singan(
      size,
      factor=config.factor,
      min_size=config.min_size,
      max_size=config.max_size,
      rules=how,
    )
  if config.spacing not in pyramid.SPACINGS:
    raise UserError(
      f"config.spacing = {config.spacing!r} is not known: "
      f"{nearest(config.spacing, pyramid.SPACINGS)}"
    )
  return top, pyramid.consingan(
    top.size,
    num_stages=config.num_stages,
    min_size=config.min_size,
    spacing=config.spacing,
    rules=how,
  )


def prepare(config: ml_collections.ConfigDict, source: str, name: str = "") -> Picture:
  """Reads an image and resamples it to every stage.

  Raises:
    UserError: if it cannot be read, or is too small.
  """
  image = reader.load(source or DEFAULT)
  try:
    top, known = levels(config, image.shape[:2])
  except UserError as error:
    raise UserError(f"{source or 'the default image'}: {error}") from error
  reals = pyramid.build(image, known, top, rules(config))
  return Picture(name, source, tuple(known), tuple(real[None] for real in reals))


def load(config: ml_collections.ConfigDict) -> list[Picture]:
  """The picture that `config.image` names, or those of the folder that it names.

  What cannot be used of a folder is left out, and said.

  Raises:
    UserError: if there is none.
  """
  folder = pathlib.Path(config.image)
  if not config.image or not folder.is_dir():
    return [prepare(config, config.image)]
  files = list(inputs.images_in(folder))
  if not files:
    raise UserError(f"config.image = {folder}: the folder holds no images.")
  names = [path.stem for path in files]
  known = []
  for path, stem in zip(files, names, strict=True):
    try:
      known.append(
        prepare(config, str(path), stem if names.count(stem) == 1 else path.name)
      )
    except UserError as error:
      logging.warning("left out: %s", error)
  if not known:
    raise UserError(
      f"config.image = {folder}: none of its {len(files)} images can be used."
    )
  return known
