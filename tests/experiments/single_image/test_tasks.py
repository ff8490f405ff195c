"""What users do with a run: samples of any size, films, paintings; their mistakes."""

import importlib

import jax
import numpy as np
from PIL import Image
import pytest

from jaxgan import errors
from jaxgan.experiments.shared import one_image, resizing
from jaxgan.experiments.single_image import tile_noise
from jaxgan.images import pixels

PACKAGE = "jaxgan.experiments.single_image.tasks"
# By name, since the package's attributes of these names are the functions.
animate, compose, paint, reconstruct, request, retarget, sample, superres = (
  importlib.import_module(f"{PACKAGE}.{name}")
  for name in (
    "animate",
    "compose",
    "paint",
    "reconstruct",
    "request",
    "retarget",
    "sample",
    "superres",
  )
)


def test_samples_are_the_same_in_a_sheet_and_in_files(use, read, tmp_path, monkeypatch):
  use("generation")
  sample.sample(None, tmp_path / "sheet.png", num=3, columns=3)
  monkeypatch.setattr(request, "PIXELS_AT_ONCE", 2 * 40 * 52)
  sample.sample(None, tmp_path / "files", num=3)
  sheet, files = read(tmp_path / "sheet.png"), sorted((tmp_path / "files").iterdir())
  assert [path.name for path in files] == ["00000.png", "00001.png", "00002.png"]
  for i, path in enumerate(files):
    part = sheet[:, 52 * i : 52 * (i + 1)].astype(int)
    assert np.abs(part - read(path)).max() <= 1
  assert (read(files[0]) != read(files[2])).any()


def test_files_are_written_as_they_are_made(tmp_path):
  def made():
    for i in range(10**9):
      yield np.zeros((1, 4, 4, 3))
      assert (tmp_path / "files" / f"{i:05d}.png").is_file()
      if i == 3:
        raise KeyboardInterrupt

  with pytest.raises(KeyboardInterrupt):
    one_image.write_images(tmp_path / "files", made(), 10**9, (4, 4))


def test_reconstruction_beside_the_image(use, read, tmp_path):
  source = use("generation")
  reconstruct.reconstruct(None, tmp_path / "both.png")
  both = read(tmp_path / "both.png")
  np.testing.assert_array_equal(both[:, 52:], pixels.to_uint8(source.reals[-1][0]))
  want = source.generate(source.fixed_at())[0]
  np.testing.assert_allclose(both[:, :52], pixels.to_uint8(want), atol=1)


def test_sizes(use):
  source = use("generation")
  assert one_image.chosen_sizes(source, "", "1") == source.sizes
  assert one_image.chosen_sizes(source, "", "2x1")[-1] == (80, 52)
  assert one_image.chosen_sizes(source, "104", "1")[-1] == (80, 104)
  assert one_image.chosen_sizes(source, "50x90", "1")[-1] == (50, 90)
  with pytest.raises(errors.UserError, match="give one of them"):
    one_image.chosen_sizes(source, "104", "2")


def test_retarget_to_any_size_is_the_same_in_tiles(use, read, tmp_path):
  use("retarget")
  options = dict(size="50x90", seed=4, start_stage=1)
  retarget.retarget(None, tmp_path / "whole.png", **options)
  retarget.retarget(None, tmp_path / "tiles.png", tile=24, **options)
  whole, tiled = read(tmp_path / "whole.png"), read(tmp_path / "tiles.png")
  assert whole.shape == (50, 90, 3)
  assert np.abs(whole.astype(int) - tiled).max() <= 1


def test_retarget_makes_it_twice_as_wide_unless_told_otherwise(use, read, tmp_path):
  use("generation")
  retarget.retarget(None, tmp_path / "images", num=2)
  images = [read(path) for path in sorted((tmp_path / "images").iterdir())]
  assert [image.shape for image in images] == [(40, 104, 3)] * 2
  assert (images[0] != images[1]).any()


