"""The losses of both players, each from a forward pass of its own."""

from collections.abc import Mapping
import dataclasses
import functools
import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import ml_collections

from jaxgan.data import augment
from jaxgan.engine import core, sharding
from jaxgan.experiments.dcgan.networks import Networks
from jaxgan.images import pixels
from jaxgan.losses import adversarial

Tree = core.Tree


class Outputs(NamedTuple):
  """What a forward pass gives.

  Attributes:
    real: logits [n] of real images.
    fake: logits [n] of generated images.
    real_images: real images [n, h, w, c] as the discriminator gets them.
    fake_images: generated images [n, h, w, c] as the discriminator gets them.
    extra: new statistics of both networks.
  """

  real: jax.Array
  fake: jax.Array
  real_images: jax.Array
  fake_images: jax.Array
  extra: dict[str, Tree]


@dataclasses.dataclass(frozen=True)
class Objective:
  """The losses of both players.

  The losses share their random keys, so that where both networks are the same, as at
  the first updates of a step, the compiled program makes the fake images once.

  Attributes:
    nets: the networks.
    attributes: names of the labels.
    loss: name of a pair in `losses.adversarial.PAIRS`.
    smoothing: one-sided label smoothing (non-saturating loss only).
    label_flip: probability of exchanging the targets of a real and a fake image.
    instance_noise: standard deviation of noise added to the discriminator's images...
    noise_steps: ...which falls linearly to 0 at this step; 0 keeps it constant.
    flip: whether real images are mirrored at random.
    augment: DiffAugment policy, such as "color,translation"; "" for none.
    r1, r2: weights of the squared slope at real and at generated images.
    penalized: share of a batch at which these two are measured: fewer images are an
      estimate of the same mean, and cost less.
    gradient_penalty: weight of WGAN-GP's penalty.
  """

  nets: Networks
  attributes: tuple[str, ...] = ()
  loss: str = "non_saturating"
  smoothing: float = 0.0
  label_flip: float = 0.0
  instance_noise: float = 0.0
  noise_steps: int = 0
  flip: bool = True
  augment: str = ""
  r1: float = 0.0
  r2: float = 0.0
  penalized: float = 1.0
  gradient_penalty: float = 0.0

  def forward(
    self, params: dict[str, Tree], state: core.State, batch: core.Batch, key: jax.Array
  ) -> Outputs:
    """Generates images, and passes real and fake ones to the discriminator in turn.

    Each of the two batches is normalized with its own statistics.
    """
    keys = jax.random.split(key, 6)
    labels = {name: batch[name] for name in self.attributes}
    real = pixels.to_floats(batch["image"])
    real = augment.flip(keys[0], real) if self.flip else real
    fake, generator = self._apply(
      "generator",
      params,
      state.extra["generator"],
      sharding.divide(self.nets.draw(keys[1], real.shape[0])),
      labels,
      keys[2],
    )
    views = [
      self.augmented(view_key, images, state.step)
      for view_key, images in zip(keys[3:5], (real, fake), strict=True)
    ]
    statistics = state.extra["discriminator"]
    logits = []
    for view, dropout_key in zip(views, jax.random.split(keys[5]), strict=True):
      result, statistics = self._apply(
        "discriminator", params, statistics, view, labels, dropout_key
      )
      logits.append(result)
    return Outputs(
      *logits, *views, {"generator": generator, "discriminator": statistics}
    )

  def _apply(self, player, params, statistics, x, labels, key):
    """The output of a network in training, and its new statistics."""
    module = getattr(self.nets, player)
    return module.apply(
      {"params": params[player]} | statistics,
      x,
      labels,
      train=True,
      mutable=list(statistics),
      rngs={"dropout": key},
    )

  def augmented(self, key: jax.Array, images: jax.Array, step: jax.Array) -> jax.Array:
    """Images as the discriminator gets them: augmented, with noise at first."""
    keys = jax.random.split(key)
    if self.augment:
      images = augment.diff_augment(keys[0], images, self.augment)
    if self.instance_noise:
      left = jnp.maximum(1 - step / self.noise_steps, 0) if self.noise_steps else 1.0
      images += self.instance_noise * left * jax.random.normal(keys[1], images.shape)
    return images

  def _discriminator_loss(self, params, state, batch, key, outputs) -> jax.Array:
    """The adversarial loss, with penalties on the gradient of the logits."""
    keys = jax.random.split(jax.random.fold_in(key, 1))
    loss = adversarial.PAIRS[self.loss].discriminator
    if self.loss == "non_saturating":
      flipped = jax.random.bernoulli(keys[0], self.label_flip, outputs.real.shape)
      loss = functools.partial(
        loss, smoothing=self.smoothing, flipped=flipped if self.label_flip else None
      )
    value = loss(outputs.real, outputs.fake)
    labels = {name: batch[name] for name in self.attributes}

    def critic(x):
      own = {name: values[: len(x)] for name, values in labels.items()}
      return self._apply(
        "discriminator", params, state.extra["discriminator"], x, own, key
      )[0]

    real, fake = outputs.real_images, jax.lax.stop_gradient(outputs.fake_images)
    some = max(math.ceil(self.penalized * len(real)), 1)
    for weight, images in ((self.r1, real), (self.r2, fake)):
      if weight:
        value += weight / 2 * adversarial.squared_slope(critic, images[:some])
    if self.gradient_penalty:
      value += self.gradient_penalty * adversarial.gradient_penalty(
        critic, keys[1], real, fake
      )
    return value

  def discriminator(self, params, state, batch, key):
    """The discriminator's loss; see `core.Player`."""
    outputs = self.forward(params, state, batch, key)
    value = self._discriminator_loss(params, state, batch, key, outputs)
    return value, (
      outputs.extra,
      {
        "loss_discriminator": value,
        "probability_real": jnp.mean(jax.nn.sigmoid(outputs.real)),
        "probability_fake": jnp.mean(jax.nn.sigmoid(outputs.fake)),
      },
    )

  def generator(self, params, state, batch, key):
    """The generator's loss; leaves the statistics of the discriminator."""
    outputs = self.forward(params, state, batch, key)
    value = adversarial.PAIRS[self.loss].generator(outputs.real, outputs.fake)
    return value, ({"generator": outputs.extra["generator"]}, {"loss_generator": value})


def create_objective(
  config: ml_collections.ConfigDict, nets: Networks, classes: Mapping[str, Any]
) -> Objective:
  """Reads `config.loss` and `config.data.flip`.

  Args:
    config: of the run, checked.
    nets: the networks.
    classes: attribute -> names of its values.
  """
  loss = dict(config.loss)
  return Objective(
    nets, tuple(sorted(classes)), loss=loss.pop("name"), flip=config.data.flip, **loss
  )
