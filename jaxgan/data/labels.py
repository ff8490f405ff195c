"""Labels that come from file names: class folders and CSV files."""

from collections.abc import Mapping, Sequence
import csv
from pathlib import PurePosixPath

import numpy as np

from jaxgan import errors

Labels = tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]]]


def from_folders(names: Sequence[str]) -> Labels:
  """The attribute "class", if the images lie in two or more folders, one level down.

  Args:
    names: relative paths with forward slashes.

  Returns:
    (labels, classes), both empty if the images are not laid out so.
  """
  parts = [PurePosixPath(name).parts for name in names]
  if any(len(part) != 2 for part in parts) or len({part[0] for part in parts}) < 2:
    return {}, {}
  return _encode({"class": [part[0] for part in parts]})


def from_csv(path: str, names: Sequence[str]) -> Labels:
  """Attributes from a CSV file with a header line.

  Args:
    path: its first column is a file's relative path or bare name, and every
      other column an attribute.
    names: the images' relative paths. An image without a row, or with an empty
      cell, gets -1; a row without an image is ignored.

  Returns:
    (labels, classes): attribute -> int32 [n], and -> the names of its values.

  Raises:
    UserError: the file is missing, has no attribute, or names no image.
  """
  try:
    with open(errors.expanded(path), newline="", encoding="utf-8-sig") as file:
      header, *rows = [row for row in csv.reader(file) if row] or [[]]
  except (OSError, UnicodeDecodeError, csv.Error) as error:
    raise errors.UserError(f"{path}: cannot read the labels ({error})") from error
  attributes = [name.strip() for name in header[1:]]
  if not attributes or "" in attributes or "image" in attributes:
    raise errors.UserError(
      f"{path}: needs a header such as file,hair,eyes: a file name, then attributes"
      ' (none of them empty or called "image")'
    )
  table = {row[0].strip().replace("\\", "/"): row[1:] for row in rows}
  found = [table.get(name, table.get(PurePosixPath(name).name)) for name in names]
  if all(row is None for row in found):
    raise errors.UserError(
      f"{path}: no row names one of the {len(names)} images, such as {names[0]}"
    )
  return _encode(
    {
      attribute: [row[i].strip() if row and i < len(row) else "" for row in found]
      for i, attribute in enumerate(attributes)
    }
  )


def find_class(only: str, classes: Mapping[str, Sequence[str]]) -> tuple[str, int]:
  """The (attribute, value) that "value" or "attribute=value" names.

  Raises:
    UserError: no attribute has that value, or several have.
  """
  attribute, _, name = only.rpartition("=")
  hits = [
    (key, list(values).index(name))
    for key, values in classes.items()
    if name in values and attribute in ("", key)
  ]
  if len(hits) == 1:
    return hits[0]
  if hits:
    choices = " or ".join(f"{key}={name}" for key, _ in hits)
    raise errors.UserError(f"only={only}: say which attribute: {choices}")
  names = [value for values in classes.values() for value in values]
  hint = errors.nearest(name, names) if names else "these images have no classes."
  raise errors.UserError(f"only={only}: no such class; {hint}")


def _encode(columns: Mapping[str, Sequence[str]]) -> Labels:
  """Names to integers in the order of the names (numbers by value); "" is -1."""
  labels, classes = {}, {}
  for attribute, column in columns.items():
    values = sorted(set(column) - {""}, key=_by_value)
    number = {value: i for i, value in enumerate(values)}
    labels[attribute] = np.asarray([number.get(x, -1) for x in column], np.int32)
    classes[attribute] = tuple(values)
  return labels, classes


def _by_value(name: str) -> tuple[bool, int, str]:
  # Python reads no number of more than 4,300 digits.
  is_number = name.isascii() and name.isdigit() and len(name) < 1_000
  return not is_number, int(name) if is_number else 0, name
