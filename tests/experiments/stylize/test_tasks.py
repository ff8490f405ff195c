"""What users do with a network of styles, from the command line, on odd images."""

import dataclasses

import jax
import numpy as np
from PIL import Image
import pytest

from jaxgan import errors, generate
from jaxgan.experiments.stylize import inference, networks
from jaxgan.experiments.stylize.tasks import comparisons, photographs


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
  """Images of every kind; most are 12x12 when their sides are made multiples of 4."""
  folder = tmp_path_factory.mktemp("photos")
  random = np.random.default_rng(0)
  pixels = lambda *shape: random.integers(0, 256, shape).astype(np.uint8)
  Image.fromarray(pixels(9, 11, 3)).save(folder / "odd.png")
  Image.fromarray(pixels(1, 1, 3)).save(folder / "dot.png")
  Image.fromarray(pixels(3, 200, 3)).save(folder / "wide.png")
  Image.fromarray(pixels(9, 12, 4)).save(folder / "clear.png")
  Image.fromarray(pixels(9, 12)).save(folder / "gray.png")
  Image.fromarray(pixels(9, 12).astype(np.uint16) * 257).save(folder / "deep.png")
  Image.fromarray(pixels(9, 12, 4), "CMYK").save(folder / "print.jpg")
  (folder / "notes.png").write_text("not an image")
  return folder


@pytest.fixture
def command(run):
  """Runs a task."""

  def generated(*arguments):
    generate.main(["generate", f"--workdir={run.workdir}", *map(str, arguments)])

  return generated


def _pixels(path):
  with Image.open(path) as image:
    return np.asarray(image)


def test_a_folder_of_every_kind_of_image(command, photos, tmp_path):
  out = tmp_path / "out"
  command("--task=stylize", f"--input={photos}", f"--output={out}", "--style=rows")
  assert {path.name: _pixels(path).shape for path in out.iterdir()} == {
    "odd.png": (9, 11, 3),
    "dot.png": (1, 1, 3),
    "wide.png": (3, 200, 3),
    "clear.png": (9, 12, 4),
    "gray.png": (9, 12, 3),
    "deep.png": (9, 12, 3),
    "print.png": (9, 12, 3),
  }
  before, after = (_pixels(folder / "clear.png") for folder in (photos, out))
  np.testing.assert_array_equal(before[..., 3], after[..., 3])
  assert (before[..., :3] != after[..., :3]).any()


def test_styles_mixtures_strength_and_size(command, photos, tmp_path):
  def made(*arguments, name="odd"):
    command(
      "--task=stylize",
      f"--input={photos / name}.png",
      f"--output={tmp_path / 'x.png'}",
      *arguments,
    )
    return _pixels(tmp_path / "x.png").astype(int)

  plain = made("--style=rows")
  np.testing.assert_array_equal(plain, made("--style=rows:5"))
  assert (plain != made("--style=dots")).any()
  assert (plain != made("--style=rows:0.5,dots:0.5")).any()
  assert (plain != made("--style=rows:5", "--no-normalize")).any()
  photo = _pixels(photos / "odd.png").astype(int)
  np.testing.assert_array_equal(made("--style=rows", "--strength=0"), photo)
  half = made("--style=rows", "--strength=0.5")
  assert abs(half - (plain + photo) / 2).max() <= 1
  np.testing.assert_array_equal(plain, made("--style=rows", "--size=20"))
  assert made("--size=10", name="clear").shape == (8, 10, 4)
  assert made("--size=10x11", name="clear").shape == (10, 11, 4)


