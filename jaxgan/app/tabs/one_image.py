"""Models of a single image: samples, films, pictures that are changed; and training."""

import pathlib

import gradio as gr

from jaxgan.app import controls, training, watch
from jaxgan.app import jobs as running
from jaxgan.app.tabs import common

TASKS = ("sample", "animate", "harmonize", "edit")
CONFIG = "consingan:preview"
SECONDS = 3.0  # Between two looks at a training.
QUIET = {"api_visibility": "private"}
HELP = """A model that has learned from **one picture** makes more of its kind, of any \
size. Train one on your own picture below."""


def tab(jobs: running.Jobs, trainings: training.Trainings) -> None:
  """Builds it."""
  gr.Markdown(HELP)
  names = jobs.models.with_tasks(*TASKS)
  menu = common.per_model(names, lambda name: _body(jobs, name), "one-model")
  with gr.Accordion("Train on your own picture", open=not names):
    _training(jobs, trainings, menu)


def _body(jobs: running.Jobs, model: str) -> None:
  known = jobs.models[model]

  def form(task, names, kind, result, **defaults):
    """The controls of a task beside its result, and what its button does."""
    with gr.Row():
      with gr.Column(scale=1, min_width=280):
        sides = _sides(task) if "scale" in names else []
        made = controls.make(
          known.tasks[task],
          known.choices,
          [name for name in names if name != "scale"],
          f"one-{task}-",
          **defaults,
        )
        button = gr.Button(
          controls.title(task), variant="primary", elem_id=f"one-{task}"
        )
      with gr.Column(scale=2, min_width=320):
        shown = common.result(result, f"one-{task}-result")

    def run(*held, progress=gr.Progress()):
      factors, rest = held[: len(sides)], held[len(sides) :]
      options = made.values(rest)
      if factors:
        options["scale"] = "x".join(f"{x:g}" for x in factors)
      return str(jobs.run(model, task, options, kind, common.teller(progress)))

    button.click(run, [*sides, *made.components], shown, **QUIET, **running.SLOW)

  with gr.Tabs():
    with gr.Tab("Samples"):
      form("sample", ("scale", "start_stage", "num", "seed"), ".png", "Samples", num=4)
    with gr.Tab("Animation"):
      names = ("start_stage", "strength", "smoothness", "frames", "seed", "scale")
      form("animate", names, ".gif", "Film", frames=30)
    with gr.Tab("Change a picture"):
      _composition(jobs, model)


def _sides(prefix: str) -> list[gr.Slider]:
  """Sliders for the factors on height and width."""
  return [
    gr.Slider(
      0.5,
      4,
      value=1,
      step=0.25,
      label=label,
      interactive=True,
      elem_id=f"one-{prefix}-{label.lower()}",
    )
    for label in ("Height", "Width")
  ]


def _composition(jobs: running.Jobs, model: str) -> None:
  """A picture with something pasted in or moved, and a mask painted on it."""
  gr.Markdown(
    "Upload the model's own picture with something pasted in or moved about, paint "
    "over what is new, and let the model fit it in."
  )
  with gr.Row():
    photo = common.picture_upload("The changed picture", "one-changed")
    canvas = common.editor("one-canvas")
  with gr.Row():
    fits = [
      (gr.Button(label, variant="primary", elem_id=f"one-{task}"), task)
      for task, label in (("harmonize", "Harmonize"), ("edit", "Make seamless"))
    ]
  result = common.result("Result", "one-fitted")

  def take(path):
    if not path:
      return gr.ImageEditor(None, visible=False)
    return gr.ImageEditor(common.to_paint_on(jobs, path), visible=True)

  photo.change(take, photo, canvas, **QUIET, **running.QUICK)
  for button, task in fits:

    def fit(path, value, task=task):
      options = {"input": running.upload(path), "mask": common.painted(jobs, value)}
      return str(jobs.run(model, task, options))

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
  gr.Markdown(f"A small model: a quarter of an hour or more on two CPU cores. {place}")
  with gr.Row():
    with gr.Column(scale=1, min_width=280):
      photo = common.photograph("train")
      start = gr.Button("Train", variant="primary", elem_id="train-start")
      stop = gr.Button("Stop", elem_id="train-stop")
    with gr.Column(scale=2, min_width=320):
      line = gr.Markdown(elem_id="train-line")
      images = common.sheet("Pictures as they come", "train-images", columns=3)
  timer = gr.Timer(SECONDS)

  def begin(path, sample):
    source = common.chosen(path, sample)
    with running.explained(jobs.folder):
      jobs.check({"image": source})
      if path:  # Uploads are removed after an hour.
        source = trainings.keep(pathlib.Path(path))
      trainings.start(CONFIG, f"image={source}")
    return "Training: it is starting"

  def look(model):
    if trainings.workdir is None:
      return "", [], gr.skip()
    told = trainings.told()
    if trainings.finished() and str(trainings.workdir) not in known():
      jobs.models.add(str(trainings.workdir))
    found = jobs.copies(watch.newest_images(trainings.workdir))
    listed = known()
    first = model or (listed[0] if listed else None)
    return told, found, gr.Dropdown(listed, value=first, visible=len(listed) > 1)

  def known():
    return jobs.models.with_tasks(*TASKS)

  def end(model):
    trainings.stop()
    return look(model)

  at_once = {"concurrency_limit": None}  # Whatever else is computed.
  start.click(begin, list(photo), line, **at_once, **QUIET)
  stop.click(end, menu, [line, images, menu], **at_once, **QUIET)
  timer.tick(
    look, menu, [line, images, menu], queue=False, show_progress="hidden", **QUIET
  )
