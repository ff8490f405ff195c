"""Models are loaded once, and go when memory is short; runs of one's own are found."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from jaxgan import errors, runner
from jaxgan.app import library

OWN = pathlib.Path(__file__).parents[1] / "families"


def test_shipped_models_and_own_runs(gan_run):
  models = library.Library([*library.shipped(), str(gan_run)])
  assert models.with_tasks("neighbors") == ["shipped:anime", str(gan_run)]
  assert models.with_tasks("stylize", "blend") == ["shipped:styles"]
  assert "hair=blue" in models[str(gan_run)].choices["labels"]
  with pytest.raises(errors.UserError, match="did you mean 'sample'"):
    models.task("shipped:anime", "sampel")
  with pytest.raises(errors.UserError, match="no model shipped:animals"):
    models.task("shipped:animals", "sample")
  with pytest.raises(errors.UserError, match="no run in"):
    models.add(str(gan_run / "images"))


def test_a_model_may_come_while_others_are_listed(gan_run, monkeypatch):
  """As when a training ends while another visitor's page is built."""
  models = library.Library(["shipped:anime", "shipped:styles"])

  class Adding(dict):
    def __iter__(self):
      models.add(str(gan_run))
      return super().__iter__()

  anime = models["shipped:anime"]
  models._models["shipped:anime"] = anime._replace(tasks=Adding(anime.tasks))
  assert models.with_tasks("neighbors") == ["shipped:anime"]
  assert models.with_tasks("neighbors") == ["shipped:anime", str(gan_run)]
  monkeypatch.setattr(runner, "open_run", lambda name: pytest.fail("opened again"))
  models.add(str(gan_run))


def test_a_model_is_read_once(gan_run, monkeypatch):
  models = library.Library([str(gan_run)])
  run = models.run(str(gan_run))
  first = run.restore("extra.ema")
  assert models.run(str(gan_run)).restore("extra.ema") is first
  np.testing.assert_array_equal(run.run_step(), 4)  # All else is the run's.


def test_the_one_that_was_not_used_for_longest_goes_first(gan_run, monkeypatch):
  opened = []
  open_run = runner.open_run
  names = ["shipped:anime", "shipped:styles", str(gan_run)]
  free = [2**40]
  models = library.Library(names, free=lambda: free[0])
  monkeypatch.setattr(
    runner, "open_run", lambda name: opened.append(name) or open_run(name)
  )
  for name in (names[0], names[1], names[0]):
    models.run(name)
  assert opened == names[:2]
  # One loses its place, which is enough.
  calls = iter([0, 2**40])
  models._free = lambda: next(calls)
  models.run(names[2])
  models._free = lambda: 2**40
  for name in (names[0], names[2], names[1]):
    models.run(name)
  assert opened == [*names[:2], names[2], names[1]]


def test_memory_that_is_free_is_known():
  assert library.free_memory() > 2**20


@pytest.mark.slow
def test_a_family_of_ones_own(tmp_path, monkeypatch):
  verb = (sys.executable, "-m", "jaxgan.main", "--config=configs/wgan_digits.py")
  options = (f"--workdir={tmp_path / 'run'}", "--config.num_steps=2")
  path = os.environ | {"PYTHONPATH": str(OWN.parents[1])}
  subprocess.run([*verb, *options], cwd=OWN, env=path, check=True, capture_output=True)
  monkeypatch.syspath_prepend(OWN)
  models = library.Library([str(tmp_path / "run")])
  assert models.with_tasks() == [str(tmp_path / "run")]
  task = models.task(str(tmp_path / "run"), "sample")
  made = task(models.run(str(tmp_path / "run")), tmp_path / "x.png", num=4)
  assert made.stat().st_size > 0
