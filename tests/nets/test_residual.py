"""The residual GAN: shapes, what scales and adds up, and no checkerboard at first."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.nets import dcgan, layers, residual


def generator(size, **options):
  return residual.Generator(size, width=2, max_width=8, **options)


@pytest.mark.parametrize("stride, kernel", [(2, 4), (3, 5)])
def test_smooth_upsampling_is_a_bilinear_enlargement(stride, kernel):
  """Each output is a mixture of inputs; between two of them it lies on their line."""
  up = layers.ConvTranspose(
    1,
    (kernel, kernel),
    strides=stride,
    use_bias=False,
    kernel_init=dcgan.smooth_upsampling(stride),
  )
  ramp = jnp.tile(jnp.arange(5.0)[None, :, None, None], (1, 1, 5, 1))
  variables = up.init(jax.random.key(0), ramp)
  flat = up.apply(variables, jnp.ones_like(ramp))[0, stride:-stride, stride:-stride, 0]
  np.testing.assert_allclose(flat, flat[0, 0], rtol=1e-5)
  line = up.apply(variables, ramp)[0, stride:-stride, 2 * stride, 0] / flat[0, 0]
  np.testing.assert_allclose(np.diff(line), 1 / stride, rtol=1e-4)


def test_sizes_halve_down_to_the_base():
  assert residual.sizes((96, 50)) == [(96, 50), (48, 25), (24, 13), (12, 7)]
  with pytest.raises(ValueError, match="7x9"):
    residual.sizes((7, 9))


@pytest.mark.parametrize("size, channels", [((24, 24), 3), ((13, 18), 1)])
def test_images_of_any_size_and_their_logits(size, channels):
  net = generator(size, channels=channels)
  latents = jax.random.normal(jax.random.key(1), (2, 5))
  images, _ = net.init_with_output(jax.random.key(0), latents, train=False)
  assert images.shape == (2, *size, channels) and images.dtype == jnp.float32
  assert np.abs(images).max() <= 1 and np.std(images[0] - images[1]) > 0.01
  critic = residual.Discriminator(width=2, max_width=8)
  logits, _ = critic.init_with_output(jax.random.key(0), images, train=True)
  alone, _ = critic.init_with_output(jax.random.key(0), images[1:], train=True)
  assert logits.shape == (2,)
  np.testing.assert_allclose(logits[1:], alone, rtol=1e-5, atol=1e-6)


def test_full_size_has_as_many_weights_as_the_docs_say():
  count = lambda net, x: sum(
    leaf.size
    for leaf in jax.tree.leaves(
      jax.eval_shape(lambda: net.init(jax.random.key(0), x, train=False))["params"]
    )
  )
  assert count(residual.Generator((96, 96)), jnp.zeros((1, 100))) == 2_166_076
  assert count(residual.Discriminator(), jnp.zeros((1, 96, 96, 3))) == 2_966_497


def test_the_first_images_have_no_checkerboard():
  """Neighbors within a cell of 2x2 differ as neighbors across cells do."""
  latents = jax.random.normal(jax.random.key(1), (8, 20))
  net = residual.Generator((48, 48), width=8, max_width=32)
  images, _ = net.init_with_output(jax.random.key(0), latents, train=False)
  steps = np.abs(np.diff(np.asarray(images), axis=1)).mean((0, 2, 3))
  within, across = steps[0::2][1:-1].mean(), steps[1::2][1:-1].mean()
  assert 0.8 < within / across < 1.25


def test_labels_change_images_and_logits():
  classes = (("hair", 3),)
  latents = jax.random.normal(jax.random.key(1), (2, 5))
  labels = {"hair": jnp.array([0, 2])}
  net = generator((12, 12), classes=classes)
  critic = residual.Discriminator(classes, width=2, max_width=8)
  image = jax.random.normal(jax.random.key(2), (2, 12, 12, 3))
  for module, x in ((net, latents), (critic, image)):
    variables = module.init(jax.random.key(0), x, labels, train=False)
    params = jax.tree_util.tree_map_with_path(
      lambda path, leaf: leaf + any("table" in part.key for part in path),
      variables["params"],
    )
    variables = {**variables, "params": params}
    known = module.apply(variables, x, labels, train=False)
    unknown = module.apply(variables, x, {"hair": jnp.array([0, -1])}, train=False)
    np.testing.assert_allclose(known[0], unknown[0], rtol=1e-5)
    assert np.abs(known[1] - unknown[1]).max() > 1e-3
