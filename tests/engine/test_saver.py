"""Saving: which checkpoints are kept, and what happens when the disk is full."""

import json
import logging
import resource

from absl import logging as absl_logging
import jax
import jax.numpy as jnp
import orbax.checkpoint as ocp
import pytest

from jaxgan import errors
from jaxgan.engine import checkpoints, core, saver, sharding
from tests.engine import toy

pytestmark = pytest.mark.usefixtures("one_device")


def small_state(value=0.0, key=0):
  return core.State(
    jnp.int32(1),
    jax.random.key(key),
    {"net": {"w": jnp.full(3, value), "b": jnp.bfloat16(value)}},
    {"net": ()},
    {"ema": {"w": jnp.full(3, value + 1)}, "empty": {}},
  )


def like(state):
  place = sharding.replicated(sharding.make_mesh())
  abstract = jax.tree.map(
    lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=place), state
  )
  return lambda position: abstract


def save(keeper, run_step, value=0.0, **results):
  keeper.save(run_step, checkpoints.Position("only", run_step), small_state(value))
  if results:
    keeper.wait()
    keeper.record(run_step, results)


def test_a_state_comes_back_as_it_was(tmp_path):
  with saver.Saver(tmp_path / "checkpoints") as keeper:
    assert keeper.restore(like(small_state())) is None
    save(keeper, 7, 0.3)
    keeper.wait()
    run_step, position, state = keeper.restore(like(small_state()))
  assert (run_step, position) == (7, checkpoints.Position("only", 7))
  toy.assert_same(state, small_state(0.3))
  assert state.opt == {"net": ()} and state.extra["empty"] == {}


def test_saving_does_not_see_later_steps(tmp_path):
  # Large enough that writing takes longer than the steps.
  state = small_state().replace(params={"net": {"w": jnp.zeros(2_000_000)}})
  step = jax.jit(
    lambda state: jax.tree.map(lambda x: x + 1 if x.dtype == jnp.float32 else x, state),
    donate_argnums=0,
  )
  with saver.Saver(tmp_path / "checkpoints") as keeper:
    for run_step in (1, 2):
      want = toy.arrays(jax.tree.map(jnp.copy, state))
      keeper.save(run_step, checkpoints.Position("only", run_step), state)
      for _ in range(20):
        state = step(state)
      keeper.wait()
      _, _, saved = keeper.restore(like(state))
      toy.assert_same(list(toy.arrays(saved).values()), list(want.values()))


def test_the_newest_and_the_best_are_kept_also_by_later_processes(tmp_path):
  directory = tmp_path / "checkpoints"
  open_saver = lambda: saver.Saver(directory, keep=2, best="distance")
  kept = lambda: sorted(int(x.name) for x in directory.iterdir())
  with open_saver() as keeper:
    for step, distance in ((1, 0.5), (2, 0.1), (3, 0.4), (4, float("nan")), (5, 0.2)):
      save(keeper, step, step, distance=distance, other=-step)
  assert kept() == [2, 4, 5]
  with open_saver() as keeper:
    save(keeper, 6, 6.0)  # Not evaluated.
    save(keeper, 7, 7.0, distance=0.3)
    save(keeper, 7, 99.0)  # A step that is saved stays what it is.
    assert [step for step in range(10) if keeper.evaluated(step)] == [2, 4, 5, 7]
  assert kept() == [2, 6, 7]
  with open_saver() as keeper:
    save(keeper, 8, 8.0, distance=0.05)
    save(keeper, 9, 9.0)
    save(keeper, 10, 10.0, distance=0.2, other=float("inf"))
    with pytest.raises(errors.UserError, match=r"best = 'distance' .*'distances'"):
      save(keeper, 11, 11.0, distances=0.0)
  assert kept() == [8, 10, 11]
  find = lambda step: checkpoints.find_step(directory, step)
  assert (find("best"), find("latest"), find("10"), find(10)) == (8, 11, 10, 10)
  read = lambda step: checkpoints.restore_item(directory, "params.net", step)["w"][0]
  assert (read("best"), read("latest"), read(10)) == (8, 11, 10)
  text = (directory / "10" / "evaluation.json").read_text()
  assert json.loads(text, parse_constant=pytest.fail) == {
    "distance": 0.2,
    "other": None,
    "score": 0.2,
  }


