"""What users do with a trained DCGAN: samples, and walks between them."""

from collections.abc import Iterable, Iterator, Mapping
import itertools
import pathlib

from absl import logging
import numpy as np

from jaxgan import progress
from jaxgan.engine import workdir
from jaxgan.errors import UserError, nearest
from jaxgan.experiments.dcgan import data, inference
from jaxgan.experiments.dcgan.networks import image_size
from jaxgan.experiments.shared import outputs
from jaxgan.experiments.shared.arguments import check_memory, check_num, check_seed
from jaxgan.images import color, film
from jaxgan.metrics import image_quality

Batch = tuple[np.ndarray, dict[str, np.ndarray]]  # Images and their labels.


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


def sample(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  num: int = 64,
  seed: int = 0,
  labels: str = "",
  truncation: float = 1.0,
  search: int = 0,
  screen: bool = False,
  enhance: float = 1.0,
  columns: int = 0,
) -> pathlib.Path:
  """Images from noise: a sheet (.png), an array (.npy), or a folder of files.

  Args:
    num: how many images.
    seed: image i of a seed is the same for any number.
    labels: such as hair=blue,eyes=red; what is not named is drawn as in the data.
    truncation: factor on the latents; under 1 gives typical, less varied images.
    search: make this many and keep those that the discriminator rates most real (which
      raises precision and lowers variety); 0 keeps all.
    screen: reject images grayer or more vivid than 90 % of the real ones, blurred
      ones, and near-duplicates; the numbers are reported.
    enhance: gain of color saturation; 1 changes nothing.
    columns: images in a row of the sheet; 0 makes it about square.
  """
  check_num(num)
  check_num(columns, least=0, name="columns")
  check_seed(seed)
  size = image_size(run.config)
  outputs.check_output(output, num, *size, columns)
  if search and search < num:
    raise UserError(f"--search={search} is less than --num={num}: make more.")
  if enhance != 1.0 and run.config.data.channels == 1:
    raise UserError("--enhance needs color images; this run's are gray.")
  candidates = search or (2 * num if screen else num)
  if screen:
    check_memory(candidates, *size, options="--search or --num")
  elif search:
    check_memory(num, *size)
  chosen = parse_labels(labels, inference.facts(run)["classes"])
  made = _generated(run, candidates, seed, chosen, truncation)
  if search:
    kept = candidates if screen else num
    batches = iter([best(made, inference.open_critic(run), kept)])
  else:
    batches = (images for images, _ in made)
  if screen:
    quality = inference.facts(run)["quality"]
    batches = iter([_screened(np.concatenate(list(batches)), quality, num)])
  if enhance != 1.0:
    batches = (color.adjust_saturation(x, enhance) for x in batches)
  outputs.write(output, batches, num, columns)
  return output


def _generated(
  run: workdir.Run, num: int, seed: int, chosen: Mapping[str, int], truncation: float
) -> Iterator[Batch]:
  """Yields images of a seed with their labels, batch by batch, and shows how far."""
  sampler = inference.open_sampler(run)
  frequencies = inference.facts(run)["frequencies"]
  with progress.track(num, "generating") as advance:
    for first in range(0, num, inference.AT_ONCE):
      count = min(inference.AT_ONCE, num - first)
      latents = sampler.latents(seed, count, first) * truncation
      labels = inference.draw_labels(frequencies, seed, count, first, chosen)
      yield sampler(latents, labels), labels
      advance(count)


def best(batches: Iterable[Batch], critic: inference.Critic, num: int) -> np.ndarray:
  """The images with the highest logits, the highest first."""

  def merged(parts):
    images, scores = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    order = np.argsort(-scores, kind="stable")[:num]
    return images[order], scores[order]

  held = []
  for images, labels in batches:
    held.append((images, critic(images, labels)))
    if sum(len(scores) for _, scores in held) > 2 * num:  # So that memory is bounded.
      held = [merged(held)]
  return merged(held)[0]


