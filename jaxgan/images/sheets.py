"""Images side by side in one, and as the bytes of a file."""

import io
import math

import numpy as np
from PIL import Image


def grid(images: np.ndarray, columns: int = 0) -> np.ndarray:
  """uint8 images [n, h, w, c] side by side in one image.

  Args:
    images: at least one image.
    columns: images in a row; by default about as many as rows.

  Returns:
    uint8 [rows * h, columns * w, c], empty places black.
  """
  n, h, w, c = images.shape
  columns = columns or math.ceil(math.sqrt(n))
  rows = -(-n // columns)
  canvas = np.zeros((rows * columns, h, w, c), np.uint8)
  canvas[:n] = images
  return (
    canvas.reshape(rows, columns, h, w, c)
    .swapaxes(1, 2)
    .reshape(rows * h, columns * w, c)
  )


def encode_png(image: np.ndarray) -> bytes:
  """uint8 [h, w, 1 | 3 | 4] to the bytes of a PNG file."""
  buffer = io.BytesIO()
  Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(
    buffer, format="PNG"
  )
  return buffer.getvalue()
