"""One picture of any kind to a uint8 array of a fixed size."""

import io
import os

import numpy as np
from PIL import Image, ImageOps


def decode(
    picture: str | os.PathLike | io.BytesIO | np.ndarray,
    *,
    size: tuple[int, int],
    channels: int,
) -> np.ndarray:
  """Decodes a picture, scales its shortest side and cuts out the centre.

  Args:
    picture: a file, or uint8 [h, w] or [h, w, 1 to 4].
    size: (height, width) of the result in pixels.
    channels: 1 (luminance) or 3 (RGB).

  Returns:
    uint8 [height, width, channels]. Transparency is laid over white, EXIF
    rotation is undone and 16 bits become 8.

  Raises:
    Exception: whatever Pillow raises for a file that it cannot read.
    Image.DecompressionBombError: the picture has too many pixels.
  """
  if isinstance(picture, np.ndarray):
    if picture.shape == (*size, channels):
      return picture
    if picture.shape[2:] == (1,):
      picture = picture[..., 0]
    return _fit(_flatten(Image.fromarray(picture), channels), size)
  with Image.open(picture) as image:
    if image.width * image.height > (Image.MAX_IMAGE_PIXELS or np.inf):
      raise Image.DecompressionBombError(f"{image.width}x{image.height} pixels")
    # A JPEG can be decoded at a fraction of its size, which is several times
    # faster; twice the final size leaves the quality to the resampling.
    image.draft(None, (2 * max(size), 2 * max(size)))
    return _fit(_flatten(ImageOps.exif_transpose(image), channels), size)


def _flatten(image: Image.Image, channels: int) -> Image.Image:
  """Any mode to "L" or "RGB"."""
  if image.mode.startswith("I"):
    # Pillow's own conversion clips 16 bits instead of scaling them.
    deep = np.clip(np.asarray(image), 0, 65535).astype(np.uint32)
    image = Image.fromarray(((deep + 128) // 257).astype(np.uint8))
  elif "A" in image.getbands() or "transparency" in image.info:
    image = image.convert("RGBA")
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
  return image.convert("RGB" if channels == 3 else "L")


def _fit(image: Image.Image, size: tuple[int, int]) -> np.ndarray:
  """The largest centred box of the right shape, resampled to `size`."""
  height, width = size
  scale = min(image.width / width, image.height / height)
  # Whole-pixel offsets, so that a picture of the right scale is only cropped.
  left = (image.width - scale * width) // 2
  top = (image.height - scale * height) // 2
  box = (left, top, left + scale * width, top + scale * height)
  fitted = image.resize((width, height), Image.Resampling.LANCZOS, box=box)
  return np.asarray(fitted).reshape(height, width, -1)
