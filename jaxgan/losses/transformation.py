"""Losses on the vectors of a siamese discriminator (Pasini, 2019).

The discriminator's vector of an image says two things apart: its *norm* how real the
image is (0: real, `margin` or more: not), and the *angle* of the difference of two
vectors what distinguishes the two images. So the generator lowers its images' norms,
and both players keep the difference of two images parallel to that of their
translations (the transformation vectors of TraVeLGAN, Amodio and Krishnaswamy, 2019).

Everywhere: vectors [n, d] of float; scalars are means over n.
"""

import jax
import jax.numpy as jnp


def norms(vectors: jax.Array) -> jax.Array:
  """Lengths [n] of vectors [n, d], with a finite gradient at zero."""
  return jnp.sqrt(jnp.sum(vectors**2, axis=-1) + 1e-12)


def realness(vectors: jax.Array) -> jax.Array:
  """E[|v|^2]: LossD1 of real images, LossG1 of generated ones."""
  return jnp.mean(norms(vectors) ** 2)


def margin(vectors: jax.Array, least: float) -> jax.Array:
  """E[max(0, least - |v|)^2]: LossD2 of generated images.

  Where a discriminator cannot tell, |v| = least / 2 is best for both, and this loss and
  `realness` are least^2 / 4.
  """
  return jnp.mean(jnp.maximum(0.0, least - norms(vectors)) ** 2)


def cosine(u: jax.Array, w: jax.Array) -> jax.Array:
  """Cosines [n] of the angles between u [n, d] and w [n, d], 0 where one is 0."""
  length = lambda x: jnp.sqrt(jnp.sum(x**2, axis=-1) + 1e-6)
  return jnp.sum(u * w, axis=-1) / (length(u) * length(w))


def differences(vectors: jax.Array, shift: int = 1) -> jax.Array:
  """Vectors [n, d] less those `shift` further on in the batch, n more than `shift`.

  Raises:
    ValueError: if a vector would be compared with itself.
  """
  if shift % vectors.shape[0] == 0:
    raise ValueError(f"vectors {vectors.shape} have no partners {shift} further on.")
  return vectors - jnp.roll(vectors, -shift, axis=0)


def travel(source: jax.Array, translated: jax.Array) -> jax.Array:
  """-E[cos]: LossD3 and LossG2, of the differences of sources and translations."""
  return -jnp.mean(cosine(source, translated))


def apart(source: jax.Array, least: float) -> jax.Array:
  """E[max(0, least - |u|)^2] of differences of sources.

  Nothing else stops the discriminator from giving all sources one vector, which leaves
  the angles to noise; TraVeLGAN's margin, not part of the article.
  """
  return margin(source, least)


def magnitude(source: jax.Array, translated: jax.Array) -> jax.Array:
  """Mean squared gap [scalar] of differences: TraVeLGAN's second term, an extension."""
  return jnp.mean((source - translated) ** 2)
