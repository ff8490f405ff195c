"""Every task of every model, with controls that are made from its signature."""

import gradio as gr

from jaxgan.app import controls
from jaxgan.app import jobs as running
from jaxgan.app.tabs import common


def tab(jobs: running.Jobs) -> None:
  """Builds it: a menu of models, one of their tasks, and what the task needs."""
  models = jobs.models
  names = models.with_tasks()
  gr.Markdown(
    "Choose a model and what it is to do. Every option is the command line's."
  )
  with gr.Row():
    model = gr.Dropdown(
      names, value=names[0], label="Model", min_width=240, elem_id="all-model"
    )
    task = gr.Dropdown(
      list(models[names[0]].tasks),
      label="Task",
      min_width=240,
      interactive=True,
      elem_id="all-task",
    )

  def tasks_of(name):
    known = list(models[name].tasks)
    return gr.Dropdown(known, value=known[0])

  model.change(tasks_of, model, task, api_visibility="private", queue=False)

  @gr.render(inputs=[model, task], **common.RENDER)
  def form(model_name, task_name):
    known = models[model_name]
    if task_name not in known.tasks:  # Of the model before.
      return
    _form(jobs, model_name, task_name)


def _form(jobs: running.Jobs, model: str, task: str) -> None:
  """The controls of one task, its button and its results."""
  known = jobs.models[model]
  function = known.tasks[task]
  gr.Markdown(controls.summary(function))
  with gr.Row():
    with gr.Column():
      made = controls.make(function, known.choices, prefix=f"all-{task}-")
      kinds = running.formats(function)
      form = gr.Dropdown(
        kinds,
        value=kinds[0],
        label="Format",
        info="folder: many files, as one .zip",
        elem_id="all-format",
        interactive=True,
      )
      button = gr.Button("Run", variant="primary", elem_id="all-run")
    with gr.Column():
      shown = common.sheet("Result", "all-result", columns=1)
      film = gr.Video(label="Film", visible=False, interactive=False)
      file = common.file("Download", "all-file")

  def work(kind, *held, progress=gr.Progress()):
    tell = common.teller(progress)
    path = jobs.run(model, task, made.values(held), kind, tell)
    images, download = running.files(path)
    is_film = path.suffix == ".mp4"
    return (
      gr.Gallery(images, columns=min(len(images), 4) or 1, visible=not is_film),
      gr.Video(str(path) if is_film else None, visible=is_film),
      download,
    )

  button.click(
    work,
    [form, *made.components],
    [shown, film, file],
    api_visibility="private",
    **running.SLOW,
  )
