"""What options mean, the same in every task."""

import math
import re

from jaxgan.errors import UserError

# Seeds are below: a key of JAX's has no more bits, and drops those above.
SEEDS = 2**32
# Pixels of the largest sheet: 16,384 squared, 800 MB of memory.
LARGEST_SHEET = 2**28
# Pixels of all images that are held at once: 1.6 GB of memory.
MOST_HELD = 2**29


def check_num(num: int, *, least: int = 1, name: str = "num") -> None:
  """Raises UserError for fewer than there must be."""
  if num < least:
    raise UserError(f"--{name}={num} must be at least {least}.")


def check_seed(seed: int, name: str = "--seed=") -> None:
  """Raises UserError for a seed whose random numbers would be another's.

  Args:
    seed: of any generator.
    name: what holds it, such as "config.seed = ".
  """
  if not 0 <= seed < SEEDS:
    raise UserError(f"{name}{seed} must be from 0 to {SEEDS - 1}.")


def check_input(path: str, name: str = "input") -> None:
  """Raises UserError where the image to work on is not named."""
  if not path:
    raise UserError(
      f"say which image with --{name}=PATH, or --{name}=shipped:astronaut."
    )


def check_memory(count: int, height: int, width: int, options: str = "--num") -> None:
  """Raises UserError for more images than memory should hold at once.

  Args:
    count: images that are held.
    height, width: of each, in pixels.
    options: what to lower.
  """
  if count * height * width > MOST_HELD:
    raise UserError(
      f"{count} images of {width}x{height} pixels would be in memory at once: lower "
      f"{options}."
    )


def check_sheet(num: int, height: int, width: int, columns: int = 0) -> None:
  """Raises UserError for a sheet that would not fit into memory.

  Args:
    num: images on the sheet.
    height, width: of each, in pixels.
    columns: images in a row; 0 makes the sheet about square.
  """
  across = columns or math.ceil(math.sqrt(num))
  high, wide = -(-num // across) * height, across * width
  if high * wide > LARGEST_SHEET:
    raise UserError(
      f"--num={num} would make a sheet of {wide}x{high} pixels: ask for fewer, or name "
      "a folder (an --output without a suffix), which gets a file for each."
    )


def size(text: str, name: str = "size") -> tuple[int, int] | int:
  """--size: "HEIGHTxWIDTH" to (height, width), or "N" to the longer side; in pixels.

  Raises:
    UserError: it is neither.
  """
  if re.fullmatch(r"[1-9]\d*", text):
    return int(text)
  if found := re.fullmatch(r"([1-9]\d*)x([1-9]\d*)", text):
    return int(found[1]), int(found[2])
  raise UserError(
    f"--{name}={text} is neither HEIGHTxWIDTH in pixels, such as 250x400, nor one "
    "number, such as 400, for the longer side."
  )


def side(text: str) -> int:
  """--size of a square: "N" or "NxN" to N pixels, and "" to 0.

  Raises:
    UserError: it is neither.
  """
  found = size(text) if text else 0
  if isinstance(found, int):
    return found
  if found[0] != found[1]:
    raise UserError(f"--size={text}: these images are square: give one number.")
  return found[0]


def scale(text: str, name: str = "scale") -> tuple[float, float]:
  """--scale: "1x2" to factors of height and width; "2" is the same for both.

  Raises:
    UserError: it is neither, or not above 0.
  """
  try:
    factors = [float(part) for part in text.split("x")]
  except ValueError:
    factors = []
  if len(factors) not in (1, 2) or not all(0 < x < math.inf for x in factors):
    raise UserError(
      f"--{name}={text} is neither a factor above 0, such as 0.5, nor two for height "
      "and width, such as 1x2."
    )
  return factors[0], factors[-1]
