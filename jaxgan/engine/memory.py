"""How this process deals with memory on a CPU."""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8  # Names in glibc's malloc.h.


def keep_freed() -> None:
  """Keeps freed memory for the next step, where the C library is glibc.

  XLA's CPU client allocates a step's working memory anew at every call. By default
  glibc gives large blocks back to the system when they are freed, and the system clears
  every page that it hands out again: up to half of a convolution's time. Threads that
  run already keep arenas of their own, so that this comes before JAX starts its own.
  """
  if sys.platform != "linux":
    return
  try:
    mallopt = ctypes.CDLL(None).mallopt
  except AttributeError:  # Another C library.
    return
  for option, value in ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, -1), (_ARENA_MAX, 1)):
    mallopt(option, value)
