"""Whole pictures of any size translated to another domain."""

import pathlib

import gradio as gr

from jaxgan import errors
from jaxgan.app import controls
from jaxgan.app import jobs as running
from jaxgan.app.tabs import common
from jaxgan.images import writer

TASKS = ("translate",)
CROP = "512"  # Pixels of the sides of the look at the middle.
HELP = """Upload a picture of any size (JPEG, PNG, TIFF, WebP). **Look at the middle** \
first; then translate the whole, which comes back in the format that came in."""
SHOWN = 1024  # Pixels of the longer side of the whole as it is shown.
QUIET = {"api_visibility": "private"}


def tab(jobs: running.Jobs) -> None:
  """Builds it."""
  names = jobs.models.with_tasks(*TASKS)
  common.per_model(names, lambda name: _body(jobs, name), "hd-model")


def _body(jobs: running.Jobs, model: str) -> None:
  known = jobs.models[model]
  gr.Markdown(HELP)
  with gr.Row():
    with gr.Column(scale=1, min_width=300):
      names = ("input", "direction", "border", "scale")  # Those that the model has.
      made = controls.make(known.tasks["translate"], known.choices, names, "hd-")
      look = gr.Button("Look at the middle", elem_id="hd-look")
      whole = gr.Button("Translate the whole", variant="primary", elem_id="hd-whole")
    with gr.Column(scale=2, min_width=320):
      shown = common.result("Translated", "hd-shown")
      file = common.file("Download", "hd-file")

  def values(held):
    chosen = made.values(held)
    if not chosen["input"]:
      raise gr.Error("choose a picture first.", print_exception=False)
    return chosen

  def middle(*held):
    return str(jobs.run(model, "translate", values(held) | {"crop": CROP}))

  def all_of_it(*held, progress=gr.Progress()):
    chosen = values(held)
    form = _format(chosen["input"])
    path = jobs.run(model, "translate", chosen, form, common.teller(progress))
    return common.reduced(jobs, str(path), SHOWN), str(path)

  look.click(middle, made.components, shown, **QUIET, **running.QUICK)
  whole.click(all_of_it, made.components, [shown, file], **QUIET, **running.SLOW)


def _format(source: str) -> str:
  """The suffix of a picture's file, or .png where none can be written under it."""
  path = pathlib.Path(source)
  try:
    writer.check_format(path)
  except errors.UserError:
    return ".png"
  return path.suffix.lower()
