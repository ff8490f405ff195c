"""The compiled step: what it donates, and that devices do not matter."""

import logging
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan import errors
from jaxgan.engine import sharding
from tests.engine import toy


def prepare(mesh, count=2):
  """Stage, arguments and program of `count` steps."""
  stage = toy.make()[0]
  whole = sharding.replicated(mesh)
  state = jax.jit(stage.init, out_shardings=whole)(jax.random.key(0), None)
  metrics = jax.jit(stage.metrics.empty, out_shardings=whole)()
  constants = sharding.replicate(stage.constants, mesh)
  batches = sharding.put(stage.batches(0, count), sharding.split(mesh))
  return (
    stage,
    (state, metrics, batches, constants),
    sharding.compile_update(stage, mesh, count, state, batches),
  )


def test_state_and_scalars_are_donated_and_the_rest_is_not(caplog):
  caplog.set_level(logging.INFO, "absl")
  _, arguments, call = prepare(sharding.make_mesh(8))
  results = call(*arguments)
  deleted = [[x.is_deleted() for x in jax.tree.leaves(tree)] for tree in arguments]
  assert [all(tree) for tree in deleted] == [True, True, False, False]
  assert not any(deleted[2] + deleted[3])
  assert all(
    x.sharding.is_fully_replicated and len(x.sharding.device_set) == 8
    for x in jax.tree.leaves(results)
  )
  assert arguments[2]["image"].sharding.spec == jax.sharding.PartitionSpec(None, "data")
  assert re.search(
    r"compiled 2 step\(s\) of stage 4 wide in [\d.]+ s; it needs "
    r"[\d.]+ MiB a device",
    caplog.text,
  )


def test_devices_change_results_by_rounding_only():
  results = []
  for count in (1, 8):
    mesh = sharding.make_mesh(count)
    stage, (state, metrics, _, constants), call = prepare(mesh)
    for first in (0, 2, 4):
      batches = sharding.put(stage.batches(first, 2), sharding.split(mesh))
      state, metrics = call(state, metrics, batches, constants)
    results.append((toy.arrays(state), metrics.compute()))
  (one, by_one), (eight, by_eight) = results
  for name, want in one.items():
    np.testing.assert_allclose(eight[name], want, rtol=1e-4, atol=1e-6, err_msg=name)
  np.testing.assert_allclose(list(by_eight.values()), list(by_one.values()), rtol=1e-5)
  assert one[".params['generator']['shift']"].any()


def test_what_a_step_makes_itself_is_divided_too():
  """Eight devices that each made all of it would do eight times as much."""
  stage = toy.make()[0]
  weights, flops = jnp.ones((64, 64)), []

  def update(state, batch):
    made = sharding.divide(jax.random.normal(state.key, (len(batch["image"]), 64)))
    value = jnp.mean((made @ weights) ** 2)
    scalars = dict.fromkeys(("loss_generator", "gradient_generator", "rate"), value)
    return state.replace(step=state.step + 1), scalars | {"loss_discriminator": value}

  batches, state = (
    stage.batches(0, 1),
    jax.eval_shape(stage.init, jax.random.key(0), None),
  )
  for count in (1, 8):
    call = sharding.compile_update(
      stage._replace(update=update), sharding.make_mesh(count), 1, state, batches
    )
    flops.append(call.cost_analysis()["flops"])
  assert flops[1] < flops[0] / 6


def test_constants_of_any_kind_reach_every_device_and_are_not_moved_twice():
  mesh = sharding.make_mesh(8)
  placed = sharding.replicate(
    {"number": 2.5, "host": np.arange(3.0), "device": jnp.ones(2)}, mesh
  )
  assert all(x.sharding == sharding.replicated(mesh) for x in placed.values())
  np.testing.assert_array_equal(placed["host"], [0, 1, 2])
  assert sharding.replicate(placed, mesh)["device"] is placed["device"]
  stage = toy.make()[0]._replace(
    constants={"importance": 2.0},  # Of no type that JAX would call strong.
    update=lambda state, batch: (
      state.replace(step=state.step + 1),
      {
        "loss_discriminator": batch["importance"],
        "loss_generator": 0.0,
        "gradient_generator": 0.0,
        "rate": 0.0,
      },
    ),
  )
  state = jax.jit(stage.init, out_shardings=sharding.replicated(mesh))(
    jax.random.key(0), None
  )
  batches = sharding.put(stage.batches(0, 1), sharding.split(mesh))
  call = sharding.compile_update(stage, mesh, 1, state, batches)
  _, metrics = call(
    state, stage.metrics.empty(), batches, sharding.replicate(stage.constants, mesh)
  )
  assert metrics.compute()["loss_discriminator"] == 2.0


def test_a_batch_that_devices_cannot_share_is_the_users_mistake():
  with pytest.raises(errors.UserError, match=r"batch of 12 .* 8 devices.*batch_size"):
    sharding.put({"image": np.zeros((1, 12, 3))}, sharding.split(sharding.make_mesh(8)))


def test_processes_are_counted_from_zero():
  with pytest.raises(errors.UserError, match="--process_id=2 of --num_processes=2"):
    sharding.join("localhost:1", 2, 2)


@pytest.mark.parametrize(
  ("failure", "shown_whole"),
  [
    (jax.errors.JaxRuntimeError("UNAVAILABLE: no heartbeat"), False),
    (ValueError("UNKNOWN: Gloo AllGather failed: connection reset"), False),
    (RuntimeError("anything else"), True),
  ],
)
def test_one_of_several_processes_that_fails_ends_at_once(
  failure, shown_whole, monkeypatch, caplog
):
  caplog.set_level(logging.INFO, "absl")
  monkeypatch.setattr(jax, "process_count", lambda: 2)

  def ended(status):
    raise SystemExit(status)

  monkeypatch.setattr(sharding.os, "_exit", ended)
  with pytest.raises(SystemExit, match="1"), sharding.together():
    raise failure
  *before, last = caplog.records
  assert last.getMessage().startswith("error: process 0 of 2 cannot go on without")
  assert str(failure) in last.getMessage()
  assert [bool(x.exc_info) for x in before] == [True] * shown_whole
  with pytest.raises(errors.UserError), sharding.together():
    raise errors.UserError("told by the caller")
