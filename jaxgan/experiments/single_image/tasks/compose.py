"""Objects pasted into a painting, and parts moved about, made to fit in."""

from collections.abc import Iterator
import pathlib

from absl import logging
import jax
import numpy as np

from jaxgan.engine import workdir
from jaxgan.errors import UserError, nearest
from jaxgan.experiments.shared import arguments, one_image, outputs
from jaxgan.experiments.single_image.concurrent import EDITING_NOISE
from jaxgan.experiments.single_image.inference import Restored, SinGAN, Size, restored
from jaxgan.experiments.single_image.tasks import request
from jaxgan.images import masks, pixels, writer

BACKGROUNDS = ("input", "trained")
HIGH = 0.75  # Of SinGAN's scales, where images are put in by default.


def harmonize(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  input: str = "",
  mask: str = "",
  num: int = 1,
  seed: int = 0,
  start_stage: int = -1,
  background: str = "input",
) -> pathlib.Path:
  """An object pasted into the training image takes its colors and texture.

  An image (.png), or a folder with the input, and the results with and without mask.

  Args:
    input: the training image with the object in it, of any size.
    mask: white where the object is; without one the whole image is the generator's.
    num: how many, of random noise; ConSinGAN's first is of the reconstruction's.
    seed: of the random noise.
    start_stage: SinGAN: the scale at which the input is put in; -1 is three quarters
      up. ConSinGAN always begins with it.
    background: what is outside of the mask: input, or trained for the training image.
  """
  return _compose(
    "harmonization", run, output, input, mask, num, seed, start_stage, background
  )


def edit(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  input: str = "",
  mask: str = "",
  num: int = 1,
  seed: int = 0,
  start_stage: int = -1,
  background: str = "input",
) -> pathlib.Path:
  """The training image with parts moved or copied, made seamless.

  An image (.png), or a folder with the input, and the results with and without mask.

  Args:
    input: the edited training image, of any size.
    mask: white where it was edited; without one the whole image is the generator's.
    num: how many, of random noise; ConSinGAN's first is of the reconstruction's.
    seed: of the random noise.
    start_stage: SinGAN: the scale at which the input is put in; -1 is three quarters
      up. ConSinGAN always begins with it.
    background: what is outside of the mask: input, or trained for the training image.
  """
  return _compose(
    "editing", run, output, input, mask, num, seed, start_stage, background
  )


def _compose(
  kind: str,
  run: workdir.Run,
  output: pathlib.Path,
  path: str,
  mask: str,
  num: int,
  seed: int,
  start_stage: int,
  background: str,
) -> pathlib.Path:
  """Both tasks."""
  arguments.check_num(num)
  arguments.check_seed(seed)
  if background not in BACKGROUNDS:
    raise UserError(
      f"--background={background} is not known: {nearest(background, BACKGROUNDS)}"
    )
  outputs.check_apart(output, input=path, mask=mask)
  source = restored(run)
  image = request.read_image(source, path)
  sizes = request.fitting_sizes(source, image.shape)
  if background == "trained" and sizes != source.sizes:
    raise UserError(
      f"--background=trained: {path} has another aspect than the "
      "training image; crop it, or leave the option out."
    )
  weight = request.soft_mask(mask, sizes[-1], kind)
  if source.mode != kind and not isinstance(source, SinGAN):
    logging.warning(
      "this run was trained with config.mode = %s: one with %s does this better",
      source.mode,
      kind,
    )
  shown = request.resized(image, sizes[-1])
  behind = shown if background == "input" else source.reals[-1][0]
  masked = lambda raw: np.stack([masks.composite(weight, x, behind) for x in raw])
  made = _generate(source, image, sizes, kind, num, seed, start_stage)
  if not mask or output.suffix:
    return one_image.write_images(output, map(masked, made), num, sizes[-1])
  _write(output, "input", 0, shown[None])
  first = 0
  for raw in made:
    _write(output, "unmasked", first, raw)
    _write(output, "masked", first, masked(raw))
    first += len(raw)
  return output


def _write(folder: pathlib.Path, name: str, first: int, images: np.ndarray) -> None:
  """Images in [-1, 1] as files, numbered from `first`."""
  for i, image in enumerate(pixels.to_uint8(images), first):
    writer.write_png(folder / f"{name}_{i:05d}.png", image)


def _generate(
  source: Restored,
  image: np.ndarray,
  sizes: tuple[Size, ...],
  kind: str,
  num: int,
  seed: int,
  start_stage: int,
) -> Iterator[np.ndarray]:
  """What the generator makes of an image, in batches [n, h, w, c]."""
  start = insertion(source, start_stage, HIGH)
  image = request.resized(image, sizes[max(start - 1, 0)])
  key = jax.random.key(seed)

  def make(first, count):
    noises = source.draw(key, count, sizes, first=first)
    images = np.repeat(image[None], count, axis=0)
    if isinstance(source, SinGAN):
      return source.generate(noises, sizes, start=start, image=images)
    if kind == "editing":
      images = images + EDITING_NOISE * noises[0]
    if first == 0:  # The first image has the reconstruction's noise.
      noises = [
        np.concatenate([fixed, noise[1:]])
        for fixed, noise in zip(source.fixed_at(sizes), noises, strict=True)
      ]
    return source.generate(noises, sizes, image=images)

  return (make(*batch) for batch in request.batches(num, sizes[-1]))


def insertion(source: Restored, start_stage: int, share: float) -> int:
  """The stage at which an image is put in: --start_stage, or a share of SinGAN's.

  Raises:
    UserError: if there is no such scale above the coarsest, or for a ConSinGAN, which
      takes images at stage 0.
  """
  if not isinstance(source, SinGAN):
    if start_stage > 0:
      raise UserError(
        f"--start_stage={start_stage}: ConSinGAN takes an image at stage 0 only; leave "
        "the option out."
      )
    return 0
  last = len(source.sizes) - 1
  if start_stage < 0:
    return max(1, round(share * last))
  if not 1 <= start_stage <= last:
    raise UserError(
      f"--start_stage={start_stage}: images are put in at scales 1 to {last}."
    )
  return start_stage
