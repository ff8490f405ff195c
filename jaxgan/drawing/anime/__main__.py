"""Paints faces to standard output: the worker process of `jaxgan.drawing.drawn`.

A process of its own, and not one of `multiprocessing`: that would import the caller's
main module again, and with it jax.
"""

import sys

from jaxgan.drawing.anime import portrait, traits


def main(arguments: list[str]) -> None:
  """Writes the faces first, ..., first + count - 1 as raw bytes [h, w, c]."""
  first, count, height, width, channels, seed = map(int, arguments)
  for index in range(first, first + count):
    rng = traits.generator(seed, index)
    image = portrait.paint(rng, (height, width), channels)
    sys.stdout.buffer.write(image.tobytes())


if __name__ == "__main__":
  main(sys.argv[1:])
