"""The verbs on one tiny run: pictures, numbers, and one line for what is wrong."""

import json
import shutil

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors, evaluate, generate, runner, tables


@pytest.fixture
def run(gan_run):
  return gan_run


def _generate(run, *arguments):
  generate.main(["generate", f"--workdir={run}", *map(str, arguments)])


def _pixels(path):
  with Image.open(path) as image:
    return np.asarray(image)


def test_list_names_the_tasks_and_their_options(run, capsys):
  _generate(run, "--list")
  text = capsys.readouterr().out
  assert "sample: " in text
  assert "--truncation=1.0" in text
  assert "[0 to 1.5]" in text and "hair=blue" in text  # What options take.
  assert "interpolate: " in text


def test_grid_files_and_array_hold_the_same_images(run, tmp_path):
  _generate(
    run, "--task=sample", f"--output={tmp_path / 'grid.png'}", "--num=6", "--columns=3"
  )
  _generate(run, "--task=sample", f"--output={tmp_path / 'files'}", "--num=4")
  grid = _pixels(tmp_path / "grid.png")
  assert grid.shape == (24, 36, 3)
  assert sorted(path.name for path in (tmp_path / "files").iterdir()) == [
    *(f"{i:05d}.png" for i in range(4)),
    "index.json",
  ]
  np.testing.assert_array_equal(
    _pixels(tmp_path / "files" / "00003.png"), grid[12:, :12]
  )
  _generate(run, "--task=sample", f"--output={tmp_path / 'array.npy'}", "--num=4")
  np.testing.assert_array_equal(np.load(tmp_path / "array.npy")[3], grid[12:, :12])


def test_seed_truncation_and_labels_matter(run, tmp_path):
  def image(*arguments):
    _generate(
      run, "--task=sample", f"--output={tmp_path / 'x.png'}", "--num=4", *arguments
    )
    return _pixels(tmp_path / "x.png")

  plain = image()
  np.testing.assert_array_equal(plain, image())
  assert (plain != image("--seed=1")).any()
  assert (plain != image("--enhance=3")).any()
  # Without variation of the latents all images of one label are alike.
  still = image("--truncation=0", "--labels=hair=blue,eyes=red")
  np.testing.assert_array_equal(still[:12, :12], still[12:, 12:])


def test_search_keeps_what_the_discriminator_likes(run, tmp_path):
  _generate(
    run, "--task=sample", f"--output={tmp_path / 'all'}", "--num=16", "--search=16"
  )
  _generate(
    run, "--task=sample", f"--output={tmp_path / 'best'}", "--num=2", "--search=16"
  )
  for name in ("00000.png", "00001.png"):
    np.testing.assert_array_equal(
      _pixels(tmp_path / "best" / name), _pixels(tmp_path / "all" / name)
    )


def test_screening_stops_when_too_few_pass(run, tmp_path):
  with pytest.raises(errors.UserError, match="pass the screening"):
    _generate(
      run,
      "--task=sample",
      f"--output={tmp_path / 'x.png'}",
      "--num=64",
      "--search=64",
      "--screen",
    )


@pytest.mark.parametrize(("name", "frames"), [("walk.gif", 6), ("walk.webp", 6)])
def test_a_walk_is_a_film(run, tmp_path, name, frames):
  _generate(
    run, "--task=interpolate", f"--output={tmp_path / name}", "--num=2", "--frames=3"
  )
  with Image.open(tmp_path / name) as film:
    # Equal frames may be joined by the format; the walk of a fresh net is slow.
    assert film.n_frames <= frames
    assert film.size == (12, 12)


def test_a_walk_is_a_strip(run, tmp_path):
  _generate(
    run,
    "--task=interpolate",
    f"--output={tmp_path / 'w.png'}",
    "--num=3",
    "--frames=4",
    "--no-loop",
  )
  # Two rows from image to image, and the last image on a third.
  assert _pixels(tmp_path / "w.png").shape == (36, 48, 3)


