"""What options mean, the same in every task."""

import pytest

from jaxgan import errors
from jaxgan.experiments.shared import arguments


@pytest.mark.parametrize("seed", [-1, 2**32, 2**64, 10**99])
def test_seeds_that_would_be_anothers(seed):
  for known in (0, 2**32 - 1):
    arguments.check_seed(known)
  with pytest.raises(errors.UserError, match=f"^config.seed = {seed} must be from 0"):
    arguments.check_seed(seed, "config.seed = ")


@pytest.mark.parametrize(
  ("text", "want"), [("400", 400), ("250x400", (250, 400)), ("1x1", (1, 1))]
)
def test_size(text, want):
  assert arguments.size(text) == want


@pytest.mark.parametrize("text", ["", "0", "-3", "4x", "x4", "0x4", "4.5", "4x4x4"])
def test_size_that_is_none(text):
  with pytest.raises(errors.UserError, match=f"--size={text} is neither"):
    arguments.size(text)


@pytest.mark.parametrize(("text", "want"), [("", 0), ("64", 64), ("64x64", 64)])
def test_side_of_a_square(text, want):
  assert arguments.side(text) == want


def test_sides_that_differ():
  with pytest.raises(errors.UserError, match="--size=64x32: these images are square"):
    arguments.side("64x32")


@pytest.mark.parametrize(
  ("text", "want"), [("2", (2, 2)), ("0.5", (0.5, 0.5)), ("1x2", (1, 2))]
)
def test_scale(text, want):
  assert arguments.scale(text) == want


@pytest.mark.parametrize("text", ["", "0", "-1", "x", "1x0", "inf", "nan", "1x2x3"])
def test_scale_that_is_none(text):
  with pytest.raises(errors.UserError, match=f"--scale={text} is neither"):
    arguments.scale(text)


def test_counts_seeds_and_inputs():
  arguments.check_num(1)
  arguments.check_seed(0)
  arguments.check_input("x.png")
  with pytest.raises(errors.UserError, match="--frames=1 must be at least 2"):
    arguments.check_num(1, least=2, name="frames")
  with pytest.raises(errors.UserError, match="--seed=-1 must be from 0"):
    arguments.check_seed(-1)
  with pytest.raises(errors.UserError, match="--input=PATH"):
    arguments.check_input("")


def test_what_does_not_fit_into_memory():
  arguments.check_sheet(10_000, 96, 96)
  arguments.check_memory(50_000, 96, 96)
  with pytest.raises(errors.UserError, match=r"--num=100000 .* 30432x30336 pixels"):
    arguments.check_sheet(100_000, 96, 96)
  with pytest.raises(errors.UserError, match=r"100000 images of 96x96 .* --frames\."):
    arguments.check_memory(100_000, 96, 96, "--frames")
