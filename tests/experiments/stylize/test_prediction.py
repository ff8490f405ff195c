"""Paintings that the network never saw as styles: read, mixed, and learned further."""

import dataclasses

import jax
import numpy as np
from PIL import Image
import pytest

from jaxgan import errors, evaluate, generate, runner
from jaxgan.engine import workdir
from jaxgan.experiments.stylize import inference, networks, reading, stage
from jaxgan.features import weights
from jaxgan.nets import style_predictor

pytestmark = pytest.mark.usefixtures("one_device")
ANY = {"predictor.bottleneck": 4, "optimizer.learning_rate": 0.02}


@pytest.fixture(scope="module")
def any_run(make_config, tmp_path_factory, one_device):
  """A network that was trained to read paintings, for long enough to heed them."""
  folder = tmp_path_factory.mktemp("any")
  runner.train(make_config(num_steps=40, **ANY), folder)
  return workdir.load(folder)


@pytest.fixture
def painted(any_run, data, tmp_path):
  """A photograph in a style."""

  def paint(style, run=any_run):
    output = tmp_path / "x.png"
    arguments = (f"--input={data / 'content' / '0.png'}", f"--output={output}")
    task = ("--task=stylize", f"--style={style}", *arguments)
    generate.main(["generate", f"--workdir={run.workdir}", *task])
    return np.asarray(Image.open(output)).astype(int)

  return paint


@pytest.mark.slow
def test_a_file_is_a_style(any_run, painted, data):
  """One of a painting known by name is that style, bit for bit."""
  assert inference.restore(any_run, "").names == ("dots", "ramp", "rows", "tiles")
  known, new = data / "styles" / "rows.png", data / "more" / "ramp_again.png"
  rows = painted("rows")
  np.testing.assert_array_equal(rows, painted(known))
  assert (rows != painted(new)).any() and (rows != painted("dots")).any()
  np.testing.assert_array_equal(painted(f"{new}:3"), painted(new))
  mixed = painted(f"{new}:0.5,rows:0.5")
  assert (mixed != rows).any() and (mixed != painted(new)).any()


def test_all_colors_and_contrasts_are_measured():
  images = np.random.default_rng(0).uniform(0, 2, (2, 4, 4, 3)).astype(np.float32)
  got = reading.measure({"a": images, "b": 2 * images[..., :1]})
  assert got.shape == (2, 8)
  np.testing.assert_allclose(got[:, :3], np.log(images.mean((1, 2)) + 0.01), rtol=1e-4)
  np.testing.assert_allclose(got[:, 3:6], np.log(images.std((1, 2)) + 0.01), rtol=1e-4)
  scale = reading.Scale(np.float32([1, 2]), np.float32([2, 0.1]))
  np.testing.assert_allclose(scale(np.float32([[3, 1]])), [[1, -reading.MOST]])


@pytest.mark.slow
def test_a_painting_unlike_all_others_is_named(any_run, caplog):
  trained = networks.restore(any_run)
  far = reading.Scale(trained.reader.scale.mean + 100, trained.reader.scale.spread)
  reader = dataclasses.replace(trained.reader, scale=far)
  painting = {"odd": np.zeros((20, 24, 3), np.uint8)}
  more = trained._replace(reader=reader).read(painting)
  assert more.names[-1] == "odd" and more.net.num_styles == 5
  assert "odd is unlike" in caplog.text


@pytest.mark.slow
def test_a_predicted_row_is_a_start_for_training(
  any_run, make_config, data, painted, tmp_path
):
  """Old styles stay, and the longer run reads files as well."""
  options = {"init.workdir": str(any_run.workdir), "data.styles": str(data / "more")}
  trained = networks.restore(any_run)
  path = data / "more" / "ramp_again.png"
  want = inference.restore(any_run, str(path)).params
  starts = {}
  for start in ("predicted", "mean"):
    (one,) = stage.stages(make_config(**options, **{"init.start": start}))
    starts[start] = networks.merge(one.init(jax.random.key(0), None).params)
  for name, tables in trained.params.items():
    if networks.is_norm(name):
      for table, rows in tables.items():
        np.testing.assert_array_equal(
          starts["predicted"][name][table], want[name][table]
        )
        np.testing.assert_allclose(
          starts["mean"][name][table][-1], rows.mean(0), atol=1e-6
        )
  runner.train(make_config(num_steps=2, **options), tmp_path / "longer")
  longer = workdir.load(tmp_path / "longer")
  after = networks.restore(longer)
  assert after.names == (*trained.names, "ramp_again")
  for name, tables in trained.params.items():
    for table, values in tables.items():
      got = after.params[name][table]
      np.testing.assert_array_equal(got[: len(values)], values)
  np.testing.assert_array_equal(painted("tiles"), painted("tiles", longer))
  np.testing.assert_array_equal(painted(path), painted(path, longer))
  assert (painted("ramp_again", longer) != painted(path)).any()


@pytest.mark.slow
def test_a_network_with_own_styles_is_a_start(run, make_config):
  """Its convolutions are taken, and paintings' rows are the mean of its rows."""
  options = {"init.workdir": str(run.workdir), "predictor.bottleneck": 4}
  (one,) = stage.stages(make_config(**options))
  base, params = networks.restore(run), one.init(jax.random.key(0), None).params
  assert set(params) == {networks.NETWORK}
  own = dict(params[networks.NETWORK])
  predictor = own.pop(reading.PREDICTOR)
  for name, tables in own.items():
    jax.tree.map(np.testing.assert_array_equal, tables, base.params[name])
  net = style_predictor.StylePredictor(base.net.norms(), 4)
  rows = net.apply({"params": predictor}, np.zeros((1, len(one.facts["read_mean"]))))
  mean = networks.create_rows(base.params, 1)
  jax.tree.map(np.testing.assert_array_equal, rows, mean)
  assert set(own) | set(rows) == set(base.params)


@pytest.mark.slow
def test_mistakes_are_named(run, any_run, painted, tmp_path):
  (tmp_path / "notes.png").write_text("not an image")
  with pytest.raises(errors.UserError, match=r"configs/stylize_any\.py"):
    painted("shipped:brick", run)
  with pytest.raises(errors.UserError, match=r"notes\.png"):
    painted(tmp_path / "notes.png")
  with pytest.raises(errors.UserError, match=r"no style 'nothing\.png'"):
    painted("nothing.png")


@pytest.mark.slow
def test_resuming_is_exact(make_config, tmp_path):
  whole, parts = tmp_path / "whole", tmp_path / "parts"
  runner.train(make_config(num_steps=3, **ANY), whole)
  runner.train(make_config(num_steps=2, **ANY), parts)
  runner.train(make_config(num_steps=3, **ANY), parts)
  once, again = (workdir.load(x).restore("params.stylizer") for x in (whole, parts))
  jax.tree.map(np.testing.assert_array_equal, once, again)


@pytest.mark.slow
def test_paintings_held_out_are_evaluated(any_run, data, capsys):
  folder = f"--workdir={any_run.workdir}"
  evaluate.main(["evaluate", folder, f"--styles={data / 'more'}", "--num=2"])
  assert '"style_of_ramp_again"' in capsys.readouterr().out


@pytest.mark.slow
def test_vgg_is_measured_where_the_losses_look(any_run):
  reader = networks.restore(any_run).reader
  assert reader.layers == ("relu1_2",) and reader.size == 16
  assert weights.load_vgg16()["conv1_2"]["bias"].size * 2 == reader.scale.mean.size
