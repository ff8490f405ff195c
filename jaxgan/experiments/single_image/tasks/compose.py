"""Objects pasted into a painting, and parts moved about, made to fit in."""

import pathlib

from absl import logging
import jax
import numpy as np

from jaxgan.engine import workdir
from jaxgan.errors import UserError, nearest
from jaxgan.experiments.single_image.concurrent import EDITING_NOISE
from jaxgan.experiments.single_image.inference import Restored, Size, restored
from jaxgan.experiments.single_image.tasks import arguments, writing
from jaxgan.images import masks, sheets, writer

BACKGROUNDS = ("input", "trained")
HIGH = 0.75  # Of SinGAN's scales, where pictures are put in by default.


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

  A picture (.png), or a folder with the input, and the results with and without mask.

  Args:
    input: the training image with the object in it, of any size.
    mask: white where the object is; without one the whole picture is the generator's.
    num: how many; the first with the reconstruction's noise, the others at random.
    seed: of the others.
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

  A picture (.png), or a folder with the input, and the results with and without mask.

  Args:
    input: the edited training image, of any size.
    mask: white where it was edited; without one the whole picture is the generator's.
    num: how many; the first with the reconstruction's noise, the others at random.
    seed: of the others.
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
  if num < 1:
    raise UserError(f"--num={num} must be at least 1.")
  if background not in BACKGROUNDS:
    raise UserError(
      f"--background={background} is not known: {nearest(background, BACKGROUNDS)}"
    )
  source = restored(run)
  naive = arguments.picture(source, path)
  sizes = arguments.sizes_for(source, naive.shape)
  if background == "trained" and sizes != source.sizes:
    raise UserError(
      f"--background=trained: {path} has another aspect than the "
      "training image; crop it, or leave the option out."
    )
  weight = arguments.soft_mask(mask, sizes[-1], kind)
  if source.config.mode != kind and source.config.network == "consingan":
    logging.warning(
      "this run was trained with config.mode = %s: one with %s does this better",
      source.config.mode,
      kind,
    )
  raw = _made(source, naive, sizes, kind, num, seed, start_stage)
  shown = arguments.resized(naive, sizes[-1])
  behind = shown if background == "input" else source.reals[-1][0]
  results = np.stack([masks.composite(weight, image, behind) for image in raw])
  if not mask or output.suffix:
    return writing.write_images(output, results)
  for name, images in (("input", shown[None]), ("masked", results), ("unmasked", raw)):
    for i, image in enumerate(sheets.to_uint8(images)):
      writer.write_png(output / f"{name}_{i:05d}.png", image)
  return output


def _made(
  source: Restored,
  naive: np.ndarray,
  sizes: tuple[Size, ...],
  kind: str,
  num: int,
  seed: int,
  start_stage: int,
) -> np.ndarray:
  """What the generator makes of the input [num, h, w, c]."""
  noises = source.draw(jax.random.key(seed), num, sizes)
  if source.config.network == "singan":
    start = injection(source, start_stage, HIGH)
    image = arguments.resized(naive, sizes[start - 1])
    return source.generate(
      noises, sizes, start=start, image=np.repeat(image[None], num, axis=0)
    )
  if start_stage > 0:
    raise UserError(
      f"--start_stage={start_stage}: ConSinGAN takes a picture at stage "
      "0 only; leave the option out."
    )
  image = np.repeat(arguments.resized(naive, sizes[0])[None], num, axis=0)
  if kind == "editing":
    image = image + EDITING_NOISE * noises[0]
  noises = [
    np.concatenate([fixed, noise[1:]])
    for fixed, noise in zip(source.fixed_at(sizes), noises, strict=True)
  ]
  return source.generate(noises, sizes, image=image)


def injection(source: Restored, start_stage: int, share: float) -> int:
  """SinGAN's scale at which a picture is put in: the option, or a share of them all.

  Raises:
    UserError: if there is no such scale above the coarsest.
  """
  last = len(source.sizes) - 1
  if start_stage < 0:
    return max(1, round(share * last))
  if not 1 <= start_stage <= last:
    raise UserError(
      f"--start_stage={start_stage}: pictures are put in at scales 1 to {last}."
    )
  return start_stage