def test_animation(use, read, tmp_path):
  source = use("animation")
  animate.animate(None, tmp_path / "film.gif", frames=6, fps=5, start_stage=1)
  with Image.open(tmp_path / "film.gif") as film:
    assert (film.n_frames, film.size) == (6, (52, 40))
    assert film.info["duration"] == 200
  animate.animate(None, tmp_path / "still", frames=3, strength=0.0)
  frames = [read(path) for path in sorted((tmp_path / "still").iterdir())]
  want = pixels.to_uint8(source.generate(source.fixed_at()))[0]
  for frame in frames:
    assert np.abs(frame.astype(int) - want).max() <= 1


def test_animation_is_the_same_however_many_frames_at_once(
  use, read, tmp_path, monkeypatch
):
  use("generation")
  for name, count in (("one", 1), ("all", 10**6)):
    monkeypatch.setattr(animate, "PIXELS_AT_ONCE", count)
    animate.animate(None, tmp_path / name, frames=4, loop=False)
  for a, b in zip(
    *(sorted((tmp_path / name).iterdir()) for name in ("one", "all")), strict=True
  ):
    assert np.abs(read(a).astype(int) - read(b)).max() <= 1


def test_painting(use, draw, read, tmp_path):
  source = use("generation")
  painting = draw("painting.png", 30, 39)
  paint.paint2image(None, tmp_path / "out.png", input=painting, num=2, colors=3)
  assert read(tmp_path / "out.png").shape == (40, 104, 3)
  centers = paint.palette(source.reals[0][0], 3)
  image = paint.quantized(
    request.resized(request.read_image(source, painting), source.sizes[0]), centers
  )
  want = source.generate(source.draw(jax.random.key(0), 1), image=image[None])
  np.testing.assert_allclose(
    read(tmp_path / "out.png")[:, :52], pixels.to_uint8(want)[0], atol=1
  )


@pytest.mark.parametrize("mode, warned", [("generation", True), ("editing", False)])
def test_paintings_are_for_runs_that_learned_from_images(
  use, draw, tmp_path, caplog, mode, warned
):
  use(mode)
  with caplog.at_level("WARNING", "absl"):
    paint.paint2image(None, tmp_path / "out.png", input=draw())
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


def test_superres_of_consingan(use, read, tmp_path):
  source = use("generation")
  superres.superres(None, tmp_path / "out.png", scale="2.5")
  assert read(tmp_path / "out.png").shape == (100, 130, 3)
  superres.superres(None, tmp_path / "calm.png", scale="2.5", noise=0.0)
  assert (read(tmp_path / "calm.png") != read(tmp_path / "out.png")).any()
  # The reconstruction, whose last stage works at the new size.
  sizes = (*source.sizes[:2], (100, 130))
  still = [*source.fixed[:2], np.zeros((1, *source.noise_shape(2, sizes[2])))]
  want = superres.consistent(source.generate(still, sizes)[0], source.reals[-1][0])
  np.testing.assert_allclose(read(tmp_path / "calm.png"), pixels.to_uint8(want), atol=1)


def test_what_superres_makes_shrinks_to_the_image():
  """... and no smaller change would do."""
  rng = np.random.default_rng(0)
  large, other = rng.uniform(-0.2, 0.2, (2, 30, 44, 3))
  small = rng.uniform(-0.2, 0.2, (12, 17, 3))
  got, different = (superres.consistent(x, small) for x in (large, other))
  for image in (got, different):
    np.testing.assert_allclose(resizing.imresize(image, (12, 17)), small, atol=0.01)
  assert np.abs(got - different).max() > 0.1
  change = got - large
  # The least change is perpendicular to all that does not show in the small image.
  assert abs(np.vdot(change, got - different)) < 1e-9 * np.vdot(change, change)


def test_growth_of_superres():
  assert superres.growth((167, 250), 4.0)[-1] == (668, 1000)
  assert len(superres.growth((167, 250), 4.0)) == 6
  assert superres.growth((10, 10), 1.1) == [(11, 11)]


@pytest.mark.parametrize("mode", ("generation", "animation"))
def test_retarget_of_singan_is_the_same_in_tiles(use, read, tmp_path, mode):
  source = use(mode, singan=True)
  options = dict(size="50x90", seed=4)
  retarget.retarget(None, tmp_path / "whole.png", **options)
  retarget.retarget(None, tmp_path / "tiles.png", tile=24, **options)
  whole, tiled = read(tmp_path / "whole.png"), read(tmp_path / "tiles.png")
  assert whole.shape == (50, 90, 3)
  assert whole.std() > 10
  assert np.abs(whole.astype(int) - tiled).max() <= 1
  noise = tile_noise.Noise(source, jax.random.key(0), source.sizes)
  np.testing.assert_array_equal(np.ptp(noise.whole(0), axis=-1), 0)


