"""Pictures in bands are what Pillow reads and writes whole."""

import tracemalloc
import zlib

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors
from jaxgan.images import stream

_PIXELS = np.random.default_rng(0).integers(0, 256, (23, 17, 4)).astype(np.uint8)


def _all(path, scale=1.0, step=5):
  with stream.open_picture(path, scale) as picture:
    parts = [
      picture.read(min(step, picture.height - start))
      for start in range(0, picture.height, step)
    ]
    parts.append(picture.read(0))
    assert all(x.shape[1:] == (picture.width, picture.channels) for x in parts)
  return np.concatenate(parts)


def _save(tmp_path, name, mode, **options):
  image = Image.fromarray(_PIXELS if "A" in mode else _PIXELS[..., :3]).convert(mode)
  image.save(tmp_path / name, **options)
  return tmp_path / name, image


@pytest.mark.parametrize(
  ("name", "mode", "options"),
  [
    ("rgb.png", "RGB", {}),
    ("gray.png", "L", {}),
    ("alpha.png", "RGBA", {}),
    ("gray_alpha.png", "LA", {}),
    ("palette.png", "P", {}),
    ("keyed.png", "P", {"transparency": 3}),
    ("bits.png", "1", {}),
    ("whole.tif", "RGB", {}),
    ("alpha.webp", "RGBA", {"lossless": True}),
  ],
)
@pytest.mark.parametrize("step", [1, 5, 23])
def test_bands_are_the_picture(tmp_path, name, mode, options, step):
  path, _ = _save(tmp_path, name, mode, **options)
  got = _all(path, step=step)
  with Image.open(path) as image:
    alpha = "A" in mode or "transparency" in options
    want = np.asarray(image.convert("RGBA" if alpha else "RGB"))
  np.testing.assert_array_equal(got, want)


def test_filters_of_png_reach_across_bands(tmp_path):
  """Pillow chooses a filter for every row; smooth pictures make it use them all."""
  y, x = np.mgrid[:40, :30]
  smooth = np.stack((5 * y, 3 * x + y, x * y // 5), -1).astype(np.uint8)
  Image.fromarray(smooth).save(tmp_path / "x.png")
  np.testing.assert_array_equal(_all(tmp_path / "x.png", step=3), smooth)


def test_sixteen_bits_become_eight(tmp_path):
  deep = np.linspace(0, 65535, 60).reshape(6, 10).astype(np.uint16)
  Image.fromarray(deep).save(tmp_path / "x.png")
  got = _all(tmp_path / "x.png")
  np.testing.assert_array_equal(got, np.repeat((deep / 257).round()[..., None], 3, -1))


@pytest.mark.parametrize("name", ["x.jpg", "x.png"])
def test_rotation_is_undone(tmp_path, name):
  exif = Image.Exif()
  exif[0x0112] = 6  # To be turned by a quarter.
  image = Image.fromarray(_PIXELS[..., :3])
  image.save(tmp_path / name, exif=exif)
  with Image.open(tmp_path / name) as plain:
    want = np.rot90(np.asarray(plain), -1)
  np.testing.assert_array_equal(_all(tmp_path / name), want)


@pytest.mark.parametrize("scale", [0.3, 0.5, 1.7])
def test_resampling_in_bands_is_resampling(tmp_path, scale):
  path, image = _save(tmp_path, "x.png", "RGB")
  size = [max(round(n * scale), 1) for n in image.size]
  want = np.asarray(image.resize(size, Image.Resampling.LANCZOS), int)
  got = _all(path, scale, step=4)
  assert got.shape == want.shape
  assert np.abs(got - want).max() <= 1


@pytest.mark.parametrize(
  ("name", "channels"), [("x.png", 3), ("x.png", 4), ("x.tif", 4), ("x.bmp", 3)]
)
def test_written_bands_are_read_by_pillow(tmp_path, name, channels):
  want = _PIXELS[..., :channels]
  with stream.create_picture(tmp_path / "new" / name, 23, 17, channels) as write:
    for start in range(0, 23, 4):
      write(want[start : start + 4])
  with Image.open(tmp_path / "new" / name) as image:
    np.testing.assert_array_equal(np.asarray(image), want)
  assert [x.name for x in (tmp_path / "new").iterdir()] == [name]


def test_nothing_is_left_of_a_picture_that_was_not_finished(tmp_path):
  def stop():
    with stream.create_picture(tmp_path / "x.png", 23, 17, 3) as write:
      write(_PIXELS[:4, :, :3])
      raise KeyboardInterrupt

  with pytest.raises(KeyboardInterrupt):
    stop()
  assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
  "damage",
  [
    lambda content: b"",
    lambda content: b"not a picture",
    lambda content: content[:20],
    lambda content: content[:-60],
    lambda content: content[:200] + b"\0\xff" * 9 + content[218:],
  ],
)
def test_damaged_files_are_named(tmp_path, damage):
  path, _ = _save(tmp_path, "x.png", "RGB")
  path.write_bytes(damage(path.read_bytes()))
  with pytest.raises(errors.UserError, match=r"x\.png: not a readable image"):
    _all(path)


def test_missing_files_and_unknown_formats(tmp_path):
  with pytest.raises(errors.UserError, match="no such file"):
    _all(tmp_path / "x.png")
  for name, channels, named in (
    ("x", 3, "no format"),
    ("x.xyz", 3, "no format"),
    ("x.jpg", 4, "transparency"),
  ):
    with pytest.raises(errors.UserError, match=named):
      stream.check_format(tmp_path / name, channels)


def test_the_callers_errors_stay_what_they_are(tmp_path):
  path, _ = _save(tmp_path, "x.png", "RGB")
  with pytest.raises(ValueError, match="mine"), stream.open_picture(path):
    raise ValueError("mine")


def test_memory_does_not_grow_with_the_picture(tmp_path):
  def peak(height):
    tracemalloc.start()
    rows = np.zeros((10, 2_000, 3), np.uint8)
    with stream.create_picture(tmp_path / "x.png", height, 2_000, 3) as write:
      for _ in range(height // 10):
        write(rows)
    with stream.open_picture(tmp_path / "x.png") as picture:
      for _ in range(height // 10):
        picture.read(10)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most

  assert peak(3_000) < 1.2 * peak(300)  # 18 MB and 1.8 MB of pixels.


def test_data_may_be_split_into_many_chunks(tmp_path):
  """Whatever the program that wrote it had for a buffer."""
  path, image = _save(tmp_path, "x.png", "RGB")
  content = path.read_bytes()
  start = content.index(b"IDAT") - 4
  size = int.from_bytes(content[start : start + 4], "big")
  data = content[start + 8 : start + 8 + size]
  chunks = b"".join(
    len(part).to_bytes(4, "big")
    + b"IDAT"
    + part
    + zlib.crc32(b"IDAT" + part).to_bytes(4, "big")
    for part in [data[i : i + 7] for i in range(0, size, 7)]
  )
  path.write_bytes(content[:start] + chunks + content[start + 12 + size :])
  np.testing.assert_array_equal(_all(path), np.asarray(image))
