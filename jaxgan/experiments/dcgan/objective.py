"""What both players want, from one forward pass."""

from collections.abc import Mapping
import dataclasses
import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import ml_collections

from jaxgan.data import augment
from jaxgan.engine import core
from jaxgan.errors import UserError, nearest
from jaxgan.experiments.dcgan.networks import Networks
from jaxgan.losses import adversarial

Tree = Any


class Seen(NamedTuple):
  """One forward pass: logits, what the discriminator saw, and new statistics."""

  real: jax.Array
  fake: jax.Array
  real_view: jax.Array
  fake_view: jax.Array
  extra: dict[str, Tree]


@dataclasses.dataclass(frozen=True)
class Objective:
  """Both players' losses, from one forward pass.

  Attributes:
    nets: the networks.
    attributes: names of the labels.
    loss: name of a pair in `losses.adversarial.PAIRS`.
    smoothing: one-sided label smoothing (non-saturating loss only).
    label_flip: probability of exchanging the targets of a real and a fake image.
    instance_noise: standard deviation of noise added to what the discriminator sees...
    noise_steps: ...decaying linearly to 0 at this step.
    flip: whether real images are mirrored at random.
    augment: DiffAugment policy, such as "color,translation"; "" for none.
    r1: weight of R1 at real images.
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
  gradient_penalty: float = 0.0

  def forward(
    self, params: dict[str, Tree], state: core.State, batch: core.Batch, key: jax.Array
  ) -> Seen:
    """Generates, views and judges; real and fake have batch statistics of their own."""
    keys = jax.random.split(key, 6)
    labels = {name: batch[name] for name in self.attributes}
    real = batch["image"].astype(jnp.float32) / 127.5 - 1
    real = augment.flip(keys[0], real) if self.flip else real
    fake, generator = self._apply(
      "generator",
      params,
      state.extra["generator"],
      self.nets.draw(keys[1], real.shape[0]),
      labels,
      keys[2],
    )
    views = [
      self.view(key, images, state.step)
      for key, images in zip(keys[3:5], (real, fake), strict=True)
    ]
    extra = state.extra["discriminator"]
    logits = []
    for view, judge_key in zip(views, jax.random.split(keys[5]), strict=True):
      judged, extra = self._apply(
        "discriminator", params, extra, view, labels, judge_key
      )
      logits.append(judged)
    return Seen(*logits, *views, {"generator": generator, "discriminator": extra})

  def _apply(self, player, params, extra, x, labels, key):
    """A network in training mode, and its new collections."""
    module = getattr(self.nets, player)
    return module.apply(
      {"params": params[player]} | extra,
      x,
      labels,
      train=True,
      mutable=list(extra),
      rngs={"dropout": key},
    )

  def view(self, key: jax.Array, images: jax.Array, step: jax.Array) -> jax.Array:
    """Images as the discriminator sees them: augmented, and noisy at first."""
    keys = jax.random.split(key)
    if self.augment:
      images = augment.diff_augment(keys[0], images, self.augment)
    if self.instance_noise:
      left = jnp.maximum(1 - step / self.noise_steps, 0) if self.noise_steps else 1.0
      images += self.instance_noise * left * jax.random.normal(keys[1], images.shape)
    return images

  def discriminator_value(self, params, state, batch, key, seen: Seen) -> jax.Array:
    """The discriminator's loss with its penalties."""
    keys = jax.random.split(jax.random.fold_in(key, 1))
    loss = adversarial.PAIRS[self.loss].discriminator
    if self.loss == "non_saturating":
      flipped = jax.random.bernoulli(keys[0], self.label_flip, seen.real.shape)
      loss = functools.partial(
        loss, smoothing=self.smoothing, flipped=flipped if self.label_flip else None
      )
    value = loss(seen.real, seen.fake)
    labels = {name: batch[name] for name in self.attributes}

    def critic(x):
      return self._apply(
        "discriminator", params, state.extra["discriminator"], x, labels, key
      )[0]

    if self.r1:
      value += self.r1 / 2 * adversarial.r1(critic, seen.real_view)
    if self.gradient_penalty:
      value += self.gradient_penalty * adversarial.gradient_penalty(
        critic, keys[1], seen.real_view, jax.lax.stop_gradient(seen.fake_view)
      )
    return value

  def discriminator(self, params, state, batch, key):
    """The discriminator's loss as a player's."""
    seen = self.forward(params, state, batch, key)
    value = self.discriminator_value(params, state, batch, key, seen)
    return value, (
      seen.extra,
      {
        "loss_discriminator": value,
        "probability_real": jnp.mean(jax.nn.sigmoid(seen.real)),
        "probability_fake": jnp.mean(jax.nn.sigmoid(seen.fake)),
      },
    )

  def generator(self, params, state, batch, key):
    """The generator's loss as a player's; leaves the discriminator's statistics."""
    seen = self.forward(params, state, batch, key)
    value = adversarial.PAIRS[self.loss].generator(seen.real, seen.fake)
    return value, ({"generator": seen.extra["generator"]}, {"loss_generator": value})

  def both(self, params, state, batch, key):
    """Both losses of one forward pass, for `engine.core.simultaneous`."""
    seen = self.forward(params, state, batch, key)
    values = {
      "discriminator": self.discriminator_value(params, state, batch, key, seen),
      "generator": adversarial.PAIRS[self.loss].generator(seen.real, seen.fake),
    }
    return values, (
      seen.extra,
      {
        **{f"loss_{name}": value for name, value in values.items()},
        "probability_real": jnp.mean(jax.nn.sigmoid(seen.real)),
        "probability_fake": jnp.mean(jax.nn.sigmoid(seen.fake)),
      },
    )


def objective(
  config: ml_collections.ConfigDict, nets: Networks, classes: Mapping[str, Any]
) -> Objective:
  """Reads `config.loss`; refuses combinations that would have no effect.

  Raises:
    UserError: for an unknown loss, or an option that the loss or networks cannot use.
  """
  loss = dict(config.loss)
  name = loss["loss"] = loss.pop("name")
  if name not in adversarial.PAIRS:
    raise UserError(
      f"config.loss.name = {name!r} is not known: {nearest(name, adversarial.PAIRS)}"
    )
  if name != "non_saturating" and (loss["smoothing"] or loss["label_flip"]):
    raise UserError(
      "config.loss.smoothing and label_flip change the targets of the "
      f"non_saturating loss; {name} has none: set them to 0."
    )
  if (loss["r1"] or loss["gradient_penalty"]) and getattr(
    nets.discriminator, "norm", ""
  ) == "batch":
    raise UserError(
      "config.loss.r1 and gradient_penalty need a discriminator that "
      "judges images one by one: set config.discriminator.norm to "
      "'spectral' or 'none'."
    )
  return Objective(nets, tuple(sorted(classes)), flip=config.data.flip, **loss)
