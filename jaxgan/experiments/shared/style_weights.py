"""Names of styles with weights, as users write them."""

from collections.abc import Sequence

import numpy as np

from jaxgan.errors import UserError, nearest


def items(text: str) -> list[str]:
  """ "wave:0.6,shipwreck:0.4" to ["wave:0.6", "shipwreck:0.4"]."""
  return list(filter(None, (part.strip() for part in text.split(","))))


def parse(text: str, names: Sequence[str], option: str = "--style") -> dict[str, float]:
  """ "wave:0.6,shipwreck:0.4" to {"wave": 0.6, "shipwreck": 0.4}.

  Args:
    text: names with or without weights; a name without one has weight 1.
    names: the known styles.
    option: the option or field that holds the text, for error messages.

  Raises:
    UserError: for an unknown style or a weight that is no number.
  """
  chosen: dict[str, float] = {}
  for item in items(text):
    name, colon, weight = item.rpartition(":")
    if item in names or not colon:  # File names may hold colons.
      name, weight = item, "1"
    if name not in names:
      raise UserError(f"{option}: there is no style {name!r}: {nearest(name, names)}")
    try:
      chosen[name] = chosen.get(name, 0.0) + float(weight)
    except ValueError as error:
      raise UserError(
        f"{option}: the weight of {name} is {weight!r}: write a number."
      ) from error
  return chosen


def weights(
  text: str, names: Sequence[str], *, normalize: bool = True, option: str = "--style"
) -> np.ndarray:
  """Weights of a mixture, float32 [styles].

  Args:
    text: see `parse`; "" takes the first style.
    names: the styles, in the order of the tables.
    normalize: divide by the sum; otherwise a sum above 1 exaggerates the styles, and
      one below weakens them.
    option: the option or field that holds the text, for error messages.

  Raises:
    UserError: as `parse`, and for weights that sum to zero.
  """
  chosen = parse(text, names, option) or {names[0]: 1.0}
  values = np.array([chosen.get(name, 0.0) for name in names], np.float32)
  total = float(values.sum(dtype=np.float64))
  if not np.isfinite(values).all() or (normalize and abs(total) < 1e-6):
    raise UserError(
      f"{option}={text}: its weights sum to {total:g}, which cannot be "
      "scaled to 1: change them."
    )
  return values / np.float32(total) if normalize and total != 1 else values


def weights_of_levels(
  levels: np.ndarray, rows: Sequence[int], count: int
) -> np.ndarray:
  """Weights of each pixel's styles by its gray: black is the first, white the last.

  Args:
    levels: grays, uint8 [h, w].
    rows: the chosen styles' places among all, evenly spaced from black to white.
    count: number of all styles.

  Returns:
    float32 [h, w, count], each pixel's sum 1.
  """
  position = levels.astype(np.float32) / 255 * (len(rows) - 1)
  result = np.zeros((*levels.shape, count), np.float32)
  for i, row in enumerate(rows):
    result[..., row] = np.maximum(1 - np.abs(position - i), 0)
  return result
