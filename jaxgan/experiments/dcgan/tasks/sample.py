"""Images from noise, and others like one of them."""

from collections.abc import Iterable, Mapping
import itertools
import json
import pathlib

from absl import logging
import numpy as np

from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.dcgan import data, inference, names
from jaxgan.experiments.dcgan.networks import image_size
from jaxgan.experiments.dcgan.tasks.made import Made, generate, joined
from jaxgan.experiments.shared import outputs
from jaxgan.experiments.shared.arguments import check_memory, check_num, check_seed
from jaxgan.images import color, writer
from jaxgan.metrics import image_quality

INDEX = "index.json"  # In a folder of images: what makes each of them again.


def sample(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  num: int = 64,
  seed: int = 0,
  latents: str = "",
  labels: str = "",
  truncation: float = 1.0,
  search: int = 0,
  screen: bool = False,
  enhance: float = 1.0,
  columns: int = 0,
) -> pathlib.Path:
  """Images from noise: a sheet (.png), an array (.npy), or a folder of files.

  A folder has a file index.json besides: the options that make each image again.

  Args:
    num: how many images.
    seed: image i of a seed is the same for any number.
    latents: names of single images, such as 0:5,3:7, in place of a number and a seed:
      image 5 of seed 0 and image 7 of seed 3; also those of an index.json.
    labels: such as hair=blue,eyes=red; what is not named is drawn as in the data.
    truncation: factor on the latents; under 1 gives typical, less varied images.
    search: make this many and keep those that the discriminator rates most real (which
      raises precision and lowers variety); 0 keeps all.
    screen: reject images grayer or more vivid than 90 % of the real ones, blurred
      ones, and near-duplicates; the numbers are reported.
    enhance: gain of color saturation; 1 changes nothing.
    columns: images in a row of the sheet; 0 makes it about square.
  """
  named, num = names.wanted(latents, seed, num)
  check_num(num)
  check_num(columns, least=0, name="columns")
  check_seed(seed)
  size = image_size(run.config)
  outputs.check_output(output, num, *size, columns)
  if search and search < num:
    raise UserError(f"--search={search} is less than --num={num}: make more.")
  if latents and (search or screen):
    raise UserError(
      "--latents are images already chosen: leave out --search, --screen."
    )
  _check_enhance(run, enhance)
  candidates = search or (2 * num if screen else num)
  if screen:
    check_memory(candidates, *size, options="--search or --num")
  elif search:
    check_memory(num, *size)
  batches = generate(run, named, candidates, labels, truncation)
  if search:
    kept = candidates if screen else num
    batches = iter([best(batches, inference.open_critic(run), kept)])
  if screen:
    quality = inference.facts(run)["quality"]
    batches = iter([_screened(joined(list(batches)), quality, num)])
  _write(run, output, batches, num, columns, truncation, enhance)
  return output


def neighbors(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  latents: str = "0:0",
  num: int = 16,
  distance: float = 0.3,
  seed: int = 1,
  labels: str = "",
  truncation: float = 1.0,
  enhance: float = 1.0,
  columns: int = 0,
) -> pathlib.Path:
  """Images like one: it, and others beside it; a sheet, an array or a folder.

  A folder has a file index.json besides, as that of sample has.

  Args:
    latents: the name of the image, such as 0:5: image 5 of seed 0.
    num: how many images; the first is the image itself.
    distance: how far they lie on the way to images of another seed, from 0 to 1.
    seed: of those.
    labels: such as hair=blue,eyes=red; what is not named is as in the image.
    truncation: factor on the latents.
    enhance: gain of color saturation; 1 changes nothing.
    columns: images in a row of the sheet; 0 makes it about square.
  """
  check_num(num)
  check_num(columns, least=0, name="columns")
  check_seed(seed)
  if not 0 <= distance <= 1:
    raise UserError(f"--distance={distance} must lie between 0 and 1.")
  outputs.check_output(output, num, *image_size(run.config), columns)
  _check_enhance(run, enhance)
  if len(names.parse(latents)) != 1:
    raise UserError(f"--latents={latents}: give the name of one image, such as 0:5.")
  around = (names.beside(latents, other, distance) for other in names.numbered(seed))
  named = itertools.chain([latents.strip()], around)
  batches = generate(run, named, num, labels, truncation)
  _write(run, output, batches, num, columns, truncation, enhance)
  return output


def _check_enhance(run: workdir.Run, enhance: float) -> None:
  if enhance != 1.0 and run.config.data.channels == 1:
    raise UserError("--enhance needs color images; this run's are gray.")


def best(batches: Iterable[Made], critic: inference.Critic, num: int) -> Made:
  """The images with the highest logits, the highest first."""

  def merged(parts):
    made, scores = joined([x for x, _ in parts]), np.concatenate([y for _, y in parts])
    order = np.argsort(-scores, kind="stable")[:num]
    return made.take(order), scores[order]

  held = []
  for made in batches:
    held.append((made, critic(made.images, made.labels)))
    if sum(len(scores) for _, scores in held) > 2 * num:  # So that memory is bounded.
      held = [merged(held)]
  return merged(held)[0]


def _screened(made: Made, quality: Mapping[str, list[float]], num: int) -> Made:
  """The first images like real ones in saturation and sharpness, no two alike.

  Raises:
    UserError: there are fewer than asked for.
  """
  images = made.images
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
  return made.take(keep[:num])


def _write(
  run: workdir.Run,
  output: pathlib.Path,
  batches: Iterable[Made],
  num: int,
  columns: int,
  truncation: float,
  enhance: float,
) -> None:
  """Writes images, and to a folder the options of `sample` that make each again."""
  classes, index = inference.facts(run)["classes"], {}

  def colored():
    for made in batches:
      for i, name in enumerate(made.names):
        labels = [f"{key}={classes[key][x[i]]}" for key, x in made.labels.items()]
        options = {"latents": name, "labels": ",".join(labels)}
        options |= {"truncation": truncation, "enhance": enhance}
        index[f"{len(index):05d}.png"] = options
      if enhance == 1.0:
        yield made.images
      else:
        yield color.adjust_saturation(made.images, enhance)

  outputs.write(output, colored(), num, columns)
  if not output.suffix:
    text = json.dumps(index, indent=2) + "\n"
    writer.write_whole(output / INDEX, text.encode())
