"""Tasks for visitors: in folders of their own, within limits, with plain errors."""

import json
import os
import pathlib
import time
import zipfile

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors, progress, runner
from jaxgan.app import library

gr = pytest.importorskip("gradio")
jobs = pytest.importorskip("jaxgan.app.jobs")

pytestmark = pytest.mark.slow  # Gradio takes seconds to import.


@pytest.fixture
def work(gan_run, tmp_path):
  (tmp_path / "files").mkdir()
  models = library.Library([str(gan_run)])
  models._models["toy"] = library.Model("toy", {"long": long, "broken": broken}, {})
  models._held["toy"] = library.Held(None)
  return jobs.Jobs(models, tmp_path / "files")


def long(run, output, *, num: int = 10):
  """A long task."""
  with progress.track(num, "working") as advance:
    for _ in range(num):
      time.sleep(0.01)
      advance()
  output.write_text("done")
  return output


def broken(run, output, *, input: str = ""):
  """A task with a mistake in it."""
  raise ZeroDivisionError("a detail of the program")


def test_a_task_is_the_command_lines(work, gan_run):
  made = work.run(str(gan_run), "sample", {"num": 4, "seed": 2, "labels": "hair=blue"})
  _, run = runner.open_run(gan_run)
  want = made.with_name("want.png")
  runner.find_family("dcgan").TASKS["sample"](
    run, want, num=4, seed=2, labels="hair=blue"
  )
  np.testing.assert_array_equal(Image.open(made), Image.open(want))


def test_a_folder_is_one_file_to_download(work, gan_run):
  shown, download = jobs.files(work.run(str(gan_run), "sample", {"num": 3}, "folder"))
  assert [pathlib.Path(x).name for x in shown] == [f"{i:05d}.png" for i in range(3)]
  with zipfile.ZipFile(download) as archive:
    assert len(archive.namelist()) == 4
    index = json.loads(archive.read("index.json"))
  assert index["00002.png"]["latents"] == "0:2"


@pytest.mark.parametrize(
  ("options", "form", "told"),
  [
    ({"num": 0}, ".png", "num: 0 must be at least 1"),
    ({"seed": -1}, ".png", "seed: -1 must not be negative"),
    ({"labels": "hair=plaid"}, ".png", "labels: hair has no value 'plaid'"),
    ({"labels": "../../etc"}, ".png", "looks like a file's name"),
    ({"none": 1}, ".png", "no option 'none'"),
    ({"labels=/etc/hostname": True}, ".png", "no option 'labels=/etc/hostname'"),
    ({"no-screen --labels": True}, ".png", "no option"),
    ({"screen": "/etc/hostname"}, ".png", "looks like a file's name"),
    ({"screen": 1}, ".png", "screen: 1 is neither true nor false"),
    ({}, ".exe", "name a sheet"),
    ({}, "/../../x.png", "is no format"),
    ({}, "../x", "is no format"),
    ({"num": "4 --seed=3"}, ".png", "not a whole number"),
    ({"latents": ["/etc/passwd"]}, ".png", "looks like a file's name"),
  ],
)
def test_mistakes_are_told_in_a_line(work, gan_run, options, form, told):
  with pytest.raises(gr.Error, match=told) as caught:
    work.run(str(gan_run), "sample", options, form)
  message = caught.value.message
  assert "\n" not in message and "--" not in message
  assert str(work.folder) not in message


def test_programming_mistakes_tell_nothing_of_the_program(work):
  with pytest.raises(gr.Error, match=r"failed \(ZeroDivisionError\)") as caught:
    work.run("toy", "broken", {})
  assert "detail" not in caught.value.message


def test_progress_is_told(work):
  told = []
  work.run("toy", "long", {"num": 4}, ".txt", lambda *far: told.append(far))
  assert told == [(x, "working") for x in (0.0, 0.25, 0.5, 0.75, 1.0)]


def test_what_takes_too_long_ends(work):
  work._limit = 0.1
  begun = time.monotonic()
  with pytest.raises(gr.Error, match="was stopped: ask for less"):
    work.run("toy", "long", {"num": 10_000}, ".txt")
  assert time.monotonic() - begun < 5


def test_a_full_disk_ends_it(work, monkeypatch):
  monkeypatch.setattr(jobs, "LEAST_DISK", 2**62)
  with pytest.raises(gr.Error, match="disk is nearly full"):
    work.run("toy", "long", {}, ".txt")


def test_old_results_are_removed(work):
  old, new = work.new_folder(), work.new_folder()
  past = time.time() - jobs.KEPT - 1
  os.utime(old, (past, past))
  work.new_folder()
  assert not old.exists() and new.exists()


def test_only_files_of_the_page_are_read(work, tmp_path):
  outside, inside = tmp_path / "x.png", work.new_folder() / "x.png"
  for path in (outside, inside):
    Image.new("RGB", (4, 4)).save(path)
  work.check({"input": str(inside)})
  link = work.folder / "link.png"
  link.symlink_to(outside)
  for path in (outside, link, work.folder / ".." / "x.png"):
    with pytest.raises(Exception, match="looks like a file's name"):
      work.check({"input": str(path)})


def test_copies_are_made_once(work, tmp_path):
  Image.new("RGB", (4, 4)).save(tmp_path / "x.png")
  paths = [str(tmp_path / "x.png"), str(tmp_path / "none.png")]
  (copy,) = work.copies(paths)
  assert pathlib.Path(copy).is_relative_to(work.folder)
  assert work.copies(paths) == [copy]


def test_uploads_among_several_values(work, tmp_path):
  upload = work.new_folder() / "image.png"
  Image.new("RGB", (8, 8)).save(upload)
  work.check({"style": f"wave:0.6,{upload}:0.4"})
  work.check({"style": f"{upload}:0.6,wave,{upload}:4"})
  (tmp_path / "secret.png").write_bytes(upload.read_bytes())
  others = (
    tmp_path / "secret.png",
    f"{upload}:/../../../../secret.png",
    f"{upload.parent}/../../secret.png:1",
  )
  for other in others:
    with pytest.raises(errors.UserError, match="looks like a file's name"):
      work.check({"style": f"{upload}:0.5,{other}:0.5"})
