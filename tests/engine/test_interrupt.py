"""Signals to a process that trains; see test_processes for whole programs."""

import json
import os
import signal
import threading

import pytest

from jaxgan import errors
from jaxgan.engine import interrupt
from tests.engine import toy

pytestmark = pytest.mark.usefixtures("one_device")


@pytest.fixture(autouse=True)
def _python_handles_interrupts():
  """A shell's background jobs, and so all tests run in one, ignore them at first."""
  before = signal.signal(signal.SIGINT, signal.default_int_handler)
  yield
  signal.signal(signal.SIGINT, before)


def test_the_first_signal_is_remembered_and_the_second_is_not_held_back(logged):
  handlers = [signal.getsignal(x) for x in (signal.SIGTERM, signal.SIGINT)]
  with interrupt.Interrupt() as signals:
    assert signals.received() == 0
    os.kill(os.getpid(), signal.SIGTERM)
    assert signals.received() == signal.SIGTERM
    with pytest.raises(KeyboardInterrupt):
      os.kill(os.getpid(), signal.SIGINT)
    assert signals.received() == signal.SIGTERM
    assert [signal.getsignal(x) for x in (signal.SIGTERM, signal.SIGINT)] == handlers
  for thread in threading.enumerate():
    if thread is not threading.current_thread() and not thread.daemon:
      thread.join(5)
  assert logged == ["signal 15: saving after this step; a second one stops at once"]


def test_handlers_are_as_before_afterward():
  handlers = [signal.getsignal(x) for x in (signal.SIGTERM, signal.SIGINT)]
  with interrupt.Interrupt():
    assert signal.getsignal(signal.SIGINT) != handlers[1]
  assert [signal.getsignal(x) for x in (signal.SIGTERM, signal.SIGINT)] == handlers


def test_training_in_a_thread_leaves_signals_alone():
  handler, seen = signal.getsignal(signal.SIGINT), []

  def body():
    with interrupt.Interrupt() as signals:
      seen.append((signal.getsignal(signal.SIGINT), signals.received()))

  thread = threading.Thread(target=body)
  thread.start()
  thread.join()
  assert seen == [(handler, 0)]


@pytest.mark.parametrize(
  ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)]
)
def test_a_signal_saves_the_step_at_once_and_the_run_goes_on_from_there(
  tmp_path, logged, number, status
):
  stage = toy.make(num_stages=1)[0]

  def batches(first, count):
    if first == 2:
      os.kill(os.getpid(), number)
    return stage.batches(first, count)

  def evaluate(state):
    del state
    raise AssertionError("a run that is told to stop does not evaluate")

  with pytest.raises(errors.Interrupted, match=r"step \d is saved in") as stopped:
    toy.run(
      tmp_path,
      every=(1, 1, 6, 1),
      stages=[stage._replace(batches=batches, evaluate=evaluate)],
    )
  assert stopped.value.exit_status == status
  saved = int(next((tmp_path / "checkpoints").iterdir()).name)
  assert 1 <= saved <= 3
  assert int(toy.run(tmp_path, stages=[stage], every=(1, 0, 6)).step) == 6
  assert f"continuing at step {saved} of 6" in logged
  lines = (tmp_path / "metrics.jsonl").read_text().splitlines()
  assert [json.loads(line)["step"] for line in lines] == [1, 2, 3, 4, 5, 6]
