"""The losses of a trained run."""

import json

import numpy as np
import pytest

from jaxgan import errors, evaluate
from jaxgan.experiments.shared import styles
from jaxgan.experiments.stylize import data as photographs
from jaxgan.experiments.stylize import inference, networks
from jaxgan.metrics import style


def test_losses_of_each_style(run, capsys):
  evaluate.main(["evaluate", f"--workdir={run.workdir}", "--num=2"])
  line = json.loads(capsys.readouterr().out)
  assert line["step"] == 80
  for kind in ("content", "style"):
    values = [line[f"{kind}_of_{name}"] for name in ("dots", "ramp", "rows", "tiles")]
    np.testing.assert_allclose(line[kind], np.mean(values), rtol=1e-5)
  logged = json.loads((run.workdir / "metrics.jsonl").read_text().splitlines()[-1])
  # The same photographs as in training.
  assert {"content", "style", "total", "style_of_dots"} <= set(line) & set(logged)
  for name in set(line) & set(logged) - {"step"}:
    np.testing.assert_allclose(line[name], logged[name], rtol=1e-4)


def test_measures_that_are_no_loss(run, capsys):
  evaluate.main(["evaluate", f"--workdir={run.workdir}", "--num=3"])
  line = json.loads(capsys.readouterr().out)
  assert line["protocol"].startswith("3 photographs of 16x16 in each of 4 styles")
  config, trained = run.config, networks.restore(run)
  photos = np.asarray(photographs.load(config.data.content, 16).images[:3])
  paintings = styles.load(config.data.styles, size=16)
  painter = inference.Painter(trained, run.workdir)
  found = {
    name: style.measures(
      photos, painter.batch(photos, np.eye(4, dtype=np.float32)[[i] * 3]), [painting]
    )
    for i, (name, painting) in enumerate(paintings.items())
  }
  want = dict(style.summary(found["rows"]))
  assert line["style_distance_of_rows"] == pytest.approx(want["style_distance"])
  assert line["dists_of_rows_interval"] == pytest.approx(want["dists_interval"])
  of_photos = np.mean([each["style_distance"] for each in found.values()], 0)
  assert line["style_distance"] == pytest.approx(of_photos.mean())
  assert line["style_distance_interval"] == pytest.approx(
    1.96 * of_photos.std(ddof=1) / 3**0.5
  )
  assert line["combined_distance"] == pytest.approx(
    (1 + line["lpips_vgg16"]) * (1 + line["style_distance"])
  )


def test_paintings_that_are_elsewhere(run, data):
  command = ["evaluate", f"--workdir={run.workdir}"]
  with pytest.raises(errors.UserError, match="not trained on ramp_again"):
    evaluate.main([*command, f"--styles={data / 'more'}"])
  with pytest.raises(errors.UserError, match="--num=0"):
    evaluate.main([*command, "--num=0"])
