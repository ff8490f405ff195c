"""Masks: read in any format, widened and blurred as scikit-image does it, applied."""

import numpy as np
from PIL import Image
import pytest
from skimage import filters, morphology

from jaxgan import errors
from jaxgan.images import masks


def _square(h=60, w=80):
  mask = np.zeros((h, w), bool)
  mask[20:35, 30:55] = True
  return mask


def _write(path, mask, mode="L", **options):
  Image.fromarray((mask * 255).astype(np.uint8)).convert(mode).save(path, **options)
  return path


@pytest.mark.parametrize(
  ("name", "mode", "options"),
  (
    ("mask.png", "L", {}),
    ("mask.png", "RGBA", {}),
    ("mask.png", "1", {}),
    ("mask.jpeg", "RGB", {"quality": 60}),
    ("mask.bmp", "RGB", {}),
    ("mask.webp", "RGB", {"quality": 50}),
    ("mask.png", "I", {}),
    ("mask.gif", "P", {}),
  ),
)
def test_reads_any_format(tmp_path, name, mode, options):
  mask = _square()
  path = tmp_path / name
  if mode == "I":  # 16 bits.
    Image.fromarray(mask.astype(np.uint16) * 65535).save(path)
  else:
    _write(path, mask, mode, **options)
  got = masks.read(path, mask.shape)
  wrong = got ^ mask
  assert wrong.sum() <= (10 if options else 0)  # Lossy formats move an edge a little.


def test_noise_of_a_jpeg_is_no_mask(tmp_path):
  mask = np.where(_square(), 255, np.random.default_rng(0).integers(0, 100, (60, 80)))
  Image.fromarray(mask.astype(np.uint8)).save(tmp_path / "mask.png")
  np.testing.assert_array_equal(masks.read(tmp_path / "mask.png", (60, 80)), _square())


def test_white_on_transparent(tmp_path):
  pixels = np.full((60, 80, 4), 255, np.uint8)
  pixels[..., 3] = 255 * _square()
  Image.fromarray(pixels).save(tmp_path / "mask.png")
  np.testing.assert_array_equal(masks.read(tmp_path / "mask.png", (60, 80)), _square())


def test_mask_of_another_size_is_resized(tmp_path):
  path = _write(tmp_path / "mask.png", _square())
  got = masks.read(path, (120, 240))
  assert got.shape == (120, 240)
  want = np.zeros((120, 240), bool)
  want[40:70, 90:165] = True
  assert (got ^ want).sum() <= 2 * (30 + 75)  # At most one pixel around.


@pytest.mark.parametrize("radius", (7, 20))
def test_softened_as_scikit_image_does(radius):
  mask = np.pad(_square(), 20)
  want = filters.gaussian(
    morphology.dilation(mask, morphology.disk(radius)).astype(float), sigma=5
  )
  want = (want - want.min()) / (want.max() - want.min())
  got = masks.soften(mask, radius=radius)
  assert got.dtype == np.float32
  np.testing.assert_allclose(got, want, atol=1e-6)
  assert (got.min(), got.max()) == (0, 1)


def test_uniform_masks_stay_so():
  np.testing.assert_array_equal(masks.soften(np.ones((9, 9), bool), radius=7), 1)
  np.testing.assert_array_equal(masks.soften(np.zeros((9, 9), bool), radius=7), 0)
  almost = np.ones((30, 30), bool)
  almost[:2] = False  # Grown away by the disk.
  np.testing.assert_array_equal(masks.soften(almost, radius=7), 1)


def test_load_of_white_and_black_masks(tmp_path):
  white = _write(tmp_path / "white.png", np.ones((8, 8)))
  np.testing.assert_array_equal(masks.load(white, (16, 16), "editing"), 1)
  black = _write(tmp_path / "black.png", np.zeros((8, 8)))
  with pytest.raises(errors.UserError, match="black all over"):
    masks.load(black, (16, 16), "editing")


def test_unreadable_mask(tmp_path):
  (tmp_path / "mask.png").write_text("no image")
  with pytest.raises(errors.UserError, match="not an image"):
    masks.read(tmp_path / "mask.png", (8, 8))
  with pytest.raises(errors.UserError, match=r"missing.*no such file"):
    masks.read(tmp_path / "missing.png", (8, 8))


def test_composite():
  mask = np.array([[0, 0.25, 1]], np.float32)
  got = masks.composite(mask, np.full((1, 3, 2), 8.0), np.full((1, 3, 2), 4.0))
  np.testing.assert_array_equal(got[..., 0], [[4, 5, 8]])
  with pytest.raises(ValueError, match="do not fit"):
    masks.composite(mask, np.zeros((1, 3, 2)), np.zeros((3, 1, 2)))


def test_small_images_have_small_borders(tmp_path):
  pixels = np.zeros((125, 100), np.uint8)
  pixels[60:65, 40:60] = 255
  Image.fromarray(pixels).save(tmp_path / "mask.png")
  got = masks.load(tmp_path / "mask.png", (125, 100), "editing")
  want = masks.soften(pixels == 255, radius=10, sigma=2.5)
  np.testing.assert_array_equal(got, want)
