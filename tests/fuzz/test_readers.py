"""Whatever users give: a result, or one line that says what is wrong; no traceback.

`pytest -m slow tests/fuzz` tries 10,000 inputs; the fast tests a few of each kind.
"""

import pathlib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
import pytest

from jaxgan import runner
from jaxgan.errors import UserError
from jaxgan.images.reader import UnreadableError
from tests.fuzz import readers, weights
from tests.fuzz.damage import TEXTS

FEW, MANY = 5, 600
CHECKS = {
  **{
    f"file: {name}": (
      contents,
      lambda data, path, read=read: _read(data, path, read),
      suffix,
    )
    for name, (suffix, contents, read) in readers.FILES.items()
  },
  "text": (
    lambda: st.tuples(st.sampled_from(sorted(readers.WORDS)), TEXTS),
    lambda pair, path: readers.WORDS[pair[0]](pair[1]),
    "",
  ),
  "options": (readers.commands, lambda words, path: readers.call_task(*words), ""),
  "checkpoint": (
    weights.damages,
    lambda damage, path: weights.restore(damage, path.parent / "run"),
    "",
  ),
  "config": (readers.configs, lambda config, path: runner.prepared(config), ""),
}


def _read(data: bytes, path: pathlib.Path, read) -> None:
  path.write_bytes(data)
  read(path)


def _answers(name: str, count: int, folder: pathlib.Path, seconds=None) -> None:
  """Tries inputs; anything raised but a line for the user fails."""
  strategy, call, suffix = CHECKS[name]

  @settings(
    max_examples=count,
    deadline=seconds,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
  )
  @given(strategy())
  def check(value):
    try:
      call(value, folder / f"given{suffix}")
    except (UserError, UnreadableError) as error:
      assert str(error)

  check()


@pytest.mark.parametrize("name", CHECKS)
def test_a_result_or_a_line(name, tmp_path, monkeypatch):
  monkeypatch.chdir(tmp_path)
  _answers(name, FEW, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKS)
def test_thousands_of_results_or_lines(name, tmp_path, monkeypatch):
  monkeypatch.chdir(tmp_path)
  _answers(name, MANY, tmp_path)
