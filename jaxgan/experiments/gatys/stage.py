"""The family's one stage, whose player's weights are the pixels."""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import ml_collections
import numpy as np
import optax
from PIL import Image

from jaxgan.engine import core
from jaxgan.errors import UserError, nearest
from jaxgan.experiments.shared import criterion as criterion_lib
from jaxgan.experiments.shared import style_weights, styles
from jaxgan.images import examples, reader

PICTURE = "picture"
PHOTOGRAPH = "astronaut"  # Of those that are shipped.


def read_content(path: str, longest: int) -> np.ndarray:
  """The photograph, uint8 [h, w, 3], its longest side at most `longest` pixels.

  Raises:
    UserError: if it cannot be read, or is too small for VGG16.
  """
  try:
    image = reader.read(
      path or examples.load(PHOTOGRAPH), channels=3, enough=2 * longest
    )
  except Exception as error:  # Damaged files make Pillow raise nearly anything.
    raise UserError(
      f"config.data.content = {path!r} is no usable image ({error}): "
      "give a file such as a JPEG or PNG."
    ) from error
  scale = min(1.0, longest / max(image.size))
  size = [round(side * scale) for side in image.size]
  if min(size) < styles.LEAST:
    raise UserError(
      f"{path or PHOTOGRAPH}: a side would have {min(size)} pixels, less "
      f"than {styles.LEAST}: raise config.data.size."
    )
  return np.asarray(image.resize(size, Image.Resampling.LANCZOS))


@dataclasses.dataclass(frozen=True)
class Objective:
  """The loss of the pixels, as a player's."""

  criterion: criterion_lib.Criterion

  def __call__(
    self, params: dict[str, Any], state: core.State, batch: core.Batch, key: jax.Array
  ):
    """`batch` holds VGG16, and the targets of content and style."""
    del state, key  # Nothing is random.
    found = self.criterion.losses(
      batch["vgg"], params[PICTURE]["pixels"], batch["targets"], batch["grams"]
    )
    losses = {name: jnp.mean(x) for name, x in found.items()}
    value = sum(losses.values())
    return value, ({}, {"loss": value} | losses)


def optimizer(config: ml_collections.ConfigDict) -> optax.GradientTransformation:
  """Adam, at 0.02 unless a rate is given, or L-BFGS, which then searches its steps."""
  options = config.optimizer
  if options.name == "adam":
    return optax.adam(options.learning_rate or 0.02)
  if options.name == "lbfgs":
    return optax.lbfgs(options.learning_rate or None, memory_size=options.memory)
  raise UserError(
    f"config.optimizer.name = {options.name!r} is not known: "
    f"{nearest(options.name, ('adam', 'lbfgs'))}"
  )


def constants(
  config: ml_collections.ConfigDict,
  criterion: criterion_lib.Criterion,
  photo: np.ndarray,
) -> dict[str, Any]:
  """VGG16, the photograph's activations and the mixture's Gram matrices.

  Raises:
    UserError: no style, an unknown one, or weights that sum to zero.
  """
  paintings = styles.load(config.data.styles, size=config.data.style_size)
  weights = style_weights.weights(config.style, tuple(paintings), option="config.style")
  vgg = criterion.weights(config.vgg)
  grams = criterion.grams(vgg, list(paintings.values()))
  return {
    "vgg": vgg,
    "targets": jax.jit(criterion.targets)(vgg, photo[None] / np.float32(255)),
    "grams": {
      layer: np.einsum("s,scd->cd", weights, x)[None] for layer, x in grams.items()
    },
  }


def initial(
  config: ml_collections.ConfigDict, photo: np.ndarray, key: jax.Array
) -> jax.Array:
  """Pixels [1, h, w, 3] to begin with: the photograph, or noise around gray."""
  if config.start == "content":
    return jnp.asarray(photo[None] / np.float32(255))
  if config.start == "noise":
    noise = jax.random.normal(key, (1, *photo.shape))
    return jnp.clip(0.5 + 0.1 * noise, 0, 1)
  raise UserError(
    f"config.start = {config.start!r} is not known: "
    f"{nearest(config.start, ('content', 'noise'))}"
  )


def stages(config: ml_collections.ConfigDict) -> list[core.Stage]:
  """One stage, in which the pixels move and stay within [0, 1].

  Raises:
    UserError: see `read_content`, `constants`, `initial` and `optimizer`.
  """
  photo = read_content(config.data.content, config.data.size)
  criterion = criterion_lib.criterion(config)
  goal = Objective(criterion)
  player = core.Player(PICTURE, goal, optimizer(config))
  move = core.alternate([player])

  def init(key, previous):
    del previous  # There is only one stage.
    keys = jax.random.split(key)
    pixels = initial(config, photo, keys[0])
    return core.create_state(keys[1], {PICTURE: {"pixels": pixels}}, [player])

  def update(state, batch):
    state, scalars = move(state, batch)
    pixels = jnp.clip(state.params[PICTURE]["pixels"], 0, 1)
    return state.replace(params={PICTURE: {"pixels": pixels}}), scalars

  terms = [f"content_{layer}" for layer in criterion.content]
  terms += [f"style_{layer}" for layer in criterion.style]
  terms += ["total_variation"] if criterion.total_variation else []
  return [
    core.Stage(
      name="x".join(map(str, photo.shape[:2])),
      num_steps=config.num_steps,
      init=init,
      update=update,
      constants=constants(config, criterion, photo),
      metrics=core.average_of("loss", *terms, f"gradient_{PICTURE}"),
      render=lambda state, batch: {PICTURE: 2 * state.params[PICTURE]["pixels"] - 1},
    )
  ]
