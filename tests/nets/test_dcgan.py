"""DCGAN's networks against the published counts and a NumPy computation."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.nets import dcgan, layers
from tests import random_weights

ANIME = dcgan.plan((96, 96))
variables_of = functools.partial(random_weights.variables_of, scale=0.05)


def _size(tree):
  return sum(x.size for x in jax.tree.leaves(tree))


def _batch_norm(x, params, stats):
  """PyTorch's BatchNorm2d in eval mode, on [n, c, h, w]."""
  column = lambda v: np.asarray(v)[None, :, None, None]
  return (x - column(stats["mean"])) / np.sqrt(column(stats["var"]) + 1e-5) * column(
    params["scale"]
  ) + column(params["bias"])


def _conv2d(x, w, stride, pad):
  """torch.nn.functional.conv2d: x [n, c, h, w], w [f, c, k, k]."""
  k = w.shape[-1]
  x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
  size = (x.shape[-1] - k) // stride + 1
  out = 0.0
  for i in range(k):
    for j in range(k):
      rows = slice(i, i + stride * (size - 1) + 1, stride)
      cols = slice(j, j + stride * (size - 1) + 1, stride)
      out = out + np.einsum("nchw,fc->nfhw", x[:, :, rows, cols], w[:, :, i, j])
  return out


def _conv_transpose2d(x, w, stride, pad):
  """torch.nn.functional.conv_transpose2d: w [c, f, k, k]; every pixel stamps w."""
  n, _, h, _ = x.shape
  k = w.shape[-1]
  full = np.zeros((n, w.shape[1], (h - 1) * stride + k, (h - 1) * stride + k))
  for i in range(k):
    for j in range(k):
      full[
        :,
        :,
        i : i + stride * (h - 1) + 1 : stride,
        j : j + stride * (h - 1) + 1 : stride,
      ] += np.einsum("nchw,cf->nfhw", x, w[:, :, i, j])
  return full[:, :, pad:-pad, pad:-pad] if pad else full


def test_published_parameter_counts_of_96x96():
  generator = variables_of(dcgan.Generator(ANIME), jnp.zeros((1, 100)))
  discriminator = variables_of(dcgan.Discriminator(ANIME), jnp.zeros((1, 96, 96, 3)))
  assert _size(generator["params"]) == 3_578_432
  assert _size(discriminator["params"]) == 2_767_296


def test_a_plan_without_strides_of_three_halves_down_to_six():
  steps = dcgan.plan((96, 96), width=32, stride=2)
  assert [(x.size[0], x.features, x.kernel, x.stride) for x in steps] == [
    (96, 32, 4, 2),
    (48, 64, 4, 2),
    (24, 128, 4, 2),
    (12, 256, 4, 2),
  ]
  assert dcgan.base_size(steps) == (6, 6)


@pytest.mark.parametrize("stride, kernel", [(2, 4), (3, 5)])
def test_smooth_upsampling_is_a_bilinear_enlargement(stride, kernel):
  """Of a ramp it makes a ramp, stride times as long."""
  up = layers.ConvTranspose(
    1,
    (kernel, kernel),
    strides=stride,
    use_bias=False,
    kernel_init=dcgan.smooth_upsampling(stride),
  )
  ramp = jnp.tile(jnp.arange(5.0)[None, :, None, None], (1, 1, 5, 1))
  variables = up.init(jax.random.key(0), ramp)
  inside = slice(stride, -stride)
  flat = up.apply(variables, jnp.ones_like(ramp))[0, inside, inside, 0]
  np.testing.assert_allclose(flat, flat[0, 0], rtol=1e-5)
  line = up.apply(variables, ramp)[0, inside, 2 * stride, 0] / flat[0, 0]
  np.testing.assert_allclose(np.diff(line), 1 / stride, rtol=1e-4)


