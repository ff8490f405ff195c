"""VGG16 against its published weights and a NumPy computation; unsafe files."""

import json
import os
import pickle

import jax
import numpy as np
import pytest

from jaxgan import errors
from jaxgan.features import vgg


@pytest.fixture(scope="module")
def params():
  return vgg.load_weights()


def numpy_activations(params, images, depth):
  """The first `depth` activations by loops over the taps, in float64."""
  mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
  x = ((images.astype(np.float64) + 1) / 2 - mean) / std
  found = {}
  for layer in vgg.LAYERS[:depth]:
    if layer in ("relu2_1", "relu3_1"):
      x = np.stack([x[:, i::2, j::2] for i in (0, 1) for j in (0, 1)]).max(0)
    kernel, bias = (
      params[layer.replace("relu", "conv")][k] for k in ("kernel", "bias")
    )
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    h, w = x.shape[1:3]
    x = bias + sum(
      padded[:, i : i + h, j : j + w] @ kernel[i, j].astype(np.float64)
      for i in range(3)
      for j in range(3)
    )
    x = found[layer] = np.maximum(x, 0)
  return found


def test_weights_are_torchvisions(params):
  # conv1_1 of torchvision's VGG16_Weights.IMAGENET1K_V1.
  np.testing.assert_allclose(
    params["conv1_1"]["bias"][:3], [0.4034, 0.3778, 0.4644], atol=5e-5
  )
  np.testing.assert_allclose(
    params["conv1_1"]["kernel"][0, :, 0, 0], [-0.5537, 0.1427, 0.5290], atol=5e-5
  )
  # The published count of VGG16 without its fully connected layers.
  assert sum(x.size for x in jax.tree.leaves(params)) == 14_714_688


def test_activations_are_those_of_an_independent_computation(params):
  images = np.random.default_rng(0).uniform(-1, 1, (2, 8, 12, 3)).astype(np.float32)
  want = numpy_activations(params, images, depth=5)
  got = jax.jit(vgg.activations, static_argnums=2)(params, images, tuple(want))
  assert set(got) == {"relu1_1", "relu1_2", "relu2_1", "relu2_2", "relu3_1"}
  for layer in want:
    np.testing.assert_allclose(got[layer], want[layer], rtol=1e-4, atol=1e-4)


def test_shapes_of_all_layers():
  params = {
    name: {k: jax.ShapeDtypeStruct(v.shape, v.dtype) for k, v in weights.items()}
    for name, weights in vgg.load_weights().items()
  }
  images = jax.ShapeDtypeStruct((2, 50, 33, 3), np.float32)
  found = jax.eval_shape(lambda p, x: vgg.activations(p, x, vgg.LAYERS), params, images)
  assert len(found) == 13
  assert found["relu1_2"].shape == (2, 50, 33, 64)
  assert found["relu3_3"].shape == (2, 12, 8, 256)
  assert found["relu5_3"].shape == (2, 3, 2, 512)


def test_only_the_layers_up_to_the_deepest_are_needed(params):
  shallow = {name: params[name] for name in ("conv1_1", "conv1_2")}
  found = vgg.activations(shallow, np.zeros((1, 4, 4, 3), np.float32), ("relu1_2",))
  assert list(found) == ["relu1_2"]


@pytest.mark.parametrize("shape", [(4, 4, 3), (1, 4, 4, 1)])
def test_other_shapes_are_refused(params, shape):
  with pytest.raises(ValueError, match=r"\[n, h, w, 3\]"):
    vgg.activations(params, np.zeros(shape, np.float32), ("relu1_1",))


def test_unknown_layers_are_refused(params):
  with pytest.raises(ValueError, match="relu3_4"):
    vgg.activations(params, np.zeros((1, 4, 4, 3), np.float32), ("relu3_4",))


def save_npz(path, params):
  np.savez(
    path, **{f"{a}/{b}": x for a, group in params.items() for b, x in group.items()}
  )


def test_a_users_file_is_read_back_equal(params, tmp_path):
  doubled = jax.tree.map(lambda x: x * 2, params)
  save_npz(tmp_path / "vgg.npz", doubled)
  got = vgg.load_weights(str(tmp_path / "vgg.npz"))
  jax.tree.map(np.testing.assert_array_equal, got, doubled)


def write_safetensors(path, arrays):
  header, body = {"__metadata__": {"format": "pt"}}, b""
  for name, x in arrays.items():
    begin = len(body)
    body += np.ascontiguousarray(x).tobytes()
    offsets = [begin, len(body)]
    header[name] = {"dtype": "F32", "shape": list(x.shape), "data_offsets": offsets}
  text = json.dumps(header).encode()
  path.write_bytes(len(text).to_bytes(8, "little") + text + body)


def test_torchvisions_names_and_safetensors(params, tmp_path):
  # torchvision.models.vgg16().features: where its convolutions are.
  places = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
  theirs = {}
  for place, weights in zip(places, params.values(), strict=True):
    theirs[f"features.{place}.weight"] = weights["kernel"].transpose(3, 2, 0, 1)
    theirs[f"features.{place}.bias"] = weights["bias"]
  write_safetensors(tmp_path / "vgg.safetensors", theirs)
  got = vgg.load_weights(str(tmp_path / "vgg.safetensors"))
  jax.tree.map(np.testing.assert_array_equal, got, dict(params))
  (tmp_path / "bad.safetensors").write_bytes(b"12345678{}")
  with pytest.raises(errors.UserError, match="not readable"):
    vgg.load_weights(str(tmp_path / "bad.safetensors"))


def test_unusable_files_are_told_in_one_line(params, tmp_path):
  absent, text, partial, torch = (str(tmp_path / f"{i}.npz") for i in range(4))
  (tmp_path / "1.npz").write_text("not weights")
  save_npz(partial, {k: v for k, v in params.items() if k != "conv5_3"})
  # torch's axis order, OIHW.
  save_npz(
    torch,
    {
      name: {"kernel": weights["kernel"].transpose(3, 2, 0, 1), "bias": weights["bias"]}
      for name, weights in params.items()
    },
  )
  for path in (absent, text, partial, torch):
    with pytest.raises(errors.UserError, match=path) as info:
      vgg.load_weights(path)
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
  monkeypatch.setattr(vgg, "_packaged", lambda: tmp_path / "vgg16.ckpt")
  with pytest.raises(errors.UserError, match=r"refused .*mkdir"):
    vgg.load_weights()
  assert not os.path.exists(victim)
