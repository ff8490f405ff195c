"""Mistakes in configs, and runs of earlier versions."""

import json

import pytest

from jaxgan import errors, runner
from jaxgan.experiments.stylize import networks, stage


@pytest.mark.parametrize(
  ("changes", "named"),
  [
    ({"data.size": 18}, "data.size = 18 must be a multiple of 4"),
    ({"data.size": 8}, "data.size = 8 must be .* 16 or more"),
    ({"data.style_size": 8}, "data.style_size = 8"),
    ({"data.batch_size": 0}, "data.batch_size = 0"),
    ({"data.accumulate": 3}, "data.accumulate = 3: .* a multiple of 24"),
    ({"data.accumulate": 1 << 9}, "a multiple of 4096"),
    ({"dtype": "float23"}, "did you mean 'float32'"),
    ({"evaluate.num": 0}, "evaluate.num = 0"),
    ({"loss.style": {"relu1_9": 1.0}}, "relu1_9: VGG16 has no such layer"),
    ({"loss.style": {"relu1_2": 0.0}}, "at least one layer"),
    ({"loss.style": {"relu1_2": -1.0}}, "loss.style.relu1_2 = -1.0"),
    ({"loss.total_variation": -1.0}, "loss.total_variation = -1.0"),
    ({"optimizer.b2": 1.0}, "optimizer.b2 = 1.0"),
    ({"stylizer.initializer": "slow"}, "stylizer.initializer = 'slow'"),
    ({"stylizer.upsample": "linear"}, "did you mean 'bilinear'"),
    ({"stylizer.width": 0}, "stylizer.width = 0"),
  ],
)
def test_what_a_config_alone_can_tell(make_config, changes, named):
  with pytest.raises(errors.UserError, match=named):
    runner.prepared(make_config(**changes))


@pytest.mark.parametrize(
  ("changes", "named"),
  [
    ({"data.styles": "/nowhere"}, "/nowhere: no such"),
    ({"loss.coefficients": "dost:2"}, "did you mean 'dots'"),
  ],
)
def test_what_the_data_tell(make_config, changes, named):
  with pytest.raises(errors.UserError, match=named):
    stage.stages(make_config(**changes))


def test_a_network_that_takes_no_such_styles(run, make_config, data):
  config = make_config(**{"init.workdir": str(run.workdir)})
  with pytest.raises(errors.UserError, match="knows dots, ramp, rows, tiles already"):
    stage.stages(config)
  config.data.styles, config.stylizer.width = str(data / "more"), 4
  with pytest.raises(errors.UserError, match="'width': 2"):
    stage.stages(config)


def test_runs_of_earlier_versions(make_config, tmp_path):
  old = json.loads(make_config().to_json())
  old |= {"network": old.pop("stylizer"), "extend": old.pop("init")}
  (tmp_path / "config.json").write_text(json.dumps(old))
  (tmp_path / "facts.json").write_text("{}")
  with pytest.raises(errors.UserError, match="network is now stylizer; extend is now"):
    runner.open_run(tmp_path)
  with pytest.raises(errors.UserError, match="--list says what to change"):
    networks.restore_base(make_config(**{"init.workdir": str(tmp_path)}))
