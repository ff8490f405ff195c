"""Stylization from a config to a trained run."""

import json

import jax
import numpy as np
import pytest

from jaxgan import runner
from jaxgan.engine import core, workdir
from jaxgan.experiments.stylize import networks, stage

pytestmark = pytest.mark.usefixtures("one_device")  # Batches of any size.


def test_learning_and_what_is_logged(run):
  text = (run.workdir / "metrics.jsonl").read_text()
  *lines, evaluation = map(json.loads, text.splitlines())
  # Rounding differs between processors, and training amplifies it: 0.1 was measured.
  assert lines[-1]["loss"] < 0.6 * lines[0]["loss"]
  for line in lines:
    terms = line["content_relu1_1"] + line["style_relu1_2"]
    np.testing.assert_allclose(terms, line["loss"], rtol=1e-4)
    assert {"style_relu1_2_of_dots", "content_relu1_1_of_ramp"} <= set(line)
  assert {"style_of_dots", "content_of_ramp", "total"} <= set(evaluation)
  # VGG16's weights are nowhere in what was saved.
  saved = sum(
    path.stat().st_size
    for path in (run.workdir / "checkpoints").rglob("*")
    if path.is_file()
  )
  assert saved < 1_000_000
  assert run.items() >= {"params.stylizer", "opt.stylizer", "extra.losses"}


@pytest.mark.slow
def test_resuming_is_exact(make_config, tmp_path):
  whole, parts = tmp_path / "whole", tmp_path / "parts"
  runner.train(make_config(num_steps=3), whole)
  runner.train(make_config(num_steps=2), parts)
  runner.train(make_config(num_steps=3), parts)
  for item in ("params.stylizer", "opt.stylizer", "extra.losses"):
    jax.tree.map(
      np.testing.assert_array_equal,
      workdir.load(whole).restore(item),
      workdir.load(parts).restore(item),
    )


def test_evaluation_in_training_compiles_once(run, make_config, evaluate_both):
  (one,) = stage.stages(make_config())
  params = {networks.NETWORK: networks.restore(run).params}
  state = core.State(np.int32(1), None, jax.device_put(params), {}, {})
  later = state.replace(params=jax.device_put(params))
  evaluate_both(one, state, later)


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_styles_are_added_without_touching_the_old(
  run, exported, make_config, data, tmp_path, kind
):
  base = run.workdir
  if kind == "file":
    base = exported(base)
    run = workdir.load(base)
  config = make_config(
    num_steps=2, **{"init.workdir": str(base), "data.styles": str(data / "more")}
  )
  runner.train(config, tmp_path / "longer")
  longer = workdir.load(tmp_path / "longer")
  old, new = networks.restore(run), networks.restore(longer)
  assert new.names == (*old.names, "ramp_again")
  rows = longer.restore("params.rows")
  assert sum(x.size for x in jax.tree.leaves(rows)) == sum(
    x[0].size
    for name, tables in old.params.items()
    if name.endswith("_norm")
    for x in tables.values()
  )
  for name, tables in old.params.items():
    for table, values in tables.items():
      kept = new.params[name][table][: len(values)]
      np.testing.assert_array_equal(kept, values)
  for name, tables in rows.items():  # Each new row left the mean of the old.
    for table, row in tables.items():
      assert (row != old.params[name][table].mean(0)).any(), (name, table)