def _screened(
  images: np.ndarray, quality: Mapping[str, list[float]], num: int
) -> np.ndarray:
  """The first images like real ones in saturation and sharpness, no two alike.

  Raises:
    UserError: there are fewer than asked for.
  """
  # Half the distance at which real images are already unusually close.
  keep, rejected = image_quality.screen(
    images,
    saturation_range=tuple(quality.get("saturation", (0.0, 1.0))),
    min_sharpness=quality["sharpness"][0],
    duplicates_below=quality["nearest"][0] / 2,
    features=data.thumbnails(images),
  )
  logging.info(
    "screening kept %d of %d: rejected %s",
    len(keep),
    len(images),
    ", ".join(f"{count} for {reason}" for reason, count in rejected.items()),
  )
  if len(keep) < num:
    raise UserError(
      f"only {len(keep)} of {len(images)} images pass the screening: "
      f"raise --search above {len(images)}, or ask for fewer."
    )
  return images[keep[:num]]


def interpolate(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  num: int = 6,
  seed: int = 0,
  frames: int = 15,
  fps: float = 20.0,
  labels: str = "",
  loop: bool = True,
) -> pathlib.Path:
  """A walk through the latents: a film (.gif, .webp, .mp4), or the frames of one.

  Frames go to a sheet (.png), an array (.npy), or a folder of files.

  Args:
    num: images that the walk passes through.
    seed: draws them.
    frames: steps from one to the next.
    fps: frames a second of a film.
    labels: such as hair=blue,eyes=red; one choice for the whole walk.
    loop: end where it began.
  """
  check_num(num, least=2)
  check_num(frames, name="frames")
  check_seed(seed)
  if not fps > 0:
    raise UserError(f"--fps={fps} must be above 0.")
  total = num * frames if loop else (num - 1) * frames + 1
  size = image_size(run.config)
  is_film = output.suffix.lower() in film.SUFFIXES
  if is_film:
    check_memory(total, *size, options="--num or --frames")
  else:
    outputs.check_output(output, total, *size, columns=frames)
  known = inference.facts(run)
  chosen = parse_labels(labels, known["classes"])
  one = inference.draw_labels(known["frequencies"], seed, 1, chosen=chosen)
  sampler = inference.open_sampler(run)
  batches = _walked(sampler, _stops(sampler, seed, num), frames, loop, one, total)
  if is_film:
    film.write(output, np.concatenate(list(batches)), fps=fps)
  else:
    outputs.write(output, batches, total, columns=frames)
  return output


def _stops(sampler: inference.Sampler, seed: int, num: int) -> Iterator[np.ndarray]:
  """Yields the latents [d] that a walk passes through."""
  for first in range(0, num, inference.AT_ONCE):
    yield from sampler.latents(seed, min(inference.AT_ONCE, num - first), first)


def _walked(
  sampler: inference.Sampler,
  stops: Iterator[np.ndarray],
  frames: int,
  loop: bool,
  labels: Mapping[str, np.ndarray],
  total: int,
) -> Iterator[np.ndarray]:
  """Yields the images of a walk, batch by batch."""
  steps = walk(stops, frames, loop)
  with progress.track(total, "generating") as advance:
    while latents := list(itertools.islice(steps, inference.AT_ONCE)):
      count = len(latents)
      yield sampler(
        np.stack(latents), {name: np.repeat(x, count) for name, x in labels.items()}
      )
      advance(count)


def walk(stops: Iterator[np.ndarray], frames: int, loop: bool) -> Iterator[np.ndarray]:
  """Yields latents [d] from stop to stop, in a loop back to the first."""
  before = start = next(stops)
  for stop in itertools.chain(stops, [start] if loop else []):
    for t in np.arange(frames) / frames:
      yield slerp(before, stop, t)
    before = stop
  if not loop:
    yield before


def slerp(a: np.ndarray, b: np.ndarray, t: float) -> np.ndarray:
  """Spherical interpolation (White, 2016): keeps the norm that normal latents have.

  Args:
    a: latents [d] at t = 0.
    b: latents [d] at t = 1.
    t: in [0, 1].
  """
  cosine = np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b))
  angle = np.arccos(np.clip(cosine, -1, 1))
  if np.sin(angle) < 1e-6:  # Parallel: a straight line, whose limit this is.
    return (1 - t) * a + t * b
  return (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)


TASKS = {"sample": sample, "interpolate": interpolate}
