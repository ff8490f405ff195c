"""Images read and written by rows are those that Pillow reads and writes whole."""

import subprocess
import sys
import textwrap
import zlib

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors
from jaxgan.images import examples, stream

_PIXELS = np.random.default_rng(0).integers(0, 256, (23, 17, 4)).astype(np.uint8)


def _all(path, scale=1.0, step=5):
  with stream.open_picture(path, scale) as image:
    parts = [
      image.read(min(step, image.height - start))
      for start in range(0, image.height, step)
    ]
    parts.append(image.read(0))
    assert all(x.shape[1:] == (image.width, image.channels) for x in parts)
  return np.concatenate(parts)


def test_the_middle_alone(tmp_path):
  path, image = _save(tmp_path, "rgb.png", "RGB")
  for crop, box in (((9, 6), (5, 7, 11, 16)), ((99, 6), (5, 0, 11, 23))):
    with stream.open_picture(path, crop=crop) as picture:
      assert (picture.height, picture.width) == (box[3] - box[1], box[2] - box[0])
      rows = [picture.read(4), picture.read(picture.height - 4)]
    np.testing.assert_array_equal(np.concatenate(rows), np.asarray(image.crop(box)))
  with stream.open_picture(path, 2.0, crop=(10, 10)) as picture:
    np.testing.assert_array_equal(picture.read(10), _all(path, 2.0)[18:28, 12:22])


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
    ("rgb.jpg", "RGB", {"quality": 80}),
    ("gray.jpg", "L", {}),
    ("progressive.jpg", "RGB", {"progressive": True}),
    ("inks.jpg", "CMYK", {"quality": 95}),
    ("rgb.tif", "RGB", {}),
    ("packed.tif", "RGB", {"compression": "tiff_deflate"}),
    ("inks.tif", "CMYK", {}),
    ("alpha.tif", "RGBA", {}),
    ("alpha.webp", "RGBA", {"lossless": True}),
    ("x[1].png", "RGB", {}),
    ("rgb.bmp", "RGB", {}),
    ("palette.gif", "P", {}),
  ],
)
def test_rows_are_the_image(tmp_path, name, mode, options):
  path, _ = _save(tmp_path, name, mode, **options)
  with Image.open(path) as image:
    alpha = "A" in mode or "transparency" in options
    want = np.asarray(image.convert("RGBA" if alpha else "RGB"), int)
  for step in (1, 5, 23):
    got = _all(path, step=step)
    assert got.shape == want.shape
    # Builds of libjpeg may round a color differently.
    assert np.abs(got - want).max() <= (2 if path.suffix == ".jpg" else 0)


@pytest.mark.parametrize("name", ["x.png", "x.tif"])
def test_sixteen_bits_become_eight(tmp_path, name):
  deep = np.linspace(0, 65535, 60).reshape(6, 10).astype(np.uint16)
  Image.fromarray(deep).save(tmp_path / name)
  got = _all(tmp_path / name)
  np.testing.assert_array_equal(got, np.repeat((deep / 257).round()[..., None], 3, -1))


@pytest.mark.parametrize("name", ["x.jpg", "x.png", "x.tif"])
def test_rotation_is_undone(tmp_path, name):
  exif = Image.Exif()
  exif[0x0112] = 6  # To be turned by a quarter.
  image = Image.fromarray(_PIXELS[..., :3])
  image.save(tmp_path / name, exif=exif)
  image.save(tmp_path / f"plain_{name}")
  want = np.rot90(_all(tmp_path / f"plain_{name}"), -1)
  np.testing.assert_array_equal(_all(tmp_path / name), want)


@pytest.mark.parametrize("scale", [0.3, 0.5, 1.7])
def test_resampling_rows_is_resampling(tmp_path, scale):
  path, image = _save(tmp_path, "x.png", "RGB")
  size = [max(round(n * scale), 1) for n in image.size]
  want = np.asarray(image.resize(size, Image.Resampling.LANCZOS), int)
  got = _all(path, scale, step=4)
  assert got.shape == want.shape
  assert np.abs(got - want).max() <= 1


def test_shipped_images_and_arrays():
  np.testing.assert_array_equal(_all("shipped:chelsea"), examples.load("chelsea"))
  bands = stream.of_array(_PIXELS)
  assert (bands.height, bands.width, bands.channels) == _PIXELS.shape
  parts = [bands.read(n) for n in (5, 0, 18)]
  np.testing.assert_array_equal(np.concatenate(parts), _PIXELS)


