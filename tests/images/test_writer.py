"""Image files are what was given, whole or not there, in every format."""

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors
from jaxgan.images import sheets, writer

_PIXELS = np.random.default_rng(0).integers(0, 256, (6, 9, 4), np.uint8)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("name", ["x.png", "x.tif", "x.bmp"])
def test_lossless_formats(tmp_path, name, channels):
  if (name, channels) == ("x.bmp", 4):
    pytest.skip("Pillow reads no opacity from it.")
  image = _PIXELS[..., :channels]
  writer.write_image(tmp_path / "new" / name, image)
  with Image.open(tmp_path / "new" / name) as found:
    np.testing.assert_array_equal(np.asarray(found).reshape(image.shape), image)
  assert [x.name for x in (tmp_path / "new").iterdir()] == [name]


def test_jpeg_leaves_out_the_opacity_and_little_else(tmp_path):
  smooth = np.broadcast_to(np.arange(0, 240, 10, dtype=np.uint8)[:, None], (24, 9))
  writer.write_image(tmp_path / "x.jpg", np.stack([smooth] * 4, -1))
  with Image.open(tmp_path / "x.jpg") as found:
    assert found.mode == "RGB"
    assert np.abs(np.asarray(found)[..., 0].astype(int) - smooth).max() < 6


@pytest.mark.parametrize(
  ("name", "channels", "named"),
  [("x", 3, "no format"), ("x.xyz", 3, "no format"), ("x.jpg", 4, "transparency")],
)
def test_formats_that_cannot_be_written(tmp_path, name, channels, named):
  with pytest.raises(errors.UserError, match=named):
    writer.check_format(tmp_path / name, channels)


def test_what_cannot_be_written_is_one_line(tmp_path):
  (tmp_path / "file").write_text("")
  for write in (writer.write_image, writer.write_png):
    with pytest.raises(errors.UserError, match=r"cannot write .*x\.png"):
      write(tmp_path / "file" / "x.png", _PIXELS)
  with pytest.raises(errors.UserError, match="no format"):
    writer.write_image(tmp_path / "x.xyz", _PIXELS)


def test_images_make_a_grid_or_a_folder(tmp_path):
  images = np.stack([_PIXELS] * 5)
  writer.write_images(tmp_path / "grid.png", images, columns=2)
  with Image.open(tmp_path / "grid.png") as found:
    np.testing.assert_array_equal(np.asarray(found), sheets.grid(images, 2))
  writer.write_images(tmp_path / "folder", images)
  assert sorted(x.name for x in (tmp_path / "folder").iterdir()) == [
    f"{i:05d}.png" for i in range(5)
  ]


def test_batches_are_written_as_they_come(tmp_path):
  batches = [np.full((n, 2, 2, 1), n, np.uint8) for n in (3, 1, 2)]

  def draw():
    for i, batch in enumerate(batches):
      written = len(list((tmp_path / "x").glob("*"))) if i else 0
      assert written == sum(map(len, batches[:i]))
      yield batch

  writer.write_images(tmp_path / "x", draw())
  values = [np.asarray(Image.open(x))[0, 0] for x in sorted((tmp_path / "x").iterdir())]
  assert values == [3, 3, 3, 1, 2, 2]
  writer.write_images(tmp_path / "x.png", iter(batches), columns=3)
  with Image.open(tmp_path / "x.png") as found:
    np.testing.assert_array_equal(np.asarray(found)[::2, ::2], [[3, 3, 3], [1, 2, 2]])


def test_nothing_is_left_of_a_file_that_was_not_finished(tmp_path):
  (tmp_path / "x.png").write_text("old")
  with pytest.raises(KeyboardInterrupt), writer.whole_file(tmp_path / "x.png") as name:
    name.write_text("new")
    raise KeyboardInterrupt
  assert [x.read_text() for x in tmp_path.iterdir()] == ["old"]
