"""ConSinGAN's networks: published counts, activations, images that do not interact."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.nets import consingan

SIZES = ((14, 17), (16, 19), (18, 23), (21, 26), (25, 31), (30, 36))


@pytest.mark.parametrize(
  ("stages", "norm", "count"),
  [(1, False, 114_307), (6, False, 668_227), (6, True, 668_227 + 2_432)],
)
def test_published_counts(stages, norm, count):
  generator = consingan.Generator(stages, norm=norm)
  discriminator = consingan.Discriminator()
  noises = [
    jnp.zeros((1, *generator.noise_shape(i, size)))
    for i, size in enumerate(SIZES[:stages])
  ]
  shapes = jax.eval_shape(
    lambda: (
      generator.init(jax.random.key(0), noises, SIZES[:stages], jnp.ones(stages)),
      discriminator.init(jax.random.key(0), jnp.zeros((1, 14, 17, 3))),
    )
  )
  assert [sum(x.size for x in jax.tree.leaves(tree)) for tree in shapes] == [
    count,
    113_153,
  ]


def test_images_of_a_batch_do_not_interact():
  generator = consingan.Generator(2, features=4, norm=True)
  keys = jax.random.split(jax.random.key(0))
  noises = [
    jax.random.normal(keys[i], (3, *generator.noise_shape(i, SIZES[i])))
    for i in range(2)
  ]
  call = jax.jit(
    lambda variables, noises: generator.apply(variables, noises, SIZES[:2], jnp.ones(2))
  )
  variables = jax.jit(lambda key: generator.init(key, noises, SIZES[:2], jnp.ones(2)))(
    keys[0]
  )
  together = call(variables, noises)
  alone = call(variables, [x[1:2] for x in noises])
  np.testing.assert_allclose(together[1:2], alone, atol=1e-5)


@pytest.mark.parametrize("activation", consingan.ACTIVATIONS)
def test_activations(activation):
  block = consingan.ConvBlock(2, activation, 0.1)
  x = jax.random.normal(jax.random.key(0), (1, 5, 5, 3))
  params = block.init(jax.random.key(1), x)["params"]
  plain = consingan.conv(2, 3).apply({"params": params["Conv_0"]}, x)
  below = {
    "leaky_relu": 0.1 * plain,
    "prelu": 0.25 * plain,
    "elu": jnp.expm1(plain),
    "selu": 1.0507009873554805 * 1.6732632423543772 * jnp.expm1(plain),
  }
  above = plain * (1.0507009873554805 if activation == "selu" else 1)
  np.testing.assert_allclose(
    block.apply({"params": params}, x),
    jnp.where(plain > 0, above, below[activation]),
    rtol=1e-5,
    atol=1e-6,
  )
