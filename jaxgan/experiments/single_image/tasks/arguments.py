"""What users give to tasks: stages, pictures and masks."""

from collections.abc import Sequence

import numpy as np

from jaxgan.errors import UserError
from jaxgan.experiments.single_image import pyramid
from jaxgan.experiments.single_image.inference import Restored, Size
from jaxgan.images import masks, reader

SAME_ASPECT = 0.03  # By how much it may differ and still be scaled to fit.


def check_stage(start_stage: int, count: int) -> None:
  """Raises UserError unless there is such a stage, or it is just past the last."""
  if not 0 <= start_stage <= count:
    raise UserError(
      f"--start_stage={start_stage}: this run has stages 0 to "
      f"{count - 1}; {count} lets none vary."
    )


def picture(source: Restored, path: str) -> np.ndarray:
  """A user's picture float32 [h, w, c] in [-1, 1], with the channels of the run's.

  Where none is named, the one that the run was fine-tuned on.

  Raises:
    UserError: if none is named, or it cannot be read.
  """
  path = path or source.config.get("finetune", {}).get("naive", "")
  if not path:
    raise UserError("say which picture with --input=PATH.")
  pixels = reader.load(path, channels=source.channels)
  return pixels.astype(np.float32) / 127.5 - 1


def sizes_for(source: Restored, shape: Sequence[int]) -> tuple[Size, ...]:
  """Sizes of all stages for a picture [h, w, ...].

  As trained if it has the training image's aspect. Else its own aspect, at as many
  pixels, since stretching would distort it.
  """
  height, width = source.sizes[-1]
  aspect = shape[0] * width / (shape[1] * height)
  if abs(aspect - 1) <= SAME_ASPECT:
    return source.sizes
  scale = (height * width / (shape[0] * shape[1])) ** 0.5
  return source.sized((round(shape[0] * scale), round(shape[1] * scale)))


def resized(image: np.ndarray, size: Size) -> np.ndarray:
  """An image [h, w, c] in [-1, 1] at another size, antialiased."""
  return image if image.shape[:2] == tuple(size) else pyramid.imresize(image, size)


def soft_mask(path: str, size: Size, kind: str) -> np.ndarray:
  """A mask float32 [h, w] in [0, 1]; 1 everywhere if there is none.

  Args:
    path: "" for none.
    size: of the result.
    kind: one of `masks.RADII`, which says how far it grows.
  """
  if not path:
    return np.ones(size, np.float32)
  return masks.load(path, size, kind)
