"""The page's doors, limits and private folder."""

import gzip
import os
import pathlib
import struct
import zlib

from PIL import Image
import pytest

from jaxgan import errors
from jaxgan.app import safety


@pytest.mark.parametrize(
  ("host", "is_own"),
  [
    ("127.0.0.1", True),
    ("localhost", True),
    ("::1", True),
    ("0.0.0.0", False),
    ("192.168.0.7", False),
    ("example.org", False),
  ],
)
def test_only_this_machine(host, is_own):
  assert safety.is_loopback(host) == is_own
  assert len(safety.middleware(host)) == 1 + is_own  # Names of other hosts, headers.


def test_the_folder_is_private_and_goes():
  before = pathlib.Path.cwd()
  with safety.private_folder() as folder:
    assert os.stat(folder).st_mode & 0o077 == 0
    assert pathlib.Path.cwd() == folder / "empty" and not os.listdir()
    assert os.environ["GRADIO_TEMP_DIR"] == str(folder / "files")
    (folder / "files" / "upload.png").write_bytes(b"x")
  assert not folder.exists() and pathlib.Path.cwd() == before


@pytest.mark.parametrize(
  ("text", "mode", "told"),
  [
    ("ann:secret\n", 0o644, "can be read by others: chmod 600"),
    ("", 0o600, "must be NAME:PASSWORD"),
    ("ann\n", 0o600, "must be NAME:PASSWORD"),
    (None, 0, "cannot be read"),
  ],
)
def test_bad_password_files(tmp_path, text, mode, told):
  path = tmp_path / "passwords"
  if text is not None:
    path.write_text(text)
    path.chmod(mode)
  with pytest.raises(errors.UserError, match=told):
    safety.passwords(path)


def test_passwords(tmp_path):
  path = tmp_path / "passwords"
  path.write_text("ann:se:cret\n\nbob: x\n")
  path.chmod(0o600)
  assert safety.passwords(path) == [("ann", "se:cret"), ("bob", "x")]


def png_that_claims(width, height):
  """A PNG file of a few bytes whose header has a size."""
  chunk = lambda kind, data: (
    struct.pack(">I", len(data))
    + kind
    + data
    + struct.pack(">I", zlib.crc32(kind + data))
  )
  header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
  return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(20_000, 10_000), (60_000, 60_000)])
def test_decompression_bombs(tmp_path, size):
  path = tmp_path / "bomb.png"
  path.write_bytes(png_that_claims(*size))
  with pytest.raises(errors.UserError, match="over 179 million pixels"):
    safety.check_upload(path)


def test_films_count_with_all_their_frames(tmp_path, monkeypatch):
  monkeypatch.setattr(safety, "MOST_PIXELS", 100 * 100 * 10)
  frames = [Image.new("L", (100, 100), i) for i in range(11)]
  for count in (10, 11):
    frames[0].save(tmp_path / "x.gif", save_all=True, append_images=frames[1:count])
    if count == 10:
      safety.check_upload(tmp_path / "x.gif")
  with pytest.raises(errors.UserError, match="pixels"):
    safety.check_upload(tmp_path / "x.gif")


def test_uploads_that_are_too_large_or_gone(tmp_path, monkeypatch):
  monkeypatch.setattr(safety, "MOST_BYTES", 2**20)
  (tmp_path / "x.bin").write_bytes(bytes(2**20 + 1))
  with pytest.raises(errors.UserError, match="over 1 MB"):
    safety.check_upload(tmp_path / "x.bin")
  with pytest.raises(errors.UserError, match="upload it again"):
    safety.check_upload(tmp_path / "y.bin")


@pytest.mark.parametrize(
  "text", ["/etc/passwd", "../x", "~", "~root", "a/b", "a\\b", "..", "file:///etc"]
)
def test_names_of_files(text):
  with pytest.raises(errors.UserError, match="upload files"):
    safety.check_text("input", text)


@pytest.mark.parametrize(
  "text", ["", "shipped:astronaut", "hair=blue", "0:5~1:2:0.5", "wave:0.6,udnie:0.4"]
)
def test_what_is_no_name_of_a_file(text):
  safety.check_text("labels", text)


@pytest.mark.parametrize(
  "text", ["tfds:mnist", ".", "*", "x.png", "shipped:no", "True"]
)
@pytest.mark.parametrize("name", safety.FILES)
def test_files_are_uploads_or_shipped(name, text):
  with pytest.raises(errors.UserError, match="is no image that is shipped"):
    safety.check_text(name, text)
  for known in ("", "shipped:astronaut"):
    safety.check_text(name, known)


def test_compressed_uploads(tmp_path):
  (tmp_path / "x.gz").write_bytes(gzip.compress(b"x"))
  with pytest.raises(errors.UserError, match="is compressed"):
    safety.check_upload(tmp_path / "x.gz")
