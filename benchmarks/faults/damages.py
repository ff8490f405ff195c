"""What can happen to files, disks and clocks; used by `benchmarks.faults`."""

from collections.abc import Iterator
import contextlib
import mmap
import pathlib
import random
import shutil
import subprocess

CLOCK = pathlib.Path(__file__).parent / "jumping_clock"  # Its sitecustomize.py.


def checkpoints(folder: pathlib.Path) -> list[pathlib.Path]:
  """Folders of the checkpoints that are whole."""
  # No deeper: what is being written there moves while one looks.
  found = [*folder.glob("run/checkpoints/*"), *folder.glob("run/*/checkpoints/*")]
  return [path for path in found if path.name.isdigit()]


def _files(folder: pathlib.Path) -> list[pathlib.Path]:
  """Files of the newest checkpoint, if there are two checkpoints or more."""
  if len(steps := checkpoints(folder)) < 2:
    return []
  newest = max(steps, key=lambda path: (path.stat().st_mtime, int(path.name)))
  return sorted(p for p in newest.rglob("*") if p.is_file() and p.stat().st_size)


def flip(folder: pathlib.Path, rng: random.Random) -> bool:
  """Changes one bit of the newest checkpoint, any of its bits as likely as another."""
  if files := _files(folder):
    (path,) = rng.choices(files, [path.stat().st_size for path in files])
    data = bytearray(path.read_bytes())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    path.write_bytes(data)
  return bool(files)


def truncate(folder: pathlib.Path, rng: random.Random) -> bool:
  """Cuts the end off a file of the newest checkpoint."""
  if files := _files(folder):
    path = rng.choice(files)
    with path.open("r+b") as file:
      file.truncate(rng.randrange(path.stat().st_size))
  return bool(files)


def remove(folder: pathlib.Path, rng: random.Random) -> bool:
  """Removes a file of the newest checkpoint."""
  if files := _files(folder):
    rng.choice(files).unlink()
  return bool(files)


def data(folder: pathlib.Path, rng: random.Random) -> bool:
  """Takes the images away, or some of them, or spoils or exchanges one."""
  files = sorted(folder.glob("data/*"))
  one, how = rng.choice(files), rng.randrange(4)
  if how == 0:
    one.parent.rename(folder / "data.away")
  elif how == 1:
    for path in rng.sample(files, len(files) // 3):
      path.unlink()
  elif how == 2:
    one.write_bytes(one.read_bytes()[:100])
  else:
    shutil.copyfile(files[files.index(one) - 1], one)
  return True


def caches(folder: pathlib.Path, rng: random.Random) -> bool:
  """Damages some of the cached programs and data."""
  files = sorted(path for path in (folder / "caches").rglob("*") if path.is_file())
  for path in rng.sample(files, min(3, len(files))):
    if rng.random() < 0.3 or not path.stat().st_size:
      path.write_bytes(b"")
      continue
    data = bytearray(path.read_bytes())
    for _ in range(3):
      data[rng.randrange(len(data))] ^= 0xFF
    path.write_bytes(data)
  return bool(files)


@contextlib.contextmanager
def read_only(folder: pathlib.Path) -> Iterator[bool]:
  """Nothing can be written to a folder meanwhile, not even by root.

  Yields False, and does nothing, where this user may not mount.
  """
  mount = lambda *args: subprocess.run(["mount", *args, folder], capture_output=True)
  if mount("--bind", folder).returncode:
    yield False
    return
  try:
    yield not mount("-o", "remount,bind,ro").returncode
  finally:
    subprocess.run(["umount", folder], check=True)


@contextlib.contextmanager
def small_disk(folder: pathlib.Path, mebibytes: float) -> Iterator[bool]:
  """Moves a folder to a disk that has so much room left, and back at the end.

  Yields False, and does nothing, where this user may not mount one.
  """
  folder.mkdir(parents=True, exist_ok=True)
  kept = folder.with_name(folder.name + ".kept")
  sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
  pages = sum(-(-size // mmap.PAGESIZE) for size in sizes)
  options = f"size={pages * mmap.PAGESIZE + int(mebibytes * 2**20)}"
  folder.rename(kept)
  folder.mkdir()
  mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
  if subprocess.run(mount, capture_output=True).returncode:
    folder.rmdir()
    kept.rename(folder)
    yield False
    return
  try:
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    yield True
  finally:
    after = folder.with_name(folder.name + ".after")
    shutil.copytree(folder, after)
    subprocess.run(["umount", str(folder)], check=True)
    folder.rmdir()
    after.rename(folder)
    shutil.rmtree(kept)
