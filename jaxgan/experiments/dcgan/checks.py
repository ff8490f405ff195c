"""What a config alone can be checked for, before any data are read."""

import dataclasses
import math

import jax
import jax.numpy as jnp
import ml_collections

from jaxgan.data import augment
from jaxgan.errors import UserError, expanded
from jaxgan.experiments.dcgan.networks import MODULES, create_networks, image_size
from jaxgan.experiments.shared import fields, players
from jaxgan.losses import adversarial
from jaxgan.metrics import generative

RENAMED = {  # Fields of earlier versions.
  "moves": "",
  "optimizer.generator.repeats": "updates_per_step.generator",
  "optimizer.discriminator.repeats": "updates_per_step.discriminator",
}
INITIALIZERS = ("dcgan", "torch", "glorot", "he", "smooth")
_LARGEST = 2**12  # Pixels of a side.
_DEEPEST = 64  # Layers.
EXAMPLES = {"dcgan": "configs/dcgan_anime.py", "mlp": "configs/mlp_mnist.py"}
NORMS = {"dcgan": ("batch", "spectral", "none"), "mlp": ("spectral", "none")}
# Options of the networks that the program fills in itself.
FILLED_IN = {"channels", "classes", "dtype", "shape", "parent", "name"}
RANGES = players.RANGES | {
  "data.num_drawn": (1, math.inf),
  "data.holdout": (0, math.inf),
  "evaluate.num": (generative.MIN_IMAGES, math.inf),
  "loss.smoothing": (0, 1),
  "loss.label_flip": (0, 1),
  "loss.instance_noise": (0, math.inf),
  "loss.noise_steps": (0, math.inf),
  "loss.r1": (0, math.inf),
  "loss.r2": (0, math.inf),
  "loss.penalized": (0, 1),
  "loss.gradient_penalty": (0, math.inf),
  "optimizer.decay_begin": (0, math.inf),
  "optimizer.decay_end": (0, math.inf),
}
NETWORK_RANGES = {
  "generator.latents": (1, fields.MOST),
  "generator.width": (1, fields.MOST),
}
OPTION_RANGES = {  # Of those networks that have them.
  "width": (1, fields.MOST),
  "stride": (2, 3),
  "slope": (0, 1),
  "dropout": (0, 1),
  "momentum": (0, 1),
  "epsilon": (0, math.inf),
}


def check(config: ml_collections.ConfigDict) -> None:
  """Raises UserError for all that a config alone can tell."""
  check_networks(config)
  fields.check_choices(config, {"loss.name": adversarial.PAIRS})
  fields.check_ranges(config, RANGES)
  _check_data(config)
  _check_loss(config)
  _check_decay(config)
  players.check_accumulation(config)


def check_networks(config: ml_collections.ConfigDict) -> None:
  """Raises UserError for what the networks cannot be."""
  fields.check_choices(
    config,
    {"network": MODULES, "dtype": ("float32", "bfloat16"), "data.channels": (1, 3)},
  )
  fields.check_ranges(config, NETWORK_RANGES)
  _check_options(config)
  _check_layers(config)
  _check_size(config)


def _check_options(config: ml_collections.ConfigDict) -> None:
  """Both networks have the options that are set, and know their values."""
  for group, module in zip(
    ("generator", "discriminator"), MODULES[config.network], strict=True
  ):
    options = set(config[group])
    known = {field.name for field in dataclasses.fields(module)} - FILLED_IN
    if group == "generator":
      known |= {"latents", "distribution", "width"}
      known |= {"stride"} if config.network == "dcgan" else set()
    for name in sorted(options ^ known):
      problem = "is no option of" if name in options else "is missing for"
      raise UserError(
        f"config.{group}.{name} {problem} config.network = {config.network!r}: begin "
        f"with a config of that network, such as {EXAMPLES[config.network]}."
      )
    ranges = {f"{group}.{x}": OPTION_RANGES[x] for x in options & set(OPTION_RANGES)}
    fields.check_ranges(config, ranges)
    if "initializer" in options:
      fields.check_choices(config, {f"{group}.initializer": INITIALIZERS})
  fields.check_choices(
    config,
    {
      "generator.distribution": ("normal", "uniform"),
      "discriminator.norm": NORMS[config.network],
    },
  )


