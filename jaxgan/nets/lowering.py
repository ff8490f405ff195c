"""Convolutions, lowered by backend and shape; parameters keep the usual shapes."""

import jax

_DIMENSIONS = ("NHWC", "HWIO", "NHWC")
Padding = str | tuple[tuple[int, int], tuple[int, int]]


def conv(
  x: jax.Array, kernel: jax.Array, *, strides: tuple[int, int], padding: Padding
) -> jax.Array:
  """Convolution of images [n, h, w, c] with a kernel [kh, kw, c, f].

  Args:
    x: images [n, h, w, c].
    kernel: weights [kh, kw, c, f], of the same dtype.
    strides: steps of the window, down and across.
    padding: "SAME", "VALID" or ((top, bottom), (left, right)).

  Returns:
    [n, h', w', f].
  """
  return jax.lax.conv_general_dilated(
    x, kernel, strides, padding, dimension_numbers=_DIMENSIONS
  )


def conv_transpose(
  x: jax.Array, kernel: jax.Array, *, strides: tuple[int, int], padding: Padding
) -> jax.Array:
  """Transposed convolution with the semantics of `jax.lax.conv_transpose`.

  Args:
    x: images [n, h, w, c].
    kernel: weights [kh, kw, c, f], of the same dtype.
    strides: the factors by which the image grows, down and across.
    padding: "SAME" (h' = h * stride), "VALID", or what is added to the dilated image.

  Returns:
    [n, h', w', f].
  """
  return jax.lax.conv_transpose(
    x, kernel, strides, padding, dimension_numbers=_DIMENSIONS
  )
