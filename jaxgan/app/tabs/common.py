"""What several tabs have: a menu of models, an upload, a mask painted on a picture."""

from collections.abc import Callable, Mapping, Sequence
import pathlib
from typing import Any

import gradio as gr
import numpy as np

from jaxgan.app import jobs as running
from jaxgan.images import examples, inputs, writer

SOURCES = ["upload", "clipboard"]  # Not the camera: a page of another machine may not.
# One at a time: what Gradio builds at the same time gets into each other's way.
RENDER = {"concurrency_id": "render", "concurrency_limit": 1}
FILMS = (".gif", ".mp4")
EDITED = 768  # Pixels of the longer side of a picture on which a mask is painted.


def per_model(
  names: Sequence[str], body: Callable[[str], None], elem_id: str
) -> gr.Dropdown:
  """A menu of models, and beneath it what `body` builds for the chosen one."""
  menu = gr.Dropdown(
    list(names),
    value=names[0] if names else None,
    label="Model",
    elem_id=elem_id,
    visible=len(names) > 1,
    interactive=True,
  )

  columns = {}
  for name in names:
    with gr.Column(visible=name == names[0]) as columns[name]:
      body(name)

  def choose(chosen):
    return {x: gr.Column(visible=name == chosen) for name, x in columns.items()}

  if columns:
    shown = list(columns.values())
    menu.change(choose, menu, shown, queue=False, api_visibility="private")

  @gr.render(inputs=menu, **RENDER)
  def show(name):  # One that has come since the page was built.
    if name and name not in columns:
      body(name)

  return menu


def result(label: str, elem_id: str, **options) -> gr.Image:
  """Where a picture or a film of a task is shown."""
  return gr.Image(
    type="filepath",
    label=label,
    elem_id=elem_id,
    elem_classes="result",
    interactive=False,
    buttons=["download", "fullscreen"],
    **options,
  )


def film(label: str, elem_id: str, **options) -> tuple[gr.Radio, list]:
  """A choice of a film's format, and where the film is shown: see `shown`."""
  kind = gr.Radio(
    list(FILMS),
    value=FILMS[0],
    label="Format",
    info=".mp4 needs ffmpeg",
    interactive=True,
    elem_id=f"{elem_id}-as",
  )
  places = [
    result(label, elem_id, **options),
    gr.Video(
      label=label,
      interactive=False,
      visible=False,
      buttons=["download"],
      elem_id=f"{elem_id}-video",
    ),
  ]
  return kind, places


def shown(path: pathlib.Path) -> tuple[gr.Image, gr.Video]:
  """A film in the place that is for its format."""
  is_video = path.suffix == ".mp4"
  return (
    gr.Image(None if is_video else str(path), visible=not is_video),
    gr.Video(str(path) if is_video else None, visible=is_video),
  )


def sheet(label: str, elem_id: str, columns: int) -> gr.Gallery:
  """Where several pictures are shown, all of them at once."""
  return gr.Gallery(
    label=label,
    elem_id=elem_id,
    columns=columns,
    height="auto",
    allow_preview=False,
    interactive=False,
    buttons=[],
  )


def file(label: str, elem_id: str, **options) -> gr.File:
  """Where a result is downloaded."""
  return gr.File(label=label, elem_id=elem_id, interactive=False, **options)


def teller(bar: gr.Progress) -> running.Tell:
  """Shows how far a task is on Gradio's bar."""
  return lambda done, what: bar(done, desc=what)


def picture_upload(label: str, elem_id: str) -> gr.Image:
  """An upload of a picture, whose value is its path."""
  upload = gr.Image(
    type="filepath",
    sources=SOURCES,
    label=label,
    interactive=True,
    height=260,
    buttons=[],
    elem_id=elem_id,
  )
  # Gradio would decode it before anything is checked, and explain nothing.
  upload.preprocess = lambda payload: payload.path if payload else None
  return upload


def photograph(prefix: str) -> tuple[gr.Image, gr.Dropdown]:
  """An upload of a photograph, and the shipped ones in its place.

  `chosen` makes one value of the two.
  """
  upload = picture_upload("Your photograph", f"{prefix}-photo")
  known = [examples.PREFIX + name for name in examples.PHOTOGRAPHS]
  sample = gr.Dropdown(
    known,
    value=known[1],
    label="Without one",
    info="a photograph that comes with the program",
    elem_id=f"{prefix}-sample",
    interactive=True,
  )
  return upload, sample


def chosen(path: str | None, sample: str) -> str:
  """What the two of `photograph` stand for: an upload that is checked, or a sample."""
  return running.upload(path) if path else sample


def editor(elem_id: str) -> gr.ImageEditor:
  """A picture on which a mask is painted in white."""
  return gr.ImageEditor(
    type="numpy",
    image_mode="RGBA",
    sources=[],
    transforms=[],
    layers=False,
    interactive=True,
    visible=False,  # Until there is a picture: an empty one takes no size later.
    brush=gr.Brush(colors=["#ffffff"], color_mode="fixed", default_size=30),
    label="Paint where",
    buttons=[],
    elem_id=elem_id,
  )


def reduced(jobs: running.Jobs, source: str, side: int = EDITED) -> str:
  """A picture as a file that browsers show, its longer side at most so many pixels."""
  with running.explained(jobs.folder):
    jobs.check({"input": source})
    photo = next(inputs.read(source, side))
    path = jobs.new_folder() / "picture.png"
    writer.write_png(path, photo.pixels)
  return str(path)


def to_paint_on(jobs: running.Jobs, source: str) -> dict[str, Any]:
  """A picture, reduced, as the editor takes it."""
  background = reduced(jobs, source)
  return {"background": background, "layers": [], "composite": None}


def painted(jobs: running.Jobs, value: Mapping[str, Any] | None) -> str:
  """The file of a mask: white where something was painted.

  Raises:
    gr.Error: nothing was.
  """
  layers = [np.asarray(x)[..., 3] for x in (value or {}).get("layers", ())]
  if not layers or not any(layer.any() for layer in layers):
    raise gr.Error("paint on the picture first.", print_exception=False)
  mask = np.where(np.max(layers, 0) > 0, 255, 0).astype(np.uint8)
  path = jobs.new_folder() / "mask.png"
  writer.write_png(path, mask[..., None])
  return str(path)
