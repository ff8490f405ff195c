"""How good a generator of one image is: likeness, variety, copying, and its cost."""

from collections.abc import Iterator
import pathlib

from absl import logging
import jax
import numpy as np

from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.shared import arguments, likeness, one_image
from jaxgan.experiments.single_image import concurrent
from jaxgan.experiments.single_image.inference import Restored, restored
from jaxgan.images import pixels
from jaxgan.metrics import sifid

AT_ONCE = 4  # Samples made together.


def evaluate(
  run: workdir.Run,
  *,
  num: int = 50,
  seed: int = 0,
  start_stage: int = 0,
  layers: str = "relu1_2,relu2_2",
  inception: str = "",
  patches: str = "11,32",
  each: bool = False,
) -> Iterator[tuple[str, likeness.Value]]:
  """Compares samples with the training image, and says what training took.

  Args:
    num: samples, 4 or more; SinGAN's paper takes 100 for the diversity.
    seed: of the samples.
    start_stage: stages before it keep the training image's arrangement.
    layers: of VGG16, for sifid_vgg16_*, which needs no download.
    inception: weights for sifid64 and sifid192; see jaxgan.metrics.sifid.
    patches: sides in pixels of the patches that are looked for in the training image.
    each: also list the SIFID of every sample.
  """
  arguments.check_num(num, least=sifid.LEAST_SAMPLES)
  arguments.check_seed(seed)
  found = likeness.layers(layers, inception)
  source = restored(run)
  real = pixels.to_uint8(source.reals[-1][0])
  sides = likeness.sides(patches, real.shape)
  start = first_varying(source, start_stage)
  yield "image", pathlib.Path(run.config.image).name or "default"
  yield "size", f"{real.shape[0]}x{real.shape[1]}"
  fakes = samples(source, num, seed, start)
  yield "protocol", f"{num} samples of seed {seed} from stage {start}"
  yield from likeness.compare(real, fakes, found, sides, each)
  rebuilt = pixels.to_uint8(source.generate(source.fixed_at())[0])
  yield "psnr_reconstruction", sifid.psnr(real, rebuilt)
  yield "dists_reconstruction", sifid.dists_of(real, rebuilt)
  yield from cost(run)


def first_varying(source: Restored, start_stage: int) -> int:
  """The stage from which samples vary; the first takes an image in some modes.

  Raises:
    UserError: there is no such stage.
  """
  count = len(source.sizes)
  one_image.check_stage(start_stage, count, last=count - 1)
  if source.mode not in concurrent.FROM_IMAGES:
    return start_stage
  if count == 1:
    raise UserError(
      f"this run has one stage, which for config.mode = {source.mode} begins with an "
      "image: no samples vary. Train more stages (config.num_stages)."
    )
  return max(start_stage, 1)


def samples(source: Restored, num: int, seed: int, start: int) -> np.ndarray:
  """Images uint8 [n, h, w, c] of the training image's size that vary from `start`."""
  key = jax.random.key(seed)
  parts = []
  for first in range(0, num, AT_ONCE):
    noises = source.draw(key, AT_ONCE, first=first)  # Always so many: one program.
    parts.append(pixels.to_uint8(source.generate(noises, start=start)))
  logging.info("made %d samples", num)
  return np.concatenate(parts)[:num]


def cost(run: workdir.Run) -> Iterator[tuple[str, float]]:
  """Parameters of the generator, seconds of training steps, and peak memory."""
  trees = [
    run.restore(name)
    for name in ("params.generator", "params.frozen")
    if name in run.items()
  ]
  yield "parameters", sum(x.size for x in jax.tree.leaves(trees))
  known = run.provenance()
  for name in ("training_seconds", "peak_memory_mib"):
    if name in known:
      yield name, known[name]
