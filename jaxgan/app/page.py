"""The page: its tabs, and starting and stopping its server."""

import pathlib

import gradio as gr

from jaxgan.app import jobs as running
from jaxgan.app import safety
from jaxgan.app.tabs import everything

CSS = "footer { display: none !important; } .gradio-container { max-width: 1200px; }"
WELCOME = """# jaxgan
Make pictures with trained models. Everything is computed on this machine."""


def build(jobs: running.Jobs) -> gr.Blocks:
  """The page with a tab for each kind of model that there is."""
  with gr.Blocks(title="jaxgan", analytics_enabled=False) as blocks:
    gr.Markdown(WELCOME)
    with gr.Tabs():
      with gr.Tab("All tasks", elem_id="tab-all"):
        everything.tab(jobs)
  return blocks


def launch(
  blocks: gr.Blocks,
  host: str,
  port: int,
  passwords: list[tuple[str, str]],
  files: pathlib.Path,
) -> str:
  """Starts the server in a thread; returns the page's address.

  Raises:
    OSError: the port is taken.
  """
  safety.fetch_nothing()
  fonts = ["system-ui", "sans-serif"]  # Of the visitor's machine.
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
    theme=gr.themes.Default(font=fonts, font_mono=["ui-monospace", "monospace"]),
    css=CSS,
  )
  return url
