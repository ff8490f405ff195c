"""Two domains: what is held out, batches of windows, windows to evaluate."""

import numpy as np
import pytest

from jaxgan import errors
from jaxgan.experiments.shared import unpaired


@pytest.fixture(scope="module")
def load(tmp_path_factory):
  """Draws both domains, of so many images."""
  with pytest.MonkeyPatch.context() as patch:
    patch.setenv("JAXGAN_CACHE", str(tmp_path_factory.mktemp("cache")))
    yield lambda num: unpaired.load(
      {"a": "", "b": ""}, num_drawn=num, scale=0.25, least=32, holdout=100
    )


def test_a_tenth_of_a_is_held_out_at_most(load):
  domains = load(20)
  assert [len(x) for x in domains] == [18, 20, 2]
  assert not set(domains.a.names) & set(domains.held_out.names)
  assert domains.evaluated is domains.held_out
  one = load(1)
  assert [len(x) for x in one] == [1, 1, 0]
  assert one.evaluated is one.a


def test_batches_are_a_function_of_the_step(load):
  read = unpaired.batches(
    load(1), batch_size=2, side=32, seed=0, least_std=0.0, retries=1
  )
  both = read(3, 2)
  assert {name: x.shape for name, x in both.items()} == dict.fromkeys(
    "ab", (2, 2, 32, 32, 3)
  )
  assert (both["a"] != both["b"]).any()
  for name, x in read(4, 1).items():
    np.testing.assert_array_equal(x[0], both[name][1])


def test_windows_must_fit(load):
  images = load(1).b
  assert unpaired.windows(images, 3, 32).shape == (3, 32, 32, 3)
  with pytest.raises(errors.UserError, match="windows of 9999 pixels"):
    unpaired.windows(images, 3, 9999)
