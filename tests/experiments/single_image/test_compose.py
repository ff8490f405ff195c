"""Harmonized, edited and painted images: what is put in where, masks, aspects."""

import importlib

import jax
import numpy as np
from PIL import Image
import pytest

from jaxgan import errors
from jaxgan.images import masks, pixels

PACKAGE = "jaxgan.experiments.single_image.tasks"
# By name, since the package's attributes of these names are the functions.
compose, paint, request = (
  importlib.import_module(f"{PACKAGE}.{name}")
  for name in ("compose", "paint", "request")
)


@pytest.mark.parametrize("background", ("input", "trained"))
def test_harmonized_inside_the_mask_only(use, draw, read, tmp_path, background):
  source = use("harmonization", batch_norm=True)
  path, mask = draw(), np.zeros((40, 52), np.uint8)
  mask[15:25, 5:15] = 255
  Image.fromarray(mask).save(tmp_path / "mask.png")
  compose.harmonize(
    None,
    tmp_path / "out.png",
    input=path,
    background=background,
    mask=str(tmp_path / "mask.png"),
  )
  got = read(tmp_path / "out.png")
  given = request.read_image(source, path)
  image = request.resized(given, source.sizes[0])[None]
  inside = source.generate(source.fixed_at(), image=image)[0]
  outside = given if background == "input" else source.reals[-1][0]
  weight = masks.load(tmp_path / "mask.png", (40, 52), "harmonization")
  want = weight[..., None] * inside + (1 - weight[..., None]) * outside
  np.testing.assert_allclose(got, pixels.to_uint8(want), atol=1)
  np.testing.assert_array_equal(got[:, 48:], pixels.to_uint8(outside)[:, 48:])


def test_without_a_mask_the_image_is_the_generators(use, draw, read, tmp_path):
  source = use("harmonization")
  path = draw()
  compose.harmonize(None, tmp_path / "out.png", input=path)
  want = source.generate(
    source.fixed_at(),
    image=request.resized(request.read_image(source, path), source.sizes[0])[None],
  )
  np.testing.assert_array_equal(read(tmp_path / "out.png"), pixels.to_uint8(want)[0])


def test_edit_writes_a_folder_of_everything(use, draw, read, tmp_path):
  use("editing")
  path = draw("input.png", 80, 104)
  Image.fromarray(np.full((10, 10), 255, np.uint8)).save(tmp_path / "mask.png")
  compose.edit(
    None, tmp_path / "out", input=path, num=2, mask=str(tmp_path / "mask.png")
  )
  names = sorted(path.name for path in (tmp_path / "out").iterdir())
  assert names == [
    "input_00000.png",
    "masked_00000.png",
    "masked_00001.png",
    "unmasked_00000.png",
    "unmasked_00001.png",
  ]
  masked, other = (read(tmp_path / "out" / name) for name in names[1:3])
  np.testing.assert_array_equal(masked, read(tmp_path / "out" / names[3]))
  assert masked.shape == (40, 52, 3)
  assert (masked != other).any()  # Another noise.


def test_input_of_another_aspect_keeps_it(use, draw, read, tmp_path):
  source = use("editing")
  tall = draw("tall.png", 90, 40)
  compose.edit(None, tmp_path / "out.png", input=tall)
  height, width, _ = read(tmp_path / "out.png").shape
  assert height / width == pytest.approx(90 / 40, rel=0.05)
  assert height * width == pytest.approx(40 * 52, rel=0.05)
  assert request.fitting_sizes(source, (401, 520, 3)) == source.sizes
  with pytest.raises(errors.UserError, match="another aspect"):
    compose.edit(None, tmp_path / "out.png", input=tall, background="trained")


def test_singan_takes_images_at_a_scale(use, draw, read, tmp_path):
  source = use("generation", singan=True)
  path = draw()
  for task, default in (
    (compose.harmonize, 2),
    (compose.edit, 2),
    (paint.paint2image, 1),
  ):
    options = {"colors": 0} if task is paint.paint2image else {}
    task(None, tmp_path / "out.png", input=path, **options)
    task(None, tmp_path / "same.png", input=path, start_stage=default, **options)
    got = read(tmp_path / "out.png")
    np.testing.assert_array_equal(got, read(tmp_path / "same.png"))
    image = request.read_image(source, path)
    want = source.generate(
      source.draw(jax.random.key(0), 1), start=default, image=image[None]
    )
    np.testing.assert_allclose(got, pixels.to_uint8(want)[0], atol=2)
    with pytest.raises(errors.UserError, match="scales 1 to 2"):
      task(None, tmp_path / "out.png", input=path, start_stage=3, **options)
