"""Images that are made of named latents and chosen labels, batch by batch."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
import itertools
from typing import NamedTuple

import numpy as np

from jaxgan import progress
from jaxgan.engine import workdir
from jaxgan.errors import UserError, nearest
from jaxgan.experiments.dcgan import inference, names


class Made(NamedTuple):
  """Images and what they were made of.

  Attributes:
    images: uint8 [n, h, w, c].
    labels: {attribute: int32 [n]}.
    names: of their latents.
  """

  images: np.ndarray
  labels: dict[str, np.ndarray]
  names: list[str]

  def take(self, rows: Sequence[int]) -> "Made":
    """Some of them."""
    labels = {name: values[rows] for name, values in self.labels.items()}
    return Made(self.images[rows], labels, [self.names[i] for i in rows])


def joined(parts: Sequence[Made]) -> Made:
  """Batches as one."""
  images, labels, named = zip(*parts, strict=True)
  merged = {key: np.concatenate([x[key] for x in labels]) for key in labels[0]}
  return Made(np.concatenate(images), merged, list(itertools.chain(*named)))


def parse_labels(text: str, classes: Mapping[str, list[str]]) -> dict[str, int]:
  """ "hair=blue,eyes=red" to {"hair": 1, "eyes": 8}.

  Raises:
    UserError: for an attribute or a value the run was not trained with.
  """
  chosen = {}
  for item in filter(None, text.split(",")):
    attribute, _, value = (part.strip() for part in item.partition("="))
    if attribute not in classes:
      raise UserError(
        f"--labels: this run has no attribute {attribute!r}: "
        + (nearest(attribute, classes) if classes else "it was trained without labels.")
      )
    if value not in classes[attribute]:
      raise UserError(
        f"--labels: {attribute} has no value {value!r}: "
        f"{nearest(value, classes[attribute])}"
      )
    chosen[attribute] = classes[attribute].index(value)
  return chosen


def generate(
  run: workdir.Run,
  named: Iterable[str],
  num: int,
  labels: str = "",
  truncation: float = 1.0,
) -> Iterator[Made]:
  """Yields the images of latents, and shows how far it is.

  Args:
    run: a trained run.
    named: names of latents.
    num: how many of them.
    labels: the labels that are chosen, as text; others are drawn as in the data.
    truncation: factor on the latents.
  """
  known = inference.facts(run)
  chosen = parse_labels(labels, known["classes"])
  sampler = inference.open_sampler(run)
  wanted = itertools.islice(named, num)
  with progress.track(num, "generating") as advance:
    while some := list(itertools.islice(wanted, inference.AT_ONCE)):
      drawn = labels_of(known["frequencies"], some, chosen)
      yield Made(sampler(names.draw(sampler, some) * truncation, drawn), drawn, some)
      advance(len(some))


def labels_of(
  frequencies: Mapping[str, list[float]],
  named: Sequence[str],
  chosen: Mapping[str, int],
) -> dict[str, np.ndarray]:
  """Labels [n] of names: the chosen, or those of the numbers that names begin with."""
  drawn = [
    inference.draw_labels(frequencies, seed, 1, number, chosen)
    for seed, number in map(names.base, named)
  ]
  return {name: np.concatenate([x[name] for x in drawn]) for name in frequencies}
