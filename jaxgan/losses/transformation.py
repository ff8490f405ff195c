"""Losses on the vectors of a siamese discriminator (Pasini, 2019).

The discriminator gives each image a vector. Its *norm* is low for a real image and
should reach a margin for a translated one. The *difference* of the vectors of two
images is their transformation vector (TraVeLGAN, Amodio and Krishnaswamy, 2019): both
players keep that of two images parallel to that of their translations, and so keep
what distinguishes the images.

Everywhere: vectors are float [n, d], and scalars are means over n.
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

  If the discriminator cannot tell real images from generated ones, |v| = least / 2 has
  the lowest sum of this loss and `realness`; both are then least^2 / 4.
  """
  return jnp.mean(jnp.maximum(0.0, least - norms(vectors)) ** 2)


def cosine(u: jax.Array, w: jax.Array) -> jax.Array:
  """Cosines [n] of the angles between u [n, d] and w [n, d], 0 where one is 0."""
  length = lambda x: jnp.sqrt(jnp.sum(x**2, axis=-1) + 1e-6)
  return jnp.sum(u * w, axis=-1) / (length(u) * length(w))


def differences(vectors: jax.Array, shift: int = 1) -> jax.Array:
  """Vectors [n, d] minus those `shift` places later in the batch (cyclically).

  Raises:
    ValueError: if a vector would be compared with itself.
  """
  if shift % vectors.shape[0] == 0:
    raise ValueError(f"vectors {vectors.shape} have no partners {shift} places later.")
  return vectors - jnp.roll(vectors, -shift, axis=0)


def travel(source: jax.Array, translated: jax.Array) -> jax.Array:
  """-E[cos] of transformation vectors before and after: LossD3 and LossG2."""
  return -jnp.mean(cosine(source, translated))


def separation(source: jax.Array, least: float) -> jax.Array:
  """E[max(0, least - |u|)^2] of the transformation vectors of sources.

  Nothing else keeps the discriminator from giving all sources the same vector, where
  angles are noise. TraVeLGAN's margin, not part of the article.
  """
  return margin(source, least)


def magnitude(source: jax.Array, translated: jax.Array) -> jax.Array:
  """Mean squared difference of transformation vectors: TraVeLGAN's second term.

  Not part of the article.
  """
  return jnp.mean((source - translated) ** 2)