def test_mask_gives_regions_their_styles(run, command, photos, tmp_path):
  levels = np.zeros((9, 11), np.uint8)
  levels[:, 6:] = 255
  Image.fromarray(levels).save(tmp_path / "mask.png")
  command(
    "--task=mask",
    f"--input={photos / 'odd.png'}",
    "--style=tiles,dots",
    f"--mask={tmp_path / 'mask.png'}",
    f"--output={tmp_path / 'x.png'}",
  )
  trained = networks.restore(run)
  mirrored = lambda x: np.pad(x, ((0, 3), (0, 1), (0, 0)), mode="reflect")[None]
  maps = np.zeros((9, 11, 4), np.float32)
  maps[:, :6, trained.names.index("tiles")] = 1
  maps[:, 6:, trained.names.index("dots")] = 1
  photo = mirrored(_pixels(photos / "odd.png")) / np.float32(255)
  want = jax.jit(trained.net.apply)({"params": trained.params}, photo, mirrored(maps))
  got = _pixels(tmp_path / "x.png").astype(float)
  np.testing.assert_allclose(got, 255 * want[0, :9, :11], atol=0.6)


def test_sheets(command, photos, tmp_path):
  command(
    "--task=grid",
    f"--input={photos}",
    f"--output={tmp_path / 'g.png'}",
    "--num=2",
    "--size=9x12",
    "--style=rows,tiles",
    "--batch_size=1",
  )
  assert _pixels(tmp_path / "g.png").shape == (20 + 2 * 9, 3 * 12, 3)
  command(
    "--task=blend",
    f"--input={photos / 'odd.png'}",
    f"--output={tmp_path / 'b.png'}",
    "--num=3",
    "--size=12",
    "--batch_size=1",
  )
  assert _pixels(tmp_path / "b.png").shape == (36, 36, 3)


def test_weights_of_a_sheet_between_its_corners():
  four = comparisons.bilinear_weights("abcd", "abcd", 3, 3).reshape(3, 3, 4)
  np.testing.assert_array_equal(four[::2, ::2].reshape(4, 4), np.eye(4))
  np.testing.assert_array_equal(four[1, 1], [0.25] * 4)
  np.testing.assert_array_equal(
    comparisons.bilinear_weights("ca", "abc", 1, 3),
    [[0, 0, 1], [0.5, 0, 0.5], [1, 0, 0]],
  )


def test_frames_of_a_film(run, command, tmp_path):
  random = np.random.default_rng(0)
  (tmp_path / "in").mkdir()
  for i in range(3):
    frame = Image.fromarray(random.integers(0, 256, (9, 12, 3)).astype(np.uint8))
    frame.save(tmp_path / "in" / f"{i}.png")
  task = ("--task=video", f"--input={tmp_path / 'in'}", "--style=rows")
  command(*task, f"--output={tmp_path / 'out'}", "--smooth=0")
  paint = inference.open_painter(run, tmp_path / "out")
  style = np.eye(4, dtype=np.float32)[paint.names.index("rows")]
  for i in range(3):  # Without smoothing, frames are photographs.
    want = paint(_pixels(tmp_path / "in" / f"{i}.png"), style).astype(int)
    assert abs(_pixels(tmp_path / "out" / f"{i:06d}.png") - want).max() <= 1
  command(*task, f"--output={tmp_path / 'film.GIF'}", "--size=6")
  with Image.open(tmp_path / "film.GIF") as film:
    assert (film.n_frames, film.size) == (3, (6, 4))


def test_a_gif_needs_no_ffmpeg(command, tmp_path):
  frames = [Image.new("RGB", (12, 12), color) for color in ("red", "blue")]
  source, output = tmp_path / "in.gif", tmp_path / "out.gif"
  frames[0].save(source, save_all=True, append_images=frames[1:], duration=40)
  command("--task=video", f"--input={source}", f"--output={output}")
  with Image.open(output) as film:
    assert film.n_frames == 2 and film.info["duration"] == 40
  assert sorted(path.name for path in tmp_path.iterdir()) == ["in.gif", "out.gif"]
  source.write_bytes(b"no film")
  with pytest.raises(errors.UserError, match=r"in\.gif cannot be read as a film"):
    command("--task=video", f"--input={source}", f"--output={output}")


