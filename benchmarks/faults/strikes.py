"""The kinds of faults: what is done to a run, and which answers are right."""

from collections.abc import Callable
import contextlib
import pathlib
import random
import signal
import subprocess
import time
from typing import NamedTuple

from benchmarks.faults import damages
from benchmarks.faults.run import Ended, Run


class Strike(NamedTuple):
  """A fault: what is done to a run, and what a start may then answer.

  Attributes:
    apply: breaks the run, while a start is running if there is one; returns how that
      start ended.
    answers: exit statuses of that start that are right; a status of 2 needs a line.
  """

  apply: Callable[[Run, random.Random, float], Ended | None]
  answers: tuple[int, ...]


def _signalled(number: int) -> Callable[[Run, random.Random, float], Ended | None]:
  def apply(run, rng, usual):
    process = run.start()
    with contextlib.suppress(subprocess.TimeoutExpired):
      process.wait(rng.uniform(0, usual))
    return _struck(run, process, number)

  return apply


def _struck(run, process, number=signal.SIGKILL) -> Ended | None:
  """Sends a signal; None if the process had ended before."""
  if process.poll() is not None:
    return None
  process.send_signal(number)
  return run.wait(process)


def _killed_when(run, usual, ready: Callable[[], bool], later: float) -> Ended | None:
  """Starts, and kills so many seconds after something is there."""
  process, deadline = run.start(), time.monotonic() + 2 * usual
  while process.poll() is None and time.monotonic() < deadline:
    if ready():
      time.sleep(later)
      break
    time.sleep(0.002)
  return _struck(run, process)


def _while_saving(run, rng, usual) -> Ended | None:
  """Kills when a checkpoint's temporary folder appears, or shortly after."""
  temporary = lambda: any(run.workdir.glob("checkpoints/*tmp*"))
  return _killed_when(run, usual, temporary, rng.choice([0, 0.01, 0.05]))


def _while_evaluating(run, rng, usual) -> Ended | None:
  """Kills when a checkpoint that is to be evaluated is there, or shortly after."""
  due = lambda: {p for p in damages.checkpoints(run.folder) if not int(p.name) % 4}
  before = due()
  return _killed_when(run, usual, lambda: due() - before, rng.uniform(0, 0.5))


def _twice(run, rng, usual) -> Ended:
  """A second start in the same workdir: it is refused, or finds the run done."""
  first = run.start()
  with contextlib.suppress(subprocess.TimeoutExpired):
    first.wait(rng.uniform(0, usual))
  (run.folder / "log").rename(run.folder / "log.first")
  second = run.wait(run.start())
  (run.folder / "log.first").rename(run.folder / "log")
  ended = run.wait(first)
  return ended if second.status == 0 or second.line else second


def _clock(run, rng, usual) -> Ended:
  """The clock jumps between readings, by up to a day."""
  seed = str(rng.randrange(2**31))
  return run.wait(run.start(PYTHONPATH=str(damages.CLOCK), JUMPS=seed))


def _without_home(run, rng, usual) -> Ended:
  """No home, and no place for caches."""
  nowhere = "/dev/null/nowhere"
  return run.wait(run.start(HOME=nowhere, JAXGAN_CACHE=nowhere))


def _read_only(run, rng, usual) -> Ended | None:
  """Home and caches are there but cannot be written; some of them are missing."""
  caches = run.folder / "caches"
  files = sorted(path for path in caches.rglob("*") if path.is_file())
  for path in rng.sample(files, len(files) // 2):
    path.unlink()
  with damages.read_only(caches) as mounted:
    return run.wait(run.start(HOME=str(caches))) if mounted else None


def _full_disk(run, rng, usual) -> Ended | None:
  """The disk that the run lies on fills up while it trains."""
  with damages.small_disk(run.workdir, rng.uniform(0.2, 2.0)) as mounted:
    return run.wait(run.start()) if mounted else None


def _between(damage: Callable[[pathlib.Path, random.Random], bool]):
  """Damages what lies in the folder; the next start answers."""

  def apply(run, rng, usual):
    return run.wait(run.start()) if damage(run.folder, rng) else None

  return apply


def _of_checkpoint(damage: Callable[[pathlib.Path, random.Random], bool]):
  """As `_between`; a run that has not saved twice yet is killed when it has."""

  def apply(run, rng, usual):
    saved = lambda: len(damages.checkpoints(run.folder)) > 1
    if not saved():
      _killed_when(run, usual, saved, 0)
    return _between(damage)(run, rng, usual)

  return apply


def _other_images(run, rng, usual) -> Ended | None:
  """Its images change, or are gone, after it has begun with them."""
  if not (run.folder / "data").is_dir():
    return None
  return _of_checkpoint(damages.data)(run, rng, usual)


KINDS = {
  "kill": Strike(_signalled(signal.SIGKILL), (0, -9)),
  "term": Strike(_signalled(signal.SIGTERM), (0, 143, -15)),
  # Python itself answers with 1 or -2 until our first line.
  "interrupt": Strike(_signalled(signal.SIGINT), (0, 130, 1, -2)),
  "kill_saving": Strike(_while_saving, (0, -9)),
  "kill_evaluating": Strike(_while_evaluating, (0, -9)),
  "full_disk": Strike(_full_disk, (0, 2)),
  "flip": Strike(_of_checkpoint(damages.flip), (0, 2)),
  "truncate": Strike(_of_checkpoint(damages.truncate), (0, 2)),
  "missing": Strike(_of_checkpoint(damages.remove), (0, 2)),
  "caches": Strike(_between(damages.caches), (0,)),
  "data": Strike(_other_images, (0, 2)),
  "clock": Strike(_clock, (0, 2)),  # Orbax may think that saving took too long.
  "twice": Strike(_twice, (0,)),
  "no_home": Strike(_without_home, (0, 2)),
  "read_only": Strike(_read_only, (0, 2)),
}
