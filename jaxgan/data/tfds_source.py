"""TFDS datasets prepared as array_record files, which need no TensorFlow to read."""

import io
import os
from pathlib import Path
from typing import Any

from jaxgan import errors
from jaxgan.data.store import Source, fingerprint


def find(name: str, *, split: str) -> Source:
  """A prepared TFDS dataset as a source.

  Args:
    name: such as "mnist", "cifar10:3.0.2" or "celeb_a/config".
    split: such as "test" or "train[:50%]".

  Raises:
    UserError: there is no such dataset or split, or it is not prepared as
      array_record in $TFDS_DATA_DIR or ~/tensorflow_datasets.
  """
  import tensorflow_datasets as tfds  # Imports slowly.

  builder = _builder(tfds, name)
  features = builder.info.features
  images = [k for k, v in features.items() if isinstance(v, tfds.features.Image)]
  if not images:
    raise errors.UserError(f"tfds:{name}: has no images, only {', '.join(features)}")
  classes = {
    attribute: tuple(feature.names)
    for attribute, feature in features.items()
    if isinstance(feature, tfds.features.ClassLabel)
  }
  try:
    count = builder.info.splits[split].num_examples
  except (KeyError, ValueError) as error:
    raise errors.UserError(
      f"tfds:{name}: no split {split}; {errors.nearest(split, builder.info.splits)}"
    ) from error

  def open_():
    skip = {key: tfds.decode.SkipDecoding() for key in images}
    records = builder.as_data_source(split=split, decoders=skip)

    def read(i: int) -> tuple[Any, dict[str, int]]:
      record = records[i]
      image = record[images[0]]
      if isinstance(image, bytes):
        image = io.BytesIO(image)
      return image, {attribute: int(record[attribute]) for attribute in classes}

    return read

  place = Path(builder.data_dir)
  files = sorted(path.name for path in place.iterdir() if path.is_file())
  return Source(
    title=f"tfds:{name}",
    fingerprint=f"{split} {fingerprint(place, files)}",
    names=[str(i) for i in range(count)],
    open=open_,
    classes=classes,
  )


def _builder(tfds: Any, name: str) -> Any:
  """The builder of a dataset that lies prepared on this machine."""
  data_dir = os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets"
  data_dir = str(errors.expanded(data_dir))
  try:
    builder = tfds.builder(name, data_dir=data_dir)
  except tfds.core.DatasetNotFoundError as error:
    base = name.partition(":")[0].partition("/")[0]
    raise errors.UserError(
      f"tfds:{name}: TFDS has no dataset {base} and {data_dir} (TFDS_DATA_DIR) holds"
      " none of that name; check the name"
    ) from error
  except (ValueError, AssertionError) as error:  # An unknown version or config.
    raise errors.UserError(f"tfds:{name}: {str(error).splitlines()[0]}") from error
  formats = {f.value for f in builder.info.available_file_formats()}
  if not builder.info.splits or "array_record" not in formats:
    raise errors.UserError(
      f"tfds:{name}: not prepared as array_record in {data_dir} (TFDS_DATA_DIR); run"
      f' once, where TensorFlow is installed: python -c "import tensorflow_datasets'
      f" as tfds; tfds.builder('{name}', data_dir='{data_dir}',"
      " file_format='array_record').download_and_prepare()\";"
      " or give config.data.path a folder of images or an idx file instead."
    )
  return builder
