"""Weight files: the packaged ones, users' own, and those that are refused."""

import os
import pickle

import jax
import numpy as np
import pytest
from safetensors.numpy import save_file

from jaxgan import errors
from jaxgan.features import weights


@pytest.fixture(scope="module")
def params():
  return weights.load_vgg16()


def test_vgg_weights_are_torchvisions(params):
  # conv1_1 of torchvision's VGG16_Weights.IMAGENET1K_V1.
  np.testing.assert_allclose(
    params["conv1_1"]["bias"][:3], [0.4034, 0.3778, 0.4644], atol=5e-5
  )
  np.testing.assert_allclose(
    params["conv1_1"]["kernel"][0, :, 0, 0], [-0.5537, 0.1427, 0.5290], atol=5e-5
  )
  # The published count of VGG16 without its fully connected layers.
  assert sum(x.size for x in jax.tree.leaves(params)) == 14_714_688


def save_npz(path, params):
  np.savez(
    path, **{f"{a}/{b}": x for a, group in params.items() for b, x in group.items()}
  )


def test_a_users_file_is_read_back_equal(params, tmp_path):
  doubled = jax.tree.map(lambda x: x * 2, params)
  save_npz(tmp_path / "vgg.npz", doubled)
  got = weights.load_vgg16(str(tmp_path / "vgg.npz"))
  jax.tree.map(np.testing.assert_array_equal, got, doubled)


def test_torchvisions_names_and_safetensors(params, tmp_path):
  # torchvision.models.vgg16().features: where its convolutions are.
  places = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
  theirs = {}
  for place, conv in zip(places, params.values(), strict=True):
    kernel = conv["kernel"].transpose(3, 2, 0, 1)
    theirs[f"features.{place}.weight"] = np.ascontiguousarray(kernel)
    theirs[f"features.{place}.bias"] = conv["bias"]
  save_file(theirs, tmp_path / "vgg.safetensors")
  got = weights.load_vgg16(str(tmp_path / "vgg.safetensors"))
  jax.tree.map(np.testing.assert_array_equal, got, dict(params))
  (tmp_path / "bad.safetensors").write_bytes(b"12345678{}")
  with pytest.raises(errors.UserError, match="not readable"):
    weights.load_vgg16(str(tmp_path / "bad.safetensors"))


def test_unusable_vgg_files_are_told_in_one_line(params, tmp_path):
  absent, text, partial, torch = (str(tmp_path / f"{i}.npz") for i in range(4))
  (tmp_path / "1.npz").write_text("not weights")
  save_npz(partial, {k: v for k, v in params.items() if k != "conv5_3"})
  # torch's axis order, OIHW.
  save_npz(
    torch,
    {
      name: {"kernel": conv["kernel"].transpose(3, 2, 0, 1), "bias": conv["bias"]}
      for name, conv in params.items()
    },
  )
  for path in (absent, text, partial, torch):
    with pytest.raises(errors.UserError, match=path) as info:
      weights.load_vgg16(path)
    assert "\n" not in str(info.value)


class Command:
  """What unpickles as a call of os.mkdir."""

  def __init__(self, path):
    self.path = path

  def __reduce__(self):
    return os.mkdir, (self.path,)


def test_a_pickle_that_calls_anything_is_refused(tmp_path, monkeypatch):
  victim = str(tmp_path / "made")
  with open(tmp_path / "vgg16.ckpt", "wb") as file:
    pickle.dump({"VGG16_0": Command(victim)}, file)
  monkeypatch.setattr(weights, "_packaged", lambda: tmp_path / "vgg16.ckpt")
  with pytest.raises(errors.UserError, match=r"refused .*mkdir"):
    weights.load_vgg16()
  assert not os.path.exists(victim)


def test_unusable_inception_files_are_told_in_one_line(tmp_path):
  arrays = {"Conv2d_1a_3x3.conv.weight": np.zeros((32, 3, 3, 3), np.float32)}
  partial, text, absent = (str(tmp_path / f"{i}.npz") for i in range(3))
  np.savez(partial, **arrays)
  (tmp_path / "1.npz").write_text("not weights")
  for path in (partial, text, absent):
    with pytest.raises(errors.UserError, match=path) as info:
      weights.load_inception(path)
    assert "\n" not in str(info.value)
