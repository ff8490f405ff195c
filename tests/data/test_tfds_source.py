"""TFDS datasets in array_record files, read where there is no TensorFlow."""

import io
import os
import subprocess
import sys
import textwrap

import numpy as np
from PIL import Image
import pytest
import tensorflow_datasets as tfds

from jaxgan import errors
from jaxgan.data import packed


class Grays(tfds.core.GeneratorBasedBuilder):
  """Images of one gray each: 10 i for image i, in two classes."""

  VERSION = tfds.core.Version("1.0.0")

  def _info(self):
    return tfds.core.DatasetInfo(
      builder=self,
      features=tfds.features.FeaturesDict(
        {
          "image": tfds.features.Image(shape=(8, 8, 3)),
          "parity": tfds.features.ClassLabel(names=["even", "odd"]),
          "number": np.int64,
        }
      ),
    )

  def _split_generators(self, dl_manager):
    del dl_manager
    return {
      "train": self._generate_examples(range(8)),
      "test": self._generate_examples(range(8, 10)),
    }

  def _generate_examples(self, numbers):
    for i in numbers:
      # Encoded already, or TFDS would encode it by TensorFlow.
      image = io.BytesIO()
      Image.new("RGB", (8, 8), (10 * i,) * 3).save(image, "PNG")
      image.seek(0)
      yield i, {"image": image, "parity": i % 2, "number": i}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
  folder = tmp_path_factory.mktemp("tfds")
  Grays(data_dir=str(folder), file_format="array_record").download_and_prepare()
  return folder


@pytest.fixture(autouse=True)
def environment(data_dir, monkeypatch):
  monkeypatch.setenv("TFDS_DATA_DIR", str(data_dir))


def load(name, **options):
  return packed.load(name, size=(4, 4), **options)


def test_images_go_with_their_labels():
  loaded = load("tfds:grays")
  values = loaded.images[:, 0, 0, 0] // 10
  assert loaded.images.shape == (8, 4, 4, 3)
  assert sorted(values.tolist()) == list(range(8))
  assert loaded.classes == {"parity": ("even", "odd")}
  np.testing.assert_array_equal(loaded.labels["parity"], values % 2)
  again = load("tfds:grays:1.0.0")
  np.testing.assert_array_equal(again.images, loaded.images)
  np.testing.assert_array_equal(again.labels["parity"], loaded.labels["parity"])


def test_splits_slices_and_classes():
  assert len(load("tfds:grays", split="test")) == 2
  assert len(load("tfds:grays", split="train[:50%]")) == 4
  odd = load("tfds:grays", only="odd")
  assert sorted((np.asarray(odd.images)[:, 0, 0, 0] // 10).tolist()) == [1, 3, 5, 7]


@pytest.mark.parametrize(
  ("name", "options", "complaint"),
  [
    ("tfds:grayz", {}, "no dataset grayz"),
    ("tfds:mnist", {}, "not prepared as array_record.*download_and_prepare"),
    ("tfds:grays", {"split": "tset"}, "did you mean 'test'"),
    ("tfds:grays", {"only": "evn"}, "did you mean 'even'"),
    ("tfds:", {}, "tfds:"),
  ],
)
def test_what_is_not_there_is_the_users_error(name, options, complaint):
  with pytest.raises(errors.UserError, match=complaint):
    load(name, **options)


def test_tensorflow_is_never_imported():
  program = textwrap.dedent("""
      import sys
      from jaxgan.data import packed
      assert len(packed.load("tfds:grays", size=(4, 4))) == 8
      assert "tensorflow" not in sys.modules
      assert "jax" not in sys.modules  # Nor JAX, by what only reads images.
  """)
  subprocess.run([sys.executable, "-c", program], check=True, env=dict(os.environ))
