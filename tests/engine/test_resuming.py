"""A run that was stopped, or is made longer, goes on as if it had never stopped."""

import jax
import pytest

from jaxgan import errors
from jaxgan.engine import checkpoints, train
from tests.engine import toy

pytestmark = pytest.mark.usefixtures("one_device")


class Stopped(Exception):
  """The program was killed."""


def killed_at(run_step):
  """Stages whose data are read no further."""
  result = []
  for i, stage in enumerate(toy.make()):

    def batches(first, count, stage=stage, offset=6 * i):
      if offset + first + count > run_step:
        raise Stopped
      return stage.batches(first, count)

    result.append(stage._replace(batches=batches))
  return result


@pytest.mark.parametrize(
  ("stop", "every", "saved", "scanned"),
  [
    (5, 2, 4, False),  # Within the first stage.
    (5, 3, 3, True),  # In the middle of a chunk of 2.
    (6, 6, 6, False),  # At the boundary.
    (11, 4, 10, False),  # Within the second.
  ],
)
def test_a_resumed_run_ends_like_one_never_stopped(
  whole, tmp_path, logged, stop, every, saved, scanned
):
  with pytest.raises(Stopped):
    toy.run(tmp_path, stages=killed_at(stop), every=(1, 0, every))
  state = toy.run(tmp_path, every=(2, 0, 0), scanned=scanned)
  assert f"continuing at step {saved} of 12" in logged
  toy.assert_same(state, whole[0])
  steps = [x["step"] for x in toy.lines(tmp_path)]
  assert steps == sorted(set(steps)) and steps[-1] == 12
  logged.clear()
  toy.assert_same(toy.run(tmp_path), whole[0])
  assert f"already done: step 12 of 12, in {tmp_path}" in logged


def test_a_stage_is_restored_without_running_those_before(whole):
  def refuse(*_):
    raise AssertionError("the first stage ran")

  first, second = toy.make()
  first = first._replace(update=refuse, batches=refuse, render=refuse)
  inits = []
  second = second._replace(
    init=lambda key, previous: (
      inits.append(type(previous.step)),
      toy.make()[1].init(key, previous),
    )[1]
  )
  state = toy.run(whole[1], stages=[first, second])
  toy.assert_same(state, whole[0])
  assert inits and all(
    issubclass(x, (jax.ShapeDtypeStruct, jax.core.Tracer)) for x in inits
  )


def test_lengths_may_change_between_runs(tmp_path, logged):
  run = lambda folder, **fields: toy.run(
    tmp_path / folder, every=(2, 0, 0), stages=toy.make(**fields)
  )
  assert int(run("short", num_stages=1).step) == 6
  longer = run("short", num_stages=1, num_steps=9)
  toy.assert_same(longer, run("long", num_stages=1, num_steps=9))
  # The first stage has done nine steps of six: it is over, and the second begins.
  state = run("short", num_steps=6)
  assert "continuing at step 9 of 15" in logged
  assert [x["step"] for x in toy.lines(tmp_path / "short")][-3:] == [11, 13, 15]
  toy.assert_same(run("short", num_steps=2), state)
  assert f"already done: step 15 of 15, in {tmp_path / 'short'}" in logged


def test_the_time_left_knows_what_stages_cost(tmp_path, monkeypatch):
  class Captured(Exception):
    """Carries the function that tells the work up to a step."""

  def work(folder, stages):
    def capture(*_, work, **__):
      raise Captured(work)

    costly = [
      stage._replace(cost=cost) for stage, cost in zip(stages, (1, 10), strict=True)
    ]
    with monkeypatch.context() as patch, pytest.raises(Captured) as captured:
      patch.setattr(train.summaries, "Summaries", capture)
      toy.run(tmp_path / folder, stages=costly)
    return captured.value.args[0]

  new = work("new", toy.make())
  assert [new(step) for step in (0, 5, 6, 8, 12)] == [0, 5, 6, 26, 66]
  toy.run(tmp_path / "old", stages=toy.make(num_stages=1, num_steps=9))
  old = work("old", toy.make())  # Longer than its stage is now.
  assert [old(step) for step in (9, 10, 15)] == [0, 10, 60]


def test_stages_of_another_config_are_refused(whole):
  with pytest.raises(errors.UserError, match=r"stage '8 wide'.*another --workdir"):
    toy.run(whole[1], stages=toy.make()[:1])


@pytest.mark.parametrize("failed_at", [4, 6, 10, 12])
def test_a_step_is_saved_before_it_is_evaluated_and_evaluated_once(
  tmp_path, logged, failed_at
):
  def evaluated(calls, fails=False):
    def evaluate(state):
      calls.append(int(state.step))
      if fails and len(calls) == {4: 1, 6: 2, 10: 3, 12: 4}[failed_at]:
        raise Stopped
      yield from toy.evaluate(state)

    return [stage._replace(evaluate=evaluate) for stage in toy.make()]

  run = lambda stages: toy.run(
    tmp_path, stages=stages, every=(3, 0, 0, 4), best="distance"
  )
  with pytest.raises(Stopped):
    run(evaluated([], fails=True))
  directory = tmp_path / "checkpoints"
  assert checkpoints.find_step(directory, "latest") == failed_at
  later = []
  state = run(evaluated(later))
  # In steps of the stage: 4 and 6 of each.
  assert later == {4: [4, 6, 4, 6], 6: [6, 4, 6], 10: [4, 6], 12: [6]}[failed_at]
  assert int(state.step) == 6
  run(evaluated(later))
  assert logged[-1].startswith("already done") and len(later) <= 4
  found = [line for line in toy.lines(tmp_path) if "distance" in line]
  assert [line["step"] for line in found] == [4, 6, 10, 12]
  best = min(found, key=lambda line: line["distance"])
  assert checkpoints.find_step(directory, "best") == best["step"]
