"""A table of measurements, as a person reads it."""

import statistics


def table(rows: list[dict]) -> str:
  """One line a run, numbers in columns, and their medians if there are several.

  X_interval stands in the column of X, as X ±X_interval. Lists are left out. Text that
  is the same in all of several runs is written once, below the table.
  """
  columns = {name: [row.get(name, "") for row in rows] for row in rows for name in row}
  columns = {
    name: values
    for name, values in columns.items()
    if not any(isinstance(value, list) for value in values)
  }
  common = {
    name: values[0]
    for name, values in columns.items()
    if len(rows) > 1 and isinstance(values[0], str) and len(set(values)) == 1
  }
  columns = {name: x for name, x in columns.items() if name not in common}
  spreads = {name: columns.pop(f"{name}_interval", ()) for name in tuple(columns)}
  cells = [
    [name, *map(_cell, values, spreads[name] or [""] * len(rows))]
    for name, values in columns.items()
  ]
  if len(rows) > 1:
    for i, (column, values) in enumerate(zip(cells, columns.values(), strict=True)):
      column.append(_median(values) if i else "median")
  widths = [max(map(len, column)) for column in cells]
  lines = [
    "  ".join(
      cell.rjust(width) for cell, width in zip(line, widths, strict=True)
    ).rstrip()
    for line in zip(*cells, strict=True)
  ]
  return "\n".join(lines + [f"{name}: {text}" for name, text in common.items()])


def _median(values: list) -> str:
  """Of the numbers among the values; "" if there are none."""
  numbers = [
    x for x in values if isinstance(x, int | float) and not isinstance(x, bool)
  ]
  return _cell(statistics.median(numbers)) if numbers else ""


def _cell(value, spread="") -> str:
  text = f"{value:.5g}" if isinstance(value, float) else str(value)
  return f"{text} ±{spread:.2g}" if spread != "" else text
