"""A GAN that starts from another run's weights."""

import json

import jax
import numpy as np
import pytest

from jaxgan import runner
from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.dcgan import warm_start

CHANGES = {"every.evaluate": 0, "every.image": 0, "data.batch_size": 8}


@pytest.fixture(scope="module")
def base(make_config, tmp_path_factory):
  """A conditional run of two steps on drawn faces."""
  folder = tmp_path_factory.mktemp("base")
  runner.train(make_config(conditional=True, **CHANGES), folder)
  return workdir.load(folder)


def first_state(config):
  (stage,) = runner.find_family("dcgan").stages(runner.prepared(config))
  return jax.jit(lambda key: stage.init(key, None))(jax.random.key(1))


def test_a_run_starts_from_the_average_and_the_discriminator_of_another(
  base, make_config
):
  config = make_config(
    conditional=True, **{"init.workdir": str(base.workdir), "data.num_drawn": 20}
  )
  state = first_state(config)
  average = base.restore("extra.ema")
  same = lambda got, want: jax.tree.map(np.testing.assert_array_equal, got, want)
  same(state.params["generator"], average["params"])
  same(state.extra["generator"], {"batch_stats": average["batch_stats"]})
  same(state.extra["ema"], average)
  same(state.params["discriminator"], base.restore("params.discriminator"))
  assert all(not x.any() for x in jax.tree.leaves(state.opt["generator"][0].mu))


def test_a_run_without_labels_takes_what_has_none(base, make_config):
  state = first_state(make_config(**{"init.workdir": str(base.workdir)}))
  got = state.params["discriminator"]["Conv_0"]
  want = base.restore("params.discriminator")["Conv_0"]
  jax.tree.map(np.testing.assert_array_equal, got, want)
  assert not any(name.endswith("_table") for name in state.params["discriminator"])


def test_embeddings_of_other_values_stay_new(base):
  classes = {
    name: list(values) for name, values in base.facts["12x12"]["classes"].items()
  }
  hair = {"hair": classes["hair"], "eyes": [*classes["eyes"], "golden"]}
  config = base.config.copy_and_resolve_references()
  config.init.workdir = str(base.workdir)
  found = warm_start.load(config, hair)
  assert found.kept == {"hair"}
  old = found.variables["discriminator"]["params"]
  new = {
    player: jax.tree.map(np.zeros_like, variables)
    for player, variables in found.variables.items()
  }
  new["discriminator"]["params"]["eyes_table"]["embedding"] = np.full((12, 3), 7.0)
  merged = warm_start.merge(new, found)["discriminator"]["params"]
  assert np.all(merged["eyes_table"]["embedding"] == 7)
  np.testing.assert_array_equal(
    merged["hair_table"]["embedding"], old["hair_table"]["embedding"]
  )


@pytest.mark.parametrize(
  "changes, words",
  [
    ({"generator.width": 4}, "discriminator of .* is another network: .* it has shape"),
    ({"discriminator.norm": "none"}, "discriminator of .* is another network"),
    ({"init.workdir": "nowhere"}, "no run in nowhere"),
  ],
)
def test_another_network_is_refused(base, make_config, changes, words):
  with pytest.raises(UserError, match=words):
    first_state(make_config(**({"init.workdir": str(base.workdir)} | changes)))


def test_another_family_is_refused(base, make_config, tmp_path):
  for file in ("config.json", "facts.json"):
    text = (base.workdir / file).read_text().replace('"dcgan"', '"siamese"')
    (tmp_path / file).write_text(text)
  with pytest.raises(UserError, match="is a run of siamese, not of dcgan"):
    first_state(make_config(**{"init.workdir": str(tmp_path)}))


def test_a_run_of_an_earlier_version_is_refused(base, make_config, tmp_path):
  config = json.loads((base.workdir / "config.json").read_text()) | {"moves": 1}
  (tmp_path / "config.json").write_text(json.dumps(config))
  (tmp_path / "facts.json").write_text("{}")
  with pytest.raises(UserError, match="begun by an earlier version"):
    first_state(make_config(**{"init.workdir": str(tmp_path)}))
