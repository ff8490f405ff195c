"""A trained network on images of any size, and on the frames of a film."""

from collections.abc import Callable, Iterator, Sequence
import functools
import pathlib

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.engine import workdir
from jaxgan.errors import UserError, expanded
from jaxgan.experiments.shared import passes, style_weights, styles
from jaxgan.experiments.stylize import networks
from jaxgan.images import examples, pixels
from jaxgan.nets import instance_norm, residual_chain, stylizer
from jaxgan.options import Several, SeveralOrFiles, Span

FRAME = 1920 * 1088  # Pixels of a film's largest frame; each is painted at once.


class Painter:
  """Repaints photographs; one compiled program for each size.

  Args:
    trained: a network.
    scratch: folder for the files that images of more than `whole` pixels need.
    whole: pixels that are painted at once.
  """

  def __init__(
    self, trained: networks.Trained, scratch: pathlib.Path, whole: int = passes.WHOLE
  ):
    self.names, self._net = trained.names, trained.net
    self._params = jax.device_put(trained.params)
    self._scratch, self._whole = scratch, whole

  def batch(self, images: np.ndarray, style: np.ndarray) -> np.ndarray:
    """Images of one size at once, each with a style of its own.

    Args:
      images: uint8 [n, h, w, 3], of any size that memory has room for.
      style: weights float32 [n, styles].

    Returns:
      uint8 [n, h, w, 3].
    """
    full = np.stack([passes.padded(image) for image in images])
    outputs = self._bytes(full, style)
    return outputs[:, : images.shape[1], : images.shape[2]]

  def __call__(
    self,
    image: np.ndarray,
    style: np.ndarray,
    weights_of: Callable[[np.ndarray], np.ndarray] | None = None,
  ) -> np.ndarray:
    """One image, tile by tile if it is large.

    Args:
      image: uint8 [h, w, 3].
      style: weights float32 [styles]; or, with `weights_of`, a level of each pixel,
        uint8 [h, w].
      weights_of: turns levels [h, w] into weights float32 [h, w, styles]; called on
        parts, since the weights of a large image would not fit into memory.

    Returns:
      uint8 [h, w, 3].
    """
    full = passes.padded(image)
    levels = passes.padded(style) if weights_of else style
    if full.shape[0] * full.shape[1] <= self._whole:
      weights = weights_of(levels) if weights_of else levels
      output = self._bytes(full[None], weights[None])[0]
    else:

      def style_of(tile):
        if not weights_of:
          return style[None]
        top, bottom, left, right = (passes.CELL * side for side in tile.window)
        return weights_of(levels[top:bottom, left:right])[None]

      output = passes.in_parts(self._net, self._params, full, style_of, self._scratch)
    return output[: image.shape[0], : image.shape[1]]

  def _bytes(self, images: np.ndarray, style: np.ndarray) -> np.ndarray:
    """uint8 [n, h, w, 3] of images whose sides are divisible by 4."""
    outputs = passes.whole(self._net, self._params, images, style)
    return pixels.to_uint8(np.asarray(outputs), self._net.LOW)


class FilmPainter:
  """Repaints the frames of a film; statistics that change slowly flicker less.

  Args:
    trained: a network.
    style: weights float32 [styles].
    keep: share of the moments of the frames before, in [0, 1).
  """

  def __init__(self, trained: networks.Trained, style: np.ndarray, keep: float):
    self._net = trained.net
    self._params = jax.device_put(trained.params)
    self._style, self._keep = style[None], keep
    # Before the first frame, which keeps none of them.
    zeros = [
      jnp.zeros_like(self._params[name]["scale"][:1]) for name in _norms(self._net)
    ]
    self.moments = tuple(instance_norm.Moments(x, x) for x in zeros)
    self._first = True

  def __call__(self, frame: np.ndarray) -> np.ndarray:
    """The next frame: uint8 [h, w, 3] to the same; all must have one size."""
    keep = jnp.float32(0 if self._first else self._keep)
    self._first = False
    output, self.moments = _paint_frame(
      self._net,
      self._params,
      passes.padded(frame)[None],
      self._style,
      self.moments,
      keep,
    )
    output = pixels.to_uint8(np.asarray(output)[0], self._net.LOW)
    return output[: frame.shape[0], : frame.shape[1]]


def restore(run: workdir.Run, style: str) -> networks.Trained:
  """The run's network, with the styles of those paintings that --style names.

  Args:
    run: trained.
    style: names of styles, and of images' files, which become names of styles.

  Raises:
    UserError: a painting cannot be read, or the network reads none.
  """
  trained = networks.restore(run)
  files = list(dict.fromkeys(_files(style, trained.names)))
  if files and not trained.reader:
    raise UserError(
      f"--style: {files[0]} is a file, and {run.name} paints in its own styles alone: "
      "add it to them (config.init.workdir), or train configs/stylize_any.py."
    )
  size = trained.reader.size if files else 0
  return trained.read(
    {file: next(iter(styles.load(file, size=size).values())) for file in files}
  )


def _files(style: str, names: Sequence[str]) -> Iterator[str]:
  """Those items of --style that are no style's name, but an image's."""
  for item in style_weights.items(style):
    for name in (item, item.rpartition(":")[0]):  # Without and with a weight.
      if name in names:
        break
      if name and (examples.is_name(name) or expanded(name).is_file()):
        yield name
        break


def open_painter(run: workdir.Run, output: pathlib.Path, style: str = "") -> Painter:
  """The network of `restore`; scratch files of large images lie beside the output."""
  return Painter(restore(run, style), output.absolute().parent)


def choices(run: workdir.Run) -> dict[str, Several | Span]:
  """The values of tasks' options."""
  kind = SeveralOrFiles if networks.reads(run) else Several
  names = kind(networks.style_names(run))
  return {"style": names, "strength": Span(0, 2), "smooth": Span(0, 0.99)}


def _norms(net: stylizer.Stylizer) -> list[str]:
  """Names of the normalizations, in order."""
  return [f"{layer.name}_norm" for layer in net.plan()]


@functools.partial(jax.jit, static_argnames="net")
def _paint_frame(net, params, image, style, moments, keep):
  """A frame repainted, in (0, 1), and the moments it was normalized with."""
  carry = residual_chain.Carry(image.astype(jnp.float32) / 255)
  out, shown = net.apply(
    {"params": params},
    carry,
    style,
    statistics=moments,
    keep=keep,
    method="advance",
    mutable=["moments"],
  )
  return out.x, tuple(shown["moments"][name]["used"] for name in _norms(net))
