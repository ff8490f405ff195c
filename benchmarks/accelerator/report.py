"""The rows that were measured, as a table."""

from collections.abc import Sequence
from typing import Any

from benchmarks import scaling


def report(found: Sequence[dict[str, Any]]) -> str:
  """One table in Markdown."""
  number = lambda x: f"{x:.4g}" if isinstance(x, float) else str(x)
  header = ["what", "config", "precision", "changed", "result", "memory, MiB"]
  results = (
    *("agrees", "difference", "seconds_per_step", "images_per_second"),
    *("share_of_peak", "images_per_hour"),
    *("peer_seconds_per_step", "times_as_fast", "error"),
  )
  cells = []
  for row in found:
    known = [
      f"{name} {number(row[name])}"
      for name in results
      if row.get(name) is not None and not isinstance(row[name], list)
    ]
    changes = row["changes"] | {"steps a call": row["steps_a_call"]}
    changed = ", ".join(f"{k}={v}" for k, v in changes.items() if v is not None)
    name = f"`{row['config']}:{row['variant']}`"
    cells.append(
      [
        *(row["what"], name, row["precision"], changed, "; ".join(known)),
        number(row.get("peak_memory_mib", "")),
      ]
    )
  device = next((row["device"] for row in found if "device" in row), "no device")
  return f"# {device}\n\n{scaling.table(header, cells)}\n"
