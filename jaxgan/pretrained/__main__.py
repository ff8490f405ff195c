r"""Registers a model that lies in this folder, so that it is shipped.

  python -m jaxgan.export --workdir=runs/styles \
      --output=jaxgan/pretrained/styles.safetensors
  python -m jaxgan.pretrained styles

The first line of its card, such as "# styles: six painters in one network", is the
summary in the list of models. Run it again when the file or that line has changed.
"""

import json

from jaxgan import errors, options, pretrained


def summary_of(card: str, name: str) -> str:
  """What follows the name in a card's title.

  Raises:
    UserError: the title is not "# NAME: SUMMARY".
  """
  title, prefix = card.partition("\n")[0], f"# {name}: "
  if not title.startswith(prefix):
    raise errors.UserError(f"the first line of {name}.md must be {prefix}SUMMARY.")
  return title.removeprefix(prefix).strip()


def register(name: str) -> pretrained.Entry:
  """Writes the entry of a model to the registry.

  Raises:
    UserError: its file or its card is missing.
  """
  file, card = (pretrained.FOLDER / f"{name}{x}" for x in (".safetensors", ".md"))
  for path in (file, card):
    if not path.is_file():
      raise errors.UserError(f"no file {path}: it belongs to every shipped model.")
  entry = pretrained.describe(file, summary_of(card.read_text(), name))
  known = pretrained.registry() | {name: entry}
  text = {key: known[key]._asdict() for key in sorted(known)}
  (pretrained.FOLDER / pretrained.REGISTRY).write_text(
    json.dumps(text, indent=2) + "\n"
  )
  return entry


def main(argv: list[str]) -> None:
  """Registers one model and prints the list of all."""
  parser = options.verb_parser("pretrained", __doc__)
  parser.add_argument("name", help="of the file without its suffix")
  register(parser.parse_args(argv[1:]).name)
  options.write(pretrained.listing())


if __name__ == "__main__":
  errors.run(main)
