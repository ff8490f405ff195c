"""Two domains of drawn images for unpaired translation, of mixed sizes.

"smooth" resembles photographs of plain things: shapes with soft shading on a gradient,
with the noise spectrum of natural images. "strokes" resembles paintings: patches of
color covered with short brush strokes, whose direction turns slowly over the image, in
a palette of its own. Image i of a domain depends on (its name, i) alone.
"""

import numpy as np
from PIL import Image, ImageDraw

KINDS = ("smooth", "strokes")
# Blues, ochres and greens that do not occur together in smooth images.
_PALETTE = np.array(
  [
    (28, 60, 130),
    (70, 120, 190),
    (225, 180, 60),
    (240, 220, 150),
    (50, 95, 60),
    (120, 145, 70),
    (180, 90, 50),
    (235, 235, 220),
  ]
)


def draw(kind: str, index: int) -> np.ndarray:
  """Image `index` of one of `KINDS`: uint8 [h, w, 3], sides of 144 to 256."""
  seed = np.random.SeedSequence((KINDS.index(kind), index))
  random = np.random.RandomState(np.random.MT19937(seed))
  height, width = random.randint(144, 257, 2)
  paint = _smooth if kind == "smooth" else _strokes
  return paint(random, height, width)


def _blend(low: np.ndarray, high: np.ndarray, t: np.ndarray) -> np.ndarray:
  return low + (high - low) * t[..., None]


def _smooth(random: np.random.RandomState, height: int, width: int) -> np.ndarray:
  y, x = np.mgrid[:height, :width] / max(height, width)
  angle = random.uniform(0, 2 * np.pi)
  t = np.clip(x * np.cos(angle) + y * np.sin(angle) + 0.3, 0, 1)
  image = _blend(random.uniform(40, 220, 3), random.uniform(40, 220, 3), t)
  for _ in range(random.randint(5, 9)):
    center, radius = random.uniform(0, 1, 2), random.uniform(0.07, 0.22, 2)
    dy, dx = (y - center[0]) / radius[0], (x - center[1]) / radius[1]
    round_ = random.rand() < 0.5
    distance = np.hypot(dx, dy) if round_ else np.maximum(abs(dx), abs(dy))
    cover = np.clip((1 - distance) * 12, 0, 1)
    shade = np.clip(0.75 - 0.35 * (dx + dy), 0.2, 1.3)[..., None]
    color = random.uniform(30, 240, 3) * shade
    image += (color - image) * cover[..., None]
  image += 16 * _grain(random, height, width)[..., None]
  return np.clip(image, 0, 255).astype(np.uint8)


def _grain(random: np.random.RandomState, height: int, width: int) -> np.ndarray:
  """Noise of deviation 1 whose amplitude falls with frequency, as in natural images.

  The generator that translates them gets no other random input: on flat areas it could
  not paint strokes.
  """
  frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width))
  frequency[0, 0] = np.inf  # No mean.
  waves = np.fft.rfft2(random.standard_normal((height, width))) / frequency
  noise = np.fft.irfft2(waves, (height, width))
  return noise / noise.std()


def _strokes(random: np.random.RandomState, height: int, width: int) -> np.ndarray:
  few = _PALETTE[random.permutation(len(_PALETTE))[:5]]
  # Which color is where: the strongest of as many smooth fields.
  fields = [
    Image.fromarray(random.rand(4, 4).astype(np.float32)).resize(
      (width, height), Image.Resampling.BICUBIC
    )
    for _ in few
  ]
  where = np.argmax([np.asarray(field) for field in fields], 0)
  image = Image.fromarray(few[where].astype(np.uint8))
  pen = ImageDraw.Draw(image)
  turn = random.uniform(1, 3, 3)
  n = height * width // 40
  y, x = random.randint(height, size=n), random.randint(width, size=n)
  angle = turn[0] + turn[1] * np.sin(3 * x / width) + turn[2] * y / height
  along = random.uniform(4, 10, n) * np.array((np.cos(angle), np.sin(angle)))
  middle = np.stack((x, y))
  ends = np.concatenate((middle - along, middle + along)).T
  stray = random.rand(n) < 0.15
  colors = few[np.where(stray, random.randint(len(few), size=n), where[y, x])]
  colors = np.clip(colors * random.uniform(0.7, 1.25, (n, 1)), 0, 255).astype(int)
  widths = random.randint(1, 4, size=n)
  for line, color, thick in zip(
    ends.tolist(), colors.tolist(), widths.tolist(), strict=True
  ):
    pen.line(line, fill=tuple(color), width=thick)
  return np.asarray(image)
