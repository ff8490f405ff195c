r"""Times a training step in turn with another program's and prints the ratio.

  python benchmarks/side_by_side.py --rounds=5 \
      --peer="PYTHON dcgan.py --batch=64" -- --config=configs/dcgan_anime.py

The peer is any command whose last line of output is JSON with `seconds_per_step`, such
as a PyTorch training step run by another environment's Python. The speed of a shared
machine changes, so that both are run in turn and the medians compared: a ratio above 1
means that jaxgan is faster.
"""

import argparse
import json
import shlex
import statistics
import subprocess
import sys


def seconds(command: list[str]) -> float:
  """Runs a command and reads the last line it prints."""
  done = subprocess.run(command, capture_output=True, text=True, check=False)
  if done.returncode:
    sys.exit(f"{shlex.join(command)} failed:\n{done.stderr}")
  return json.loads(done.stdout.splitlines()[-1])["seconds_per_step"]


def main() -> None:
  """Parses the command line, runs both in turn and prints every round."""
  parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawTextHelpFormatter
  )
  parser.add_argument("--peer", required=True, help="the other command")
  parser.add_argument("--rounds", type=int, default=5, help="runs of each")
  parser.add_argument("benchmark", nargs="+", help="options of jaxgan.benchmark")
  options = parser.parse_args()
  ours = [sys.executable, "-m", "jaxgan.benchmark", *options.benchmark]
  times = {"peer": [], "jaxgan": []}
  for _ in range(options.rounds):
    times["peer"].append(seconds(shlex.split(options.peer)))
    times["jaxgan"].append(seconds(ours))
    sys.stdout.write(
      f"peer {times['peer'][-1]:.4f} s, jaxgan {times['jaxgan'][-1]:.4f} s a step\n"
    )
    sys.stdout.flush()
  medians = {name: statistics.median(values) for name, values in times.items()}
  sys.stdout.write(
    json.dumps(
      {f"{name}_seconds_per_step": value for name, value in medians.items()}
      | {
        "ratio": round(medians["peer"] / medians["jaxgan"], 3),
        "rounds": options.rounds,
      }
    )
    + "\n"
  )


if __name__ == "__main__":
  main()
