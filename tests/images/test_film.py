"""Films: what is written is what a player shows; ffmpeg is found, or asked for."""

import itertools
import re
import time
import tracemalloc

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors
from jaxgan.images import film, film_reader

COLORS = np.uint8([[200, 30, 30], [30, 200, 30], [30, 30, 200]])
FRAMES = np.broadcast_to(COLORS[:, None, None], (3, 17, 24, 3))


@pytest.fixture
def none_installed(monkeypatch):
  monkeypatch.setattr("shutil.which", lambda name: None)
  monkeypatch.setattr("importlib.util.find_spec", lambda name: None)


@pytest.fixture
def ffmpeg():
  try:
    return film.ffmpeg()
  except errors.UserError as error:
    pytest.skip(str(error))


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".GIF"])
def test_films_that_need_no_program(tmp_path, none_installed, suffix):
  path = tmp_path / f"x{suffix}"
  film.write(path, iter(FRAMES), fps=12.5)
  with Image.open(path) as made:
    assert (made.n_frames, made.size) == (3, (24, 17))
    made.seek(2)
    np.testing.assert_allclose(made.convert("RGB").getpixel((9, 9)), COLORS[2])
  found = film_reader.read(path)
  assert (found.fps, found.count) == (12.5, 3)
  np.testing.assert_array_equal(list(found.frames), FRAMES)


def test_ffmpeg_is_asked_for(tmp_path, none_installed):
  told = r"need the program ffmpeg.* \.gif|\[film"
  with pytest.raises(errors.UserError, match=told):
    film.write(tmp_path / "x.mp4", FRAMES)
  with pytest.raises(errors.UserError, match=told):  # Before any work.
    film.check_output(tmp_path / "x.MP4")
  with pytest.raises(errors.UserError, match=told):
    film_reader.read(tmp_path / "x.mov")
  assert not list(tmp_path.iterdir())


def test_an_mp4_holds_the_frames(tmp_path, ffmpeg):
  """Read again by the same program; a last odd row is left out."""
  film.write(tmp_path / "x.mp4", FRAMES, fps=12.5)
  found = film_reader.read(tmp_path / "x.mp4")
  assert (found.fps, found.count) == (12.5, 3)
  frames = list(found.frames)
  assert [x.shape for x in frames] == 3 * [(16, 24, 3)]
  for frame, color in zip(frames, COLORS, strict=True):
    np.testing.assert_allclose(frame.mean((0, 1)), color, atol=6)


def test_memory_does_not_grow_with_the_length_of_an_mp4(tmp_path, ffmpeg):
  frame = np.zeros((64, 64, 3), np.uint8)
  tracemalloc.start()
  film.write(tmp_path / "x.mp4", (frame.copy() for _ in range(300)))
  count = sum(1 for _ in film_reader.read(tmp_path / "x.mp4").frames)
  _, most = tracemalloc.get_traced_memory()
  tracemalloc.stop()
  assert count == 300 and most < 100 * frame.nbytes


def test_a_film_whose_frames_fail_leaves_nothing(tmp_path, ffmpeg):
  def broken():
    yield from FRAMES
    raise errors.UserError("no more")

  for suffix in (".gif", ".mp4"):
    with pytest.raises(errors.UserError, match="no more"):
      film.write(tmp_path / f"x{suffix}", broken())
    with pytest.raises(errors.UserError, match="there are no frames"):
      film.write(tmp_path / f"x{suffix}", iter(()))
  with pytest.raises(errors.UserError, match=r"cannot write .*x\.mp4"):
    film.write(tmp_path / "x.mp4", itertools.repeat(FRAMES[0], 1000), fps=-1)
  assert not list(tmp_path.iterdir())


def test_films_that_pillow_holds_have_a_limit(tmp_path, monkeypatch):
  monkeypatch.setattr(film, "MOST_HELD", 2 * 17 * 24)
  with pytest.raises(errors.UserError, match="3 frames of 24x17 pixels are too much"):
    film.write(tmp_path / "x.gif", FRAMES)
  film.check_size(tmp_path / "x.mp4", 10**9, 17, 24)
  assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("fps", [0.0, -1.0, 1e-9, 1e9])
def test_frames_a_second(fps):
  with pytest.raises(
    errors.UserError, match=re.escape(f"--fps={fps:g} must be from 0.01 to")
  ):
    film.check_fps(fps)


def _refused(path, told):
  begun = time.monotonic()
  with pytest.raises(errors.UserError, match=told):
    list(film_reader.read(path).frames)
  assert time.monotonic() - begun < 20


def test_films_that_are_too_large_or_long(tmp_path, monkeypatch, ffmpeg):
  paths = [tmp_path / f"x{suffix}" for suffix in (".gif", ".webp", ".mp4")]
  for path in paths:
    film.write(path, FRAMES)
  monkeypatch.setattr(film_reader, "MOST_FRAMES", 2)
  for path in paths:
    _refused(path, "cannot be read as a film: it has over 2 frames")
  monkeypatch.setattr(film_reader, "MOST", 16 * 24 - 1)
  for path in paths:
    _refused(path, r"x\.\w+ cannot be read as a film: its frames .* over")


def test_what_is_no_film(tmp_path, ffmpeg):
  """A playlist is none: it names other files, which ffmpeg would read."""
  film.write(tmp_path / "x.mp4", FRAMES)
  whole = (tmp_path / "x.mp4").read_bytes()
  playlist = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nx.mp4\n#EXT-X-ENDLIST\n"
  for data in (
    b"",
    b"no film",
    whole[:300],
    playlist,
    b"ffconcat version 1.0\nfile x.mp4",
  ):
    for suffix in (".mp4", ".mkv", ".gif", ".webp"):
      path = tmp_path / f"y{suffix}"
      path.write_bytes(data)
      _refused(path, rf"y\{suffix} cannot be read as a film: \w")
