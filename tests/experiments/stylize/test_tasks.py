"""What users do with a network of styles, from the command line, on odd pictures."""

import importlib
import shutil

import jax
import numpy as np
from PIL import Image
import pytest

from jaxgan import errors, generate, runner
from jaxgan.engine import workdir
from jaxgan.experiments.stylize import inference, networks
from jaxgan.images import color, inputs


@pytest.fixture(scope="module")
def run(tmp_path_factory):
  """A network of the four shipped styles with tables that differ."""
  config = importlib.import_module("configs.stylize_small").get_config("tiny")
  config.data.update(size=16, style_size=16)
  config.network.width, config.num_steps = 2, 2
  config.loss.content, config.loss.style = {"relu1_1": 1.0}, {"relu1_2": 4.0}
  config.optimizer.learning_rate = 0.2  # Two steps that styles can be told apart by.
  folder = tmp_path_factory.mktemp("run")
  runner.train(config, folder)
  return folder


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
  """Pictures of every kind."""
  folder = tmp_path_factory.mktemp("photos")
  random = np.random.default_rng(0)
  pixels = lambda *shape: random.integers(0, 256, shape).astype(np.uint8)
  Image.fromarray(pixels(13, 18, 3)).save(folder / "odd.png")
  Image.fromarray(pixels(1, 1, 3)).save(folder / "dot.png")
  Image.fromarray(pixels(3, 1_000, 3)).save(folder / "wide.png")
  Image.fromarray(pixels(9, 12, 4)).save(folder / "clear.png")
  Image.fromarray(pixels(9, 12)).save(folder / "gray.png")
  Image.fromarray(pixels(9, 12).astype(np.uint16) * 257).save(folder / "deep.png")
  Image.fromarray(pixels(9, 12, 4), "CMYK").save(folder / "print.jpg")
  (folder / "notes.png").write_text("not an image")
  return folder


def _generate(run, *arguments):
  generate.main(["generate", f"--workdir={run}", *map(str, arguments)])


def _pixels(path):
  with Image.open(path) as image:
    return np.asarray(image)


def test_a_folder_of_every_kind_of_picture(run, photos, tmp_path):
  _generate(
    run,
    "--task=stylize",
    f"--input={photos}",
    f"--output={tmp_path / 'out'}",
    "--style=ihc",
  )
  shapes = {path.name: _pixels(path).shape for path in (tmp_path / "out").iterdir()}
  assert shapes == {
    "odd.png": (13, 18, 3),
    "dot.png": (1, 1, 3),
    "wide.png": (3, 1_000, 3),
    "clear.png": (9, 12, 4),
    "gray.png": (9, 12, 3),
    "deep.png": (9, 12, 3),
    "print.png": (9, 12, 3),
  }
  before, after = (
    _pixels(folder / "clear.png") for folder in (photos, tmp_path / "out")
  )
  np.testing.assert_array_equal(before[..., 3], after[..., 3])
  assert (before[..., :3] != after[..., :3]).any()


def test_styles_mixtures_and_strength(run, photos, tmp_path):
  def made(*arguments, name="odd"):
    _generate(
      run,
      "--task=stylize",
      f"--input={photos / name}.png",
      f"--output={tmp_path / 'x.png'}",
      *arguments,
    )
    return _pixels(tmp_path / "x.png").astype(int)

  plain = made("--style=ihc")
  np.testing.assert_array_equal(plain, made("--style=ihc:5"))
  assert (plain != made("--style=retina")).any()
  assert (plain != made("--style=ihc:0.5,retina:0.5")).any()
  assert (plain != made("--style=ihc:5", "--no-normalize")).any()
  photo = _pixels(photos / "odd.png").astype(int)
  np.testing.assert_array_equal(made("--style=ihc", "--strength=0"), photo)
  half = made("--style=ihc", "--strength=0.5")
  assert abs(half - (plain + photo) / 2).max() <= 1
  assert made("--size=9").shape == (6, 9, 3)


def test_keeping_colors():
  random = np.random.default_rng(0)
  before, after = random.integers(100, 150, (2, 4, 5, 3)).astype(np.uint8)
  photo = inputs.Photograph(None, before, None)
  got = inputs.finish(photo, after, keep_color=True).astype(float)
  np.testing.assert_allclose(got @ color.LUMA, after @ color.LUMA, atol=0.6)
  shift = got - before  # The same for all channels: no hue changes.
  assert np.ptp(shift, axis=-1).max() <= 1


def test_mask_gives_regions_their_styles(run, photos, tmp_path):
  levels = np.zeros((13, 18), np.uint8)
  levels[:, 9:] = 255
  Image.fromarray(levels).save(tmp_path / "mask.png")
  _generate(
    run,
    "--task=mask",
    f"--input={photos / 'odd.png'}",
    "--style=retina,brick",
    f"--mask={tmp_path / 'mask.png'}",
    f"--output={tmp_path / 'x.png'}",
  )
  trained = networks.restore(workdir.load(run))
  mirrored = lambda x: np.pad(x, ((0, 3), (0, 2), (0, 0)), mode="reflect")[None]
  maps = np.zeros((13, 18, 4), np.float32)
  maps[:, :9, trained.names.index("retina")] = 1
  maps[:, 9:, trained.names.index("brick")] = 1
  photo = mirrored(_pixels(photos / "odd.png")) / np.float32(255)
  want = jax.jit(trained.net.apply)({"params": trained.params}, photo, mirrored(maps))
  got = _pixels(tmp_path / "x.png").astype(float)
  np.testing.assert_allclose(got, 255 * want[0, :13, :18], atol=0.6)


