"""Images by their names: made again, surrounded by neighbors, and walked between."""

import json

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors, runner
from jaxgan.experiments.dcgan import inference, names
from jaxgan.experiments.dcgan.tasks import interpolate, neighbors, sample


@pytest.fixture(scope="module")
def run(gan_run):
  return runner.open_run(gan_run)[1]


def arrays(task, run, path, **options):
  return np.load(task(run, path / f"{task.__name__}.npy", **options))


def test_a_name_is_a_number_of_a_seed_and_steps_towards_others(run):
  sampler = inference.open_sampler(run)
  found = names.draw(sampler, ["3:7", "0:2", "3:1~0:2:0.25~3:7:1", "3:1~0:2:0.25"])
  three, zero = sampler.latents(3, 8), sampler.latents(0, 3)
  np.testing.assert_array_equal(found[:2], [three[7], zero[2]])
  np.testing.assert_allclose(found[2], three[7], atol=1e-6)
  np.testing.assert_allclose(found[3], names.slerp(three[1], zero[2], 0.25), atol=1e-6)


@pytest.mark.parametrize(
  "text", ["5", "0:-1", "0:1~2", "0:1~0:2:1.5", f"{2**32}:0", f"0:{'9' * 5000}"]
)
def test_what_is_no_name(run, tmp_path, text):
  with pytest.raises(errors.UserError, match="is no name of an image"):
    sample(run, tmp_path / "x.png", latents=text)


def test_every_image_of_a_folder_can_be_made_again(run, tmp_path):
  sample(run, tmp_path / "all", num=8, seed=5, search=12, truncation=0.7)
  index = json.loads((tmp_path / "all" / "index.json").read_text())
  assert sorted(index) == [f"{i:05d}.png" for i in range(8)]
  assert len({options["latents"] for options in index.values()}) == 8
  for name in ("00000.png", "00007.png"):
    (again,) = arrays(sample, run, tmp_path, **index[name])
    np.testing.assert_array_equal(Image.open(tmp_path / "all" / name), again)


def test_neighbors_are_as_near_as_asked_for(run, tmp_path):
  (image,) = arrays(sample, run, tmp_path, latents="2:4")
  same, *others = arrays(neighbors, run, tmp_path, latents="2:4", num=6)
  np.testing.assert_array_equal(same, image)
  assert all(np.any(other != image) for other in others)
  still = arrays(neighbors, run, tmp_path, latents="2:4", num=6, distance=0.0)
  np.testing.assert_array_equal(still, [image] * 6)
  with pytest.raises(errors.UserError, match="distance=1"):
    neighbors(run, tmp_path / "x.png", distance=1.5)
  with pytest.raises(errors.UserError, match="one image"):
    neighbors(run, tmp_path / "x.png", latents="0:1,0:2")


def test_a_walk_between_images_begins_and_ends_with_them(run, tmp_path):
  labels = "hair=blue,eyes=red"
  want = arrays(sample, run, tmp_path, latents="1:3,4:0", labels=labels)
  options = {"latents": "1:3,4:0", "labels": labels, "frames": 4, "loop": False}
  found = arrays(interpolate, run, tmp_path, **options)
  assert len(found) == 5
  np.testing.assert_array_equal(found[[0, -1]], want)
  with pytest.raises(errors.UserError, match="two names"):
    interpolate(run, tmp_path / "x.gif", latents="1:3")
