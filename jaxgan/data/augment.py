"""Random changes of images, independent for each image, inside jit.

`diff_augment` is the differentiable augmentation of Zhao et al., 2020
(arXiv:2006.10738): the discriminator gets augmented images only, real and fake, and its
gradient passes through to the generator.
"""

import jax
import jax.numpy as jnp


def flip(key: jax.Array, images: jax.Array) -> jax.Array:
  """Mirrors each of the images [n, h, w, c], of any type, left to right or not."""
  mirrored = jax.random.bernoulli(key, shape=(_count(images), 1, 1, 1))
  return jnp.where(mirrored, images[:, :, ::-1], images)


def diff_augment(key: jax.Array, images: jax.Array, policy: str) -> jax.Array:
  """Changes each of the images; differentiable in them.

  Args:
    key: random key.
    images: float [n, h, w, c] in [-1, 1].
    policy: words with commas between, applied in this order: "color"
      (brightness, saturation and contrast), "translation" (by up to an eighth, with
      zeros where nothing was), "cutout" (a square of half the side becomes zero).
      "" changes nothing.

  Returns:
    Images of the same shape and type; color can take them out of [-1, 1].

  Raises:
    ValueError: an unknown word.
  """
  words = [word.strip() for word in policy.split(",") if word.strip()]
  for word in words:
    if word not in _CHANGES:
      raise ValueError(f"unknown word {word!r} in policy; known: {', '.join(_CHANGES)}")
  _count(images)
  for i, word in enumerate(words):
    images = _CHANGES[word](jax.random.fold_in(key, i), images)
  return images


def zoom(key: jax.Array, images: jax.Array, size: int) -> jax.Array:
  """Cuts a random square out of each image, of half to all of its side, and scales it.

  Args:
    key: random key.
    images: float [n, side, side, c]; `side` is `size` or more.
    size: side of the result in pixels.
  """
  n, side, _, c = images.shape
  keys = jax.random.split(key)
  shares = jax.random.uniform(keys[0], (n, 1), minval=0.5)
  corners = jax.random.uniform(keys[1], (n, 2)) * (1 - shares) * side

  def cut(image, share, corner):
    scale = size / (share * side) * jnp.ones(2)
    return jax.image.scale_and_translate(
      image, (size, size, c), (0, 1), scale, -corner * scale, "linear"
    )

  return jax.vmap(cut)(images, shares[:, 0], corners)


def recolor(key: jax.Array, images: jax.Array) -> jax.Array:
  """Gives each image other colors: hue, saturation, contrast and brightness.

  Args:
    key: random key.
    images: RGB in [0, 1], [n, h, w, 3].

  Returns:
    The same shape and range: hues turned by up to 60 degrees, saturation times 0.5 to
    1.5, all values times 0.7 to 1.3 and moved by up to 0.1.
  """
  u = jax.random.uniform(key, (4, len(images), 1, 1, 1), minval=-1.0)
  angle = u[0] * jnp.pi / 3
  gray = images.mean(3, keepdims=True)
  color = images - gray
  # A rotation about the axis of grays, to which `color` is perpendicular.
  turned = jnp.roll(color, 1, 3) - jnp.roll(color, -1, 3)
  color = jnp.cos(angle) * color + jnp.sin(angle) / 3**0.5 * turned
  result = (gray + (1 + 0.5 * u[1]) * color) * (1 + 0.3 * u[2]) + 0.1 * u[3]
  return jnp.clip(result, 0, 1)


def _count(images: jax.Array) -> int:
  if images.ndim != 4:
    raise ValueError(f"images must be [n, h, w, c], not {images.shape}")
  return images.shape[0]


def _color(key: jax.Array, images: jax.Array) -> jax.Array:
  """Brightness by +-0.5, saturation by 0 to 2, contrast by 0.5 to 1.5."""
  random = jax.random.uniform(key, (3, len(images), 1, 1, 1), images.dtype)
  brightness, saturation, contrast = random[0] - 0.5, 2 * random[1], random[2] + 0.5
  images = images + brightness
  gray = images.mean(3, keepdims=True)
  # Saturation keeps the mean, so contrast can use the mean from before it.
  mean = gray.mean((1, 2), keepdims=True)
  images = (images - gray) * saturation + gray
  return (images - mean) * contrast + mean


def _translation(key: jax.Array, images: jax.Array) -> jax.Array:
  """Moves by up to an eighth of each side, in whole pixels."""
  n, h, w, _ = images.shape
  down, right = (h + 4) // 8, (w + 4) // 8
  padded = jnp.pad(images, ((0, 0), (down, down), (right, right), (0, 0)))
  # Where to cut the padded image: 0 moves it down or right by the most.
  corner = jax.random.randint(key, (n, 2), 0, jnp.array([2 * down + 1, 2 * right + 1]))

  def cut(image, corner):
    return jax.lax.dynamic_slice(image, (*corner, 0), images.shape[1:])

  return jax.vmap(cut)(padded, corner)


def _cutout(key: jax.Array, images: jax.Array) -> jax.Array:
  """Blanks a rectangle of half of each side; its center is anywhere in the image."""
  n, h, w, _ = images.shape
  rows, columns = jax.random.split(key)
  hole = _stretches(rows, n, h)[:, :, None] & _stretches(columns, n, w)[:, None]
  return jnp.where(hole[..., None], 0, images)


def _stretches(key: jax.Array, n: int, side: int) -> jax.Array:
  """[n, side] masks, true on half a line (less where it sticks out)."""
  length = (side + 1) // 2
  center = jax.random.randint(key, (n, 1), 0, side + 1 - length % 2)
  first = center - length // 2
  position = jnp.arange(side)
  return (position >= first) & (position < first + length)


_CHANGES = {"color": _color, "translation": _translation, "cutout": _cutout}
