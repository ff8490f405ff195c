"""The page: its tabs, and starting and stopping its server."""

import pathlib

import gradio as gr

from jaxgan.app import jobs as running
from jaxgan.app import safety, training
from jaxgan.app.tabs import (
  everything,
  faces,
  one_image,
  styles,
  training_watch,
  translation,
)

CSS = """
.gradio-container { max-width: 1200px !important; margin: auto !important; }
.gradio-container { width: 100%; }
#faces-sheet .grid-container {
  grid-template-columns: repeat(4, minmax(0, 1fr)) !important;
}
#faces-sheet .grid-container > * { min-width: 0; height: auto; aspect-ratio: 1; }
.weights .head { flex-direction: column; align-items: flex-start; }
.result img { min-height: 240px; object-fit: contain; }
.grid-wrap { max-height: none !important; }
"""
WELCOME = """# jaxgan
Make pictures with trained models. Everything is computed on this machine."""


# Titles of tabs, shown where a model has all the tasks that they need.
TABS = {"Faces": faces, "Styles": styles, "HD translation": translation}


def build(
  jobs: running.Jobs, trainings: training.Trainings, runs: pathlib.Path | None
) -> gr.Blocks:
  """The page with a tab for each kind of model that there is.

  Args:
    jobs: runs tasks of the models.
    trainings: those that visitors begin.
    runs: the folder that is watched, if any.
  """
  with gr.Blocks(title="jaxgan", analytics_enabled=False) as blocks:
    _api(jobs)  # First: a function of a tab of the same name would take the name.
    gr.Markdown(WELCOME)
    with gr.Tabs():
      for title, module in TABS.items():
        if jobs.models.with_tasks(*module.TASKS):
          with gr.Tab(title):
            module.tab(jobs)
      with gr.Tab("One image"):
        one_image.tab(jobs, trainings)
      if runs:
        with gr.Tab("Training"):
          training_watch.tab(jobs, runs)
      with gr.Tab("All tasks"):
        everything.tab(jobs)
  return blocks


def _api(jobs: running.Jobs) -> None:
  """What programs may call, with the same checks: `gradio_client` documents how."""

  def run(model: str, task: str, options: dict, form: str) -> dict:
    """The file that a task makes.

    Args:
      model: as under the tab "All tasks".
      task: of the model.
      options: of the task, by name; a file is given by its path on the server, as
        uploading it returns.
      form: such as ".png"; or "folder", which gives a .zip.
    """
    path = running.files(jobs.run(model, task, options, form))[1]
    return gr.FileData(path=path).model_dump()

  gr.api(run, **running.SLOW)


def launch(
  blocks: gr.Blocks, host: str, port: int, passwords: list[tuple[str, str]]
) -> str:
  """Starts the server in a thread; returns the page's address.

  Raises:
    OSError: the port is taken.
  """
  safety.fetch_nothing()
  # Fonts of the visitor's machine; and explanations that are dark enough to be read.
  fonts = ["system-ui", "sans-serif"]
  theme = gr.themes.Default(font=fonts, font_mono=["ui-monospace", "monospace"])
  theme.set(block_info_text_color="*neutral_600", block_label_text_color="*neutral_700")
  _, url, _ = blocks.queue(max_size=100).launch(
    server_name=host,
    server_port=port,
    prevent_thread_lock=True,
    quiet=True,
    share=False,
    show_error=True,
    auth=passwords or None,
    max_file_size=safety.MOST_BYTES,
    app_kwargs={"middleware": safety.middleware(host)},
    allowed_paths=[],
    footer_links=[],
    ssr_mode=False,
    enable_monitoring=False,
    mcp_server=False,
    theme=theme,
    css=CSS,
  )
  return url
