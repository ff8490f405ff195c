"""Two small dense networks: the GAN that DCGAN is compared with."""

import math

from flax import linen as nn
import jax
import jax.numpy as jnp

from jaxgan.nets import layers

_INIT = nn.initializers.glorot_uniform()


class Generator(nn.Module):
  """Latents [n, d] to images [n, h, w, c] in [-1, 1]: one hidden layer, tanh."""

  shape: tuple[int, int, int]
  width: int = 128
  slope: float = 0.01
  dtype: jnp.dtype = jnp.float32

  @nn.compact
  def __call__(self, z: jax.Array, labels=None, *, train: bool) -> jax.Array:
    del labels, train
    x = nn.Dense(self.width, kernel_init=_INIT, dtype=self.dtype)(z)
    x = nn.leaky_relu(x, self.slope)
    x = nn.Dense(math.prod(self.shape), kernel_init=_INIT, dtype=self.dtype)(x)
    return jnp.tanh(x.astype(jnp.float32)).reshape(-1, *self.shape)


class Discriminator(nn.Module):
  """Images [n, h, w, c] in [-1, 1] to logits [n]: one hidden layer.

  `norm` is "none" or "spectral".
  """

  width: int = 128
  slope: float = 0.01
  norm: str = "none"
  dtype: jnp.dtype = jnp.float32

  @nn.compact
  def __call__(self, x: jax.Array, labels=None, *, train: bool) -> jax.Array:
    del labels, train

    def dense(features):
      return layers.Dense(
        features, kernel_init=_INIT, dtype=self.dtype, spectral=self.norm == "spectral"
      )

    x = nn.leaky_relu(dense(self.width)(x.reshape(x.shape[0], -1)), self.slope)
    return dense(1)(x)[:, 0].astype(jnp.float32)
