"""Where images come from: folders, arrays in files, TFDS names, drawings."""

from collections.abc import Callable
import dataclasses
import gzip
import hashlib
from pathlib import Path
import zlib

from absl import logging
import numpy as np

from jaxgan import errors
from jaxgan.data.store import Source, fingerprint
from jaxgan.drawing import domains
from jaxgan.images import inputs

_IDX_PREFIX = {"train": "train", "test": "t10k"}


def find(
  path: str, *, size: tuple[int, int], channels: int, split: str, num_drawn: int
) -> Source:
  """The source that `path` names; see `packed.load`.

  Raises:
    UserError: it is missing, empty, or has no such split.
  """
  if not path:
    return _drawn(num_drawn, size, channels, split)
  if path.startswith("tfds:"):
    from jaxgan.data import tfds_source  # Imports slowly, and few runs need it.

    return tfds_source.find(path.removeprefix("tfds:"), split=split)
  place = errors.expanded(path)
  if not place.exists():
    raise errors.UserError(f"{path}: no such file or folder")
  if place.is_file():
    if split != "train":
      raise errors.UserError(f"{path}: one file has no {split} split; give a folder")
    return _npy(place, (*size, channels)) if place.suffix == ".npy" else _idx(place)
  if (place / split).is_dir():
    return _folder(place / split)
  images = _idx_in(place, split)
  if images is not None:
    return _idx(images)
  if split != "train":
    raise errors.UserError(
      f"{path}: has no {split} split; make a folder {place / split}"
    )
  return _folder(place)


def _folder(place: Path) -> Source:
  names = inputs.files_in(place)
  if not names:
    raise errors.UserError(f"{place}: the folder is empty; put images into it")
  return Source(
    title=str(place),
    fingerprint=fingerprint(place, names),
    names=names,
    open=lambda: lambda i: (place / names[i], {}),
  )


def _npy(place: Path, shape: tuple[int, int, int]) -> Source:
  try:
    images = np.load(place, mmap_mode="r")
  except Exception as error:  # A damaged header makes NumPy raise nearly anything.
    raise errors.UserError(f"{place}: not an array of numbers ({error})") from error
  source = _array(place, [place.name], images.shape, images.dtype, lambda: (images, {}))
  if images.ndim == 3:
    images = images[..., None]
  beside = place.with_suffix(".csv")
  return dataclasses.replace(
    source,
    packed=images if images.shape[1:] == shape else None,
    labels_path=str(beside) if beside.exists() else "",
  )


def _array(
  place: Path,
  files: list[str],
  shape: tuple[int, ...],
  dtype: np.dtype,
  read_all: Callable[[], tuple[np.ndarray, dict[str, np.ndarray]]],
  classes: dict[str, tuple[str, ...]] | None = None,
) -> Source:
  """A source whose images are the rows of one array."""
  fits = len(shape) == 3 or (len(shape) == 4 and shape[3] in (1, 3, 4))
  if dtype != np.uint8 or not fits or 0 in shape:
    raise errors.UserError(
      f"{place}: holds {dtype}{list(shape)}; must be uint8 [n, h, w] or [n, h, w, c]"
    )

  def open_():
    images, labels = read_all()

    def read(i):
      image = np.asarray(images[i])
      image = image if image.ndim == 3 else image[..., None]
      return image, {name: int(values[i]) for name, values in labels.items()}

    return read

  return Source(
    title=str(place),
    fingerprint=fingerprint(place.parent, files),
    names=[str(i) for i in range(shape[0])],
    open=open_,
    classes=classes or {},
  )


def _idx_in(place: Path, split: str) -> Path | None:
  prefix = _IDX_PREFIX.get(split, split)
  return next(iter(sorted(place.glob(f"{prefix}-images*idx3-ubyte*"))), None)


def _idx(place: Path) -> Source:
  images = _read_idx(place)
  beside = place.with_name(
    place.name.replace("images", "labels").replace("idx3", "idx1")
  )
  files, labels, classes = [place.name], {}, {}
  if beside != place and beside.exists():
    values = _read_idx(beside)
    if values.shape != images.shape[:1]:
      raise errors.UserError(
        f"{beside}: holds {list(values.shape)} labels for {len(images)} images"
      )
    files.append(beside.name)
    labels = {"label": values}
    classes = {"label": tuple(str(i) for i in range(int(values.max()) + 1))}
  return _array(
    place, files, images.shape, images.dtype, lambda: (images, labels), classes
  )


def _read_idx(place: Path) -> np.ndarray:
  """An idx file of bytes (LeCun's MNIST format), gzipped or not."""
  try:
    raw = place.read_bytes()
    raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    ndim = raw[3] if raw[:3] == b"\0\0\x08" else 0
    shape = np.frombuffer(raw, ">u4", ndim, offset=4).astype(int)
    if not ndim or len(raw) != 4 + 4 * ndim + shape.prod():
      raise ValueError("wrong header or length")
  except (OSError, EOFError, ValueError, IndexError, zlib.error) as error:
    raise errors.UserError(
      f"{place}: neither .npy nor idx images ({error}); give one of them or a folder"
    ) from error
  return np.frombuffer(raw, np.uint8, offset=4 + 4 * ndim).reshape(shape)


def _drawn(count: int, size: tuple[int, int], channels: int, split: str) -> Source:
  from jaxgan.drawing import drawn

  seeds = {"train": 0, "test": 1}
  if split not in seeds:
    raise errors.UserError(f"drawn faces have no {split} split; use train or test")
  logging.info("no data given (data.path): taking %d anime faces drawn here", count)
  # The first faces stand for all: they change when the drawing program does.
  some, _, classes = drawn.draw(16, size=size, channels=channels, seed=seeds[split])

  def open_():
    images, labels, _ = drawn.draw(
      count, size=size, channels=channels, seed=seeds[split]
    )
    return lambda i: (
      images[i],
      {name: int(values[i]) for name, values in labels.items()},
    )

  return Source(
    title=f"{count} drawn faces",
    fingerprint=f"drawn {count} {hashlib.sha256(some.tobytes()).hexdigest()}",
    names=[str(i) for i in range(count)],
    open=open_,
    classes=classes,
  )


def drawn_domain(kind: str, count: int) -> Source:
  """`count` drawn images of a kind of `drawing.domains`, to be packed by `mixed.pack`.

  Raises:
    ValueError: an unknown kind.
  """
  if kind not in domains.KINDS:
    raise ValueError(f"kind {kind!r} is none of {domains.KINDS}")
  # The first image stands for all: it changes when the drawing program does.
  digest = hashlib.sha256(domains.draw(kind, 0).tobytes()).hexdigest()
  return Source(
    title=f"{count} drawn images ({kind})",
    fingerprint=f"{kind} {count} {digest}",
    names=[f"{kind}{i}" for i in range(count)],
    open=lambda: lambda i: (domains.draw(kind, i), {}),
  )
