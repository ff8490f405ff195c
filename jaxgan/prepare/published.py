"""ConSinGAN generators that its authors' PyTorch program has trained, as ours.

That program leaves, in the folder of a run, `noise_amp.pth` and `fixed_noise.pth`, and
in that of each stage `netG.pth` and `netD.pth`. They are read as plain tensors; no code
in them runs. Where PyTorch is not installed, convert them elsewhere:

  import numpy, torch
  tensors = torch.load("netG.pth", map_location="cpu", weights_only=True)
  numpy.savez("netG.npz", **{name: x.numpy() for name, x in tensors.items()})
  several = torch.load("noise_amp.pth", map_location="cpu", weights_only=True)
  numpy.savez("noise_amp.npz", *[numpy.asarray(x) for x in several])
"""

from collections.abc import Mapping
import pathlib
import re
from typing import Any, NamedTuple

import numpy as np

from jaxgan.errors import UserError

Tree = Any
Arrays = Mapping[str, np.ndarray]


class Generator(NamedTuple):
  """A generator's weights in our arrangement, and what they tell of it.

  Attributes:
    params: of `nets.consingan.Generator`.
    num_stages: how far it has grown.
    channels: of the image.
    features: of the hidden layers.
    length: convolutions of a stage.
    batch_norm: whether there is one after each convolution.
    learned_slope: whether the activation is PReLU; other activations leave no trace.
  """

  params: Tree
  num_stages: int
  channels: int
  features: int
  length: int
  batch_norm: bool
  learned_slope: bool


def read_dict(path: str) -> dict[str, np.ndarray]:
  """Named arrays of a state dict (.pth) or an .npz file.

  Raises:
    UserError: if it cannot be read, or PyTorch would be needed and is missing.
  """
  loaded = _read(path)
  if not isinstance(loaded, Mapping):
    raise UserError(
      f"{path} holds no state dict but a {type(loaded).__name__}: give "
      "the netG.pth of the last stage's folder, not G.pth."
    )
  return {name: np.asarray(x) for name, x in loaded.items()}


def read_list(path: str) -> list[np.ndarray]:
  """Arrays in order, of a list of tensors (.pth) or an .npz file.

  Raises:
    UserError: as `read_dict`.
  """
  loaded = _read(path)
  try:
    if isinstance(loaded, Mapping):
      # numpy.savez calls positional arrays arr_0, arr_1, ... arr_10.
      names = sorted(loaded, key=lambda name: int(re.sub(r"\D", "", name) or 0))
      loaded = [loaded[name] for name in names]
    return [floats(np.asarray(x)) for x in loaded]
  except (TypeError, ValueError) as error:
    raise UserError(f"{path} holds no list of arrays ({error}).") from error


def _read(path: str) -> Any:
  if not pathlib.Path(path).is_file():
    raise UserError(f"no file {path}.")
  try:
    if pathlib.Path(path).suffix == ".npz":
      with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)
    import torch

    return torch.load(path, map_location="cpu", weights_only=True)
  except ImportError as error:
    raise UserError(
      f"{path}: reading it needs PyTorch: pip install -e '.[torch]', or "
      "convert it to .npz as jaxgan.prepare.published "
      "describes."
    ) from error
  except Exception as error:  # A damaged file makes NumPy raise nearly anything.
    raise UserError(
      f"{path} is not readable as plain tensors "
      f"({(str(error) or repr(error)).splitlines()[0][:80]}): give the "
      "program's netG.pth and noise_amp.pth, not its G.pth, which holds "
      "code."
    ) from error


def convert_generator(arrays: Arrays, path: str = "netG") -> Generator:
  """A published state dict to our parameters.

  Args:
    arrays: see `read_dict`.
    path: for the error's message.

  Raises:
    UserError: if they are no such generator's.
  """
  try:
    stages = 1 + max(
      int(name.split(".")[1]) for name in arrays if name.startswith("body.")
    )
    length = 1 + max(
      int(match[1])
      for name in arrays
      if (match := re.match(r"body\.0\.block(\d+)\.", name))
    )
    params = {"head": _block(arrays, "head"), "tail": _conv(arrays, "tail.0")}
    for i in range(stages):
      params[f"body_{i}"] = {
        f"ConvBlock_{j}": _block(arrays, f"body.{i}.block{j}") for j in range(length)
      }
    features, channels = arrays["head.conv.weight"].shape[:2]
  except (KeyError, ValueError, IndexError, TypeError) as error:
    raise UserError(
      f"{path} is no ConSinGAN generator ({error!r}): give the netG.pth "
      "of the last stage's folder."
    ) from error
  return Generator(
    params,
    stages,
    channels,
    features,
    length,
    "head.norm.weight" in arrays,
    "head.prelu.weight" in arrays,
  )


def convert_discriminator(arrays: Arrays, path: str = "netD") -> Tree:
  """As `convert_generator`, of `nets.consingan.Discriminator`."""
  try:
    length = 1 + max(
      int(match[1])
      for name in arrays
      if (match := re.match(r"body\.block(\d+)\.", name))
    )
    blocks = ["head", *(f"body.block{j}" for j in range(length))]
    return {
      "Chain_0": {
        f"ConvBlock_{j}": _block(arrays, name) for j, name in enumerate(blocks)
      },
      "Conv_0": _conv(arrays, "tail"),
    }
  except (KeyError, ValueError, TypeError) as error:
    raise UserError(
      f"{path} is no ConSinGAN discriminator ({error!r}): give the "
      "netD.pth of the last stage's folder."
    ) from error


def _block(arrays: Arrays, name: str) -> Tree:
  """A convolution with its norm and its activation's slope, where there are such."""
  block: dict[str, Any] = {"Conv_0": _conv(arrays, f"{name}.conv")}
  if f"{name}.norm.weight" in arrays:
    block["InstanceNorm_0"] = {
      "scale": floats(arrays[f"{name}.norm.weight"]),
      "bias": floats(arrays[f"{name}.norm.bias"]),
    }
  if f"{name}.prelu.weight" in arrays:
    block["slope"] = floats(arrays[f"{name}.prelu.weight"]).reshape(())
  return block


def _conv(arrays: Arrays, name: str) -> Tree:
  """[out, in, kh, kw] to [kh, kw, in, out]."""
  return {
    "kernel": floats(arrays[f"{name}.weight"]).transpose(2, 3, 1, 0),
    "bias": floats(arrays[f"{name}.bias"]),
  }


def floats(x: np.ndarray) -> np.ndarray:
  """As float32; raises ValueError for what is no real number."""
  if np.iscomplexobj(x):
    raise ValueError("complex numbers")
  return np.asarray(x, np.float32, order="C")
