"""Inception v3 as FID uses it: TensorFlow's of 2015, not torchvision's.

It differs from torchvision's in that average pooling leaves the padding out of the mean
and that the last block pools by maxima. Its weights are on no package index: take
pt_inception-2015-12-05-6726825d.pth, which the authors of pytorch-fid publish, and
convert it once, where PyTorch is installed:

  import numpy, torch
  weights = torch.load("pt_inception-2015-12-05-6726825d.pth", weights_only=True)
  numpy.savez("inception.npz", **{name: x.numpy() for name, x in weights.items()})

`weights.load_inception` reads that file. Source: Szegedy et al., 2016; Heusel et al.,
2017.
"""

from collections.abc import Callable, Iterator
import dataclasses

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.ops import lowering

Params = dict[str, dict[str, np.ndarray]]


@dataclasses.dataclass(frozen=True)
class _Conv:
  """A convolution without bias, batch norm and ReLU, under the weights' name."""

  name: str
  features: int
  kernel: tuple[int, int] = (1, 1)
  stride: int = 1
  padding: str = "SAME"


# A step is a convolution, a function of images, a list (one step after the other)
# or a tuple (side by side, the channels joined).
_Step = _Conv | Callable[[jax.Array], jax.Array] | list | tuple


def pool3(params: Params, images: jax.Array) -> jax.Array:
  """The features of FID: means [n, 2048] of the last activation.

  Args:
    params: what `weights.load_inception` returns.
    images: RGB in [-1, 1], [n, h, w, 3]; resized to 299 x 299, bilinear without
      antialiasing, as FID defines it.
  """
  if images.ndim != 4 or images.shape[-1] != 3:
    raise ValueError(f"Inception takes images [n, h, w, 3], not {images.shape}")
  size = (len(images), 299, 299, 3)
  x = jax.image.resize(images, size, "bilinear", antialias=False)
  return _run(_NETWORK, params, x).mean((1, 2))


def activation(params: Params, images: jax.Array, layer: str) -> jax.Array:
  """The activation [n, h', w', features] of a convolution before the mixed blocks.

  Args:
    params: what `weights.load_inception` returns.
    images: RGB in [-1, 1], [n, h, w, 3], not resized.
    layer: such as "Conv2d_2b_3x3".

  Raises:
    ValueError: if there is no such convolution.
  """
  plain = [step.name for step in _NETWORK if isinstance(step, _Conv)]
  if layer not in plain:
    raise ValueError(f"Inception has no {layer!r} among {plain}.")
  last = next(
    i
    for i, step in enumerate(_NETWORK)
    if isinstance(step, _Conv) and step.name == layer
  )
  return _run(_NETWORK[: last + 1], params, images)


def shapes() -> dict[str, tuple[int, int, int, int]]:
  """Name -> shape [out, in, kh, kw] of every convolution's weight in the file."""
  return {
    conv.name: (conv.features, channels, *conv.kernel)
    for conv, channels in _convs(_NETWORK, 3)
  }


def _run(step: _Step, params: Params, x: jax.Array) -> jax.Array:
  match step:
    case _Conv():
      strides, weights = (step.stride, step.stride), params[step.name]
      x = lowering.conv(x, weights["kernel"], strides=strides, padding=step.padding)
      return jax.nn.relu(x + weights["bias"])
    case list():
      for each in step:
        x = _run(each, params, x)
      return x
    case tuple():
      return jnp.concatenate([_run(each, params, x) for each in step], axis=-1)
    case _:
      return step(x)


def _convs(step: _Step, channels: int) -> Iterator[tuple[_Conv, int]]:
  """Yields (convolution, channels that it takes), in order; returns those left."""
  match step:
    case _Conv():
      yield step, channels
      return step.features
    case list():
      for each in step:
        channels = yield from _convs(each, channels)
      return channels
    case tuple():
      total = 0
      for each in step:
        total += yield from _convs(each, channels)
      return total
    case _:
      return channels


