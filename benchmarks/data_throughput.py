r"""Images read per second from the packed cache in batches; prints one JSON line.

python benchmarks/data_throughput.py [--path=FOLDER] [--size=96] [--batch_size=64]
"""

import argparse
import json
import statistics
import sys
import time

from jaxgan.data import batches, packed


def main() -> None:
  """Times batches after one pass that brings the file into memory."""
  parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawTextHelpFormatter
  )
  parser.add_argument("--path", default="", help="images; by default drawn faces")
  parser.add_argument("--size", type=int, default=96)
  parser.add_argument("--batch_size", type=int, default=64)
  parser.add_argument("--batches", type=int, default=500)
  options = parser.parse_args()
  images = packed.load(options.path, size=(options.size, options.size))
  read = batches.batches(images, batch_size=options.batch_size, seed=0)
  for step in range(len(images) // options.batch_size):
    read(step, 1)
  seconds = []
  for step in range(options.batches):
    start = time.perf_counter()
    read(step, 1)
    seconds.append(time.perf_counter() - start)
  median = statistics.median(seconds)
  sys.stdout.write(
    json.dumps(
      {
        "images": len(images),
        "size": options.size,
        "batch_size": options.batch_size,
        "images_per_second": round(options.batch_size / median),
      }
    )
    + "\n"
  )


if __name__ == "__main__":
  main()