@pytest.mark.parametrize(
  ("arguments", "named"),
  [
    (("--task=sampel", "--output=x.png"), "did you mean 'sample'"),
    (("--task=sample",), "--output"),
    (("--task=sample", "--output=x.png", "--num=none"), "--num=none is not a whole"),
    (("--task=sample", "--output=x.png", "--num=0"), "--num=0"),
    (("--task=sample", "--output=x.png", "--num=-1"), "--num=-1 must not be neg"),
    (("--task=sample", "--output=x.png", "--seed=-1"), "--seed=-1 must not be neg"),
    (("--task=sample", "--output=x.png", "--seed=4294967296"), "from 0 to 4294967295"),
    (("--task=sample", "--output=x.png", f"--seed={2**64}"), "from 0 to 4294967295"),
    (("--task=sample", "--output=x.png", "--truncation=x"), "--truncation=x is not a"),
    (("--task=sample", "--output=x.png", "--nmu=3"), "--nmu=3"),
    (("--task=sample", "--output=x.jpg"), r"\.png"),
    (("--task=sample", "--output=x.png", "--search=3"), "--search=3"),
    (("--task=sample", "--output=x.png", "--labels=hair=blu"), "'blue'"),
    (("--task=sample", "--output=x.png", "--step=3"), "no checkpoint of step 3"),
    (("--task=interpolate", "--output=x.mov"), "x.mov"),
    (("--task=interpolate", "--output=x.gif", "--num=1"), "--num=1"),
    (("--task=interpolate", "--output=x.GIF", "--num=9999999"), "too much for one"),
    (("--task=interpolate", "--output=x.gif", "--fps=-1"), "--fps=-1"),
  ],
)
def test_mistakes_are_named(run, arguments, named, tmp_path, monkeypatch):
  monkeypatch.chdir(tmp_path)
  with pytest.raises(errors.UserError, match=named):
    _generate(run, *arguments)
  assert not list(tmp_path.iterdir())


def test_a_tilde_is_a_home_folder(run, tmp_path, monkeypatch):
  home = tmp_path / "home"
  home.mkdir()
  (home / "run").symlink_to(run)
  monkeypatch.setenv("HOME", str(home))
  monkeypatch.chdir(tmp_path)
  assert evaluate.find_runs("~") == [str(home / "run")]
  _generate("~/run", "--task=sample", "--num=1", "--output=~/x.npy")
  assert (home / "x.npy").exists() and [x.name for x in tmp_path.iterdir()] == ["home"]


def test_no_run(tmp_path):
  with pytest.raises(errors.UserError, match="no run in"):
    _generate(tmp_path / "nothing", "--list")


def test_a_run_without_checkpoints(run, tmp_path):
  for name in ("config.json", "facts.json"):
    shutil.copy(run / name, tmp_path)
  with pytest.raises(errors.UserError, match="no checkpoint in"):
    _generate(tmp_path, "--task=sample", f"--output={tmp_path / 'x.png'}")


def test_evaluation_of_a_run_is_one_json_line(run, tmp_path, capsys):
  evaluate.main(
    [
      "evaluate",
      f"--workdir={run}",
      "--num=8",
      "--training=8",
      f"--output={tmp_path / 'table.jsonl'}",
    ]
  )
  line = capsys.readouterr().out
  results = json.loads(line)
  assert (tmp_path / "table.jsonl").read_text() == line
  assert results["step"] == 4
  assert "8 real / 8 generated" in results["protocol"]
  assert "seed 0; FWD of Haar packets" in results["protocol"]
  assert {
    "fd_vgg16",
    "kid_vgg16",
    "kid_vgg16_interval",
    "swd_vgg16",
    "fwd",
    "fwd_interval",
    "precision",
    "coverage",
    "saturation",
    "mean_pairwise_distance",
    "nearest_neighbor_distance",
  } <= set(results)


def test_evaluation_tells_early_that_it_cannot_write(run, tmp_path, monkeypatch):
  family = runner.find_family("dcgan")
  monkeypatch.setattr(family, "evaluate", lambda run, **_: pytest.fail("it began"))
  (tmp_path / "file").write_text("")
  for path in (tmp_path, tmp_path / "file" / "x.jsonl"):
    with pytest.raises(errors.UserError, match=f"^cannot write {path}: "):
      evaluate.main(["evaluate", f"--workdir={run}", f"--output={path}"])


def test_evaluations_are_json_though_numbers_are_not_finite(
  run, tmp_path, monkeypatch, capsys
):
  found = [("psnr", np.inf), ("kid", np.nan), ("worst", [1.0, -np.inf]), ("num", 3)]
  family = runner.find_family("dcgan")
  monkeypatch.setattr(family, "evaluate", lambda run: iter(found))
  output = tmp_path / "new" / "x.jsonl"
  evaluate.main(["evaluate", f"--workdir={run}", f"--output={output}"])
  for text in (capsys.readouterr().out, output.read_text()):
    results = json.loads(text, parse_constant=pytest.fail)
    assert results["psnr"] is results["kid"] is None
    assert (results["worst"], results["num"]) == ([1.0, None], 3)


def test_a_table_of_runs():
  rows = [
    {"workdir": "a", "step": 4, "fid": 1.5, "worst": [1], "protocol": "8 images"},
    {"workdir": "bc", "step": 4, "fid": 2.5, "protocol": "8 images", "extra": 1},
  ]
  assert tables.table(rows).splitlines() == [
    "workdir  step  fid  extra",
    "      a     4  1.5",
    "     bc     4  2.5      1",
    " median     4    2      1",
    "protocol: 8 images",
  ]
  assert tables.table(rows[1:]).splitlines() == [
    "workdir  step  fid  protocol  extra",
    "     bc     4  2.5  8 images      1",
  ]