def test_superres_of_singan(use, draw, read, tmp_path):
  source = use("generation", singan=True)
  superres.superres(None, tmp_path / "out.png", scale="1.25")
  # One step: the image enlarged, and the last scale's detail.
  size = (50, 65)
  noise = jax.random.normal(jax.random.fold_in(jax.random.key(0), 0), (1, *size, 3))
  large = resizing.imresize(source.reals[-1][0], size)[None]
  want = superres.consistent(source.refine(large, noise)[0], source.reals[-1][0])
  np.testing.assert_array_equal(read(tmp_path / "out.png"), pixels.to_uint8(want))
  superres.superres(
    None, tmp_path / "other.png", scale="2", input=draw("other_input.png", 20, 30)
  )
  assert read(tmp_path / "other.png").shape == (40, 60, 3)


def test_animation_of_singan(use, tmp_path):
  use("animation", singan=True)
  animate.animate(None, tmp_path / "film.webp", frames=4, start_stage=0)
  with Image.open(tmp_path / "film.webp") as film:
    assert (film.n_frames, film.size) == (4, (52, 40))


def _mistakes(image, path):
  black, text, png = path / "black.png", path / "text.png", path / "out.png"
  Image.fromarray(np.zeros((8, 8), np.uint8)).save(black)
  text.write_text("no image")
  text = str(text)
  many = dict(num=10**9)
  return [
    (sample.sample, png, many, "--num=1000000000 would make a sheet"),
    (sample.sample, png, dict(seed=-1), "--seed=-1"),
    (sample.sample, png, dict(num=0), "--num=0"),
    (sample.sample, png, dict(columns=-1), "--columns=-1"),
    (retarget.retarget, png, many, "--num=1000000000 would make a sheet"),
    (retarget.retarget, png, dict(size="fifty"), "--size=fifty"),
    (retarget.retarget, png, dict(scale="0"), "--scale=0"),
    (retarget.retarget, png, dict(size="5x5"), "ask for a larger one"),
    (retarget.retarget, png, dict(start_stage=9), "--start_stage=9"),
    (retarget.retarget, path / "out.txt", {}, "out.txt"),
    (animate.animate, path / "out.png", {}, "name a film"),
    (animate.animate, path / "out.gif", dict(frames=1), "--frames=1"),
    (animate.animate, path / "out.gif", dict(frames=10**9), "too much for one .gif"),
    (animate.animate, path / "out.gif", dict(fps=0.0), "--fps=0"),
    (animate.animate, path / "out.gif", dict(strength=2.0), "--strength=2.0"),
    (compose.harmonize, png, {}, "--input=PATH"),
    (compose.harmonize, png, dict(input=image, **many), "would make a sheet"),
    (compose.harmonize, png, dict(input=text), "not an image"),
    (compose.harmonize, png, dict(input=image, mask=text), "not an image"),
    (compose.harmonize, png, dict(input=image, mask=str(black)), "black all over"),
    (compose.edit, png, dict(input=image, background="back"), "trained"),
    (compose.edit, png, dict(input=image, start_stage=2), "stage 0 only"),
    (paint.paint2image, png, {}, "--input=PATH"),
    (paint.paint2image, png, dict(input=image, start_stage=1), "stage 0 only"),
    (paint.paint2image, png, dict(input=image, colors=1), "--colors=1"),
    (superres.superres, png, dict(scale="1"), "--scale=1"),
    (superres.superres, png, dict(scale="2x3"), "--scale=2x3"),
    (superres.superres, png, dict(input=image), "enlarges its training image"),
  ]


def test_mistakes_are_one_line_that_names_them(use, draw, tmp_path):
  use("generation")
  for task, output, options, message in _mistakes(draw(), tmp_path):
    with pytest.raises(errors.UserError) as caught:
      task(None, output, **options)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not output.exists()