def _check_layers(config: ml_collections.ConfigDict) -> None:
  """Layers that the config gives have the fields of `nets.dcgan.Layer`."""
  whole = lambda x: isinstance(x, int) and 1 <= x <= fields.MOST
  for player in players.NAMES:
    rows = config[player].get("layers", ())
    if len(rows) > _DEEPEST:
      raise UserError(
        f"config.{player}.layers: {len(rows)} layers are too many: give {_DEEPEST} or "
        "fewer."
      )
    for row in rows:
      parts = tuple(row) if isinstance(row, tuple | list) else ()
      size = parts[0] if len(parts) in (4, 5) else ()
      if not (
        isinstance(size, tuple | list)
        and len(size) == 2
        and all(map(whole, (*size, *parts[1:4])))
        and parts[4:] in ((), ("SAME",), ("VALID",))
      ):
        raise UserError(
          f"config.{player}.layers: {row!r} must be ((height, width), channels, "
          "kernel, stride), or with SAME or VALID after them."
        )


def _check_size(config: ml_collections.ConfigDict) -> None:
  """The networks make and take images of the size of the data."""
  name = f"config.data.size = {config.data.size}"
  try:
    size = image_size(config)
  except (TypeError, ValueError, IndexError):
    size = ()
  if len(size) != 2 or min(size) < 1 or max(size) > _LARGEST:
    raise UserError(
      f"{name} must be one number of pixels, or (height, width), {_LARGEST} at most."
    )
  try:
    nets = create_networks(config, {})
  except ValueError as error:
    raise UserError(f"{name}: {error} Choose a larger size.") from error
  latents = jax.ShapeDtypeStruct((1, nets.latents), jnp.float32)
  make = lambda z: nets.generator.init_with_output(
    jax.random.key(0), z, {}, train=False
  )
  try:
    made = jax.eval_shape(make, latents)[0].shape
  except (TypeError, ValueError):  # Layers that do not fit each other.
    made = ()
  layers = config.discriminator.get("layers", ())
  if made[1:3] != size or (layers and tuple(layers[0][0]) != size):
    raise UserError(
      f"{name}: config.generator.layers and config.discriminator.layers are for other "
      "images: set both to () to have them derived, or correct them."
    )


def _check_data(config: ml_collections.ConfigDict) -> None:
  """Enough images are held out, and some are left; labels can be used."""
  data, least = config.data, generative.MIN_IMAGES
  if 0 < data.holdout < least:
    raise UserError(
      f"config.data.holdout = {data.holdout} is too few to evaluate with: hold out "
      f"{least} or more, or 0 to evaluate on images that were trained on."
    )
  if not data.path and data.holdout >= data.num_drawn:
    raise UserError(
      f"config.data.holdout = {data.holdout} of {data.num_drawn} images leaves none to "
      "train on: lower it."
    )
  if data.labels and not expanded(data.labels).is_file():
    raise UserError(f"config.data.labels = {data.labels!r}: no such file.")
  if config.conditional and config.network == "mlp":
    raise UserError(
      "config.conditional = True has no effect on config.network = 'mlp', which takes "
      "no labels: use 'dcgan'."
    )


def _check_decay(config: ml_collections.ConfigDict) -> None:
  """Learning rates fall between two steps, and are not 0 before the end."""
  begin, end = config.optimizer.decay_begin, config.optimizer.decay_end
  name = f"config.optimizer.decay_end = {end}"
  if begin >= max(end, 1):
    raise UserError(
      f"{name} must be a later step than decay_begin = {begin}, where the learning "
      "rates begin to fall."
    )
  if not end:
    return
  if config.num_steps > end:
    raise UserError(
      f"{name}: nothing is learned at rates of 0, so set config.num_steps = "
      f"{config.num_steps} to {end} or less, or let the rates fall later."
    )
  if config.optimizer.rule:
    raise UserError(f"{name} and config.optimizer.rule: choose one of them.")


def _check_loss(config: ml_collections.ConfigDict) -> None:
  """Every option of the loss has an effect."""
  loss = config.loss
  if loss.name != "non_saturating" and (loss.smoothing or loss.label_flip):
    raise UserError(
      "config.loss.smoothing and label_flip change the targets of the non_saturating "
      f"loss; {loss.name} has none: set them to 0."
    )
  if loss.name == "relativistic_hinge" and config.data.accumulate > 1:
    raise UserError(
      "config.loss.name = 'relativistic_hinge' compares each image with the mean of "
      "all others of its batch: config.data.accumulate must be 1."
    )
  if (
    loss.r1 or loss.r2 or loss.gradient_penalty
  ) and config.discriminator.norm == "batch":
    raise UserError(
      "config.loss.r1, r2 and gradient_penalty need a discriminator whose logits "
      "depend on one image each: set config.discriminator.norm to 'spectral' or 'none'."
    )
  try:
    jax.eval_shape(
      lambda images: augment.diff_augment(jax.random.key(0), images, loss.augment),
      jax.ShapeDtypeStruct((1, *image_size(config), config.data.channels), jnp.float32),
    )
  except ValueError as error:
    raise UserError(f"config.loss.augment = {loss.augment!r}: {error}.") from error
