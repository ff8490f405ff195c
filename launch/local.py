r"""Trains with several processes on this machine's CPU: a rehearsal for a cluster.

  python launch/local.py --num_processes=2 [--devices_per_process=1] [--dry_run] -- \
      --config=configs/dcgan_anime.py:tiny --workdir=runs/two

Everything after -- is python -m jaxgan.main's. Process 0's output is shown as it
comes, the others' only if the run fails. SIGTERM and Ctrl-C reach all processes, which
save and stop; a second one ends them at once. If one process fails the others are
ended, and the exit status is that of the first that failed. --dry_run prints the
commands, one a line, and starts none.
"""

import argparse
from collections.abc import Iterator, Sequence
import contextlib
import os
import pathlib
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time

POLL = 0.1  # Seconds.
GRACE = 5.0  # Seconds that the others have to fail by themselves and say why...
SAVING = 60.0  # ...or to save, where a signal stopped the first.
STOPPED = (128 + signal.SIGTERM, 128 + signal.SIGINT)
SHOWN = 30  # Last lines of a process's output.


def parse(argv: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
  """(our options, what is after --); exits with status 2 on a mistake."""
  argv = list(argv)
  split = argv.index("--") if "--" in argv else len(argv)
  parser = argparse.ArgumentParser(
    prog="python launch/local.py",
    description=__doc__,
    allow_abbrev=False,
    formatter_class=argparse.RawDescriptionHelpFormatter,
  )
  parser.add_argument("--num_processes", type=int, default=2)
  parser.add_argument("--devices_per_process", type=int, default=1)
  parser.add_argument("--dry_run", action="store_true")
  options = parser.parse_args(argv[:split])
  if min(options.num_processes, options.devices_per_process) < 1:
    parser.error("--num_processes and --devices_per_process must be at least 1.")
  if not argv[split + 1 :]:
    parser.error(
      "say what to train after --, such as -- --config=configs/dcgan_anime.py:tiny"
    )
  return options, argv[split + 1 :]


def free_port() -> int:
  """A port of this machine that nobody listens on."""
  with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    return listener.getsockname()[1]


def settings(options: argparse.Namespace) -> dict[str, str]:
  """What is added to the environment."""
  flag = f"--xla_force_host_platform_device_count={options.devices_per_process}"
  flags = f"{os.environ.get('XLA_FLAGS', '')} {flag}".strip()
  return {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": flags}


def commands(
  options: argparse.Namespace, arguments: Sequence[str]
) -> Iterator[list[str]]:
  """The command of each process."""
  coordinator = f"127.0.0.1:{free_port()}"
  for i in range(options.num_processes):
    yield [
      sys.executable,
      "-m",
      "jaxgan.main",
      *arguments,
      f"--coordinator={coordinator}",
      f"--process_id={i}",
      f"--num_processes={options.num_processes}",
    ]


def start(
  options: argparse.Namespace, arguments: Sequence[str], outputs: Sequence[pathlib.Path]
) -> list[subprocess.Popen]:
  """Starts all processes; those after process 0 write to `outputs`."""
  environment = os.environ | settings(options)
  processes = []
  for i, command in enumerate(commands(options, arguments)):
    with outputs[i].open("wb") if i else contextlib.nullcontext() as output:
      # A session of its own: Ctrl-C then comes once, from us, and not also from the
      # terminal, which would be a second one.
      processes.append(
        subprocess.Popen(
          command,
          env=environment,
          stdin=subprocess.DEVNULL,
          stdout=output,
          stderr=output and subprocess.STDOUT,
          start_new_session=True,
        )
      )
  return processes


def wait(processes: Sequence[subprocess.Popen]) -> int:
  """Waits for all; once one has failed, the others for a limited time.

  Returns:
    The exit status of the first that failed, 128 + n if signal n ended it, or 0.
  """
  status, deadline = 0, float("inf")
  while True:
    running = [process for process in processes if process.poll() is None]
    failed = [process.returncode for process in processes if process.returncode]
    if failed and not status:
      status = failed[0] if failed[0] > 0 else 128 - failed[0]
      deadline = time.monotonic() + (SAVING if status in STOPPED else GRACE)
    if not running:
      return status
    if time.monotonic() > deadline:
      kill(running)
    time.sleep(POLL)


def kill(processes: Sequence[subprocess.Popen]) -> None:
  """Ends what still runs; checkpoints are written whole or not at all."""
  for process in processes:
    process.kill()


def forward_signals(processes: Sequence[subprocess.Popen]) -> None:
  """From now on SIGTERM and SIGINT go to all processes instead of ending this one."""

  def forward(number, frame):
    del frame
    for process in processes:
      process.send_signal(number)

  for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, forward)


def main(argv: Sequence[str]) -> int:
  """Runs all processes and returns the exit status."""
  options, arguments = parse(argv)
  if options.dry_run:
    added = [f"{name}={value}" for name, value in settings(options).items()]
    for command in commands(options, arguments):
      print(shlex.join(["env", *added, *command]))
    return 0
  with tempfile.TemporaryDirectory(prefix="jaxgan-launch-") as folder:
    outputs = [pathlib.Path(folder, str(i)) for i in range(options.num_processes)]
    processes = start(options, arguments, outputs)
    try:
      forward_signals(processes)
      status = wait(processes)
    finally:
      kill(processes)
    if status > 128 and status not in STOPPED:
      print(
        f"error: a process was killed by signal {status - 128}, and so all are ended. "
        "The same command continues at the last checkpoint.",
        file=sys.stderr,
      )
    for i, path in enumerate(outputs):
      if status and i:
        lines = path.read_text(errors="replace").splitlines()[-SHOWN:]
        sys.stderr.writelines(f"[process {i}] {line}\n" for line in lines)
  return status


if __name__ == "__main__":
  sys.exit(main(sys.argv[1:]))
