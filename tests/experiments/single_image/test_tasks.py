"""What users do with a run: sizes, pictures put in, masks, films; their mistakes."""

import importlib

import jax
import numpy as np
from PIL import Image
import pytest

from jaxgan import errors
from jaxgan.experiments.single_image import consingan_tiles, pyramid
from jaxgan.images import masks, sheets

PACKAGE = "jaxgan.experiments.single_image.tasks"
# By name, since the package's attributes of these names are the functions.
animate, compose, arguments, paint, retarget, superres = (
  importlib.import_module(f"{PACKAGE}.{name}")
  for name in ("animate", "compose", "arguments", "paint", "retarget", "superres")
)
_TASKS = (animate, compose, paint, retarget, superres)


@pytest.fixture
def use(make, make_singan, monkeypatch):
  """`use(mode)` makes every task restore a generator of that mode, or a SinGAN."""

  def choose(mode, singan=False, **fields):
    source = (make_singan if singan else make)(mode, **fields)
    for module in _TASKS:
      monkeypatch.setattr(module, "restored", lambda run: source)
    return source

  return choose


def _picture(path, h=40, w=52, seed=3):
  pixels = np.random.default_rng(seed).integers(0, 256, (h, w, 3), dtype=np.uint8)
  Image.fromarray(pixels).save(path)
  return str(path)


def _read(path):
  with Image.open(path) as image:
    return np.asarray(image.convert("RGB"))


def test_retarget_to_any_size_is_the_same_in_tiles(use, tmp_path):
  use("retarget")
  options = dict(size="50x90", seed=4, start_stage=1)
  retarget.retarget(None, tmp_path / "whole.png", **options)
  retarget.retarget(None, tmp_path / "tiles.png", tile=24, **options)
  whole, tiled = _read(tmp_path / "whole.png"), _read(tmp_path / "tiles.png")
  assert whole.shape == (50, 90, 3)
  assert np.abs(whole.astype(int) - tiled).max() <= 1


def test_retarget_makes_it_twice_as_wide_unless_told_otherwise(use, tmp_path):
  use("generation")
  retarget.retarget(None, tmp_path / "images", num=2)
  images = [_read(path) for path in sorted((tmp_path / "images").iterdir())]
  assert [image.shape for image in images] == [(40, 104, 3)] * 2
  assert (images[0] != images[1]).any()


def test_animation(use, tmp_path):
  source = use("animation")
  animate.animate(None, tmp_path / "film.gif", frames=6, fps=5, start_stage=1)
  with Image.open(tmp_path / "film.gif") as film:
    assert (film.n_frames, film.size) == (6, (52, 40))
    assert film.info["duration"] == 200
  animate.animate(None, tmp_path / "still", frames=3, strength=0.0)
  frames = [_read(path) for path in sorted((tmp_path / "still").iterdir())]
  want = sheets.to_uint8(source.generate(source.fixed_at()))[0]
  for frame in frames:
    assert np.abs(frame.astype(int) - want).max() <= 1


def test_animation_is_the_same_however_many_frames_at_once(use, tmp_path, monkeypatch):
  use("generation")
  for name, pixels in (("one", 1), ("all", 10**6)):
    monkeypatch.setattr(animate, "PIXELS_AT_ONCE", pixels)
    animate.animate(None, tmp_path / name, frames=4, loop=False)
  for a, b in zip(
    *(sorted((tmp_path / name).iterdir()) for name in ("one", "all")), strict=True
  ):
    assert np.abs(_read(a).astype(int) - _read(b)).max() <= 1


@pytest.mark.parametrize("background", ("input", "trained"))
def test_harmonized_inside_the_mask_only(use, tmp_path, background):
  source = use("harmonization", batch_norm=True)
  naive, mask = _picture(tmp_path / "naive.png"), np.zeros((40, 52), np.uint8)
  mask[15:25, 5:15] = 255
  Image.fromarray(mask).save(tmp_path / "mask.png")
  compose.harmonize(
    None,
    tmp_path / "out.png",
    input=naive,
    background=background,
    mask=str(tmp_path / "mask.png"),
  )
  got = _read(tmp_path / "out.png")
  picture = arguments.picture(source, naive)
  image = arguments.resized(picture, source.sizes[0])[None]
  inside = source.generate(source.fixed_at(), image=image)[0]
  outside = picture if background == "input" else source.reals[-1][0]
  weight = masks.load(tmp_path / "mask.png", (40, 52), "harmonization")
  want = weight[..., None] * inside + (1 - weight[..., None]) * outside
  np.testing.assert_allclose(got, sheets.to_uint8(want), atol=1)
  np.testing.assert_array_equal(got[:, 48:], sheets.to_uint8(outside)[:, 48:])


def test_without_a_mask_the_picture_is_the_generators(use, tmp_path):
  source = use("harmonization")
  naive = _picture(tmp_path / "naive.png")
  compose.harmonize(None, tmp_path / "out.png", input=naive)
  want = source.generate(
    source.fixed_at(),
    image=arguments.resized(arguments.picture(source, naive), source.sizes[0])[None],
  )
  np.testing.assert_array_equal(_read(tmp_path / "out.png"), sheets.to_uint8(want)[0])


