"""The folder of files that can be made again: packed data, compiled programs."""

import os
import pathlib


def root(chosen: str = "") -> pathlib.Path:
  """The cache's folder: the chosen one, or $JAXGAN_CACHE, or ~/.cache/jaxgan."""
  return pathlib.Path(
    chosen or os.environ.get("JAXGAN_CACHE") or "~/.cache/jaxgan"
  ).expanduser()