@pytest.mark.parametrize(
  ("name", "channels", "tolerance"),
  [
    ("x.png", 3, 0),
    ("x.png", 4, 0),
    ("x.tif", 3, 0),
    ("x.TIFF", 4, 0),
    ("x.bmp", 3, 0),
    ("x.jpg", 3, 8),
    ("x.webp", 3, 16),
  ],
)
def test_written_rows_are_read_by_pillow(tmp_path, name, channels, tolerance):
  y, x = np.mgrid[:40, :60]
  want = np.stack((3 * y, 2 * x + y, x * y // 12, 255 - y), -1)[..., :channels]
  want = want.astype(np.uint8)
  with stream.create_picture(tmp_path / "new" / name, 40, 60, channels) as write:
    for start in range(0, 40, 7):
      write(want[start : start + 7])
  with Image.open(tmp_path / "new" / name) as image:
    assert np.abs(np.asarray(image, int) - want).max() <= tolerance
    assert "tif" not in name.lower() or "TileWidth" in image.tag_v2.named()
  assert [x.name for x in (tmp_path / "new").iterdir()] == [name]


def test_nothing_is_left_of_an_image_that_was_not_finished(tmp_path):
  with (
    pytest.raises(KeyboardInterrupt),
    stream.create_picture(tmp_path / "x.png", 23, 17, 3) as write,
  ):
    write(_PIXELS[:4, :, :3])
    raise KeyboardInterrupt
  assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_is_one_line(tmp_path):
  with (
    pytest.raises(errors.UserError, match="transparency"),
    stream.create_picture(tmp_path / "x.jpg", 4, 4, 4),
  ):
    pass
  with (  # JPEG has 16 bits for a side.
    pytest.raises(errors.UserError, match=r"cannot write .*x\.jpg"),
    stream.create_picture(tmp_path / "x.jpg", 1, 70_000, 3) as write,
  ):
    write(np.zeros((1, 70_000, 3), np.uint8))
  assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["x.png", "x.jpg", "x.tif"])
@pytest.mark.parametrize(
  "damage",
  [
    lambda content: b"",
    lambda content: b"not an image",
    lambda content: content[:20],
    lambda content: content[: len(content) // 2],
  ],
)
def test_damaged_files_are_named(tmp_path, name, damage):
  path, _ = _save(tmp_path, name, "RGB")
  path.write_bytes(damage(path.read_bytes()))
  with pytest.raises(
    errors.UserError, match=rf"{name}: .*(not an image|trunc|damaged)"
  ):
    _all(path)


def test_damage_within_the_data_is_noticed(tmp_path):
  path, _ = _save(tmp_path, "x.png", "RGB")
  content = path.read_bytes()
  path.write_bytes(content[:200] + b"\0\xff" * 9 + content[218:])
  with pytest.raises(errors.UserError, match=r"x\.png: damaged"):
    _all(path)


def test_missing_files_are_named(tmp_path):
  with pytest.raises(errors.UserError, match=r"x\.png: no such file"):
    _all(tmp_path / "x.png")


def test_the_callers_errors_stay_what_they_are(tmp_path):
  path, _ = _save(tmp_path, "x.png", "RGB")
  with pytest.raises(ValueError, match="mine"), stream.open_picture(path):
    raise ValueError("mine")


def test_a_file_that_changed_is_read_again(tmp_path):
  path, _ = _save(tmp_path, "x.png", "RGB")
  _all(path)
  Image.new("RGB", (17, 23), "red").save(path)
  np.testing.assert_array_equal(_all(path), np.broadcast_to((255, 0, 0), (23, 17, 3)))


def test_png_data_may_be_split_into_many_chunks(tmp_path):
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


@pytest.mark.parametrize(
  "suffix",
  [
    ".png",
    pytest.param(".jpg", marks=pytest.mark.slow),
    pytest.param(".tif", marks=pytest.mark.slow),
  ],
)
def test_memory_does_not_grow_with_the_image(tmp_path, suffix):
  """Peak memory that no file backs, of a process that reads and writes by rows."""
  program = textwrap.dedent("""
      import pathlib, sys, threading, time
      import numpy as np
      from jaxgan.images import stream

      height, path = int(sys.argv[1]), sys.argv[2]
      most = 0

      def watch():
        global most
        while True:
          lines = open("/proc/self/status").read().splitlines()
          [now] = [int(x.split()[1]) for x in lines if x.startswith("RssAnon")]
          most = max(most, now)
          time.sleep(0.002)

      threading.Thread(target=watch, daemon=True).start()
      rows = np.random.default_rng(0).integers(0, 256, (32, 3000, 3), np.uint8)
      with stream.create_picture(pathlib.Path(path), height, 3000, 3) as write:
        for _ in range(height // 32):
          write(rows)
      with stream.open_picture(path) as image:
        for _ in range(height // 32):
          image.read(32)
      print(most)
  """)

  def peak(height):
    command = [sys.executable, "-c", program, str(height), tmp_path / f"x{suffix}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout) / 1024

  if sys.platform != "linux":
    pytest.skip("reads /proc")
  # 35 MB of pixels more than of an image that fills what libvips keeps.
  assert peak(1280 + 3840) < peak(1280) + 18