def test_the_scores_of_earlier_versions_and_damaged_ones(tmp_path):
  directory = tmp_path / "checkpoints"
  with saver.Saver(directory, keep=2, best="distance") as keeper:
    for step, distance in ((1, 0.3), (2, 0.1), (3, 0.2)):
      save(keeper, step, step, distance=distance)
  for step in (2, 3):
    (directory / str(step) / "metrics").mkdir()
    (directory / str(step) / "evaluation.json").rename(
      directory / str(step) / "metrics" / "metrics"
    )
  assert checkpoints.find_step(directory, "best") == 2
  with saver.Saver(directory, keep=2, best="distance") as keeper:
    for step in (4, 5):
      save(keeper, step, distance=0.5)
  assert sorted(int(x.name) for x in directory.iterdir()) == [2, 4, 5]
  for damaged in ('{"distance": 0.', "[1]", "null", '{"score": "low"}', "\xff"):
    (directory / "4" / "evaluation.json").write_text(damaged, "latin1")
    assert checkpoints.scores(directory) == {2: 0.1, 5: 0.5}
  assert checkpoints.evaluation(directory, 4) == {}
  with saver.Saver(directory, keep=2, best="distance") as keeper:
    assert [keeper.evaluated(step) for step in (2, 4, 5)] == [True, False, True]
  (directory / "2" / "metrics" / "metrics").write_text("")
  assert checkpoints.scores(directory) == {5: 0.5}


def test_without_scores_the_best_is_the_latest(tmp_path):
  directory = tmp_path / "checkpoints"
  with saver.Saver(directory, keep=1) as keeper:
    for step in (1, 2):
      save(keeper, step, distance=1.0)
  assert [x.name for x in directory.iterdir()] == ["2"]
  assert checkpoints.find_step(directory, "best") == 2


@pytest.fixture
def small_disk():
  """A function after which no file grows beyond some bytes; Python ignores SIGXFSZ."""
  soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
  yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
  resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_keeps_the_checkpoint_before(tmp_path, small_disk, logged):
  stage = toy.make(num_steps=12, num_stages=1)[0]

  def init(key, previous):
    state = stage.init(key, previous)
    return state.replace(
      extra=state.extra | {"ballast": jax.random.normal(key, (100_000,))}
    )

  def batches(first, count):
    if first == 6:  # Asked for during step 4 or later.
      small_disk(200_000)
    return stage.batches(first, count)

  with pytest.raises(
    errors.UserError,
    match=(
      r"cannot save a checkpoint in .*: File too large; the checkpoint of step \d is "
      r"kept\. Make room"
    ),
  ) as caught:
    toy.run(
      tmp_path, stages=[stage._replace(init=init, batches=batches)], every=(1, 0, 2)
    )
  assert "\n" not in str(caught.value)
  small_disk(resource.RLIM_INFINITY)
  state = toy.run(tmp_path, stages=[stage._replace(init=init)])
  assert any(line.startswith("continuing at step") for line in logged)
  assert int(state.step) == 12


def test_pages_that_orbax_logs_of_errors_that_it_raises_are_not_shown(tmp_path):
  handler = absl_logging.get_absl_handler()
  record = logging.makeLogRecord({"pathname": ocp.__file__, "levelno": logging.ERROR})
  with saver.Saver(tmp_path / "checkpoints"):
    assert not handler.filter(record)
    assert handler.filter(logging.makeLogRecord({"pathname": saver.__file__}))
  assert not handler.filter(record)  # Its threads may fail when all is over.


def test_a_full_disk_is_told_by_summaries_too(tmp_path, small_disk):
  stage = toy.make(num_steps=400, num_stages=1)[0]
  small_disk(3_000)
  with pytest.raises(errors.UserError, match=r"cannot write to .*: File too large"):
    toy.run(tmp_path, stages=[stage], every=(1, 0, 0))
  small_disk(resource.RLIM_INFINITY)
  for line in (tmp_path / "metrics.jsonl").read_text().splitlines()[:-1]:
    json.loads(line)
