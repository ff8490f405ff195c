"""Evaluation of one run, and of a folder of them as one table."""

import importlib
import json
import types

import numpy as np
import pytest

from jaxgan import errors, runner, tables
from jaxgan import evaluate as verb
from jaxgan.experiments.single_image import evaluation
from jaxgan.images import pixels
from jaxgan.metrics import copies, sifid


class Run:
  """As much of a run as its evaluation reads."""

  def __init__(self, source):
    self.config = types.SimpleNamespace(image="photos/colosseum.png")
    self.params = {"params.generator": source.variables}

  def items(self):
    return {"params.generator", "params.discriminator"}

  def provenance(self):
    return {"config": "consingan", "training_seconds": 7.0, "peak_memory_mib": 100.0}

  def restore(self, name):
    return self.params[name]


@pytest.fixture
def source(make, monkeypatch):
  source = make("generation")
  monkeypatch.setattr(evaluation, "restored", lambda run: source)
  return source


def test_every_number_is_the_metrics(source):
  found = dict(
    evaluation.evaluate(Run(source), num=4, layers="relu1_1", patches="5,30", each=True)
  )
  real = pixels.to_uint8(source.reals[-1][0])
  fakes = evaluation.samples(source, 4, 0, 0)
  assert fakes.shape == (4, 40, 52, 3)
  values = sifid.sifid(sifid.vgg16_layer("relu1_1"), real, fakes)
  assert found["sifid_vgg16_relu1_1"] == pytest.approx(np.median(values), rel=1e-4)
  assert found["sifid_vgg16_relu1_1_mean"] == pytest.approx(values.mean(), rel=1e-4)
  assert found["sifid_vgg16_relu1_1_each"] == pytest.approx(list(values), rel=1e-4)
  assert found["diversity"] == pytest.approx(sifid.diversity(real, fakes))
  assert found["sifid_vgg16_relu1_1_mean_interval"] == pytest.approx(
    1.96 * values.std(ddof=1) / 4**0.5, rel=1e-3
  )
  assert found["lpips_diversity"] > 0
  assert found["protocol"] == "4 samples of seed 0 from stage 0"
  assert found["patch_distance_5"] == pytest.approx(
    np.mean([copies.match(real, fake, size=5).distance for fake in fakes])
  )
  assert "patch_distance_30" not in found  # More than half of the image.
  rebuilt = pixels.to_uint8(source.generate(source.fixed_at())[0])
  assert found["psnr_reconstruction"] == pytest.approx(sifid.psnr(real, rebuilt))
  assert found["dists_reconstruction"] == pytest.approx(sifid.dists_of(real, rebuilt))
  assert found["parameters"] == 3 * 9 * 5 + 5 + 9 * (25 * 9 + 5) + 5 * 27 + 3
  assert found["training_seconds"] == 7
  assert found["peak_memory_mib"] == 100
  assert (found["image"], found["size"]) == ("colosseum.png", "40x52")


@pytest.mark.parametrize("patches", (pytest.param("30", marks=pytest.mark.slow), "11"))
def test_sifid_is_never_alone(source, monkeypatch, patches):
  """Whatever the image's size, diversity and copying stand beside it."""
  small = lambda run: types.SimpleNamespace(
    mode=source.mode,
    sizes=[(12, 10)],
    reals=[source.reals[-1][:, :12, :10]],
    generate=lambda *args, **kwargs: source.reals[-1][:, :12, :10],
    fixed_at=lambda: None,
  )
  monkeypatch.setattr(evaluation, "restored", small)
  real = pixels.to_uint8(source.reals[-1][0, :12, :10])
  monkeypatch.setattr(
    evaluation,
    "samples",
    lambda *args: np.stack([np.roll(real, i, 0) for i in (0, 5, 0, 5)]),
  )
  found = dict(evaluation.evaluate(Run(source), layers="relu1_1", patches=patches))
  assert found["sifid_vgg16_relu1_1"] >= 0
  assert found["lpips_diversity"] > 0
  assert found["patch_distance_5"] >= 0  # Half of the shorter side.


def test_samples_do_not_depend_on_how_many_at_once(source, monkeypatch):
  several = evaluation.samples(source, 3, 1, 1)
  monkeypatch.setattr(evaluation, "AT_ONCE", 2)
  for a, b in zip(several, evaluation.samples(source, 3, 1, 1), strict=True):
    assert np.abs(a.astype(int) - b).max() <= 1