@pytest.mark.parametrize(
  ("arguments", "named"),
  [
    (("--task=stylize",), "--input=PATH"),
    (("--task=stylize", "--input=notes.png"), "none of 1 file"),
    (("--task=stylize", "--input=none*.png"), "no such file"),
    (("--task=stylize", "--input=odd.png", "--style=rwos"), "did you mean 'rows'"),
    (("--task=stylize", "--input=odd.png", "--style=rows:0"), "sum to 0"),
    (("--task=stylize", "--input=odd.png", "--size=0"), "--size=0"),
    (("--task=stylize", "--input=*.png"), "give a folder"),
    (("--task=stylize", "--input=odd.png", "--output=x.exe"), "no format of images"),
    (("--task=mask", "--input=*.png", "--mask=odd.png", "--output=y"), "is of one"),
    (("--task=grid", "--input=odd.png", "--size=2"), "--size=2"),
    (("--task=grid", "--input=odd.png", "--num=0"), "--num=0"),
    (("--task=grid", "--input=odd.png", "--batch_size=0"), "--batch_size=0"),
    (("--task=grid", "--input=odd.png", "--size=99999"), "would make a sheet"),
    (("--task=blend", "--input=odd.png", "--style=rows"), "mix two to four"),
    (("--task=blend", "--input=odd.png", "--num=1000000000"), "would make a sheet"),
    (("--task=mask", "--input=odd.png"), "--mask=PATH"),
    (("--task=mask", "--input=odd.png", "--mask=none.png"), "--mask=none.png"),
    (("--task=mask", "--input=odd.png", "--mask=x", "--style=rows"), "two styles or"),
    (("--task=video",), "which film or folder"),
    (("--task=video", "--input=nowhere"), "no such film"),
    (("--task=video", "--input=odd.png", "--smooth=1"), "--smooth=1"),
    (("--task=video", "--input=odd.png"), "is no film"),
    (("--task=video", "--input=odd.png", "--fps=-1"), "--fps=-1 must be from"),
    (("--task=video", "--input=odd.png", "--output=x.mov"), "name a film"),
  ],
)
def test_mistakes_are_named(command, photos, tmp_path, arguments, named, monkeypatch):
  monkeypatch.chdir(photos)
  name = "x.gif" if "video" in arguments[0] else "x.png"
  with pytest.raises(errors.UserError, match=named.replace("*", r"\*")):
    command(f"--output={tmp_path / name}", *arguments)
  assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
  ("arguments", "output"),
  [
    (("--task=stylize", "--input=in"), "in"),
    (("--task=stylize", "--input=in"), "link"),
    (("--task=stylize", "--input=in/*"), "in"),
    (("--task=stylize", "--input=in/a.png"), "in"),
    (("--task=stylize", "--input=in/a.png"), "in/a.png"),
    (("--task=mask", "--input=in/a.png", "--mask=in/b.png"), "in/b.png"),
    (("--task=mask", "--input=in/a.png", "--mask=in/b.png"), "in"),
    (("--task=grid", "--input=in/a.png"), "in/../in/a.png"),
    (("--task=video", "--input=in"), "in"),
  ],
)
def test_photographs_are_not_overwritten(
  command, tmp_path, arguments, output, monkeypatch
):
  monkeypatch.chdir(tmp_path)
  (tmp_path / "in").mkdir()
  (tmp_path / "link").symlink_to("in")
  for name in ("a.png", "b.png"):
    (tmp_path / "in" / name).write_bytes(b"a photograph")
  with pytest.raises(errors.UserError, match=r"itself|is one of the images"):
    command(*arguments, f"--output={output}")
  assert {x.read_bytes() for x in (tmp_path / "in").iterdir()} == {b"a photograph"}


def test_names_of_styles_make_no_paths(run, photos, tmp_path):
  """A model from elsewhere may call a style anything."""
  evil = f"../{tmp_path.name}/x"
  own = {"styles": [evil, *networks.style_names(run)[1:]]}
  foreign = dataclasses.replace(run, facts=dict.fromkeys(run.facts, own))
  out = tmp_path / "out" / "made.png"
  photographs.stylize(foreign, out, input=str(photos / "odd.png"), style=evil)
  assert [path for path in tmp_path.rglob("*") if path.is_file()] == [out]
