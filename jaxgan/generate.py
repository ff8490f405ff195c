r"""Makes images with a trained run.

  python -m jaxgan.generate --workdir=runs/dcgan_anime --list
  python -m jaxgan.generate --workdir=shipped:          # models that are shipped
  python -m jaxgan.generate --workdir=runs/dcgan_anime --task=sample \
      --output=samples.png --num=64 --seed=1
"""

from absl import logging

from jaxgan import errors, options, pretrained


def parser() -> options.Parser:
  """A parser of the options that all tasks share."""
  result = options.verb_parser("generate", __doc__)
  result.add_argument("--workdir", required=True, help=options.WORKDIR)
  result.add_argument(
    "--step",
    default="best",
    help="best (by the run's evaluation, else the latest), latest, or a step's number",
  )
  result.add_argument("--task", default="", help="what to do; see --list")
  result.add_argument("--output", default="", help="a file, or a folder for many")
  result.add_argument(
    "--list", action="store_true", help="print the tasks of this run and their options"
  )
  return result


def main(argv: list[str]) -> None:
  """Runs one task and logs where its result is."""
  common = parser()
  shared, _ = common.parse_known_args(argv[1:])
  if shared.workdir == pretrained.PREFIX:
    options.write(pretrained.listing())
    return
  from jaxgan import runner  # Import JAX after the options are understood.

  family, run = runner.open_run(shared.workdir, shared.step)
  tasks = family.TASKS
  if shared.list:
    options.write(options.describe(tasks, runner.choices(family, run)))
    return
  if shared.task not in tasks:
    raise errors.UserError(
      f"--task={shared.task!r} is not a task of {run.config.experiment}, the family of "
      f"this run: {errors.nearest(shared.task, tasks)}"
    )
  if not shared.output:
    raise errors.UserError("name the file or folder to write with --output=PATH.")
  options.add_function(common, tasks[shared.task])
  chosen = vars(common.parse_args(argv[1:]))
  runner.setup()
  output = errors.expanded(shared.output)
  try:
    written = options.call(tasks[shared.task], run, output, **chosen)
  except OSError as error:
    raise errors.UserError(
      f"cannot write {error.filename or output}: "
      f"{error.strerror}; choose another --output."
    ) from error
  logging.info("wrote %s", written)


if __name__ == "__main__":
  errors.run(main)
