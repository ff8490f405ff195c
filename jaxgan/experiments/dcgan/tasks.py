"""What users do with a trained DCGAN: samples, and walks between them."""

from collections.abc import Iterator, Mapping
import pathlib

from absl import logging
import jax
import numpy as np

from jaxgan.engine import workdir
from jaxgan.errors import UserError, nearest
from jaxgan.experiments.dcgan import data, inference
from jaxgan.experiments.dcgan import networks as networks_lib
from jaxgan.images import color, film, writer
from jaxgan.metrics import image_quality


def facts(run: workdir.Run) -> dict:
  """What the run's one stage said of its data."""
  return next(iter(run.facts.values()))


def open_sampler(run: workdir.Run) -> inference.Sampler:
  """The averaged generator of a run's checkpoint."""
  nets = networks_lib.networks(run.config, facts(run)["classes"])
  return inference.Sampler(nets, run.restore("extra.ema"))


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


def _check_num(name: str, value: int, least: int = 1) -> None:
  if value < least:
    raise UserError(f"--{name}={value} must be at least {least}.")


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
  """Images from noise: a grid (.png), an array (.npy), or a folder of files.

  Args:
    num: how many images.
    seed: image i of a seed is the same for any number.
    labels: such as hair=blue,eyes=red; what is not named is drawn as in the data.
    truncation: factor on the latents; under 1 gives typical, less varied images.
    search: draw this many and keep those the discriminator likes best (which raises
      precision and lowers variety); 0 keeps all.
    screen: reject images grayer or more vivid than 90 % of the real ones, blurred
      ones, and near-duplicates; the numbers are reported.
    enhance: gain of color saturation; 1 changes nothing.
    columns: images in a row of the grid; 0 makes it about square.
  """
  _check_num("num", num)
  known = facts(run)
  sampler = open_sampler(run)
  chosen = parse_labels(labels, known["classes"])
  if search and search < num:
    raise UserError(f"--search={search} is less than --num={num}: draw more.")
  candidates = max(num, search) * (2 if screen and not search else 1)
  latents = sampler.latents(seed, candidates) * truncation
  drawn = inference.draw_labels(known["frequencies"], candidates, seed, chosen)
  images = sampler(latents, drawn)
  if search:
    order = np.argsort(-_scores(run, sampler.nets, images, drawn), kind="stable")
    images = images[order]
  if screen:
    images = _screened(images, known["quality"])
  images = images[:num]
  if len(images) < num:
    raise UserError(
      f"only {len(images)} of {candidates} images pass the screening: "
      f"raise --search above {candidates}, or ask for fewer."
    )
  if enhance != 1.0:
    if images.shape[-1] == 1:
      raise UserError("--enhance needs color images; this run's are gray.")
    images = color.adjust_saturation(images, enhance)
  return _write(output, images, columns)


def _scores(run, nets, images, labels) -> np.ndarray:
  """The discriminator's logits with running statistics, so images do not interact."""
  variables = {"params": run.restore("params.discriminator")}
  if "extra.discriminator" in run.items():
    variables |= run.restore("extra.discriminator")
  judge = jax.jit(
    lambda variables, x, labels: nets.discriminator.apply(
      variables, x.astype("float32") / 127.5 - 1, labels, train=False
    )
  )
  size = inference.SAMPLES_AT_ONCE
  return np.concatenate(
    [
      np.asarray(
        judge(
          variables,
          images[i : i + size],
          {k: v[i : i + size] for k, v in labels.items()},
        )
      )
      for i in range(0, len(images), size)
    ]
  )


def _screened(images: np.ndarray, quality: Mapping[str, list[float]]) -> np.ndarray:
  """Images like the real ones in saturation and sharpness, and unlike each other."""
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
  return images[keep]


def _write(output: pathlib.Path, images: np.ndarray, columns: int) -> pathlib.Path:
  """A grid (.png), the array itself (.npy), or a folder of files."""
  suffix = output.suffix.lower()
  if suffix not in ("", ".png", ".npy"):
    raise UserError(
      f"--output={output}: name a grid .png, an array .npy, or a folder "
      "of files without a suffix."
    )
  if suffix == ".npy":
    output.parent.mkdir(parents=True, exist_ok=True)
    temporary = output.with_name(f".{output.name}.tmp.npy")
    np.save(temporary, images)
    temporary.replace(output)
  else:
    writer.write_images(output, images, columns)
  return output


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
  """A walk through the latents: a strip (.png) or a film (.gif, .webp, .mp4).

  Args:
    num: images that the walk passes through.
    seed: draws them.
    frames: steps from one to the next.
    fps: frames a second of a film.
    labels: such as hair=blue,eyes=red; one choice for the whole walk.
    loop: end where it began.
  """
  _check_num("num", num, 2)
  _check_num("frames", frames)
  known = facts(run)
  sampler = open_sampler(run)
  stops = sampler.latents(seed, num)
  walk = np.stack(list(_walk(stops, frames, loop)))
  chosen = parse_labels(labels, known["classes"])
  one = inference.draw_labels(known["frequencies"], 1, seed, chosen)
  images = sampler(walk, {name: np.repeat(x, len(walk)) for name, x in one.items()})
  if output.suffix in film.SUFFIXES:
    film.write(output, images, fps=fps)
    return output
  return _write(output, images, columns=frames)


def _walk(stops: np.ndarray, frames: int, loop: bool) -> Iterator[np.ndarray]:
  ends = np.roll(stops, -1, axis=0) if loop else stops[1:]
  for start, end in zip(stops, ends, strict=False):
    for t in np.arange(frames) / frames:
      yield slerp(start, end, t)
  if not loop:
    yield stops[-1]


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
