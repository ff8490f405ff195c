"""The one loop: chunks, what it says, and what stops it."""

import json
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan import errors
from jaxgan.engine import saver, sharding, train
from tests.engine import toy

pytestmark = pytest.mark.usefixtures("one_device")


def compiled(logged):
  """Steps in the programs that were compiled."""
  return {int(x) for x in re.findall(r"compiled (\d+) step", "\n".join(logged))}


@pytest.mark.parametrize("log", [3, 4, 6])
def test_any_period_gives_the_same_bits(whole, tmp_path, log, logged):
  state = toy.run(tmp_path, every=(log, 0, 0), scanned=True)
  toy.assert_same(state, whole[0])
  steps = {3: {3}, 4: {4, 1}, 6: {6}}[log]
  assert compiled(logged) == steps


def test_scanned_scalars_are_the_means_of_single_steps(whole, tmp_path):
  toy.run(tmp_path, every=(6, 0, 0), scanned=True)
  for got, start in zip(toy.lines(tmp_path), (0, 3), strict=True):
    want = toy.lines(whole[1])[start : start + 3]
    for name in ("loss_discriminator", "loss_generator", "gradient_generator"):
      np.testing.assert_allclose(got[name], np.mean([x[name] for x in want]), rtol=1e-5)
    assert got["step"] == want[-1]["step"]
    assert got["rate"] == want[-1]["rate"]


def test_a_config_without_steps_is_refused(tmp_path):
  with pytest.raises(errors.UserError, match=r"config\.num_steps"):
    toy.run(tmp_path, stages=toy.make(num_steps=0))


def test_nothing_is_compiled_after_the_first_steps(tmp_path):
  compiled, seen = [], {}
  listen = lambda name, seconds, **_: (
    compiled.append(name)
    if ("over" not in seen and name.endswith("backend_compile_duration"))
    else None
  )
  stage = toy.make(num_steps=12, num_stages=1)[0]

  def render(state, batch):
    seen["renders traced"] = seen.get("renders traced", 0) + 1
    return toy.render(state, batch)

  def evaluate(state):
    seen[int(state.step)] = len(compiled)
    yield "distance", 0.0

  jax.monitoring.register_event_duration_secs_listener(listen)
  toy.run(
    tmp_path,
    stages=[stage._replace(evaluate=evaluate, render=render)],
    every=(1, 2, 2, 2),
  )
  seen["over"] = True  # JAX 0.7 cannot unregister.
  assert seen[2] > 0
  assert seen[12] == seen[6] == seen[4]
  assert seen["renders traced"] == 1


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_scalar_that_is_not_finite_stops_the_run(tmp_path, value):
  stage = toy.make()[0]

  def update(state, batch):
    bad = jnp.where(state.step == 4, jnp.float32(value), 0)
    state, scalars = stage.update(state, batch)
    return state, scalars | {"loss_generator": scalars["loss_generator"] + bad}

  with pytest.raises(
    errors.UserError,
    match=(rf"loss_generator is {value} at step 5; the checkpoint of step 4 is kept"),
  ):
    toy.run(tmp_path, stages=[stage._replace(update=update)], every=(1, 0, 2))
  assert int(toy.run(tmp_path, stages=[stage]).step) == 6  # The checkpoint is good.


@pytest.mark.parametrize(
  ("item", "value"), [("params.generator", jnp.nan), ("extra.ema", jnp.inf)]
)
def test_a_state_that_is_not_finite_is_neither_evaluated_nor_saved(
  tmp_path, monkeypatch, item, value
):
  stage, checked = toy.make()[0], []
  group, _, name = item.partition(".")

  def update(state, batch):
    state, scalars = stage.update(state, batch)
    bad = jnp.where(state.step == 4, value, 0)
    trees = getattr(state, group)
    trees = trees | {name: jax.tree.map(lambda x: x + bad, trees[name])}
    return state.replace(**{group: trees}), scalars

  def evaluate(state):
    assert state.step != 4
    yield "distance", 0.0

  finite = saver._finite
  monkeypatch.setattr(saver, "_finite", lambda x: checked.append(x) or finite(x))

  poisoned = stage._replace(update=update, evaluate=evaluate)
  with pytest.raises(
    errors.UserError,
    match=(rf"^{item} holds NaN or Inf at step 4; the checkpoint of step 2 is kept"),
  ):
    toy.run(tmp_path, stages=[poisoned], every=(0, 0, 2, 2))
  assert len(checked) == 2  # Once for each checkpoint.
  assert int(toy.run(tmp_path, stages=[stage]).step) == 6


