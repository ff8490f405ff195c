"""Films: what is written is what a player shows; ffmpeg is found, or asked for."""

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors
from jaxgan.images import film

COLORS = np.uint8([[200, 30, 30], [30, 200, 30], [30, 30, 200]])
FRAMES = np.broadcast_to(COLORS[:, None, None], (3, 17, 24, 3))


@pytest.fixture
def none_installed(monkeypatch):
  monkeypatch.setattr("shutil.which", lambda name: None)
  monkeypatch.setattr("importlib.util.find_spec", lambda name: None)


def test_films_that_need_no_program(tmp_path, none_installed):
  for suffix in (".gif", ".webp"):
    path = tmp_path / f"x{suffix}"
    film.write(path, FRAMES, fps=10)
    with Image.open(path) as made:
      assert (made.n_frames, made.size) == (3, (24, 17))
      made.seek(2)
      np.testing.assert_allclose(made.convert("RGB").getpixel((9, 9)), COLORS[2])


def test_ffmpeg_is_asked_for(tmp_path, none_installed):
  with pytest.raises(errors.UserError, match=r"need the program ffmpeg.* \.gif|\[film"):
    film.write(tmp_path / "x.mp4", FRAMES)
  assert not list(tmp_path.iterdir())


def test_an_mp4_holds_the_frames(tmp_path):
  """Read again by the same program; a last odd row is left out."""
  try:
    film.ffmpeg()
  except errors.UserError as error:
    pytest.skip(str(error))
  film.write(tmp_path / "x.mp4", FRAMES, fps=12.5)
  (tmp_path / "frames").mkdir()
  assert film.unpack(tmp_path / "x.mp4", tmp_path / "frames") == 12.5
  found = [np.asarray(Image.open(x)) for x in sorted((tmp_path / "frames").iterdir())]
  assert [x.shape for x in found] == 3 * [(16, 24, 3)]
  for image, color in zip(found, COLORS, strict=True):
    np.testing.assert_allclose(image.mean((0, 1)), color, atol=6)
