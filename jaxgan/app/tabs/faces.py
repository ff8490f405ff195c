"""Faces, or whatever else a model makes from noise: sheets, likenesses, walks."""

import json
import pathlib
import random

import gradio as gr

from jaxgan.app import controls
from jaxgan.app import jobs as running
from jaxgan.app.tabs import common

TASKS = ("sample", "neighbors", "interpolate")
NUM = 16
SHARED = ("latents", "labels", "truncation", "enhance")  # Make an image again.
HELP = """One click makes a sheet. **Click a face** to choose it: then ask for more \
like it, or choose a second one and walk from one to the other."""


def tab(jobs: running.Jobs) -> None:
  """Builds it."""
  names = jobs.models.with_tasks(*TASKS)
  common.per_model(names, lambda name: _body(jobs, name), "faces-model")


def _body(jobs: running.Jobs, model: str) -> None:
  known = jobs.models[model]
  shown = gr.State([])  # The options that make each image on the sheet again.
  picks = gr.State([])  # Those of the last two that were clicked.
  gr.Markdown(HELP)
  with gr.Row():
    with gr.Column(scale=1, min_width=260):
      make = gr.Button(f"Make {NUM} faces", variant="primary", elem_id="faces-make")
      others = gr.Button("Make others", elem_id="faces-others")
      made = controls.make(
        known.tasks["sample"],
        known.choices,
        ("labels", "truncation", "screen", "seed"),
        "faces-",
      )
    with gr.Column(scale=2, min_width=320):
      sheet = common.sheet("Faces", "faces-sheet", columns=4)
      chosen = gr.Markdown("No face is chosen yet.", elem_id="faces-chosen")
      with gr.Row():
        like = gr.Button("More like this", elem_id="faces-like")
        walk = gr.Button("Walk between two", elem_id="faces-walk")
        save = gr.Button("Download", elem_id="faces-save")
      near = controls.make(
        known.tasks["neighbors"], known.choices, ("distance",), "faces-"
      )
      kind, film = common.film("Walk", "faces-film", visible=False)
      files = common.file("Files", "faces-files", visible=False)

  def sheet_of(task, values):
    folder = jobs.run(model, task, {"num": NUM, **values}, "folder")
    index = json.loads((folder / "index.json").read_text())
    entries = [{"file": str(folder / name)} | entry for name, entry in index.items()]
    return [entry["file"] for entry in entries], entries, [], _told([])

  def sample(*held):
    return sheet_of("sample", made.values(held))

  def choose(entries, before, event: gr.SelectData):
    now = [*before, entries[event.index]][-2:]
    return now, _told(now)

  def neighbors(before, *held):
    face = _last(before)
    distance = near.values(held)
    seed = {"seed": random.randrange(2**31)}
    return sheet_of("neighbors", {x: face[x] for x in SHARED} | distance | seed)

  def between(before, form):
    if len(before) < 2:
      raise gr.Error("click on two faces first.", print_exception=False)
    a, b = before
    values = {
      "latents": f"{a['latents']},{b['latents']}",
      "labels": a["labels"],
      "truncation": a["truncation"],
    }
    return common.shown(jobs.run(model, "interpolate", values, form))

  def download(entries, before):
    if not entries:
      raise gr.Error("make a sheet first.", print_exception=False)
    folder = pathlib.Path(entries[0]["file"]).parent
    single = [entry["file"] for entry in before]
    return gr.File([running.zipped(folder), *single], visible=True)

  sheet_outputs = [sheet, shown, picks, chosen]
  quiet = {"api_visibility": "private"}
  make.click(sample, made.components, sheet_outputs, **quiet, **running.QUICK)
  draw = "() => Math.floor(Math.random() * 2147483648)"
  seed = made.components[-1]
  others.click(None, None, seed, js=draw, **quiet).then(
    sample, made.components, sheet_outputs, **quiet, **running.QUICK
  )
  sheet.select(choose, [shown, picks], [picks, chosen], queue=False, **quiet)
  like.click(
    neighbors, [picks, *near.components], sheet_outputs, **quiet, **running.QUICK
  )
  walk.click(between, [picks, kind], film, **quiet, **running.QUICK)
  save.click(download, [shown, picks], files, **quiet, **running.QUICK)


def _last(picks: list[dict]) -> dict:
  if not picks:
    raise gr.Error("click on a face first.", print_exception=False)
  return picks[-1]


def _told(picks: list[dict]) -> str:
  """Which faces are chosen."""
  if not picks:
    return "No face is chosen yet."
  return "Chosen: " + ", then ".join(
    f"**{entry['latents']}**" + (f" ({entry['labels']})" if entry["labels"] else "")
    for entry in picks
  )