@pytest.mark.parametrize(
  ("mode", "asked", "start"),
  (("generation", 0, 0), ("generation", 2, 2), ("editing", 0, 1), ("editing", 2, 2)),
)
def test_the_protocol_names_the_stage_from_which_samples_vary(
  make, monkeypatch, mode, asked, start
):
  """Models that begin with an image are given one."""
  source, seen = make(mode), []
  monkeypatch.setattr(evaluation, "restored", lambda run: source)
  monkeypatch.setattr(evaluation, "samples", lambda *args: seen.append(args))
  found = evaluation.evaluate(Run(source), num=4, start_stage=asked, layers="")
  protocol = next(value for name, value in found if name == "protocol")
  assert protocol == f"4 samples of seed 0 from stage {start}"
  assert seen == [(source, 4, 0, start)]


def test_samples_of_a_single_stage_that_takes_an_image_do_not_vary():
  one = types.SimpleNamespace(mode="harmonization", sizes=[(12, 10)])
  with pytest.raises(errors.UserError, match=r"one stage.* harmonization begins"):
    evaluation.first_varying(one, 0)


@pytest.mark.parametrize(
  ("options", "message"),
  (
    ({"num": 3}, "--num=3 must be at least 4"),
    ({"layers": "relu1_9"}, "--layers=relu1_9"),
    ({"patches": "ten"}, "--patches=ten"),
    ({"patches": "0"}, "--patches=0"),
    ({"patches": ""}, "--patches=: give sides"),
    ({"start_stage": 3}, "--start_stage=3 must be from 0 to 2: .* stages 0 to 2"),
    ({"inception": "no.npz"}, "no.npz"),
  ),
)
def test_mistakes(source, options, message):
  with pytest.raises(errors.UserError, match=message):
    list(evaluation.evaluate(Run(source), **options))


def test_table_of_runs():
  rows = [
    {"workdir": "runs/a", "sifid": 0.25, "each": [1.0], "n": 3},
    {"workdir": "runs/b", "sifid": 0.5, "n": 4, "psnr": 20.123456},
  ]
  rows = [row | {"combo": row["n"] == 3, "protocol": "of 8"} for row in rows]
  lines = [line.split() for line in tables.table(rows).splitlines()]
  assert lines == [
    ["workdir", "sifid", "n", "combo", "psnr"],
    ["runs/a", "0.25", "3", "True"],
    ["runs/b", "0.5", "4", "False", "20.123"],
    ["median", "0.375", "3.5", "20.123"],
    ["protocol:", "of", "8"],
  ]
  assert len(tables.table(rows[:1]).splitlines()) == 2


def test_table_shows_spreads_beside_figures():
  rows = [
    {"workdir": "runs/a", "kid": 0.02771, "kid_interval": 0.00123},
    {"workdir": "runs/b", "kid": 0.03},
  ]
  lines = [line.split() for line in tables.table(rows).splitlines()]
  assert lines == [
    ["workdir", "kid"],
    ["runs/a", "0.02771", "±0.0012"],
    ["runs/b", "0.03"],
    ["median", "0.028855"],
  ]


def test_verb_on_a_folder(tmp_path, monkeypatch, capsys):
  for name in ("b", "a"):
    (tmp_path / "runs" / name).mkdir(parents=True)
    (tmp_path / "runs" / name / "config.json").write_text("{}")
  (tmp_path / "runs" / "other").mkdir()
  config = importlib.import_module("configs.consingan").get_config("tiny")

  def evaluate(run, *, num=2):
    yield "score", num + float(run.name.endswith("b"))

  family = types.SimpleNamespace(evaluate=evaluate)
  made = lambda folder, step: types.SimpleNamespace(
    name=folder, config=config, run_step=lambda: 7
  )
  monkeypatch.setattr(
    runner, "open_run", lambda folder, step: (family, made(folder, step))
  )
  monkeypatch.setattr(runner, "setup", lambda: None)
  output = tmp_path / "table.jsonl"
  verb.main(["evaluate", f"--workdir={tmp_path}/runs", "--num=5", f"--output={output}"])
  lines = capsys.readouterr().out.splitlines()
  assert [line.split()[-1] for line in lines] == ["score", "5", "6", "5.5"]
  written = [json.loads(line) for line in output.read_text().splitlines()]
  assert [line["score"] for line in written] == [5, 6]
  verb.main(["evaluate", f"--workdir={tmp_path}/runs/a", "--num=5"])
  assert json.loads(capsys.readouterr().out)["score"] == 5
