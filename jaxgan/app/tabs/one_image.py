"""Models of a single image: samples, films, pictures that are changed; and training."""

from collections.abc import Sequence
import pathlib

import gradio as gr

from jaxgan import options
from jaxgan.app import controls, library, training, watch
from jaxgan.app import jobs as running
from jaxgan.app.tabs import common

# Of tasks that need no picture, in this order, after the size.
OPTIONS = ("start_stage", "strength", "smoothness", "num", "frames", "seed")
FEWER = {"num": 4, "frames": 30}  # Than a task makes by itself, to be shown sooner.
WAYS = {
  "train a small model: a quarter of an hour or more": "consingan:preview",
  "rearrange its pieces: some seconds": "patches:preview",
}
SECONDS = 3.0  # Between two looks at a training.
QUIET = {"api_visibility": "private"}
HELP = """A model that has learned from **one picture** makes more of its kind, of any \
size. Train one on your own picture below."""


def names(models: library.Library) -> list[str]:
  """Names of the models of one image: no others are built up in stages."""
  return [
    name
    for name in models.with_tasks("sample")
    if "start_stage" in options.keyword_only(models[name].tasks["sample"])
  ]


def tab(jobs: running.Jobs, trainings: training.Trainings) -> None:
  """Builds it."""
  gr.Markdown(HELP)
  known = names(jobs.models)
  menu = common.per_model(known, lambda name: _body(jobs, name), "one-model")
  with gr.Accordion("Train on your own picture", open=not known):
    _training(jobs, trainings, menu)


def _body(jobs: running.Jobs, model: str) -> None:
  tasks = jobs.models[model].tasks
  made = [x for x in tasks if "input" not in options.keyword_only(tasks[x])]
  with gr.Tabs(selected=made[0]):  # Else none is, after another model's.
    for name in made:
      with gr.Tab(controls.title(name), id=name):
        _form(jobs, model, name)
    if fits := [x for x in ("harmonize", "edit") if x in tasks]:
      with gr.Tab("Change a picture"):
        _composition(jobs, model, fits)


def _form(jobs: running.Jobs, model: str, task: str) -> None:
  """The controls of a task beside its result, and what its button does."""
  known = jobs.models[model]
  function = known.tasks[task]
  defaults = {x: y.default for x, y in options.keyword_only(function).items()}
  fewer = {x: min(y, defaults[x]) for x, y in FEWER.items() if x in defaults}
  kind, is_film = running.formats(function)[0], "frames" in defaults
  with gr.Row():
    with gr.Column(scale=1, min_width=280):
      sides = _sides(task, defaults["scale"]) if "scale" in defaults else []
      made = controls.make(function, known.choices, OPTIONS, f"one-{task}-", **fewer)
      button = gr.Button(controls.title(task), variant="primary", elem_id=f"one-{task}")
    with gr.Column(scale=2, min_width=320):
      if is_film:
        form, places = common.film("Film", f"one-{task}-result")
      else:
        form = gr.State(kind)
        places = [common.result("Result", f"one-{task}-result")]

  def run(form, *held, progress=gr.Progress()):
    factors, rest = held[: len(sides)], held[len(sides) :]
    scale = {"scale": "x".join(f"{x:g}" for x in factors)} if sides else {}
    tell = common.teller(progress)
    path = jobs.run(model, task, made.values(rest) | scale, form, tell)
    return common.shown(path) if is_film else str(path)

  held = [form, *sides, *made.components]
  button.click(run, held, places, **QUIET, **running.SLOW)


def _sides(prefix: str, scale: str) -> list[gr.Slider]:
  """Sliders for the factors on height and width, which begin with "2" or "1x2"."""
  height, _, width = scale.partition("x")
  return [
    gr.Slider(
      0.5,
      4,
      value=float(value),
      step=0.25,
      label=label,
      interactive=True,
      elem_id=f"one-{prefix}-{label.lower()}",
    )
    for label, value in (("Height", height), ("Width", width or height))
  ]


def _composition(jobs: running.Jobs, model: str, fits: Sequence[str]) -> None:
  """A picture with something pasted in or moved, and a mask painted on it."""
  gr.Markdown(
    "Upload the model's own picture with something pasted in or moved about, paint "
    "over what is new, and let the model fit it in."
  )
  with gr.Row():
    photo = common.picture_upload("The changed picture", "one-changed")
    canvas = common.editor("one-canvas")
  with gr.Row():
    buttons = [
      gr.Button(controls.title(task), variant="primary", elem_id=f"one-{task}")
      for task in fits
    ]
  result = common.result("Result", "one-fitted")

  def take(path):
    if not path:
      return gr.ImageEditor(None, visible=False)
    return gr.ImageEditor(common.to_paint_on(jobs, path), visible=True)

  photo.change(take, photo, canvas, **QUIET, **running.QUICK)
  for button, task in zip(buttons, fits, strict=True):

    def fit(path, value, task=task):
      given = {"input": running.upload(path), "mask": common.painted(jobs, value)}
      return str(jobs.run(model, task, given))

    button.click(fit, [photo, canvas], result, **QUIET, **running.SLOW)


def _training(
  jobs: running.Jobs, trainings: training.Trainings, menu: gr.Dropdown
) -> None:
  """An upload, the progress of its training, and a button that stops it."""
  place = (
    "It is kept among the runs under the tab Training."
    if trainings.is_kept
    else "It is lost when the page stops, unless that was started with --runs=FOLDER."
  )
  gr.Markdown(f"The times are those on two CPU cores. {place}")
  with gr.Row():
    with gr.Column(scale=1, min_width=280):
      photo = common.photograph("train")
      first = next(iter(WAYS))
      way = gr.Radio(list(WAYS), value=first, label="How", elem_id="train-way")
      start = gr.Button("Train", variant="primary", elem_id="train-start")
      stop = gr.Button("Stop", elem_id="train-stop")
    with gr.Column(scale=2, min_width=320):
      line = gr.Markdown(elem_id="train-line")
      images = common.sheet("Pictures as they come", "train-images", columns=3)
  timer = gr.Timer(SECONDS)

  def begin(path, sample, way):
    source = common.chosen(path, sample)
    with running.explained(jobs.folder):
      jobs.check({"input": source})
      if path:  # Uploads are removed after an hour.
        source = trainings.keep(pathlib.Path(path))
      trainings.start(WAYS[way], f"image={source}")
    return "Training: it is starting"

  def look(model):
    if trainings.workdir is None:
      return "", [], gr.skip()
    told = trainings.told()
    if trainings.finished() and str(trainings.workdir) not in names(jobs.models):
      jobs.models.add(str(trainings.workdir))
    found = jobs.copies(watch.newest_images(trainings.workdir))
    listed = names(jobs.models)
    first = model or (listed[0] if listed else None)
    return told, found, gr.Dropdown(listed, value=first, visible=len(listed) > 1)

  def end(model):
    trainings.stop()
    return look(model)

  at_once = {"concurrency_limit": None}  # Whatever else is computed.
  start.click(begin, [*photo, way], line, **at_once, **QUIET)
  stop.click(end, menu, [line, images, menu], **at_once, **QUIET)
  timer.tick(
    look, menu, [line, images, menu], queue=False, show_progress="hidden", **QUIET
  )
