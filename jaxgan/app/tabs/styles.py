"""Photographs in the styles of paintings: mixtures, corners, regions, films."""

import gradio as gr

from jaxgan.app import controls
from jaxgan.app import jobs as running
from jaxgan.app.tabs import common

TASKS = ("stylize", "blend", "mask", "video")
PREVIEW = "320"  # Pixels of the longer side while the sliders move.
HELP = """Take a photograph and move the sliders: a small picture shows the mixture, \
before and after. **Paint the full size** when you like it."""
QUIET = {"api_visibility": "private"}


def tab(jobs: running.Jobs) -> None:
  """Builds it."""
  names = jobs.models.with_tasks(*TASKS)
  common.per_model(names, lambda name: _body(jobs, name), "styles-model")


def _body(jobs: running.Jobs, model: str) -> None:
  known = jobs.models[model]
  styles = list(known.choices["style"])
  gr.Markdown(HELP)
  with gr.Row():
    with gr.Column(scale=1, min_width=300):
      photo = common.photograph("styles")
      look = gr.Button("Preview", elem_id="styles-look")
    with gr.Column(scale=2, min_width=320):
      compared = gr.ImageSlider(
        label="Before and after",
        type="filepath",
        interactive=False,
        buttons=["fullscreen"],
        elem_id="styles-compared",
      )
  with gr.Row(elem_classes="weights"):
    sliders = [
      gr.Slider(
        0,
        1,
        value=float(i == 0),
        step=0.05,
        label=controls.title(name),
        min_width=150,
        buttons=[],
        interactive=True,
        elem_id=f"styles-{name}",
      )
      for i, name in enumerate(styles)
    ]
  made = controls.make(
    known.tasks["stylize"], known.choices, ("strength", "keep_color"), "styles-"
  )
  with gr.Row():
    full = gr.Button("Paint the full size", variant="primary", elem_id="styles-full")
    corners = gr.Button("Four corners", elem_id="styles-corners")
  result = common.file("Painted", "styles-file", visible=False)
  sheet = common.result(
    "The four strongest styles, mixed between the corners",
    "styles-sheet",
    visible=False,
  )
  _regions(jobs, model, photo)
  _film(jobs, model)

  def mixture(weights):
    if not any(weights):
      raise gr.Error("move the slider of a style.", print_exception=False)
    pairs = zip(styles, weights, strict=True)
    return ",".join(f"{name}:{weight:g}" for name, weight in pairs if weight)

  def values(held):
    path, sample, *rest = held
    weights, options = rest[: len(styles)], made.values(rest[len(styles) :])
    return options | {"input": common.chosen(path, sample), "style": mixture(weights)}

  def preview(*held):
    chosen = values(held)
    before = common.reduced(jobs, chosen["input"], int(PREVIEW))
    after = jobs.run(model, "stylize", chosen | {"size": PREVIEW})
    return before, str(after)

  def paint(*held, progress=gr.Progress()):
    path = jobs.run(model, "stylize", values(held), ".png", common.teller(progress))
    return gr.File(str(path), visible=True)

  def four(*held):
    chosen = values(held)
    weights = dict(zip(styles, held[2:], strict=False))
    strongest = sorted(styles, key=lambda name: -weights[name])[:4]
    options = {"input": chosen["input"], "style": ",".join(strongest), "size": "160"}
    return gr.Image(str(jobs.run(model, "blend", options)), visible=True)

  held = [*photo, *sliders, *made.components]
  changes = [look.click]
  changes += [x.release for x in held if isinstance(x, gr.Slider)]
  changes += [x.change for x in held if not isinstance(x, gr.Slider)]
  gr.on(
    changes,
    preview,
    held,
    compared,
    trigger_mode="always_last",
    **QUIET,
    **running.QUICK,
  )
  full.click(paint, held, result, **QUIET, **running.SLOW)
  corners.click(four, held, sheet, **QUIET, **running.SLOW)


def _regions(jobs: running.Jobs, model: str, photo: tuple) -> None:
  """Two styles, the second where a mask is painted."""
  known = jobs.models[model]
  styles = list(known.choices["style"])
  with gr.Accordion("Two styles: paint where the second goes", open=False):
    with gr.Row():
      names = [
        gr.Dropdown(
          styles, value=styles[i % len(styles)], label=label, interactive=True
        )
        for i, label in enumerate(("Style", "Style where you paint"))
      ]
    with gr.Row():
      begin = gr.Button("Take the photograph", elem_id="regions-begin")
      run = gr.Button("Paint the regions", variant="primary", elem_id="regions-run")
    with gr.Row():
      canvas = common.editor("regions-canvas")
      painted = common.result("Painted", "regions-result")

  def take(path, sample):
    picture = common.to_paint_on(jobs, common.chosen(path, sample))
    return gr.ImageEditor(picture, visible=True)

  def regions(path, sample, first, second, value, progress=gr.Progress()):
    options = {
      "input": common.chosen(path, sample),
      "mask": common.painted(jobs, value),
      "style": f"{first},{second}",
    }
    tell = common.teller(progress)
    return str(jobs.run(model, "mask", options, ".png", tell))

  begin.click(take, list(photo), canvas, **QUIET, **running.QUICK)
  run.click(regions, [*photo, *names, canvas], painted, **QUIET, **running.SLOW)


def _film(jobs: running.Jobs, model: str) -> None:
  """A short film in one style."""
  known = jobs.models[model]
  task = known.tasks["video"]
  with gr.Accordion("A short film", open=False), gr.Row():
    with gr.Column():
      film = gr.File(
        label="Film (.gif; others where ffmpeg is installed)",
        type="filepath",
        elem_id="film-input",
      )
      names, first = (
        ("style", "smooth", "keep_color", "size"),
        known.choices["style"][0],
      )
      made = controls.make(task, known.choices, names, "film-", size="320", style=first)
      run = gr.Button("Paint the film", variant="primary", elem_id="film-run")
    painted = common.result("Painted", "film-result")

  def paint(path, *held, progress=gr.Progress()):
    options = made.values(held) | {"input": running.upload(path, "a film")}
    tell = common.teller(progress)
    return str(jobs.run(model, "video", options, ".gif", tell))

  run.click(paint, [film, *made.components], painted, **QUIET, **running.SLOW)