def test_edit_writes_a_folder_of_everything(use, tmp_path):
  use("editing")
  naive = _picture(tmp_path / "naive.png", 80, 104)
  Image.fromarray(np.full((10, 10), 255, np.uint8)).save(tmp_path / "mask.png")
  compose.edit(
    None, tmp_path / "out", input=naive, num=2, mask=str(tmp_path / "mask.png")
  )
  names = sorted(path.name for path in (tmp_path / "out").iterdir())
  assert names == [
    "input_00000.png",
    "masked_00000.png",
    "masked_00001.png",
    "unmasked_00000.png",
    "unmasked_00001.png",
  ]
  masked, other = (_read(tmp_path / "out" / name) for name in names[1:3])
  np.testing.assert_array_equal(masked, _read(tmp_path / "out" / names[3]))
  assert masked.shape == (40, 52, 3)
  assert (masked != other).any()  # Another noise.


def test_input_of_another_aspect_keeps_it(use, tmp_path):
  source = use("editing")
  tall = _picture(tmp_path / "tall.png", 90, 40)
  compose.edit(None, tmp_path / "out.png", input=tall)
  height, width, _ = _read(tmp_path / "out.png").shape
  assert height / width == pytest.approx(90 / 40, rel=0.05)
  assert height * width == pytest.approx(40 * 52, rel=0.05)
  assert arguments.sizes_for(source, (401, 520, 3)) == source.sizes
  with pytest.raises(errors.UserError, match="another aspect"):
    compose.edit(None, tmp_path / "out.png", input=tall, background="trained")


def test_painting(use, tmp_path):
  source = use("generation")
  painting = _picture(tmp_path / "painting.png", 30, 39)
  paint.paint2image(None, tmp_path / "out.png", input=painting, num=2, colors=3)
  assert _read(tmp_path / "out.png").shape == (40, 104, 3)
  centers = paint.palette(source.reals[0][0], 3)
  image = paint.quantized(
    arguments.resized(arguments.picture(source, painting), source.sizes[0]), centers
  )
  want = source.generate(source.draw(jax.random.key(0), 1), image=image[None])
  np.testing.assert_allclose(
    _read(tmp_path / "out.png")[:, :52], sheets.to_uint8(want)[0], atol=1
  )


@pytest.mark.parametrize("mode, warned", [("generation", True), ("editing", False)])
def test_paintings_are_for_runs_that_learnt_from_images(
  use, tmp_path, caplog, mode, warned
):
  use(mode)
  with caplog.at_level("WARNING", "absl"):
    paint.paint2image(None, tmp_path / "out.png", input=_picture(tmp_path / "in.png"))
  assert ("makes paintings faint" in caplog.text) == warned


def test_palette_is_of_colors():
  """Four flat colors with little noise are found, though channels overlap."""
  colors = np.array([[-0.9, 0.8, 0], [0.7, -0.9, 0], [0, 0, 0.9], [0.8, 0.8, -0.8]])
  rng = np.random.default_rng(0)
  chosen = rng.integers(0, 4, (20, 30))
  image = (colors[chosen] + 0.02 * rng.normal(size=(20, 30, 3))).astype(np.float32)
  centers = paint.palette(image, 4)
  for color in colors:
    assert np.abs(centers - color).max(1).min() < 0.02
  mapped = paint.quantized(image, centers)
  assert np.abs(mapped - colors[chosen]).max() < 0.02
  assert len(paint.palette(np.zeros((4, 4, 3), np.float32), 5)) == 1


def test_superres_of_consingan(use, tmp_path):
  source = use("generation")
  superres.superres(None, tmp_path / "out.png", factor=2.5)
  assert _read(tmp_path / "out.png").shape == (100, 130, 3)
  superres.superres(None, tmp_path / "calm.png", factor=2.5, noise=0.0)
  assert (_read(tmp_path / "calm.png") != _read(tmp_path / "out.png")).any()
  # The reconstruction, whose last stage works at the new size.
  sizes = (*source.sizes[:2], (100, 130))
  still = [*source.fixed[:2], np.zeros((1, *source.noise_shape(2, sizes[2])))]
  want = superres.consistent(source.generate(still, sizes)[0], source.reals[-1][0])
  np.testing.assert_allclose(
    _read(tmp_path / "calm.png"), sheets.to_uint8(want), atol=1
  )


def test_what_superres_makes_shrinks_to_the_image():
  """... and no smaller change would do."""
  rng = np.random.default_rng(0)
  large, other = rng.uniform(-0.2, 0.2, (2, 30, 44, 3))
  small = rng.uniform(-0.2, 0.2, (12, 17, 3))
  got, different = (superres.consistent(x, small) for x in (large, other))
  for image in (got, different):
    np.testing.assert_allclose(pyramid.imresize(image, (12, 17)), small, atol=0.01)
  assert np.abs(got - different).max() > 0.1
  change = got - large
  # The least change is perpendicular to all that does not show in the small image.
  assert abs(np.vdot(change, got - different)) < 1e-9 * np.vdot(change, change)


