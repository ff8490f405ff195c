"""Trainings that visitors begin: processes that can be watched and stopped."""

import time

import pytest

from jaxgan import errors, runner
from jaxgan.app import training

pytestmark = pytest.mark.slow


def wait(trainings, text, seconds=240):
  end = time.monotonic() + seconds
  while text not in trainings.told():
    assert time.monotonic() < end, trainings.told()
    time.sleep(0.2)


def test_a_training_ends_in_a_model(tmp_path):
  trainings = training.Trainings(tmp_path / "runs", is_kept=True)
  assert trainings.told() == "" and not trainings.running()
  trainings.start("consingan:tiny", "image=shipped:chelsea", "every.evaluate=0")
  assert trainings.told() == "Training: it is starting"
  with pytest.raises(errors.UserError, match="another training goes on"):
    trainings.start("consingan:tiny")
  wait(trainings, "Done: step 8 of 8, finished")
  family, _ = runner.open_run(trainings.workdir)
  assert "animate" in family.TASKS
  assert trainings.workdir.parent == tmp_path / "runs"


def test_a_training_is_stopped_and_a_failed_one_tells_why(tmp_path):
  trainings = training.Trainings(tmp_path, is_kept=False)
  trainings.start("consingan:tiny", "image=shipped:nothing")
  wait(trainings, "Failed: ")
  assert "no such image is shipped" in trainings.told()
  trainings.start("consingan:tiny", "num_steps=100000", "every.checkpoint=0")
  wait(trainings, "Training: step")
  trainings.stop()
  assert not trainings.running() and trainings.told().startswith("Stopped: step")
