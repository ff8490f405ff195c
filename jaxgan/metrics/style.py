"""How near pictures come to a painting's style, by what no network was trained with."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from jaxgan.metrics import content, estimates, sliced

LEVELS = 4  # Of wavelets: structure up to 16 pixels.
PROTOCOL = (
  "style_distance: sliced Wasserstein of colors and of Haar wavelets at up to"
  f" {LEVELS} scales, 64 projections; combined_distance: (1 + lpips_vgg16)"
  " (1 + style_distance)"
)
_LEAST = 4  # Wavelets a side at the coarsest scale.
_POSITIONS = 4096  # That are compared, drawn at random from more.
_STEP = 1 / 255


def distances(pictures: np.ndarray, painting: np.ndarray) -> np.ndarray:
  """Style distance [n] of each picture to a painting: 0 is the same, lower is nearer.

  The sliced Wasserstein distance of the distributions, over positions, of the colors
  and of the Haar wavelets at each scale (after Rabin et al., 2011), each divided by the
  painting's own deviation: 1 is as far as a flat picture of the painting's mean color.
  The mean over colors and scales. It looks at no arrangement, and no VGG16 is in it.
  Two parts of one texture are at 0.1 to 0.5, since few wavelets are coarse ones.

  Args:
    pictures: uint8 [n, h, w, 3], sides of 8 at least.
    painting: uint8 [h', w', 3], sides of 8 at least.

  Raises:
    ValueError: a smaller side.
  """
  least = min(*pictures.shape[1:3], *painting.shape[:2])
  levels = min(LEVELS, int(np.log2(max(least, 1) / _LEAST)))
  if levels < 1:
    raise ValueError(f"pictures {pictures.shape}, painting {painting.shape}: too small")
  wanted = _bands(painting, levels)
  scales = [max(np.sqrt(band.var(0).mean()), _STEP) for band in wanted]
  result = []
  for picture in pictures:
    of_bands = [
      sliced.distance(a / scale, b / scale, num_projections=64).value
      for a, b, scale in zip(_bands(picture, levels), wanted, scales, strict=True)
    ]
    result.append(np.mean(of_bands))
  return np.array(result)


def measures(
  photos: np.ndarray,
  pictures: np.ndarray,
  paintings: Sequence[np.ndarray],
  weights: Sequence[float] = (1.0,),
) -> dict[str, np.ndarray]:
  """What is left of each photograph, and how near its picture is to the style.

  Args:
    photos: uint8 [n, h, w, 3], sides of 16 at least.
    pictures: of the same shape, image by image made from `photos`.
    paintings: of the style, uint8 [h', w', 3], sides of 8 at least.
    weights: of each painting, where several are mixed; 0 or more.

  Returns:
    {"lpips_vgg16", "dists", "edge_correlation": see `content.measures`,
    "style_distance": see `distances`; of a mixture the mean by weight}, [n] each.
  """
  kept = content.measures(photos, pictures)
  kept.pop("color_shift")  # It is the style's to change colors.
  each = [distances(pictures, painting) for painting in paintings]
  return kept | {"style_distance": np.average(each, axis=0, weights=weights)}


def summary(found: Mapping[str, np.ndarray]) -> Iterator[tuple[str, float]]:
  """Yields the mean of each measure, its interval, and combined_distance.

  The last is (1 + lpips_vgg16) (1 + style_distance), as ArtFID (Wright and Ommer, 2022)
  multiplies content and style. It is not ArtFID, whose style is a Frechet distance of
  other features between many pictures and many paintings.

  Args:
    found: what `measures` gives, or the mean of several such.
  """
  for name, values in found.items():
    yield from estimates.named(name, estimates.mean(values))
  kept, style = (1 + found[name] for name in ("lpips_vgg16", "style_distance"))
  influences = kept * style.mean() + style * kept.mean()
  product = kept.mean() * style.mean()
  spread = [influences] if len(kept) > 1 else []
  yield from estimates.named(
    "combined_distance", estimates.from_influences(product, *spread)
  )


def _bands(picture: np.ndarray, levels: int) -> list[np.ndarray]:
  """Colors [positions, 3], then each scale's wavelets [positions, 9], in [-1, 1]."""
  x = picture.astype(np.float64) / 255
  bands = [x.reshape(-1, 3)]
  for _ in range(levels):
    h, w = (side // 2 * 2 for side in x.shape[:2])
    a, b, c, d = (x[i:h:2, j:w:2] for i in (0, 1) for j in (0, 1))
    details = (a + b - c - d, a - b + c - d, a - b - c + d)
    bands.append(np.concatenate(details, axis=-1).reshape(-1, 9) / 2)
    x = (a + b + c + d) / 4
  random = np.random.default_rng(0)
  return [
    random.choice(band, _POSITIONS, replace=False) if len(band) > _POSITIONS else band
    for band in bands
  ]
