"""Reads the pages: their text, code, commands and tables."""

import pathlib
import re
import shlex

ROOT = pathlib.Path(__file__).parents[2]
OWN = ROOT / "tests" / "families"  # What docs/add_a_family.md builds.
PAGES = [
  str(path.relative_to(ROOT))
  for path in (
    ROOT / "README.md",
    ROOT / "launch" / "README.md",
    ROOT / "colab" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
  )
]


def text_of(page):
  return (ROOT / page).read_text()


def blocks(page, language):
  """Contents of the page's fenced blocks of a language."""
  pattern = rf"^```{language}\n(.*?)^```$"
  return re.findall(pattern, text_of(page), re.MULTILINE | re.DOTALL)


def commands(page):
  """Words of every command line of the page; `\\` joins lines, && divides commands."""
  for block in blocks(page, "(?:bash)?"):
    for line in block.replace("\\\n", " ").splitlines():
      for command in line.split("&&"):
        if re.match(r"\s*(\S*python3?|sbatch|launch/\S+)\s", command):
          yield shlex.split(command, comments=True)


def spans(page):
  """Inline code of the page, outside of fenced blocks."""
  plain = re.sub(r"^```.*?^```$", "", text_of(page), flags=re.MULTILINE | re.DOTALL)
  return re.findall(r"`([^`\n]+)`", plain)


def rows(page, header):
  """Cells of the rows of all tables whose first column has a name."""
  lines, inside = text_of(page).splitlines(), False
  for line in lines:
    cells = [cell.strip() for cell in line.strip("|").split(" | ")]
    if not line.startswith("|"):
      inside = False
    elif inside and not line.startswith("|--"):
      yield cells
    inside = inside or (line.startswith("|") and cells[0].strip("| ") == header)