def test_growth_of_superres():
  assert superres.growth((167, 250), 4.0)[-1] == (668, 1000)
  assert len(superres.growth((167, 250), 4.0)) == 6
  assert superres.growth((10, 10), 1.1) == [(11, 11)]


@pytest.mark.parametrize("mode", ("generation", "animation"))
def test_retarget_of_singan_is_the_same_in_tiles(use, tmp_path, mode):
  source = use(mode, singan=True)
  options = dict(size="50x90", seed=4)
  retarget.retarget(None, tmp_path / "whole.png", **options)
  retarget.retarget(None, tmp_path / "tiles.png", tile=24, **options)
  whole, tiled = _read(tmp_path / "whole.png"), _read(tmp_path / "tiles.png")
  assert whole.shape == (50, 90, 3)
  assert whole.std() > 10
  assert np.abs(whole.astype(int) - tiled).max() <= 1
  noise = consingan_tiles.Noise(source, jax.random.key(0), source.sizes)
  np.testing.assert_array_equal(np.ptp(noise.whole(0), axis=-1), 0)


def test_singan_takes_pictures_at_a_scale(use, tmp_path):
  source = use("generation", singan=True)
  naive = _picture(tmp_path / "naive.png")
  for task, default in (
    (compose.harmonize, 2),
    (compose.edit, 2),
    (paint.paint2image, 1),
  ):
    options = {"colors": 0} if task is paint.paint2image else {}
    task(None, tmp_path / "out.png", input=naive, **options)
    task(None, tmp_path / "same.png", input=naive, start_stage=default, **options)
    got = _read(tmp_path / "out.png")
    np.testing.assert_array_equal(got, _read(tmp_path / "same.png"))
    image = arguments.picture(source, naive)
    want = source.generate(
      source.draw(jax.random.key(0), 1), start=default, image=image[None]
    )
    np.testing.assert_allclose(got, sheets.to_uint8(want)[0], atol=2)
    with pytest.raises(errors.UserError, match="scales 1 to 2"):
      task(None, tmp_path / "out.png", input=naive, start_stage=3, **options)


def test_superres_of_singan(use, tmp_path):
  source = use("generation", singan=True)
  superres.superres(None, tmp_path / "out.png", factor=1.25)
  # One step: the image enlarged, and the last scale's detail.
  size = (50, 65)
  noise = jax.random.normal(jax.random.fold_in(jax.random.key(0), 0), (1, *size, 3))
  large = pyramid.imresize(source.reals[-1][0], size)[None]
  want = superres.consistent(source.refine(large, noise)[0], source.reals[-1][0])
  np.testing.assert_array_equal(_read(tmp_path / "out.png"), sheets.to_uint8(want))
  superres.superres(
    None,
    tmp_path / "other.png",
    factor=2.0,
    input=_picture(tmp_path / "other_input.png", 20, 30),
  )
  assert _read(tmp_path / "other.png").shape == (40, 60, 3)


def test_animation_of_singan(use, tmp_path):
  use("animation", singan=True)
  animate.animate(None, tmp_path / "film.webp", frames=4, start_stage=0)
  with Image.open(tmp_path / "film.webp") as film:
    assert (film.n_frames, film.size) == (4, (52, 40))


def _mistakes(path):
  picture, black = _picture(path / "picture.png"), path / "black.png"
  Image.fromarray(np.zeros((8, 8), np.uint8)).save(black)
  (path / "text.png").write_text("no picture")
  text = str(path / "text.png")
  png = path / "out.png"
  return [
    (retarget.retarget, png, dict(size="fifty"), "--size=fifty"),
    (retarget.retarget, png, dict(size="5x5"), "ask for a larger one"),
    (retarget.retarget, png, dict(num=0), "--num=0"),
    (retarget.retarget, png, dict(start_stage=9), "--start_stage=9"),
    (retarget.retarget, path / "out.txt", {}, "out.txt"),
    (animate.animate, path / "out.png", {}, "name a film"),
    (animate.animate, path / "out.gif", dict(frames=1), "--frames=1"),
    (animate.animate, path / "out.gif", dict(strength=2.0), "--strength=2.0"),
    (compose.harmonize, png, {}, "--input=PATH"),
    (compose.harmonize, png, dict(input=text), "not an image"),
    (compose.harmonize, png, dict(input=picture, mask=text), "not an image"),
    (compose.harmonize, png, dict(input=picture, mask=str(black)), "black all over"),
    (compose.edit, png, dict(input=picture, background="back"), "trained"),
    (compose.edit, png, dict(input=picture, start_stage=2), "stage 0 only"),
    (paint.paint2image, png, dict(input=picture, start_stage=1), "stage 0 only"),
    (paint.paint2image, png, dict(input=picture, colors=1), "--colors=1"),
    (superres.superres, png, dict(factor=1.0), "--factor=1.0"),
    (superres.superres, png, dict(input=picture), "enlarges its training image"),
  ]


def test_mistakes_are_one_line_that_names_them(use, tmp_path):
  use("generation")
  for task, output, options, message in _mistakes(tmp_path):
    with pytest.raises(errors.UserError) as caught:
      task(None, output, **options)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not output.exists()
