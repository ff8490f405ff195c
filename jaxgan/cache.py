"""Where things are kept that can be made again."""

import os
import pathlib


def root(chosen: str = "") -> pathlib.Path:
  """The cache's folder: as chosen, or $JAXGAN_CACHE, or ~/.cache/jaxgan."""
  return pathlib.Path(
    chosen or os.environ.get("JAXGAN_CACHE") or "~/.cache/jaxgan"
  ).expanduser()