def test_sheets(run, photos, tmp_path):
  _generate(
    run,
    "--task=grid",
    f"--input={photos}",
    f"--output={tmp_path / 'g.png'}",
    "--num=2",
    "--size=16",
    "--style=ihc,brick",
  )
  assert _pixels(tmp_path / "g.png").shape == (20 + 2 * 16, 3 * 16, 3)
  _generate(
    run,
    "--task=blend",
    f"--input={photos / 'odd.png'}",
    "--num=3",
    f"--output={tmp_path / 'b.png'}",
    "--size=16",
  )
  assert _pixels(tmp_path / "b.png").shape == (48, 48, 3)


def test_frames_of_a_film(run, tmp_path):
  random = np.random.default_rng(0)
  for i in range(3):
    (tmp_path / "in").mkdir(exist_ok=True)
    Image.fromarray(random.integers(0, 256, (9, 12, 3)).astype(np.uint8)).save(
      tmp_path / "in" / f"{i}.png"
    )
  _generate(
    run,
    "--task=video",
    f"--input={tmp_path / 'in'}",
    "--style=ihc",
    f"--output={tmp_path / 'out'}",
    "--smooth=0",
  )
  trained = networks.restore(workdir.load(run))
  paint = inference.Painter(trained, tmp_path)
  one = np.eye(4, dtype=np.float32)[trained.names.index("ihc")]
  for i in range(3):  # Without smoothing, frames are photographs.
    want = paint(_pixels(tmp_path / "in" / f"{i}.png"), one).astype(int)
    assert abs(_pixels(tmp_path / "out" / f"{i:06d}.png") - want).max() <= 1
  _generate(
    run,
    "--task=video",
    f"--input={tmp_path / 'in'}",
    f"--output={tmp_path / 'film.gif'}",
  )
  with Image.open(tmp_path / "film.gif") as film:
    assert film.n_frames == 3


def test_smoothing_keeps_moments_of_frames_before(run):
  trained = networks.restore(workdir.load(run))
  style = np.eye(4, dtype=np.float32)[0]
  dark, light = np.full((8, 8, 3), 30, np.uint8), np.full((8, 8, 3), 220, np.uint8)
  film = inference.FilmPainter(trained, style, 0.9)
  film(dark)
  first = jax.device_get(film._moments[0])
  with np.errstate(invalid="raise"):  # Flat frames and a cut: nothing overflows.
    film(light)
  second = jax.device_get(film._moments[0])
  alone = inference.FilmPainter(trained, style, 0.0)
  alone(light)
  want = 0.9 * first.mean + 0.1 * np.asarray(alone._moments[0].mean)
  np.testing.assert_allclose(second.mean, want, rtol=1e-3, atol=1e-6)


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed")
def test_a_film_from_a_file(run, tmp_path):
  frames = [Image.new("RGB", (16, 12), color) for color in ("red", "blue")]
  frames[0].save(
    tmp_path / "in.gif", save_all=True, append_images=frames[1:], duration=100
  )
  _generate(
    run,
    "--task=video",
    f"--input={tmp_path / 'in.gif'}",
    f"--output={tmp_path / 'out.mp4'}",
  )
  assert (tmp_path / "out.mp4").stat().st_size > 0
  assert sorted(path.name for path in tmp_path.iterdir()) == ["in.gif", "out.mp4"]


@pytest.mark.parametrize(
  ("arguments", "named"),
  [
    (("--task=stylize", "--input=notes.png"), "none of 1 file"),
    (("--task=stylize", "--input=none*.png"), "no such file"),
    (("--task=stylize", "--input=odd.png", "--style=ich"), "did you mean 'ihc'"),
    (("--task=stylize", "--input=odd.png", "--style=ihc:0"), "sum to 0"),
    (("--task=stylize", "--input=*.png"), "do not fit into one file"),
    (("--task=grid", "--input=odd.png", "--size=2"), "--size=2"),
    (("--task=mask", "--input=odd.png", "--mask=none.png"), "--mask=none.png"),
    (("--task=mask", "--input=odd.png", "--style=ihc"), "two styles or more"),
    (("--task=video", "--input=nowhere"), "no such film"),
    (("--task=video", "--input=odd.png", "--smooth=1"), "--smooth=1"),
  ],
)
def test_mistakes_are_named(run, photos, tmp_path, arguments, named, monkeypatch):
  monkeypatch.chdir(photos)
  with pytest.raises(errors.UserError, match=named.replace("*", r"\*")):
    name = "x.gif" if "video" in arguments[0] else "x.png"
    _generate(run, *arguments, f"--output={tmp_path / name}")
  assert not list(tmp_path.iterdir())


def test_damaged_pictures_are_left_out(photos, tmp_path):
  (tmp_path / "cut.png").write_bytes((photos / "odd.png").read_bytes()[:200])
  shutil.copy(photos / "odd.png", tmp_path / "odd.png")
  shutil.copy(photos / "print.jpg", tmp_path / "odd.jpg")
  names = [str(photo.name) for photo in inputs.read(str(tmp_path))]
  assert names == ["odd.jpg", "odd.png"]  # Alike but for the suffix, which stays.
