"""CycleGAN's and CUT's networks in PyTorch's functions, on [n, c, h, w].

Weights are our own, as `to_torch` converts them.
"""

import jax
import numpy as np
import torch
from torch.nn import functional as F


def to_torch(tree, grad=False):
  """Arrays to tensors of their own."""
  return jax.tree.map(lambda x: torch.tensor(np.array(x), requires_grad=grad), tree)


def _conv(x, layer, stride=1, pad=0):
  kernel = layer["kernel"].permute(3, 2, 0, 1)
  return F.conv2d(x, kernel, layer["bias"], stride, pad)


def _up(x, layer):
  """3x3, stride 2, padding 1, output padding 1, of kernels as published files have."""
  kernel = layer["kernel"].flip(0, 1).permute(2, 3, 0, 1)
  return F.conv_transpose2d(x, kernel, layer["bias"], 2, 1, 1)


def _mirror(x, n):
  return F.pad(x, (n,) * 4, mode="reflect")


def _blur(x):
  line = torch.tensor([1.0, 2.0, 1.0])
  kernel = (line[:, None] * line / 16).expand(x.shape[1], 1, 3, 3)
  return F.conv2d(_mirror(x, 1), kernel, stride=2, groups=x.shape[1])


def _grow(x):
  """[1, 3, 3, 1] on repeated edges."""
  return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def generator(params, images, blocks, blurs):
  """The published sequence; the output, and the features that CUT compares."""
  norm = lambda x: F.relu(F.instance_norm(x))
  taps = {"pixels": images}
  x = norm(_conv(_mirror(images, 3), params["contract1"]))
  for i in (1, 2):
    taps[f"down{i}"] = _conv(x, params[f"contract{i + 1}"], 1 if blurs else 2, 1)
    x = norm(taps[f"down{i}"])
    x = _blur(x) if blurs else x
  for i in range(1, blocks + 1):
    y = norm(_conv(_mirror(x, 1), params[f"residual{i}_1"]))
    x = x + F.instance_norm(_conv(_mirror(y, 1), params[f"residual{i}_2"]))
    taps |= {"block1": x} if i == 1 else {}
    taps |= {"block5": x} if i == min(5, blocks) else {}
  for i in (1, 2):
    layer = params[f"expand{i}"]
    x = norm(_conv(_grow(x), layer, 1, 1) if blurs else _up(x, layer))
  return torch.tanh(_conv(_mirror(x, 3), params["expand3"])), taps


def discriminator(params, images, blurs):
  """The logits of patches."""
  x = images
  for i in range(1, 5):
    x = _conv(x, params[f"conv{i}"], 1 if blurs or i == 4 else 2, 1)
    x = F.leaky_relu(F.instance_norm(x) if i > 1 else x, 0.2)
    x = _blur(x) if blurs and i < 4 else x
  return _conv(x, params["conv5"], 1, 1)


def heads(params, taps):
  """{tap: vectors [n, h * w, d]} of all places."""

  def project(name, x):
    for i in (1, 2):
      layer = params[f"{name}_{i}"]
      x = (F.relu(x) if i == 2 else x) @ layer["kernel"] + layer["bias"]
    return x / (x.norm(dim=-1, keepdim=True) + 1e-7)

  return {name: project(name, x.flatten(2).mT) for name, x in taps.items()}
