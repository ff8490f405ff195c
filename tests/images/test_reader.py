"""Every kind of picture becomes the pixels that a viewer would show."""

import io

import numpy as np
from PIL import Image
import pytest

from jaxgan.images import reader

RED, GREEN = (255, 0, 0), (0, 255, 0)


def decode(image, *, size=(8, 8), channels=3, kind="PNG", **options):
  file = io.BytesIO()
  image.save(file, kind, **options)
  file.seek(0)
  return reader.decode(file, size=size, channels=channels)


def test_transparency_is_laid_over_white():
  image = Image.new("RGBA", (8, 8), (0, 0, 255, 0))
  image.paste((255, 0, 0, 255), (0, 0, 4, 8))
  image.paste((0, 0, 0, 51), (4, 0, 8, 4))  # A fifth opaque.
  got = decode(image)
  np.testing.assert_array_equal(got[:, :4], np.broadcast_to(RED, (8, 4, 3)))
  np.testing.assert_array_equal(got[4:, 4:], 255)
  np.testing.assert_array_equal(got[:4, 4:], 204)


def test_palette_with_a_transparent_color():
  image = Image.new("P", (8, 8), 0)
  image.putpalette([*RED, *GREEN])
  image.paste(1, (0, 0, 4, 8))
  got = decode(image, transparency=0)
  np.testing.assert_array_equal(got[:, :4], np.broadcast_to(GREEN, (8, 4, 3)))
  np.testing.assert_array_equal(got[:, 4:], 255)


def test_sixteen_bits_are_scaled_not_clipped():
  deep = np.repeat(np.linspace(0, 65535, 8).astype(np.uint16)[None], 8, 0)
  got = decode(Image.fromarray(deep), channels=1)
  np.testing.assert_array_equal(got[0, :, 0], np.round(deep[0] / 257))
  np.testing.assert_array_equal(
    decode(Image.fromarray(deep)), np.repeat(got, 3, axis=2)
  )


def test_cmyk_jpeg():
  image = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
  got = decode(image, kind="JPEG", quality=95).astype(int)
  assert (abs(got - RED) < 12).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
@pytest.mark.parametrize("channels", [1, 3])
def test_white_stays_white_in_every_mode(mode, channels):
  got = decode(Image.new("RGB", (9, 12), "white").convert(mode), channels=channels)
  assert got.shape == (8, 8, channels) and got.dtype == np.uint8
  np.testing.assert_array_equal(got, 255)


@pytest.mark.parametrize(
  ("orientation", "corner"), [(1, (0, 0)), (3, (7, 7)), (6, (0, 7)), (8, (7, 0))]
)
def test_exif_rotation_is_undone(orientation, corner):
  pixels = np.zeros((8, 8, 3), np.uint8)
  pixels[:2, :2] = 255
  exif = Image.Exif()
  exif[0x0112] = orientation
  got = decode(Image.fromarray(pixels), exif=exif)
  expected = np.zeros((8, 8), bool)
  rows = slice(0, 2) if corner[0] == 0 else slice(6, 8)
  columns = slice(0, 2) if corner[1] == 0 else slice(6, 8)
  expected[rows, columns] = True
  np.testing.assert_array_equal(got[..., 0] > 128, expected)


@pytest.mark.parametrize(
  ("shape", "size"),
  [((8, 20), (8, 8)), ((21, 8), (8, 8)), ((12, 30), (4, 8)), ((5, 5), (5, 3))],
)
def test_the_center_is_cut_at_the_right_scale(shape, size):
  rows, columns = np.indices(shape)
  pixels = np.stack([rows * 8, columns * 8, rows * 0], -1).astype(np.uint8)
  got = reader.decode(pixels, size=size, channels=3).astype(float)
  scale = min(shape[0] / size[0], shape[1] / size[1])
  center = got.mean((0, 1))[:2] / 8
  # Whole-pixel offsets move the box by half a pixel at most.
  np.testing.assert_allclose(center, (np.array(shape) - 1) / 2, atol=0.6)
  if min(size) > 4:
    np.testing.assert_allclose(np.diff(got[4, :, 1]).mean() / 8, scale, rtol=0.15)


def test_only_cropping_keeps_the_pixels():
  pixels = np.random.RandomState(0).randint(0, 256, (8, 13, 3)).astype(np.uint8)
  got = reader.decode(pixels, size=(8, 8), channels=3)
  np.testing.assert_array_equal(got, pixels[:, 2:10])


def test_shrinking_is_antialiased():
  stripes = np.zeros((64, 64, 3), np.uint8)
  stripes[:, ::2] = 255
  got = reader.decode(stripes, size=(8, 8), channels=3)
  assert got.min() > 110 and got.max() < 145


def test_gray_array_to_three_channels():
  gray = np.arange(64, dtype=np.uint8).reshape(8, 8, 1)
  got = reader.decode(gray, size=(8, 8), channels=3)
  np.testing.assert_array_equal(got, np.repeat(gray, 3, 2))


def test_a_large_jpeg_is_the_same_picture_when_decoded_smaller():
  rows, columns = np.indices((640, 640))
  pixels = np.stack([rows // 3, columns // 3, rows * 0 + 90], -1).astype(np.uint8)
  file = io.BytesIO()
  Image.fromarray(pixels).save(file, "JPEG", quality=95)
  whole = reader.fit(reader.read(file, channels=3), (16, 16)).astype(int)
  drafted = reader.decode(file, size=(16, 16), channels=3)
  assert abs(drafted - whole).max() <= 3


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_decompression_bomb_is_refused(monkeypatch):
  monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 60)
  with pytest.raises(Image.DecompressionBombError, match="8x8 pixels"):
    decode(Image.new("RGB", (8, 8)))
