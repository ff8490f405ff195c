"""Lets `time.time` jump by up to a day, back and forth; found through PYTHONPATH."""

import os
import random
import time

_random, _time, _offset = random.Random(os.environ["JUMPS"]), time.time, 0.0


def _jumping() -> float:
  global _offset
  if _random.random() < 0.02:
    _offset = _random.uniform(-86_400, 86_400)
  return _time() + _offset


time.time = _jumping
