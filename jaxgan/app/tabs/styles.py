"""Photographs in the styles of paintings: mixtures, corners, regions, films."""

import gradio as gr

from jaxgan import options
from jaxgan.app import controls
from jaxgan.app import jobs as running
from jaxgan.app.tabs import common

TASKS = ("stylize", "blend", "mask", "video")
PREVIEW = "320"  # Pixels of the longer side while the sliders move.
HELP = """Take a photograph and move the sliders: a small picture shows the mixture, \
before and after. **Paint the full size** when you like it."""
YOURS = "Your painting"
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
  painting = _painting(known.choices["style"])
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
  _regions(jobs, model, photo, painting[:1])
  _film(jobs, model)

  def weights(held):
    """Weights of those styles whose sliders were moved."""
    count = len(styles)
    found = dict(zip(styles, held[:count], strict=True))
    if painting and held[count]:
      found[running.listed(held[count])] = held[count + 1]
    found = {name: weight for name, weight in found.items() if weight}
    if not found:
      raise gr.Error("move the slider of a style.", print_exception=False)
    return found

  def values(held):
    path, sample, *rest = held
    style = ",".join(f"{name}:{weight:g}" for name, weight in weights(rest).items())
    given = made.values(rest[len(sliders) + len(painting) :])
    return given | {"input": common.chosen(path, sample), "style": style}

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
    moved = dict.fromkeys(styles, 0.0) | weights(held[2:])
    strongest = sorted(moved, key=lambda name: -moved[name])[:4]
    given = {"input": chosen["input"], "style": ",".join(strongest), "size": "160"}
    return gr.Image(str(jobs.run(model, "blend", given)), visible=True)

  held = [*photo, *sliders, *painting, *made.components]
  event = {"inputs": held, "outputs": compared, **QUIET, **running.QUICK}
  changes = [look.click]
  changes += [x.release for x in held if isinstance(x, gr.Slider)]
  changes += [x.change for x in photo]
  changes += [x.change for x in made.components if not isinstance(x, gr.Slider)]
  gr.on(changes, preview, trigger_mode="always_last", **event)
  if painting:  # It begins by itself.
    upload, weight = painting
    weights_alone = [*(0.0 for _ in sliders), 1.0]
    alone = {"outputs": [*sliders, weight], "queue": False, **QUIET}
    upload.upload(lambda: weights_alone, **alone).then(preview, **event)
  full.click(paint, held, result, **QUIET, **running.SLOW)
  corners.click(four, held, sheet, **QUIET, **running.SLOW)


def _painting(known: options.Several) -> list[gr.components.Component]:
  """A painting of the visitor's and its slider, if the model reads paintings."""
  if not isinstance(known, options.SeveralOrFiles):
    return []
  with gr.Row():
    upload = common.picture_upload("A painting of yours", "styles-painting")
    slider = gr.Slider(
      0, 1, value=1, step=0.05, label=YOURS, interactive=True, elem_id="styles-yours"
    )
  return [upload, slider]


def _regions(
  jobs: running.Jobs, model: str, photo: tuple, painting: list[gr.Image]
) -> None:
  """Two styles, the second where a mask is painted; `painting` may be one of them."""
  known = jobs.models[model]
  styles = [*known.choices["style"], *(YOURS for _ in painting)]
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

  def regions(path, sample, first, second, value, *own, progress=gr.Progress()):
    chosen = [
      running.listed(running.upload(own[0], "a painting")) if x == YOURS else x
      for x in (first, second)
    ]
    given = {
      "input": common.chosen(path, sample),
      "mask": common.painted(jobs, value),
      "style": ",".join(chosen),
    }
    tell = common.teller(progress)
    return str(jobs.run(model, "mask", given, ".png", tell))

  begin.click(take, list(photo), canvas, **QUIET, **running.QUICK)
  held = [*photo, *names, canvas, *painting]
  run.click(regions, held, painted, **QUIET, **running.SLOW)


def _film(jobs: running.Jobs, model: str) -> None:
  """A short film in one style."""
  known = jobs.models[model]
  task = known.tasks["video"]
  with gr.Accordion("A short film", open=False), gr.Row():
    with gr.Column():
      film = gr.File(
        label="Film (.gif; others need ffmpeg)", type="filepath", elem_id="film-input"
      )
      names, first = (
        ("style", "smooth", "keep_color", "size"),
        known.choices["style"][0],
      )
      made = controls.make(task, known.choices, names, "film-", size="320", style=first)
      run = gr.Button("Paint the film", variant="primary", elem_id="film-run")
    with gr.Column():
      kind, painted = common.film("Painted", "film-result")

  def paint(path, form, *held, progress=gr.Progress()):
    given = made.values(held) | {"input": running.upload(path, "a film")}
    tell = common.teller(progress)
    return common.shown(jobs.run(model, "video", given, form, tell))

  run.click(paint, [film, kind, *made.components], painted, **QUIET, **running.SLOW)
