"""What users do with an image's patches."""

from collections.abc import Iterator
import pathlib

from absl import logging
import jax
import numpy as np

from jaxgan.engine import workdir
from jaxgan.experiments.patches.inference import Generator, restored
from jaxgan.experiments.shared import arguments, one_image
from jaxgan.images import pixels
from jaxgan.metrics import copies, seams

WIDER = "1x2"


def sample(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  num: int = 16,
  seed: int = 0,
  size: str = "",
  scale: str = "1",
  start_stage: int = 0,
  columns: int = 0,
) -> pathlib.Path:
  """New images like the training image: a grid (.png), or a folder of files.

  Args:
    num: how many images.
    seed: image i of a seed is the same for any number.
    size: HEIGHTxWIDTH in pixels, or the longer side; by default as trained.
    scale: instead of a size, a factor, or HEIGHTxWIDTH factors such as 1x2.
    start_stage: stages before this one keep the training image's arrangement.
    columns: images in a row of the grid; 0 makes it about square.
  """
  return _write(
    restored(run), output, num, seed, size, scale, start_stage, columns=columns
  )


def retarget(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  num: int = 1,
  seed: int = 0,
  size: str = "",
  scale: str = WIDER,
  start_stage: int = 0,
) -> pathlib.Path:
  """The scene at another size or aspect: an image (.png), or a folder of files.

  Args:
    num: how many; each is arranged anew.
    seed: image i of a seed is the same for any number.
    size: HEIGHTxWIDTH in pixels, such as 250x1000, or the longer side.
    scale: instead of a size, a factor, or HEIGHTxWIDTH factors.
    start_stage: stages before this one keep the training image's arrangement,
      stretched, which blurs.
  """
  return _write(restored(run), output, num, seed, size, scale, start_stage, WIDER)


def tile(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  num: int = 1,
  seed: int = 0,
  size: str = "",
  scale: str = "1",
) -> pathlib.Path:
  """A texture that can be laid in tiles without seams (.png), or a folder of files.

  Args:
    num: how many.
    seed: image i of a seed is the same for any number.
    size: HEIGHTxWIDTH in pixels, or the longer side; by default as trained.
    scale: instead of a size, a factor, or HEIGHTxWIDTH factors such as 1x2.
  """
  return _write(restored(run, "tile", wrap=True), output, num, seed, size, scale)


def symmetric(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  num: int = 1,
  seed: int = 0,
  size: str = "",
  scale: str = "1",
) -> pathlib.Path:
  """New images whose right half mirrors the left (.png), or a folder of files.

  Args:
    num: how many.
    seed: image i of a seed is the same for any number.
    size: HEIGHTxWIDTH in pixels, or the longer side; by default as trained.
    scale: instead of a size, a factor, or HEIGHTxWIDTH factors such as 1x2.
  """
  source = restored(run, "symmetric", symmetric=True)
  return _write(source, output, num, seed, size, scale)


TASKS = {"sample": sample, "retarget": retarget, "tile": tile, "symmetric": symmetric}


def _write(
  source: Generator,
  output: pathlib.Path,
  num: int,
  seed: int,
  size: str,
  scale: str,
  start_stage: int = 0,
  default: str = "1",
  columns: int = 0,
) -> pathlib.Path:
  """All tasks; `default` is that of --scale."""
  arguments.check_num(num)
  arguments.check_num(columns, least=0, name="columns")
  arguments.check_seed(seed)
  sizes = one_image.chosen_sizes(source, size, scale, default)
  one_image.check_stage(start_stage, len(sizes), last=len(sizes))
  key = jax.random.key(seed)

  def made() -> Iterator[np.ndarray]:
    for i in range(num):
      image = source.generate(jax.random.fold_in(key, i), sizes, start=start_stage)
      _tell(source, i, image)
      yield image[None]

  return one_image.write_images(output, made(), num, sizes[-1], columns)


def _tell(source: Generator, number: int, image: np.ndarray) -> None:
  """Says what of an image is copied, and whether its borders meet."""
  real, fake = pixels.to_uint8(source.image), pixels.to_uint8(image)
  side = source.sampler.patch
  found = copies.match(real, fake, size=side, stride=side)
  parts = [f"patches differ by {found.distance:.1f} of 255 from the nearest one"]
  if real.shape == fake.shape:
    parts.append(f"{found.in_place():.0%} are in place")
  parts.append(f"{found.moved_as_one():.0%} are in one piece, as in a copy all are")
  if source.sampler.wrap:
    ratio = seams.wrap_ratio(image[None])
    parts.append(f"steps across its borders are {ratio:.2f} of others")
  logging.info("image %d: %s", number, "; ".join(parts))