def test_a_smooth_generator_begins_with_images_without_a_grid():
  """Rows a stride apart differ as rows anywhere do, unlike with the paper's weights."""
  latents = jax.random.normal(jax.random.key(1), (16, 20))

  def unevenness(initializer):
    net = dcgan.Generator(dcgan.plan((48, 48), 8), initializer=initializer)
    images, _ = net.init_with_output(jax.random.key(0), latents, train=False)
    steps = np.abs(np.diff(np.asarray(images), axis=1)).mean((0, 2, 3))[3:-3]
    each = [steps[i::3].mean() for i in range(3)]
    return max(each) / min(each)

  assert unevenness("smooth") < 1.1 < 1.2 < unevenness("dcgan")


def test_generator_equals_the_pytorch_layers():
  module = dcgan.Generator(ANIME)
  variables = variables_of(module, jnp.zeros((1, 100)))
  params, stats = variables["params"], variables["batch_stats"]
  z = np.random.default_rng(1).normal(size=(2, 100)).astype(np.float32)
  got = module.apply(variables, z, train=False)

  # ConvTranspose2d(100, 512, 4, 1, 0) on 1x1 has weights [100, 512, 4, 4].
  w = params["Dense_0"]["kernel"].reshape(100, 4, 4, 512).transpose(0, 3, 1, 2)
  x = _conv_transpose2d(z[:, :, None, None].astype(np.float64), w, 1, 0)
  norm = lambda x, i: np.maximum(
    _batch_norm(
      x,
      params[f"Normalization_{i}"]["BatchNorm_0"],
      stats[f"Normalization_{i}"]["BatchNorm_0"],
    ),
    0,
  )
  x = norm(x, 0)
  for i, (stride, pad) in enumerate(((2, 1), (2, 1), (2, 1), (3, 1))):
    # Flax stores the kernel flipped, [k, k, c, f].
    kernel = params[f"ConvTranspose_{i}"]["kernel"][::-1, ::-1].transpose(2, 3, 0, 1)
    x = _conv_transpose2d(x, kernel, stride, pad)
    x = norm(x, i + 1) if i < 3 else np.tanh(x)
  np.testing.assert_allclose(got, x.transpose(0, 2, 3, 1), atol=1e-4)
  assert got.shape == (2, 96, 96, 3)


def test_discriminator_equals_the_pytorch_layers():
  module = dcgan.Discriminator(ANIME)
  images = np.random.default_rng(1).uniform(-1, 1, (2, 96, 96, 3)).astype(np.float32)
  variables = variables_of(module, images)
  params, stats = variables["params"], variables["batch_stats"]
  got = module.apply(variables, images, train=False)

  x = images.transpose(0, 3, 1, 2).astype(np.float64)
  for i, (stride, pad) in enumerate(((3, 1), (2, 1), (2, 1), (2, 1))):
    x = _conv2d(x, params[f"Conv_{i}"]["kernel"].transpose(3, 2, 0, 1), stride, pad)
    if i:
      name = f"Normalization_{i - 1}"
      x = _batch_norm(x, params[name]["BatchNorm_0"], stats[name]["BatchNorm_0"])
    x = np.where(x > 0, x, 0.2 * x)
  # Conv2d(512, 1, 4, 1, 0) has weights [1, 512, 4, 4].
  w = params["Dense_0"]["kernel"].reshape(4, 4, 512, 1).transpose(3, 2, 0, 1)
  np.testing.assert_allclose(got, _conv2d(x, w, 1, 0).ravel(), atol=1e-4)


