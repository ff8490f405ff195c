"""The losses of a trained run."""

import json

import numpy as np
import pytest

from jaxgan import errors, evaluate


def test_losses_of_each_style(run, capsys):
  evaluate.main(["evaluate", f"--workdir={run.workdir}", "--num=2"])
  line = json.loads(capsys.readouterr().out)
  assert line["step"] == 80
  for kind in ("content", "style"):
    values = [line[f"{kind}_of_{name}"] for name in ("dots", "ramp", "rows", "tiles")]
    np.testing.assert_allclose(line[kind], np.mean(values), rtol=1e-5)
  logged = json.loads((run.workdir / "metrics.jsonl").read_text().splitlines()[-1])
  for name, value in line.items():  # The same photographs as in training.
    if name not in ("workdir", "step"):
      np.testing.assert_allclose(value, logged[name], rtol=1e-4)


def test_paintings_that_are_elsewhere(run, data):
  command = ["evaluate", f"--workdir={run.workdir}"]
  with pytest.raises(errors.UserError, match="not trained on ramp_again"):
    evaluate.main([*command, f"--styles={data / 'more'}"])
  with pytest.raises(errors.UserError, match="--num=0"):
    evaluate.main([*command, "--num=0"])
