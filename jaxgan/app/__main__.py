r"""Opens a web page on this machine with everything that the models do.

  python -m jaxgan.app                                  # the models that are shipped
  python -m jaxgan.app --workdir=runs/faces --workdir=runs/photo --runs=runs

Stop it with Ctrl-C. Only this machine reaches the page, unless --host is given.
"""

import argparse
import importlib.util
import os
import pathlib
import signal
import threading

from absl import logging

from jaxgan import errors, options, pretrained

OFFLINE = {  # No telemetry, no look for newer versions, no downloads.
  "GRADIO_ANALYTICS_ENABLED": "False",
  "HF_HUB_OFFLINE": "1",
  "HF_HUB_DISABLE_TELEMETRY": "1",
  "GRADIO_SHARE": "False",
}


def parser() -> options.Parser:
  """A parser of the options."""
  result = options.Parser(
    prog="python -m jaxgan.app",
    description=__doc__,
    formatter_class=argparse.RawTextHelpFormatter,
    allow_abbrev=False,
  )
  result.add_argument(
    "--workdir", action="append", default=[], help=f"one more model: {options.WORKDIR}"
  )
  result.add_argument(
    "--runs", default="", help="folder of runs to watch, and of those that begin here"
  )
  result.add_argument("--host", default="127.0.0.1", help="address to listen at")
  result.add_argument("--port", type=int, default=7860, help="port to listen at")
  result.add_argument(
    "--password-file", default="", help="lines NAME:PASSWORD, one of which is asked for"
  )
  return result


def main(argv: list[str]) -> None:
  """Serves the page until a signal comes."""
  chosen = parser().parse_args(argv[1:])
  if importlib.util.find_spec("gradio") is None:
    raise errors.UserError("the page needs Gradio: pip install -e '.[app]'")
  os.environ |= OFFLINE
  names = [str(_absolute(name)) for name in chosen.workdir]
  runs = errors.expanded(chosen.runs).absolute() if chosen.runs else None
  if runs and not runs.is_dir():
    raise errors.UserError(f"--runs={chosen.runs} is no folder.")
  logging.info("starting the page; this takes some seconds")
  from jaxgan.app import safety  # These take seconds to import.

  password_file = errors.expanded(chosen.password_file)
  pairs = safety.passwords(password_file) if chosen.password_file else []
  if not safety.is_loopback(chosen.host):
    logging.warning(
      "--host=%s: every machine that reaches this one can use the page%s",
      chosen.host,
      " with a password" if pairs else "; --password-file=FILE asks for a password",
    )
  with safety.private_folder() as folder:
    _serve(chosen, names, runs, pairs, folder)


def _absolute(name: str) -> str:
  """A run's name that means the same in another working directory."""
  if name.startswith(pretrained.PREFIX):
    return name
  return str(errors.expanded(name).absolute())


def _serve(chosen, names, runs, pairs, folder) -> None:
  """Builds the page and serves it until a signal comes."""
  from jaxgan import runner
  from jaxgan.app import library, training

  stop, received = threading.Event(), []
  for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda number, _: (received.append(number), stop.set()))
  runner.setup()
  models = library.Library([*library.shipped(), *names])
  warming = (models, folder / "first.png")
  threading.Thread(target=_warm_up, args=warming, daemon=True).start()
  from jaxgan.app import jobs, page  # With Gradio, which imports for seconds.

  trainings = training.Trainings(runs or folder / "runs", is_kept=bool(runs))
  work = jobs.Jobs(models, folder / "files")
  blocks = page.build(work, trainings, runs)
  try:
    url = page.launch(blocks, chosen.host, chosen.port, pairs)
  except OSError as error:
    raise errors.UserError(
      f"cannot listen at {chosen.host}, port {chosen.port} ({error}): choose another "
      "--port."
    ) from error
  logging.info("the page is at %s - stop it with Ctrl-C", url)
  stop.wait()
  trainings.stop()
  work.close()
  blocks.close(verbose=False)
  raise errors.Interrupted(received[0], "the page has stopped; its files are removed")


def _warm_up(models, output: pathlib.Path) -> None:
  """Compiles what the first visitor asks for, while the page is being built."""
  for name in models.with_tasks("sample", "neighbors")[:1]:
    models.task(name, "sample")(models.run(name), output, num=1)


if __name__ == "__main__":
  errors.run(main)
