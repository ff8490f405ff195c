"""The trained networks as functions: images of latents and labels, scores of images."""

from collections.abc import Callable, Mapping
import functools
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxgan.engine import core, workdir
from jaxgan.experiments.dcgan.networks import Networks, create_networks
from jaxgan.images import pixels
from jaxgan.options import Several, Span

Labels = Mapping[str, np.ndarray]
AT_ONCE = 64  # Images of a batch. All batches have one size and so share a program.


class Sampler(NamedTuple):
  """A trained generator.

  Image i of a seed is the same whichever other images are asked for. Samplers of the
  same networks share their compiled programs.

  Attributes:
    nets: the networks; the generator is used as at inference.
    variables: its weights and statistics.
  """

  nets: Networks
  variables: core.Tree

  def latents(self, seed: int, num: int, first: int = 0) -> np.ndarray:
    """Latents [num, d] of a seed, beginning with number `first`."""
    return self.numbered(seed, np.arange(first, first + num))

  def numbered(self, seed: int, numbers: np.ndarray) -> np.ndarray:
    """Latents [n, d] of a seed with the numbers [n]."""
    draw = functools.partial(_draw, self.nets, jax.random.key(seed))
    return _in_batches(draw, (numbers.astype(np.uint32),))

  def __call__(self, latents: np.ndarray, labels: Labels | None = None) -> np.ndarray:
    """Images uint8 [n, h, w, c] of latents [n, d] and labels int32 [n]."""
    generate = functools.partial(_generate, self.nets, self.variables)
    return _in_batches(generate, (latents, dict(labels or {})))


class Critic(NamedTuple):
  """A trained discriminator, with running statistics, so that images do not interact.

  Attributes:
    nets: the networks.
    variables: the discriminator's weights and statistics.
  """

  nets: Networks
  variables: core.Tree

  def __call__(self, images: np.ndarray, labels: Labels) -> np.ndarray:
    """Logits [n] of images uint8 [n, h, w, c] and labels int32 [n]."""
    score = functools.partial(_score, self.nets, self.variables)
    return _in_batches(score, (images, dict(labels)))


def facts(run: workdir.Run) -> dict[str, Any]:
  """What the run's one stage knew of its data: classes, frequencies, quality."""
  return next(iter(run.facts.values()))


def choices(run: workdir.Run) -> dict[str, Several | Span]:
  """The values of tasks' options."""
  known = {"truncation": Span(0, 1.5), "distance": Span(0, 1), "enhance": Span(0, 3)}
  classes = facts(run)["classes"]
  labels = Several(f"{name}={x}" for name, values in classes.items() for x in values)
  return known | ({"labels": labels} if labels else {})


def open_sampler(run: workdir.Run) -> Sampler:
  """The averaged generator of a run's checkpoint."""
  return Sampler(_networks(run), run.restore("extra.ema"))


def open_critic(run: workdir.Run) -> Critic:
  """The discriminator of a run's checkpoint."""
  variables = {"params": run.restore("params.discriminator")}
  if "extra.discriminator" in run.items():
    variables |= run.restore("extra.discriminator")
  return Critic(_networks(run), variables)


def exported(run: workdir.Run) -> dict[str, core.Tree]:
  """What tasks restore of a run: the averaged generator, and the discriminator."""
  items = ("extra.ema", "params.discriminator", "extra.discriminator")
  return workdir.restore_matching(run, *items)


def _networks(run: workdir.Run) -> Networks:
  return create_networks(run.config, facts(run)["classes"])


def draw_labels(
  frequencies: Mapping[str, list[float]],
  seed: int,
  num: int,
  first: int = 0,
  chosen: Mapping[str, int] | None = None,
) -> dict[str, np.ndarray]:
  """Labels of every attribute: the chosen value, or drawn as often as in the data.

  Args:
    frequencies: see `data.frequencies_of`.
    seed: labels of image i of a seed are the same whichever others are asked for.
    num: how many images.
    first: number of the first one.
    chosen: attribute -> value.

  Returns:
    {attribute: int32 [num]}.
  """
  labels = {}
  for i, (name, values) in enumerate(sorted(frequencies.items())):
    if name in (chosen or {}):
      labels[name] = np.full(num, chosen[name], np.int32)
      continue
    bits = np.random.PCG64([seed, i])
    uniform = np.random.Generator(bits.advance(first)).random(num)
    shares = np.cumsum(values)
    labels[name] = np.searchsorted(shares / shares[-1], uniform, "right").astype(
      np.int32
    )
  return labels


def _in_batches(function: Callable[..., jax.Array], inputs: core.Tree) -> np.ndarray:
  """The results of a function of arrays with AT_ONCE rows, for any number of rows."""
  num, results = len(inputs[0]), []
  for start in range(0, num, AT_ONCE):
    rows = jax.tree.map(lambda x, start=start: x[start : start + AT_ONCE], inputs)
    count = len(rows[0])
    missing = AT_ONCE - count
    padded = jax.tree.map(
      lambda x, missing=missing: np.pad(x, [(0, missing)] + [(0, 0)] * (x.ndim - 1)),
      rows,
    )
    results.append(np.asarray(function(*padded))[:count])
  return np.concatenate(results)


@functools.partial(jax.jit, static_argnames="nets")
def _draw(nets: Networks, key: jax.Array, numbers: jax.Array) -> jax.Array:
  """Latents [n, d], each by a key of its own."""
  return jax.vmap(lambda i: nets.draw(jax.random.fold_in(key, i), 1)[0])(numbers)


@functools.partial(jax.jit, static_argnames="nets")
def _generate(nets, variables, latents, labels) -> jax.Array:
  images = nets.generator.apply(variables, latents, labels, train=False)
  return pixels.to_uint8(images)


@functools.partial(jax.jit, static_argnames="nets")
def _score(nets, variables, images, labels) -> jax.Array:
  images = pixels.to_floats(images)
  return nets.discriminator.apply(variables, images, labels, train=False)
