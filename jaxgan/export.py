r"""Writes a trained run as a file that can be given away, or runs without this program.

  python -m jaxgan.export --workdir=runs/dcgan_anime --output=faces.safetensors
  python -m jaxgan.generate --workdir=faces.safetensors --task=sample --output=x.png

The default format, safetensors, holds what all tasks need: weights, config, and where
they come from. It has no optimizer states, so training cannot go on from it.

  python -m jaxgan.export --workdir=runs/dcgan_anime --list  # tasks that can run alone
  python -m jaxgan.export --workdir=runs/dcgan_anime --task=sample --format=onnx \
      --output=faces.onnx

The others hold one task. Their results are compared with JAX's before they are written.
The format web, a page, holds a task of each --workdir.
"""

import argparse
import pathlib
from typing import Any

from absl import logging

from jaxgan import errors, options, pretrained


def parser() -> options.Parser:
  """A parser of the options that all formats share."""
  # Tasks of several runs may have an option of the same name, which is all of theirs.
  result = options.verb_parser("export", __doc__, conflict_handler="resolve")
  result.add_argument(
    "--workdir",
    action="append",
    required=True,
    help=f"{options.WORKDIR}; several for a page",
  )
  result.add_argument("--step", default="best", help="best, latest, or a step")
  result.add_argument("--task", default="", help="of formats that hold one; see --list")
  result.add_argument("--format", default="safetensors", help="see --list")
  result.add_argument("--output", default="", help="the file, or folder, to write")
  result.add_argument(
    "--list",
    action="store_true",
    help="print what of this run can be exported, and how",
  )
  return result


def describe(tasks: dict[str, Any], formats: dict[str, Any]) -> str:
  """The tasks and the formats with their options, for a terminal."""
  parts = [options.describe(tasks) or "no task of this run can be exported by itself"]
  return "\n".join([*parts, "", "formats:", options.describe(formats)])


def main(argv: list[str]) -> None:
  """Exports a run, or several, and logs how large the file is."""
  common = parser()
  shared, _ = common.parse_known_args(argv[1:])
  if shared.workdir == [pretrained.PREFIX]:
    options.write(pretrained.listing())
    return
  from jaxgan import experiments, formats, runner  # JAX, after the options.

  known = formats.MODEL | formats.TASK | formats.TASKS
  if shared.format not in known:
    hint = errors.nearest(shared.format, known)
    raise errors.UserError(f"--format={shared.format!r} is not known: {hint}")
  if not shared.output and not shared.list:
    raise errors.UserError("name the file to write with --output=PATH.")
  if len(shared.workdir) > 1 and shared.format not in formats.TASKS:
    raise errors.UserError(f"--format={shared.format} holds one run: name one.")
  opened = [runner.open_run(name, shared.step) for name in shared.workdir]
  family, run = opened[0]
  if shared.list:
    options.write(describe(experiments.extra(family, "EXPORTS"), known))
    return
  output, write = errors.expanded(shared.output), known[shared.format]
  options.add_function(common, write)
  if shared.format in formats.MODEL:
    if shared.task:
      raise errors.UserError(
        f"--task={shared.task}: {shared.format} holds all tasks: leave it out."
      )
    chosen = vars(common.parse_args(argv[1:]))
    options.call(write, family, run, output, **chosen)
  else:
    tasks = [
      _task_of(shared, run.config.experiment, experiments.extra(family, "EXPORTS"))
      for family, run in opened
    ]
    for _, task in tasks:
      options.add_function(common, task)
    chosen = vars(common.parse_args(argv[1:]))
    runner.setup()
    models = []
    for place, (_, run), (name, task) in zip(
      shared.workdir, opened, tasks, strict=True
    ):
      about = {
        "name": pathlib.PurePath(place.removeprefix(pretrained.PREFIX)).stem,
        "task": name,
        "summary": options.summary(task),
        **formats.safetensors.origin(run),
      }
      models.append((options.call(task, run, **chosen), about))
    if shared.format in formats.TASKS:
      options.call(write, models, output, **chosen)
    else:
      ((exportable, about),) = models
      options.call(write, exportable, output, about, **chosen)
  size = sum(x.stat().st_size for x in (output, *output.glob("**/*")) if x.is_file())
  steps = ", ".join(str(run.run_step()) for _, run in opened)
  logging.info("wrote %s: step %s, %.2f MB", output, steps, size / 1e6)


def _task_of(
  shared: argparse.Namespace, family: str, tasks: dict[str, Any]
) -> tuple[str, Any]:
  """The task that is exported, with its name; the only one, if none is named."""
  if not tasks:
    raise errors.UserError(
      f"--format={shared.format}: no task of this run can be exported by itself: use "
      "--format=safetensors."
    )
  name = shared.task or (next(iter(tasks)) if len(tasks) == 1 else "")
  if name not in tasks:
    raise errors.UserError(
      f"--task={shared.task!r} is not a task that can be exported of {family}, the "
      f"family of this run: {errors.nearest(shared.task, tasks)}"
    )
  return name, tasks[name]


if __name__ == "__main__":
  errors.run(main)
