"""What keeps the page private: its folder, its limits, its doors."""

from collections.abc import Iterator
import contextlib
import ipaddress
import os
import pathlib
import tempfile

from PIL import Image
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from jaxgan.errors import UserError
from jaxgan.images import examples, reader

FILES = ("input", "mask")  # Options that name a file, in every task.
MOST_BYTES = 200 * 2**20  # Of an upload.
MOST_PIXELS = reader.MOST  # Of an uploaded image; of a film, of all its frames.
_HEADERS = (  # Browsers ask no other host for anything, and show the page in no other.
  (
    b"content-security-policy",
    b"default-src 'self' blob: data:; script-src 'self' 'unsafe-inline' 'unsafe-eval' "
    b"blob:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; "
    b"form-action 'self'",
  ),
  (b"referrer-policy", b"no-referrer"),
  (b"x-content-type-options", b"nosniff"),
)


class Headers:
  """Adds headers to every answer."""

  def __init__(self, app):
    self._app = app

  async def __call__(self, scope, receive, send):
    async def send_more(message):
      if message["type"] == "http.response.start":
        message["headers"] = [*message.get("headers", ()), *_HEADERS]
      await send(message)

    await self._app(scope, receive, send_more if scope["type"] == "http" else send)


def middleware(host: str) -> list[Middleware]:
  """What every request passes through.

  A page of this machine alone answers to this machine's names alone: another site could
  otherwise have its own name lead here (DNS rebinding).
  """
  own = ["localhost", "127.0.0.1", "[::1]"]
  guard = [Middleware(TrustedHostMiddleware, own)] if is_loopback(host) else []
  return [*guard, Middleware(Headers)]


def is_loopback(host: str) -> bool:
  """Whether only this machine reaches a host."""
  if host == "localhost":
    return True
  try:
    return ipaddress.ip_address(host).is_loopback
  except ValueError:
    return False


@contextlib.contextmanager
def private_folder() -> Iterator[pathlib.Path]:
  """A folder that only this user can read, removed at the end.

  It has "files" for uploads and results, which alone are served, and "empty", which the
  process works in, since programs resolve relative names there.
  """
  before = pathlib.Path.cwd()
  made = tempfile.TemporaryDirectory(prefix="jaxgan-page-", ignore_cleanup_errors=True)
  with made as name:
    folder = pathlib.Path(name).resolve()
    for part in ("files", "empty"):
      (folder / part).mkdir(mode=0o700)
    os.environ["GRADIO_TEMP_DIR"] = str(folder / "files")
    os.chdir(folder / "empty")
    try:
      yield folder
    finally:
      os.chdir(before)


def fetch_nothing() -> None:
  """Keeps Gradio from loading what a visitor names by a URL instead of uploading it."""
  from gradio import processing_utils, routes

  async def refuse(*args, **kwargs):
    raise ValueError("this page fetches nothing from elsewhere: upload the file")

  processing_utils.async_ssrf_protected_download = refuse
  routes.secure_url_stream_response = refuse


def passwords(path: pathlib.Path) -> list[tuple[str, str]]:
  """The lines "NAME:PASSWORD" of a file.

  Raises:
    UserError: it cannot be read, has none, or others can read it.
  """
  try:
    text, mode = path.read_text(), path.stat().st_mode
  except (OSError, ValueError) as error:
    raise UserError(f"--password-file={path} cannot be read: {error}.") from error
  if mode & 0o077:
    raise UserError(f"--password-file={path} can be read by others: chmod 600 {path}")
  pairs = [line.partition(":") for line in text.splitlines() if line.strip()]
  if not pairs or not all(name and password for name, _, password in pairs):
    raise UserError(f"--password-file={path}: each line must be NAME:PASSWORD.")
  return [(name.strip(), password.strip()) for name, _, password in pairs]


def check_upload(path: pathlib.Path) -> None:
  """Looks at an upload before anything decodes it.

  Raises:
    UserError: it has too many bytes, or pixels, as decompression bombs have.
  """
  if not path.is_file():
    raise UserError(f"{path.name} is not there any more: upload it again.")
  if path.stat().st_size > MOST_BYTES:
    raise UserError(f"{path.name} has over {MOST_BYTES >> 20} MB: make it smaller.")
  with path.open("rb") as file:
    if file.read(2) == b"\x1f\x8b":  # Of gzip, in which some data sets come.
      raise UserError(f"{path.name} is compressed: upload a picture or a film.")
  try:
    with Image.open(path) as image:
      pixels = image.width * image.height * getattr(image, "n_frames", 1)
  except Image.DecompressionBombError:
    pixels = MOST_PIXELS + 1
  except Exception:  # A film, say: whatever it is, what reads it explains it.
    return
  if pixels > MOST_PIXELS:
    raise UserError(
      f"{path.name} has over {MOST_PIXELS / 1e6:.0f} million pixels: make it smaller."
    )


def check_text(name: str, text: str) -> None:
  """Looks at an option's text, since visitors upload files and cannot name any.

  Raises:
    UserError: it could name a file; or the option is of `FILES`, and it is not a
      shipped image's name, but perhaps a data set's.
  """
  if any(part in text for part in ("/", "\\", "..", "~/")) or text.startswith("~"):
    raise UserError(f"{name}: {text} looks like a file's name: upload files.")
  if name in FILES and text and not examples.is_name(text):
    raise UserError(f"{name}: {text} is no image that is shipped: upload a file.")
