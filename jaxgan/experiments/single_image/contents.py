"""What a model file must hold, by its config; see `experiments.Extras.contents`."""

from collections.abc import Mapping

import numpy as np

from jaxgan.engine import model_file, workdir
from jaxgan.experiments.shared import shapes
from jaxgan.experiments.single_image import checks, data, fixed_noise
from jaxgan.experiments.single_image.networks import (
  Tree,
  create_consingan,
  create_singan,
)

SIDE = 16  # Pixels of the images with which shapes are found: weights fit any.
LEAST = 4  # Of a stage's image.
MOST = 64  # Stages.


def contents(run: workdir.Run) -> dict[str, Tree]:
  """What `inference.exported` takes of a run."""
  checks.check_networks(run.config)
  count = len(run.restore("extra.amplitudes"))
  reals = data.stored_reals(run, count)
  channels, sizes = reals[0].shape[-1], [real.shape[1:3] for real in reals]
  if channels not in (1, 3, 4) or min(map(min, sizes)) < LEAST or count > MOST:
    raise ValueError(f"its {count} images have the shapes {[x.shape for x in reals]}")
  own = _of_consingan if run.config.network == "consingan" else _of_singan
  wanted, noise_shape = own(run, channels, count)
  wanted["extra.amplitudes"] = shapes.floats(count)
  wanted[fixed_noise.ITEM] = {
    name: shapes.floats(1, *noise_shape(int(name), sizes[int(name)]))
    for name in run.restore(fixed_noise.ITEM)
  }
  wanted[model_file.FACTS] = {
    stage: _images(known, channels) for stage, known in run.facts.items()
  }
  if "extra.real" in run.items():  # An earlier version's.
    wanted["extra.real"] = _images(run.restore("extra.real"), channels)
  return wanted


def _images(known: Mapping[str, Tree], channels: int) -> Mapping[str, Tree]:
  """The training image at some stages, by what else is known of these."""
  last = known.get("channels", channels)
  return {
    name: shapes.floats(1, *known.get("size", x.shape[1:3]), last)
    for name, x in known.items()
    if isinstance(x, np.ndarray)
  }


def _of_consingan(run: workdir.Run, channels: int, count: int):
  """Items of both networks, and the noise's shape at a stage of a size."""
  net, critic = create_consingan(run.config, channels, count)
  sizes = ((SIDE, SIDE),) * count
  noises = [shapes.floats(1, *net.noise_shape(i, x)) for i, x in enumerate(sizes)]
  given = dict(sizes=sizes, amplitudes=np.ones(count, np.float32))
  everything = dict(shapes.variables(net, noises, **given)["params"])
  images = shapes.floats(1, SIDE, SIDE, channels)
  wanted = {"params.discriminator": shapes.variables(critic, images)["params"]}
  # Which stages were frozen last is known by the file alone.
  kept = run.restore("params.frozen") if "params.frozen" in run.items() else {}
  frozen = {name: everything.pop(name) for name in kept}
  return wanted | {
    "params.generator": everything,
    "params.frozen": frozen,
  }, net.noise_shape


def _of_singan(run: workdir.Run, channels: int, count: int):
  """The same of SinGAN, with the averages of each scale's normalizations."""
  scales = create_singan(run.config, channels)
  images = shapes.floats(1, SIDE, SIDE, channels)
  same = {}  # Four scales at a time have one width.
  for i in range(count):
    net = scales.generator(i)
    if net not in same:
      same[net] = shapes.variables(net, images, images, train=False)
  every = {f"scale_{i}": same[scales.generator(i)] for i in range(count)}
  last = every.pop(f"scale_{count - 1}")
  critic = shapes.variables(scales.discriminator(count - 1), images, train=False)
  return {
    "params.generator": last["params"],
    "extra.batch_stats": last["batch_stats"],
    "params.frozen": {name: x["params"] for name, x in every.items()},
    "extra.frozen_stats": {name: x["batch_stats"] for name, x in every.items()},
    "params.discriminator": critic["params"],
  }, lambda stage, size: scales.noise_shape(size)
