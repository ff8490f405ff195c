"""Every family in the one loop: what it compiles, and how accelerators would run it."""

import importlib
import json
from typing import Any, NamedTuple

import jax
import numpy as np
import pytest

from benchmarks import scaling
from jaxgan import runner
from jaxgan.engine import core, train
from jaxgan.ops import lowering

pytestmark = pytest.mark.usefixtures("one_device")

SMALL = {  # What makes `tiny` smaller still; or calmer, where three networks follow.
  "dcgan_anime": {"data.size": 32, "generator.width": 4, "evaluate.num": 8},
  "siamese": {"generator.width": 4, "discriminator.width": 4, "evaluate.size": 32},
  "stylize": {"data.size": 16, "data.style_size": 16},
  "gatys": {"data.size": 16, "data.style_size": 16},
  "cyclegan": {"generator.width": 4, "discriminator.width": 4, "pool": 1},
  "consingan": {},
  "singan": {"optimizer.learning_rate": 5e-6},
}
SLOW = set(SMALL) - {"dcgan_anime", "gatys"}  # To compile.
EVERY = train.Every(log=2, image=2, checkpoint=2, evaluate=2)


class Trained(NamedTuple):
  """A run of single steps: two of each stage, and four more of the last.

  Attributes:
    stages: as the family made them.
    programs: {step of the last stage: how many were compiled until it was evaluated}.
    state: after two steps of the last stage.
    lines: what was logged.
  """

  stages: list[core.Stage]
  programs: dict[int, int]
  state: core.State
  lines: list[dict[str, Any]]


def run(stages, workdir, **options):
  """Trains stages; the state, and what was logged but for speed and memory."""
  state = train.train(stages, workdir=workdir, every=EVERY, **options)
  lines = map(json.loads, (workdir / "metrics.jsonl").read_text().splitlines())
  return state, [
    {
      name: value
      for name, value in line.items()
      if not name.endswith(("per_second", "mib"))
    }
    for line in lines
  ]


@pytest.fixture(
  scope="module",
  params=[
    pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else [])
    for name in SMALL
  ],
)
def trained(request, tmp_path_factory, compiled, one_device):
  config = importlib.import_module(f"jaxgan.configs.{request.param}").get_config("tiny")
  config.update_from_flattened_dict(SMALL[request.param])
  stages = runner.find_family(config.experiment).stages(config)
  *before, last = [stage._replace(num_steps=2, evaluate=None) for stage in stages]
  evaluate = stages[-1].evaluate or (lambda state: ())
  programs, states = {}, []

  def counted(state):
    # What else is due at a step (log, image, checkpoint) comes before its evaluation.
    states.append(jax.device_get(state))
    scalars = list(evaluate(state))
    programs[int(state.step)] = len(compiled)
    return scalars

  longer = last._replace(num_steps=6, evaluate=counted)
  _, lines = run([*before, longer], tmp_path_factory.mktemp("cpu"), scanned=False)
  return Trained([*before, last], programs, states[0], lines)


def test_nothing_is_compiled_after_the_first_evaluation(trained):
  assert list(trained.programs) == [2, 4, 6]
  assert len(set(trained.programs.values())) == 1


@pytest.mark.slow
def test_the_way_of_accelerators_gives_the_same(trained, tmp_path, monkeypatch):
  """XLA's convolutions on two devices in a scan of two steps, against ours in single
  steps on one device.
  """
  asked, counts, programs = [], [], []
  compile_update = train.sharding.compile_update
  monkeypatch.setattr(lowering, "native", lambda: not asked.append(True))

  def compile_counted(stage, mesh, count, *args):
    counts.append(count)
    programs.append(compile_update(stage, mesh, count, *args))
    return programs[-1]

  monkeypatch.setattr(train.sharding, "compile_update", compile_counted)
  mesh = train.sharding.make_mesh(2)
  monkeypatch.setattr(train.sharding, "make_mesh", lambda: mesh)
  state, lines = run(trained.stages, tmp_path, scanned=True)
  assert asked and counts == [2] * len(trained.stages)
  for stage, program in zip(trained.stages, programs, strict=True):
    _divides_its_work(stage, trained.state, program)
  for got, want in zip(lines, trained.lines, strict=False):
    for name in got:
      np.testing.assert_allclose(
        got[name], want[name], rtol=1e-2, atol=1e-3, err_msg=name
      )
  # Adam's averages of gradients; its steps may differ in sign where those are near 0.
  got, want = (
    np.concatenate([np.ravel(x) for x in jax.tree.leaves(one.opt)])
    for one in (state, trained.state)
  )
  assert np.abs(got - want).sum() < 0.02 * np.abs(want).sum()


def _divides_its_work(stage, state, program):
  """No weights are gathered, no images moved; all gradients come from all devices."""
  sent = scaling.collectives(program.as_text())
  bytes_of = lambda tree: sum(x.nbytes for x in jax.tree.leaves(tree))
  # CycleGAN's pools of one image are the same on all devices, so that each image that
  # goes in or out is sent.
  pooled = 4 * bytes_of(state.extra.get("pools", ()))
  # The Siamese GAN compares neighbors in the batch, of which two are on other devices.
  _, summed = sent.pop("all-reduce", (0, 0))
  _, moved = sent.pop("collective-permute", (0, 0))
  if pooled:
    moved += sent.pop("all-to-all")[1]
  assert not sent and moved <= summed / 10 + pooled
  if stage.batches(0, 1):
    assert summed >= bytes_of(state.params)