def test_the_run_tells_what_it_does(tmp_path, logged):
  toy.run(tmp_path, every=(1, 6, 0), config={"seed": 0})
  for pattern in (
    r"stage 4 wide: generator has 8 parameters",
    r"compiled 1 step\(s\) of stage 8 wide in .* s; it needs .* MiB .*",
    r"step 5: rate 0\.1 -> 0\.05",
    r"step 11: rate 0\.1 -> 0\.05",
    rf"image {tmp_path}/images/fake_00000006\.png",
    r"step 12/12 .*images_per_second=.* loss_discriminator=[\d.]+ .* left",
  ):
    assert sum(bool(re.fullmatch(pattern, line)) for line in logged) == 1, pattern
  names = sorted(x.name for x in (tmp_path / "images").iterdir())
  assert names == [
    f"{kind}_{step:08d}.png" for kind in ("fake", "real") for step in (0, 6, 12)
  ]


def test_the_speed_is_that_of_data_where_steps_wait_for_them(tmp_path):
  toy.run(tmp_path, stages=toy.make(num_stages=1, pause=0.1), every=(1, 0, 0))
  last = json.loads((tmp_path / "metrics.jsonl").read_text().splitlines()[-1])
  assert last["steps_per_second"] < 50  # 10, but for the time of hooks.
  assert last["images_per_second"] == pytest.approx(8 * last["steps_per_second"])


def test_a_run_shows_images_early_and_then_by_its_period(tmp_path):
  toy.run(tmp_path, stages=toy.make(num_stages=2, num_steps=24), every=(1, 22, 0))
  steps = sorted(int(x.stem[-8:]) for x in (tmp_path / "images").glob("fake_*"))
  # The second stage, whose steps are 25 to 48, begins with no early ones.
  assert steps == [0, 10, 20, 22, 24, 46, 48]


def test_a_remark_is_logged_once(tmp_path, logged):
  (stage,) = toy.make(num_stages=1, num_steps=6)
  given = []

  def remarks(before, now):
    given.append((before, now))
    return ["low"] if len(given) in (2, 3, 5) else ["high"] if len(given) == 4 else []

  toy.run(tmp_path, stages=[stage._replace(remarks=remarks)], every=(1, 0, 0))
  assert [line for line in logged if line.endswith(("low", "high"))] == [
    "step 2: low",
    "step 4: high",
  ]
  assert given[0][0] == {}
  assert [before for before, _ in given[1:]] == [now for _, now in given[:-1]]


def test_the_last_picture_of_a_stage_is_not_replaced_by_the_first_of_the_next(tmp_path):
  sizes = []
  stages = [
    stage._replace(
      render=lambda state, batch: (
        sizes.append(batch["image"].shape[2]),
        toy.render(state, batch),
      )[1]
    )
    for stage in toy.make()
  ]
  toy.run(tmp_path, stages=stages, every=(0, 0, 0))
  assert sizes == [2, 4]  # Traced once in each stage, at its end.


def test_a_trace_is_written_on_request_and_closed(tmp_path, logged):
  toy.run(
    tmp_path,
    stages=toy.make(num_stages=1),
    every=(2, 0, 0),
    profile=train.Profile(steps=100, after=4),
  )  # Runs out of steps.
  traces = list((tmp_path / "profile").rglob("*.xplane.pb"))
  assert len(traces) == 1 and traces[0].stat().st_size > 1000
  assert f"profile in {tmp_path / 'profile'}" in logged


def test_a_batch_that_does_not_divide_is_told_in_one_line(tmp_path, monkeypatch):
  mesh = sharding.make_mesh(8)
  monkeypatch.setattr(sharding, "make_mesh", lambda: mesh)
  with pytest.raises(errors.UserError, match="batch of 12 does not divide over 8"):
    toy.run(tmp_path, stages=toy.make(data=dict(batch_size=12)))


def test_large_batches_make_short_calls(tmp_path, monkeypatch, logged):
  monkeypatch.setattr(train, "MAX_BYTES", 100)  # A batch has 32 bytes in stage 1.
  toy.run(tmp_path, stages=toy.make(num_stages=1), every=(6, 0, 0), scanned=True)
  assert compiled(logged) == {3}
