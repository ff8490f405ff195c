"""Batches made and moved to the devices while the step before runs."""

from collections.abc import Iterable, Iterator
import concurrent.futures
import itertools
from typing import Any

from jax.sharding import Mesh

from jaxgan.engine import core, sharding


def prefetch(
  stage: core.Stage, mesh: Mesh, calls: Iterable[tuple[int, int]], ahead: int = 2
) -> Iterator[Any]:
  """Yields the batches of each (first step, count), at most `ahead` made in advance."""

  def make(call):
    return sharding.put(stage.batches(*call), sharding.split(mesh))

  calls = iter(calls)
  pool = concurrent.futures.ThreadPoolExecutor(1, "prefetch")
  try:
    waiting = [pool.submit(make, call) for call in itertools.islice(calls, ahead)]
    while waiting:
      batch = waiting.pop(0).result()
      waiting += [pool.submit(make, call) for call in itertools.islice(calls, 1)]
      yield batch
  finally:  # A run that stops early does not wait for batches that it will not use.
    pool.shutdown(cancel_futures=True)
