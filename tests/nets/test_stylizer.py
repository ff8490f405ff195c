"""The stylization network: size, normalization, styles, and PyTorch's numbers."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.nets import instance_norm, stylizer

LABEL = np.zeros(1, np.int32)
LABELS = np.ones(2, np.int32)


def _random(*shape, seed=0):
  return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@functools.cache
def _network(size=12, **options):
  """A narrow network of three styles whose weights are random, and two images."""
  net = stylizer.Stylizer(3, width=2, **options)
  random = np.random.default_rng(1)
  images = random.uniform(size=(2, size, size, 3)).astype(np.float32)
  shapes = jax.eval_shape(net.init, jax.random.key(0), images, LABEL)["params"]

  def draw(path, like):
    x = random.normal(size=like.shape).astype(np.float32)
    if path[-1].key == "kernel":
      return x / np.float32(np.sqrt(np.prod(like.shape[:3])))
    return 0.3 * x + (path[-1].key == "scale")

  return net, jax.tree.map_with_path(draw, shapes), images


@functools.partial(jax.jit, static_argnums=0)
def _apply(net, params, images, style):
  return net.apply({"params": params}, images, style)


@pytest.mark.parametrize("upsample", stylizer.UPSAMPLING)
@pytest.mark.parametrize("num_styles", [1, 25])
def test_published_parameter_count(upsample, num_styles):
  net = stylizer.Stylizer(num_styles, upsample=upsample)
  shapes = jax.eval_shape(net.init, jax.random.key(0), jnp.zeros((1, 16, 16, 3)), LABEL)
  count = sum(x.size for x in jax.tree.leaves(shapes))
  assert count == 1_674_432 + 3_206 * num_styles
  norms = [name for name in shapes["params"] if name.endswith("_norm")]
  assert len(norms) == 16  # Of the residual blocks and the last convolution as well.


@pytest.mark.parametrize("upsample", stylizer.UPSAMPLING)
def test_outputs_have_the_photographs_size(upsample):
  net, params, images = _network(upsample=upsample)
  apply = functools.partial(_apply, net)
  output = jax.eval_shape(apply, params, images[:, :, :4], np.array([0, 2]))
  assert (output.shape, output.dtype) == ((2, 12, 4, 3), jnp.float32)


def test_outputs_lie_in_the_unit_interval():
  output = _apply(*_network(), np.array([0, 2]))
  assert 0 < output.min() < output.max() < 1


def test_sides_that_do_not_divide_are_named():
  net, params, images = _network()
  with pytest.raises(ValueError, match=r"divisible by 4.*7"):
    net.apply({"params": params}, images[:, :7], LABEL)


def test_normalization_against_numpy():
  x, scale, bias = 5 + _random(2, 6, 4, 3), _random(4, 3, seed=1), _random(4, 3, seed=2)
  norm = instance_norm.ConditionalInstanceNorm(4)
  weights = np.array([[0.2, 0.3, 0.5, 0], [0, 2, -1, 0]], np.float32)
  got = norm.apply({"params": {"scale": scale, "bias": bias}}, x, weights)
  for i in range(2):
    mean, var = x[i].mean((0, 1)), x[i].var((0, 1))
    want = (x[i] - mean) / np.sqrt(var + 1e-5) * (weights[i] @ scale)
    np.testing.assert_allclose(got[i], want + weights[i] @ bias, atol=1e-4)


def test_one_hot_weights_and_maps_are_labels_to_the_bit():
  net, params, images = _network()
  one_hot = np.eye(3, dtype=np.float32)[[2, 1]]
  want = _apply(net, params, images, np.array([2, 1]))
  np.testing.assert_array_equal(_apply(net, params, images, one_hot), want)
  maps = np.broadcast_to(one_hot[:, None, None], (2, 12, 12, 3))
  np.testing.assert_allclose(_apply(net, params, images, maps), want, atol=1e-6)


def test_maps_give_regions_their_styles():
  x = jnp.asarray(_random(1, 4, 8, 3))
  norm = instance_norm.ConditionalInstanceNorm(2)
  params = {"params": {"scale": _random(2, 3, seed=1), "bias": _random(2, 3, seed=2)}}
  right = np.zeros((1, 8, 16, 2), np.float32)  # Twice as fine as the features.
  right[:, :, :8, 0], right[:, :, 8:, 1] = 1, 1
  got = norm.apply(params, x, right)
  for columns, label in ((slice(4), 0), (slice(4, 8), 1)):
    want = norm.apply(params, x, jnp.array([label]))
    np.testing.assert_allclose(got[:, :, columns], want[:, :, columns], atol=1e-5)


def test_each_image_of_a_batch_has_its_own_style():
  net, params, images = _network()
  both = _apply(net, params, images, np.array([1, 2]))
  turned = _apply(net, params, images[::-1], np.array([2, 1]))[::-1]
  np.testing.assert_allclose(both, turned, atol=1e-5)
  other = _apply(net, params, images, np.array([0, 2]))
  np.testing.assert_allclose(both[1], other[1], atol=1e-5)
  assert np.abs(both[0] - other[0]).max() > 1e-3


def test_rows_of_styles_are_independent():
  x = _random(2, 4, 4, 3)
  norm = instance_norm.ConditionalInstanceNorm(3)
  params = {"scale": _random(3, 3, seed=1), "bias": _random(3, 3, seed=2)}
  loss = lambda params: jnp.sum(norm.apply({"params": params}, x, LABELS) ** 2)
  for grad in jax.jit(jax.grad(loss))(params).values():
    np.testing.assert_array_equal(grad[jnp.array([0, 2])], 0)
    assert np.abs(grad[1]).min() > 0


def test_moments_given_from_outside_and_smoothed():
  x = jnp.asarray(_random(1, 4, 4, 3))
  norm = instance_norm.ConditionalInstanceNorm(1)
  variables = {"params": norm.init(jax.random.key(0), x, LABEL)["params"]}
  given = instance_norm.Moments(jnp.full((1, 3), 2.0), jnp.full((1, 3), 4.0))
  np.testing.assert_allclose(
    norm.apply(variables, x, LABEL, given), (x - 2) / 2, atol=1e-4
  )
  _, shown = norm.apply(variables, x, LABEL, given, 0.75, mutable=["moments"])
  np.testing.assert_allclose(
    shown["moments"]["used"].mean, 1.5 + 0.25 * x.mean((1, 2)), rtol=1e-5
  )


def test_mixed_moments_are_those_of_the_pixels_together():
  x = _random(2, 4, 4, 3) + np.array([0, 5], np.float32)[:, None, None, None]
  parts = [instance_norm.moments(image[None]) for image in (x[0], x[1, :2])]
  mean, var = instance_norm.mix(*parts, 2 / 3)
  pixels = np.concatenate([x[0].reshape(-1, 3), x[1, :2].reshape(-1, 3)])
  np.testing.assert_allclose(mean[0], pixels.mean(0), rtol=1e-5)
  np.testing.assert_allclose(var[0], pixels.var(0), rtol=1e-4)


def _torch_network(params, images, label):
  """The table of the spec in PyTorch's functions, on nearest upsampling."""
  torch = pytest.importorskip("torch", reason="PyTorch is an optional extra")
  from torch.nn import functional

  tensor = lambda x: torch.tensor(np.asarray(x))
  x = tensor(images).permute(0, 3, 1, 2)

  def block(x, name, stride=1, grow=1, act=functional.relu):
    kernel = tensor(params[name]["kernel"]).permute(3, 2, 0, 1)
    if grow > 1:
      x = functional.interpolate(x, scale_factor=grow)
    pad = (kernel.shape[-1] // 2,) * 4
    x = functional.conv2d(functional.pad(x, pad, mode="reflect"), kernel, stride=stride)
    x = functional.instance_norm(x)
    scale, bias = (
      tensor(params[f"{name}_norm"][table])[label][:, None, None]
      for table in ("scale", "bias")
    )
    return act(x * scale + bias)

  x = block(x, "contract1")
  x = block(block(x, "contract2", 2), "contract3", 2)
  for i in range(1, 6):
    x = x + block(block(x, f"residual{i}_1"), f"residual{i}_2", act=lambda x: x)
  x = block(block(x, "expand1", grow=2), "expand2", grow=2)
  return block(x, "expand3", act=torch.sigmoid).permute(0, 2, 3, 1).numpy()


def test_equals_pytorch():
  net, params, images = _network(size=20, upsample="nearest")
  got = _apply(net, params, images, LABELS)
  np.testing.assert_allclose(got, _torch_network(params, images, 1), atol=1e-4)


@pytest.mark.parametrize("initializer", stylizer.INITIALIZERS)
def test_a_quick_start_passes_the_photograph_by_the_residual_blocks(initializer):
  same, _, images = _network()  # All but the initial weights.
  net = stylizer.Stylizer(3, width=2, initializer=initializer)
  params = jax.jit(net.init)(jax.random.key(0), images, LABEL)["params"]
  other = {
    name: jax.tree.map(lambda x: x[::-1], tree) if name.startswith("residual") else tree
    for name, tree in params.items()
  }  # Flips the kernels.
  before, after = (_apply(same, x, images, np.array([0, 2])) for x in (params, other))
  assert np.array_equal(before, after) == (initializer == "quick")
  logits = jnp.log(before / (1 - before))  # As the last normalization leaves them.
  want = 0.3 if initializer == "quick" else 1.0
  np.testing.assert_allclose(logits.std((1, 2)), want, rtol=2e-2)
