"""How good samples of one image's patches are: likeness, variety, copying, and cost."""

from collections.abc import Iterator
import pathlib
import time

import jax
import numpy as np

from jaxgan.engine import profiler, workdir
from jaxgan.experiments.patches.inference import restored
from jaxgan.experiments.shared import arguments, likeness, one_image
from jaxgan.images import pixels
from jaxgan.metrics import sifid


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
  """Compares samples with the image, and says what they took.

  Args:
    num: samples, 4 or more; SinGAN's paper takes 100 for the diversity.
    seed: of the samples.
    start_stage: stages before it keep the image's arrangement.
    layers: of VGG16, for sifid_vgg16_*, which needs no download.
    inception: weights for sifid64 and sifid192; see jaxgan.metrics.sifid.
    patches: sides in pixels of the patches that are looked for in the image.
    each: also list the SIFID of every sample.
  """
  arguments.check_num(num, least=sifid.LEAST_SAMPLES)
  arguments.check_seed(seed)
  found = likeness.layers(layers, inception)
  source = restored(run)
  real = pixels.to_uint8(source.image)
  sides = likeness.sides(patches, real.shape)
  sizes = source.sizes
  one_image.check_stage(start_stage, len(sizes), last=len(sizes) - 1)
  yield "image", pathlib.Path(run.config.image).name or "default"
  yield "size", f"{real.shape[0]}x{real.shape[1]}"
  key, fakes, seconds = jax.random.key(seed), [], []
  for i in range(num):
    start = time.process_time()
    image = source.generate(jax.random.fold_in(key, i), sizes, start=start_stage)
    seconds.append(time.process_time() - start)
    fakes.append(pixels.to_uint8(image))
  yield "protocol", f"{num} samples of seed {seed} from stage {start_stage}"
  cost = {
    "cpu_seconds_first_sample": seconds[0],  # Compiles.
    "cpu_seconds_a_sample": float(np.median(seconds[1:])),
    "peak_memory_mib": profiler.peak_memory_mib(),  # Before VGG16's.
  }
  yield from likeness.compare(real, np.stack(fakes), found, sides, each)
  yield from cost.items()