@pytest.mark.parametrize(
  ("size", "base"),
  [
    ((64, 64), (4, 4)),
    ((96, 96), (4, 4)),
    ((128, 128), (4, 4)),
    ((256, 256), (4, 4)),
    ((28, 28), (7, 7)),
    ((80, 512), (5, 32)),
    ((33, 50), (5, 7)),
    ((8, 8), (4, 4)),
    ((100, 75), (7, 5)),
  ],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_any_size_comes_out_and_goes_in(size, base, channels):
  steps = dcgan.plan(size, width=2)
  assert dcgan.base_size(steps) == base
  key = jax.random.key(0)
  image, _ = jax.eval_shape(
    lambda key: dcgan.Generator(steps, channels).init_with_output(
      key, jnp.zeros((3, 5)), train=False
    ),
    key,
  )
  assert image.shape == (3, *size, channels)
  logits, _ = jax.eval_shape(
    lambda key: dcgan.Discriminator(steps).init_with_output(
      key, jnp.zeros((3, *size, channels)), train=False
    ),
    key,
  )
  assert logits.shape == (3,)


def test_too_small_images_are_refused():
  with pytest.raises(ValueError, match="7x64"):
    dcgan.plan((7, 64))


def test_an_unknown_label_adds_nothing_and_known_ones_do():
  steps = dcgan.plan((8, 8), width=2)
  module = dcgan.Generator(steps, classes=(("hair", 3), ("eyes", 2)))
  z = jnp.ones((4, 5))
  labels = {"hair": jnp.array([-1, 0, 1, 1]), "eyes": jnp.array([-1, -1, -1, 1])}
  variables = variables_of(module, z, labels)
  images = np.asarray(module.apply(variables, z, labels, train=False))
  plain = {
    "params": {
      k: {n: v for n, v in tree.items() if "table" not in n}
      for k, tree in variables["params"].items()
    },
    "batch_stats": variables["batch_stats"],
  }
  want = dcgan.Generator(steps).apply(plain, z[:1], train=False)
  np.testing.assert_allclose(images[0], want[0], atol=1e-6)
  differences = [
    np.abs(images[i] - images[j]).max() for i, j in ((0, 1), (1, 2), (2, 3))
  ]
  assert min(differences) > 1e-3


def test_projection_adds_the_labels_inner_product():
  steps = dcgan.plan((8, 8), width=2)
  module = dcgan.Discriminator(steps, classes=(("hair", 3),), norm="none")
  images = np.random.default_rng(0).uniform(-1, 1, (2, 8, 8, 3)).astype(np.float32)
  labels = {"hair": jnp.array([2, -1])}
  variables = variables_of(module, images, labels)
  got = module.apply(variables, images, labels, train=False)
  without = module.apply(variables, images, {"hair": jnp.array([-1, -1])}, train=False)
  params = variables["params"]
  x = images.transpose(0, 3, 1, 2)
  x = _conv2d(x, params["Conv_0"]["kernel"].transpose(3, 2, 0, 1), 2, 1)
  x += np.asarray(params["Conv_0"]["bias"])[None, :, None, None]
  pooled = np.where(x > 0, x, 0.2 * x).sum((2, 3))
  extra = pooled[0] @ params["hair_table"]["embedding"][2]
  np.testing.assert_allclose(got - without, [extra, 0], atol=1e-5)


def test_an_image_is_the_same_alone_and_in_a_batch():
  steps = dcgan.plan((8, 8), width=4)
  module = dcgan.Generator(steps)
  z = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)
  variables = variables_of(module, z)
  batch = module.apply(variables, z, train=False)
  one = module.apply(variables, z[2:3], train=False)
  np.testing.assert_allclose(batch[2:3], one, atol=1e-6)


def test_bfloat16_keeps_float32_weights_and_outputs():
  steps = dcgan.plan((8, 8), width=4)
  z = jnp.asarray(np.random.default_rng(0).normal(size=(4, 5)), jnp.float32)
  low = dcgan.Generator(steps, dtype=jnp.bfloat16)
  variables = low.init(jax.random.key(0), z, train=False)
  assert {x.dtype for x in jax.tree.leaves(variables)} == {jnp.dtype("float32")}
  image, stats = low.apply(variables, z, train=True, mutable=["batch_stats"])
  want, _ = dcgan.Generator(steps).apply(
    variables, z, train=True, mutable=["batch_stats"]
  )
  assert image.dtype == jnp.float32
  assert {x.dtype for x in jax.tree.leaves(stats)} == {jnp.dtype("float32")}
  np.testing.assert_allclose(image, want, atol=0.05)
