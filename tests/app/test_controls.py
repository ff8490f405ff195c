"""Controls are made from what a task says of itself; their values reach the task."""

import inspect
import pathlib

import pytest

from jaxgan import options, runner
from tests.docs.known import FAMILIES

gr = pytest.importorskip("gradio")
controls = pytest.importorskip("jaxgan.app.controls")
jobs = pytest.importorskip("jaxgan.app.jobs")
styles = pytest.importorskip("jaxgan.app.tabs.styles")

pytestmark = pytest.mark.slow  # Gradio takes seconds to import.
TASKS = {
  f"{family}:{name}": task
  for family in FAMILIES
  for name, task in runner.find_family(family).TASKS.items()
}


def paint(
  run,
  output,
  *,
  num: int = 3,
  level: float = 0.5,
  stage: int = -1,
  keep: bool = True,
  style: str = "",
  mode: str = "soft",
  note: str = "",
  labels: str = "",
):
  """A painting: a sheet (.png), a film (.gif), or a folder.

  More of it.

  Args:
    num: how many.
    level: how strong.
  """


CHOICES = {
  "level": options.Span(0, 2),
  "stage": options.Span(0, 4),
  "style": options.Several(["a", "b"]),
  "mode": ["soft", "hard"],
  "labels": options.Several(["hair=red", "hair=blue", "eyes=red"]),
}


@pytest.fixture
def made():
  with gr.Blocks():
    return controls.make(paint, CHOICES, prefix="x-")


def test_every_option_has_the_control_of_its_kind(made):
  kinds = [type(x) for x in made.components]
  number, slider, menu = gr.Number, gr.Slider, gr.Dropdown
  assert kinds == [
    *(number, slider, slider, gr.Checkbox),
    *(menu, menu, gr.Textbox, menu, menu),
  ]
  num, level, stage = made.components[:3]
  assert (num.label, num.info, num.value) == ("Num", "how many.", 3)
  assert (level.minimum, level.maximum, level.value) == (0, 2, 0.5)
  assert (stage.minimum, stage.maximum, stage.step) == (-1, 4, 1)
  assert [x.label for x in made.components[-2:]] == ["Hair", "Eyes"]
  assert made.components[-1].choices == [("any", "any"), ("red", "red")]


def test_values_are_those_of_the_command_line(made):
  held = [5, 1.5, 2, False, ["b", "a"], "hard", "hello", "blue", "any"]
  assert made.values(held) == {
    **{"num": 5, "level": 1.5, "stage": 2, "keep": False},
    **{"style": "b,a", "mode": "hard", "note": "hello", "labels": "hair=blue"},
  }


def test_formats_are_those_of_the_docstring():
  assert jobs.formats(paint) == [".png", ".gif", "folder"]
  family = runner.find_family("single_image")
  assert jobs.formats(family.TASKS["animate"])[0] == ".gif"
  assert controls.summary(paint).endswith("More of it.")


@pytest.mark.parametrize("name", TASKS)
def test_every_task_of_every_family(name):
  task = TASKS[name]
  with gr.Blocks():
    made = controls.make(task, {})
  held = [x.value for x in made.components]
  defaults = {
    key: parameter.default for key, parameter in options.keyword_only(task).items()
  }
  assert made.values(held) == defaults
  assert jobs.formats(task) and inspect.getdoc(task).startswith(
    controls.summary(task)[:20]
  )


def test_files_among_several_values(tmp_path):
  upload = tmp_path / "my, own:painting.jpg"
  upload.write_bytes(b"paint")
  known = options.SeveralOrFiles(["a", "b"])
  with gr.Blocks():
    made = controls.make(paint, {"style": known}, ("style",))
    assert [type(x) for x in styles._painting(known)] == [gr.Image, gr.Slider]
    assert styles._painting(options.Several(known)) == []
  assert [type(x) for x in made.components] == [gr.Dropdown, gr.File]
  assert made.values([["b"], None]) == {"style": "b"}
  copy = tmp_path / "image.jpg"
  assert made.values([["b"], str(upload)]) == {"style": f"b,{copy}"}
  assert copy.read_bytes() == b"paint"
  assert options.known_values(known) == "[a, b, or an image's file]"


def test_only_some_options_in_an_order_of_ones_own():
  with gr.Blocks():
    made = controls.make(paint, CHOICES, ("keep", "none", "num"), num=9)
  assert [x.label for x in made.components] == ["Keep", "Num"]
  assert made.values([x.value for x in made.components]) == {"keep": True, "num": 9}


def test_uploads_and_shipped_photographs():
  assert controls.chosen_file(None, "shipped:astronaut") == "shipped:astronaut"
  assert controls.chosen_file(None, None) == ""
  path = str(pathlib.Path("x.png"))
  assert controls.chosen_file(path, "shipped:astronaut") == path
