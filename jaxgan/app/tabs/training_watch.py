"""The runs in a folder: curves, the newest pictures, the time that is left."""

import pathlib

import gradio as gr
import pandas as pd

from jaxgan.app import jobs as running
from jaxgan.app import watch
from jaxgan.app.tabs import common

SECONDS = 5.0  # Between two looks.
SPEED = ("steps_per_second", "images_per_second", "peak_memory_mib")
QUIET = {"api_visibility": "private", "queue": False}


def tab(jobs: running.Jobs, folder: pathlib.Path) -> None:
  """Builds it."""
  names = watch.runs(folder)
  with gr.Row():
    run = gr.Dropdown(
      names, value=names[0] if names else None, label="Run", elem_id="watch-run"
    )
    curve = gr.Dropdown([], label="Curve", elem_id="watch-curve", interactive=True)
  line = gr.Markdown(elem_id="watch-line")
  plot = gr.LinePlot(x="step", y="value", height=280, elem_id="watch-plot")
  images = common.sheet("Newest pictures", "watch-images", columns=3)
  timer = gr.Timer(SECONDS)

  def place(name):
    """The folder of a run in the list, and of no other."""
    return folder / name if name in watch.runs(folder) else None

  def choose(name):
    found = place(name)
    known = [x for x in _curves(found) if x not in SPEED] + list(SPEED)
    first = next((x for x in known if x.startswith("loss")), known[0])
    return gr.Dropdown(known, value=first)

  def show(name, wanted):
    listed = gr.Dropdown(watch.runs(folder))
    found = place(name)
    if found is None:
      return listed, "No run is there yet.", None, []
    entries = [entry for entry in watch.read_curves(found) if wanted in entry]
    values = {
      "step": [entry["step"] for entry in entries],
      "value": [entry[wanted] for entry in entries],
    }
    told = f"**{name}**: {watch.read(found).line()}"
    return listed, told, pd.DataFrame(values), jobs.copies(watch.newest_images(found))

  outputs = [run, line, plot, images]
  gr.on([run.change], choose, run, curve, **QUIET).then(
    show, [run, curve], outputs, **QUIET
  )
  curve.input(show, [run, curve], outputs, **QUIET)
  timer.tick(show, [run, curve], outputs, show_progress="hidden", **QUIET)
  if names:
    gr.context.Context.root_block.load(choose, run, curve, **QUIET).then(
      show, [run, curve], outputs, **QUIET
    )


def _curves(workdir: pathlib.Path | None) -> list[str]:
  """Names of all that a run has logged."""
  entries = watch.read_curves(workdir) if workdir else []
  return sorted({name for entry in entries for name in entry} - {"step"})
