"""What a compiled program sends, the arithmetic of times, and the command."""

import subprocess
import sys

import pytest

from benchmarks import scaling

PROGRAM = """
  %a = (f32[16]{0}, bf16[2,3]{1,0}, /*index=2*/f32[]) all-reduce(%b, %c), channel_id=2
  %d = f32[16]{0} get-tuple-element(%all-reduce.1), index=0
  %e = u8[4,5]{1,0} all-gather-start(%f), dimensions={0}
  ROOT %g = f32[2]{0} all-reduce(%d), to_apply=%all-reduce.add
"""


def test_bytes_are_counted_by_kind():
  assert scaling.collectives(PROGRAM) == {
    "all-reduce": (2, 4 * 16 + 2 * 6 + 4 + 4 * 2),
    "all-gather": (1, 20),
  }
  assert scaling.collectives("%a = f32[2]{0} add(%all-reduce.1, %b)") == {}


def test_times_are_plain_arithmetic():
  chip = scaling.Chip(peak=1e12, memory=1e9, link=1e6)
  row = {"flops": 2e12, "accessed": 3e9, "collectives": {"all-reduce": (5, 4_000)}}
  assert scaling.seconds(row | {"devices": 1}, chip) == (2, 3, 0)
  *_, sending = scaling.seconds(row | {"devices": 4}, chip)
  assert sending == pytest.approx(2 * 3 / 4 * 4e-3 + 5 * scaling.LATENCY)


@pytest.mark.slow
def test_the_command_prints_both_tables():
  command = [sys.executable, "-m", "benchmarks.scaling", "--variant=tiny"]
  done = subprocess.run(
    [*command, "--devices=8", "--configs=dcgan_anime"],
    capture_output=True,
    text=True,
    check=False,
  )
  assert done.returncode == 0, done.stderr
  compiled, times = done.stdout.split("\n\n")
  assert " all-reduce, " in compiled.splitlines()[2]
  assert times.splitlines()[2].startswith("| `dcgan_anime` | 8 x H100 |")
