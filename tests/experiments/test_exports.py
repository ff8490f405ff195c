"""Every task that can be exported, in every format, gives what JAX gives."""

import numpy as np
import pytest

from jaxgan import errors, experiments, formats, runner
from jaxgan.formats import checks, onnx, stablehlo

SMALL = {
  "dcgan_anime_conditional": {"data.size": 12, "generator.width": 2},
  "dcgan_mnist": {"data.size": 14, "generator.width": 4},
  "mlp_mnist": {},
  "siamese": {"generator.width": 4, "data.size": 16},
  "cyclegan": {"generator.width": 2},
  "cut": {"generator.width": 2},
  "stylize": {"data.size": 16, "data.style_size": 16, "stylizer.width": 2},
  "consingan": {},
  "singan": {},
}


@pytest.fixture
def exportables(untrained):
  """`exportables(name)` yields what can be exported of a config's run."""

  def find(name):
    run = untrained(name, **SMALL[name])
    tasks = experiments.extra(runner.find_family(run.config.experiment), "EXPORTS")
    return [task(run) for task in tasks.values()]

  return find


@pytest.mark.parametrize(
  "name",
  [
    pytest.param(name, marks=[] if name == "siamese" else [pytest.mark.slow])
    for name in SMALL
  ],
)
def test_every_format_gives_what_jax_gives(exportables, name, tmp_path):
  """It is compared when it is written; here at a third size, one with the other."""
  for exportable in exportables(name):
    about = {"task": name}
    formats.TASK["stablehlo"](exportable, tmp_path / "x.stablehlo", about)
    formats.TASK["onnx"](exportable, tmp_path / "x.onnx", about)
    sides = {"batch": 2, "height": 32, "width": 20}
    inputs = [
      checks.draw(array, sides, np.random.default_rng(7)) for array in exportable.inputs
    ]
    names = [array.name for array in exportable.inputs]
    program = stablehlo.load(tmp_path / "x.stablehlo")
    want = np.asarray(program(**dict(zip(names, inputs, strict=True))))
    assert want.shape[0] == 2 and want.std() > 1e-3
    got = onnx.load(tmp_path / "x.onnx")(*inputs)
    np.testing.assert_allclose(got, want, atol=1e-4)


def test_families_without_networks_export_no_task(untrained):
  family = runner.find_family(untrained("gatys").config.experiment)
  assert experiments.extra(family, "EXPORTS") == {}


@pytest.mark.parametrize(
  ("options", "told"),
  [
    ({"size": "3"}, "leaves stage 0 only"),
    ({"size": "20x30", "scale": "2"}, "give one of them"),
    ({"scale": "wide"}, "--scale=wide"),
  ],
)
def test_sizes_that_a_generator_cannot_make(untrained, options, told):
  run = untrained("consingan")
  family = runner.find_family(run.config.experiment)
  with pytest.raises(errors.UserError, match=told):
    family.EXPORTS["sample"](run, **options)
