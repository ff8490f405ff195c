"""Images in [-1, 1] as bytes, within compiled programs."""

import jax
import jax.numpy as jnp


def to_uint8(images: jax.Array) -> jax.Array:
  """Images in [-1, 1] to uint8 in [0, 255], rounded."""
  return jnp.clip(jnp.round((images + 1) * 127.5), 0, 255).astype(jnp.uint8)
