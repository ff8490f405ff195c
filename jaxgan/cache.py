"""The folder of files that can be made again: packed data, compiled programs."""

import os
import pathlib

from jaxgan import errors


def root(chosen: str = "") -> pathlib.Path:
  """The cache's folder: the chosen one, or $JAXGAN_CACHE, or ~/.cache/jaxgan.

  Raises:
    UserError: none is chosen, and this user has no home.
  """
  if chosen := chosen or os.environ.get("JAXGAN_CACHE"):
    return errors.expanded(chosen)
  try:
    return pathlib.Path.home() / ".cache" / "jaxgan"
  except RuntimeError as error:
    raise errors.UserError(
      "this user has no home folder to keep files in that can be made again: set "
      "JAXGAN_CACHE to a folder."
    ) from error