def _max(stride: int, padding: str) -> Callable[[jax.Array], jax.Array]:
  return lambda x: jax.lax.reduce_window(
    x, -jnp.inf, jax.lax.max, (1, 3, 3, 1), (1, stride, stride, 1), padding
  )


def _average(x: jax.Array) -> jax.Array:
  """3x3 means of what lies inside the image."""

  def total(x):
    return jax.lax.reduce_window(x, 0.0, jax.lax.add, (1, 3, 3, 1), (1,) * 4, "SAME")

  return total(x) / total(jnp.ones((1, *x.shape[1:3], 1)))


def _chain(name: str, *layers: tuple[int, int, int]) -> list[_Conv]:
  """Convolutions name_1, name_2, ... of (features, kh, kw)."""
  return [_Conv(f"{name}_{i}", f, (h, w)) for i, (f, h, w) in enumerate(layers, 1)]


def _halve(name: str, features: int) -> _Conv:
  return _Conv(name, features, (3, 3), stride=2, padding="VALID")


def _a(name: str, pool: int) -> tuple:
  return (
    _Conv(f"{name}.branch1x1", 64),
    _chain(f"{name}.branch5x5", (48, 1, 1), (64, 5, 5)),
    _chain(f"{name}.branch3x3dbl", (64, 1, 1), (96, 3, 3), (96, 3, 3)),
    [_average, _Conv(f"{name}.branch_pool", pool)],
  )


def _b(name: str) -> tuple:
  double = f"{name}.branch3x3dbl"
  return (
    _halve(f"{name}.branch3x3", 384),
    [*_chain(double, (64, 1, 1), (96, 3, 3)), _halve(f"{double}_3", 96)],
    _max(2, "VALID"),
  )


def _c(name: str, f: int) -> tuple:
  double = ((f, 1, 1), (f, 7, 1), (f, 1, 7), (f, 7, 1), (192, 1, 7))
  return (
    _Conv(f"{name}.branch1x1", 192),
    _chain(f"{name}.branch7x7", (f, 1, 1), (f, 1, 7), (192, 7, 1)),
    _chain(f"{name}.branch7x7dbl", *double),
    [_average, _Conv(f"{name}.branch_pool", 192)],
  )


def _d(name: str) -> tuple:
  long = f"{name}.branch7x7x3"
  return (
    [*_chain(f"{name}.branch3x3", (192, 1, 1)), _halve(f"{name}.branch3x3_2", 320)],
    [*_chain(long, (192, 1, 1), (192, 1, 7), (192, 7, 1)), _halve(f"{long}_4", 192)],
    _max(2, "VALID"),
  )


def _e(name: str, pool: Callable[[jax.Array], jax.Array]) -> tuple:
  def fork(name):
    return (_Conv(f"{name}a", 384, (1, 3)), _Conv(f"{name}b", 384, (3, 1)))

  short, double = f"{name}.branch3x3", f"{name}.branch3x3dbl"
  return (
    _Conv(f"{name}.branch1x1", 320),
    [*_chain(short, (384, 1, 1)), fork(f"{short}_2")],
    [*_chain(double, (448, 1, 1), (384, 3, 3)), fork(f"{double}_3")],
    [pool, _Conv(f"{name}.branch_pool", 192)],
  )


_NETWORK = [
  _halve("Conv2d_1a_3x3", 32),
  _Conv("Conv2d_2a_3x3", 32, (3, 3), padding="VALID"),
  _Conv("Conv2d_2b_3x3", 64, (3, 3)),
  _max(2, "VALID"),
  _Conv("Conv2d_3b_1x1", 80),
  _Conv("Conv2d_4a_3x3", 192, (3, 3), padding="VALID"),
  _max(2, "VALID"),
  *(_a("Mixed_5b", 32), _a("Mixed_5c", 64), _a("Mixed_5d", 64)),
  _b("Mixed_6a"),
  *(_c("Mixed_6b", 128), _c("Mixed_6c", 160), _c("Mixed_6d", 160), _c("Mixed_6e", 192)),
  _d("Mixed_7a"),
  _e("Mixed_7b", _average),
  _e("Mixed_7c", _max(1, "SAME")),
]
