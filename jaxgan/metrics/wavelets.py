"""The Frechet wavelet distance, which no trained network has a part in.

Veeramacheneni et al., ICLR 2025. Checked against their PyTorch-FWD 1.0.1.
"""

import numpy as np
import scipy.linalg

from jaxgan.metrics import estimates, statistics

PUBLISHED_LEVEL = 4  # Of images of 256 x 256, whose packets are 16 x 16.


def choose_level(size: tuple[int, int]) -> int:
  """How often packets are halved, by the images' size.

  As published, 4 times. Images below 64 pixels are halved less often, so that packets
  keep 4 pixels a side, and those above 256 more often, so that they keep no more than
  16: covariances have the square of a packet's pixels.

  Args:
    size: (height, width), 2 at least.
  """
  least, most = (int(np.log2(side)) for side in (min(size), max(size) - 1))
  return max(min(PUBLISHED_LEVEL, max(least - 2, 1)), most - 3)


def protocol(size: tuple[int, int]) -> str:
  """How the numbers are made: only those of the same protocol may be compared."""
  return f"FWD of Haar packets of level {choose_level(size)}, RGB in [0, 1]"


def distance(real: np.ndarray, fake: np.ndarray) -> estimates.Estimate:
  """The mean over packets of the Frechet distance of their coefficients.

  A packet is what one of 4^level filters leaves of an image. It sees all frequencies
  alike, and so rewards right noise and fine texture as much as right shapes; it falls
  as images get better. Biased upward, more so where images are few for the packets'
  numbers (48 at 64 x 64 pixels, 108 at 96 x 96).

  Args:
    real: uint8 [n, h, w, c], n at least 2. Sides that 2^level does not divide are
      mirrored at their ends until it does.
    fake: uint8 [m, h, w, c], m at least 2.

  Raises:
    ValueError: images of other sizes.
  """
  if real.shape[1:] != fake.shape[1:] or real.ndim != 4:
    raise ValueError(f"images {real.shape} against {fake.shape}")
  side = 2 ** choose_level(real.shape[1:3])
  total, influences = 0.0, (np.zeros(len(real)), np.zeros(len(fake)))
  for rows in zip(_vertical(real, side), _vertical(fake, side), strict=True):
    for a, b in zip(*(_horizontal(x, side) for x in rows), strict=True):
      value, *parts = statistics.frechet_influences(a, b)
      total += value / side**2
      for sums, part in zip(influences, parts, strict=True):
        sums += part / side**2
  return estimates.from_influences(total, *influences)


# A full tree of Haar wavelets is a Walsh-Hadamard transform of blocks of pixels. Its
# halves follow each other, so that the packets of one vertical frequency are in float
# at a time; sums of 128 bytes fit into 16 bits.


def _vertical(images: np.ndarray, side: int) -> list[np.ndarray]:
  """Filtered by columns: of each frequency [n, h', w', c], h' of packets, w' padded."""
  n, h, w, c = images.shape
  ends = [(0, 0), (0, -h % side), (0, -w % side), (0, 0)]
  x = np.pad(images, ends, mode="symmetric")
  x = x.reshape(n, -1, side, x.shape[2], c).transpose(2, 0, 1, 3, 4)
  rows = [row.astype(np.int16 if side <= 128 else np.int32) for row in x]
  step = 1
  while step < side:
    for i in range(side):
      if not i & step:
        a, b = rows[i], rows[i + step]
        rows[i], rows[i + step] = a + b, a - b
    step *= 2
  return rows


def _horizontal(x: np.ndarray, side: int) -> np.ndarray:
  """Packets [side, n, numbers] of what `_vertical` gives for one frequency."""
  n, h, _, c = x.shape
  filters = scipy.linalg.hadamard(side).astype(np.float32)
  # Sums of 2^16 bytes are exact in float32.
  x = np.tensordot(filters, x.reshape(n, h, -1, side, c).astype(np.float32), (1, 3))
  return x.reshape(side, n, -1).astype(np.float64) / (255 * side)
