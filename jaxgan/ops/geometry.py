"""The sizes of a convolution and of its transposes."""

from typing import NamedTuple

Pair = tuple[int, int]


class Geometry(NamedTuple):
  """The sizes of a convolution, each (down, across).

  Attributes:
    image: size of the image.
    kernel: size of the kernel.
    strides: steps of the window.
    padding: zeros around the image, ((top, bottom), (left, right)).
    turned: the kernel comes as a transposed convolution keeps it, [kh, kw, f, c] and
      rotated by half a turn, instead of [kh, kw, c, f].
  """

  image: Pair
  kernel: Pair
  strides: Pair
  padding: tuple[Pair, Pair]
  turned: bool = False

  @property
  def outputs(self) -> Pair:
    """Size of the outputs."""
    sides = zip(self.image, self.kernel, self.strides, self.padding, strict=True)
    return tuple((i + sum(p) - k) // s + 1 for i, k, s, p in sides)

  def reverse(self) -> "Geometry":
    """The convolution of the outputs that is the transpose of one of stride 1."""
    before = [k - 1 - p[0] for k, p in zip(self.kernel, self.padding, strict=True)]
    sides = zip(self.image, self.outputs, self.kernel, before, strict=True)
    padding = tuple((b, i - o + k - 1 - b) for i, o, k, b in sides)
    return Geometry(self.outputs, self.kernel, (1, 1), padding, not self.turned)
