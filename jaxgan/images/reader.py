"""One picture of any kind to a uint8 array of a fixed size."""

import io
import os
import warnings

import numpy as np
from PIL import Image, ImageOps

Picture = str | os.PathLike | io.BytesIO | np.ndarray


def decode(picture: Picture, *, size: tuple[int, int], channels: int) -> np.ndarray:
  """Decodes a picture, scales its shortest side and cuts out the center.

  Args:
    picture: a file, or uint8 [h, w] or [h, w, 1 to 4].
    size: (height, width) of the result in pixels.
    channels: 1 (luminance) or 3 (RGB).

  Returns:
    uint8 [height, width, channels]; see `read`.

  Raises:
    Exception: whatever Pillow raises for a file that it cannot read.
    Image.DecompressionBombError: the picture has too many pixels.
  """
  if isinstance(picture, np.ndarray) and picture.shape == (*size, channels):
    return picture
  # Twice the final size leaves the quality to the resampling.
  return fit(read(picture, channels=channels, enough=2 * max(size)), size)


def read(picture: Picture, *, channels: int, enough: int = 0) -> Image.Image:
  """Opens a picture as RGB or, for one channel, as luminance.

  Transparency is laid over white, EXIF rotation is undone and 16 bits become 8. A
  JPEG may be decoded at a half, a fourth or an eighth of its size, which is
  several times faster, as long as its sides keep `enough` pixels (0: never).
  Raises as `decode`.
  """
  if isinstance(picture, np.ndarray):
    gray = picture.shape[2:] == (1,)
    return _flatten(Image.fromarray(picture[..., 0] if gray else picture), channels)
  with Image.open(picture) as image:
    if image.width * image.height > (Image.MAX_IMAGE_PIXELS or np.inf):
      raise Image.DecompressionBombError(f"{image.width}x{image.height} pixels")
    if enough:
      image.draft(None, (enough, enough))
    return _flatten(ImageOps.exif_transpose(image), channels)


def read_with_alpha(picture: Picture) -> tuple[np.ndarray, np.ndarray | None]:
  """Opens a picture of up to 178 million pixels, keeping what is transparent.

  Returns:
    RGB as it is beneath the transparency, uint8 [h, w, 3], and opacity, uint8 [h, w],
    or None for pictures without.

  Raises:
    Exception: whatever Pillow raises for a file that it cannot read.
  """
  with warnings.catch_warnings():
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    with Image.open(picture) as image:
      image = ImageOps.exif_transpose(image)
      if "A" not in image.getbands() and "transparency" not in image.info:
        return np.asarray(_flatten(image, 3)), None
      pixels = np.asarray(image.convert("RGBA"))
      return np.ascontiguousarray(pixels[..., :3]), pixels[..., 3]


def fit(image: Image.Image, size: tuple[int, int]) -> np.ndarray:
  """uint8 [h, w, c]: the largest centered box of that shape, resampled to `size`."""
  height, width = size
  scale = min(image.width / width, image.height / height)
  # Whole-pixel offsets, so that a picture of the right scale is only cropped.
  left = (image.width - scale * width) // 2
  top = (image.height - scale * height) // 2
  box = (left, top, left + scale * width, top + scale * height)
  fitted = image.resize((width, height), Image.Resampling.LANCZOS, box=box)
  return np.asarray(fitted).reshape(height, width, -1)


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
