"""Every kind of image becomes the pixels that a viewer would show."""

import io
import struct
import zlib

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors
from jaxgan.images import examples, reader

RED, GREEN = (255, 0, 0), (0, 255, 0)


def decode(image, *, size=(8, 8), channels=3, kind="PNG", **options):
  file = io.BytesIO()
  image.save(file, kind, **options)
  file.seek(0)
  return reader.decode(file, size=size, channels=channels)


def test_a_tilde_is_a_home_folder(tmp_path, monkeypatch):
  monkeypatch.setenv("HOME", str(tmp_path))
  Image.new("L", (4, 5), 7).save(tmp_path / "x.png")
  assert reader.load("~/x.png").shape == (5, 4, 1)
  with pytest.raises(errors.UserError, match="no such home folder"):
    reader.load("~nobody-of-this-name/x.png")


def test_programs_are_not_run(tmp_path):
  Image.new("RGB", (4, 5)).save(tmp_path / "x.eps")
  (tmp_path / "x.eps").rename(tmp_path / "x.png")
  with pytest.raises(errors.UserError, match="a PostScript program"):
    reader.load(tmp_path / "x.png")


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


def png(width, height):
  """The beginning of a PNG file that claims a size and holds next to nothing."""
  chunk = lambda name, content: (
    struct.pack(">I", len(content))
    + name
    + content
    + struct.pack(">I", zlib.crc32(name + content))
  )
  size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
  return b"\x89PNG\r\n\x1a\n" + b"".join(
    (
      chunk(b"IHDR", size),
      chunk(b"IDAT", zlib.compress(bytes(99))),
      chunk(b"IEND", b""),
    )
  )


@pytest.mark.parametrize(
  ("side", "read", "limit"),
  [
    (10_000, lambda file: reader.decode(file, size=(8, 8), channels=3), 89),
    (20_000, lambda file: reader.decode(file, size=(8, 8), channels=3), 179),
    (20_000, reader.read_with_alpha, 179),
  ],
)
def test_a_decompression_bomb_is_refused(side, read, limit):
  count = side**2 // 10**6
  told = f"^over the limit of {limit} million pixels: it has {count} million; .*smaller"
  with pytest.raises(reader.UnreadableError, match=told):
    read(io.BytesIO(png(side, side)))


@pytest.mark.parametrize(
  ("content", "kind"),
  [(b"", "not an image"), (b"no image", "not an image"), (png(30, 30), "truncated")],
)
def test_why_a_file_cannot_be_read(tmp_path, content, kind):
  path = tmp_path / "x.png"
  path.write_bytes(content)
  with pytest.raises(reader.UnreadableError) as error:
    reader.read(path, channels=3)
  assert error.value.kind == kind
  with pytest.raises(errors.UserError, match=rf"x\.png: {kind}"):
    reader.load(path)


def test_missing_files_and_folders(tmp_path):
  with pytest.raises(errors.UserError, match=r"missing\.png: no such file\.$"):
    reader.load(tmp_path / "missing.png")
  with pytest.raises(errors.UserError, match="a folder, not a file"):
    reader.load(tmp_path)


def test_reasons_count_files_by_what_is_wrong():
  refused = {f"{i}.txt": reader.UnreadableError("not an image") for i in range(5)}
  refused["a.jpg"] = reader.UnreadableError("truncated", "at its end")
  refused["b"] = ValueError("holds no image")
  assert reader.reasons(refused) == (
    "5 not an image (0.txt, 1.txt, 2.txt, ...); 1 truncated (a.jpg); "
    "1 holds no image (b)"
  )


def _save(path, pixels):
  Image.fromarray(pixels).save(path)
  return path


def _noise(*shape, dtype=np.uint8):
  return np.random.default_rng(0).integers(0, np.iinfo(dtype).max, shape, dtype)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_load_keeps_the_channels(tmp_path, channels):
  pixels = _noise(5, 7, channels)
  path = _save(tmp_path / "x.png", pixels[..., 0] if channels == 1 else pixels)
  np.testing.assert_array_equal(reader.load(path), pixels)
  assert reader.load(path, channels=3).shape == (5, 7, 3)
  assert reader.load(path, channels=1).shape == (5, 7, 1)


@pytest.mark.parametrize("alpha", [255, 90])
@pytest.mark.parametrize("colors", [1, 3])
def test_load_drops_a_constant_alpha(tmp_path, colors, alpha):
  pixels = _noise(5, 7, colors + 1)
  pixels[..., -1] = alpha
  loaded = reader.load(_save(tmp_path / "a.png", pixels))
  np.testing.assert_array_equal(loaded, pixels[..., :-1])


def test_load_scales_sixteen_bits(tmp_path):
  deep = _noise(5, 7, dtype=np.uint16)
  loaded = reader.load(_save(tmp_path / "deep.png", deep))
  np.testing.assert_array_equal(loaded[..., 0], np.rint(deep / 257).astype(np.uint8))


def test_load_of_a_palette(tmp_path):
  Image.fromarray(_noise(5, 7, 3)).convert("P").save(tmp_path / "p.gif")
  assert reader.load(tmp_path / "p.gif").shape == (5, 7, 3)
  assert reader.load(tmp_path / "p.gif", channels=1).shape == (5, 7, 1)


@pytest.mark.parametrize("alpha", [False, True])
def test_read_with_alpha(tmp_path, alpha):
  pixels = _noise(5, 7, 4 if alpha else 3)
  color, opacity = reader.read_with_alpha(_save(tmp_path / "x.png", pixels))
  np.testing.assert_array_equal(color, pixels[..., :3])
  if alpha:
    np.testing.assert_array_equal(opacity, pixels[..., 3])
  else:
    assert opacity is None


def test_shipped_images_are_read_like_files():
  brick = examples.load("brick")
  np.testing.assert_array_equal(reader.load("shipped:brick"), brick)
  np.testing.assert_array_equal(reader.read_with_alpha("shipped:brick")[0], brick)
  with pytest.raises(errors.UserError, match="did you mean 'brick'"):
    reader.load("shipped:brik")
