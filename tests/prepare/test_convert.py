"""Generators of the published PyTorch program, rebuilt here with its names."""

import copy
import importlib
import sys

import jax
import numpy as np
from PIL import Image
import pytest

from jaxgan import errors, generate
from jaxgan.engine import workdir
from jaxgan.experiments.single_image import inference
from jaxgan.nets import consingan
from jaxgan.prepare import __main__ as prepare
from jaxgan.prepare import convert, published

FEATURES = 6
SIZES = ((11, 15), (15, 20), (20, 26))


def _block(torch, inputs, activation, norm):
  parts = {"conv": torch.nn.Conv2d(inputs, FEATURES, 3)}
  if norm:
    parts["norm"] = torch.nn.BatchNorm2d(FEATURES)
  parts[activation] = (
    torch.nn.PReLU(1, 0.25) if activation == "prelu" else torch.nn.LeakyReLU(0.05)
  )
  block = torch.nn.Sequential()
  for name, part in parts.items():
    block.add_module(name, part)
  return block


def _stack(torch, activation, norm):
  stack = torch.nn.Sequential()
  for j in range(3):
    stack.add_module(f"block{j}", _block(torch, FEATURES, activation, norm))
  return stack


def build_generator(torch, *, padded=True, activation="lrelu", norm=False, stages=3):
  """The generator with the published names, and a function that runs it."""
  torch.manual_seed(0)
  net = torch.nn.Module()
  net.head = _block(torch, 3, activation, norm)
  net.body = torch.nn.ModuleList(
    [_stack(torch, activation, norm) for _ in range(stages)]
  )
  net.tail = torch.nn.Sequential(torch.nn.Conv2d(FEATURES, 3, 3), torch.nn.Tanh())
  for tensor in net.state_dict().values():
    if tensor.dtype.is_floating_point and tensor.ndim:
      tensor += 0.1 * torch.randn(tensor.shape)

  def grow(x, size):
    return torch.nn.functional.interpolate(x, size, mode="bicubic", align_corners=True)

  def run(noises, amplitudes):
    pad = torch.nn.functional.pad
    x = net.head(pad(noises[0], [1] * 4))
    x = (
      pad(grow(x, [x.shape[2] + 2, x.shape[3] + 2]), [2] * 4)
      if padded
      else (pad(x, [3] * 4))
    )
    x = net.body[0](x)
    for i in range(1, stages):
      skip = grow(x, SIZES[i])
      if padded:
        wide = grow(x, [side + 6 for side in SIZES[i]])
        x = net.body[i](wide + amplitudes[i] * noises[i]) + skip
      else:
        x = net.body[i](pad(skip + amplitudes[i] * noises[i], [3] * 4)) + skip
    return net.tail(pad(x, [1] * 4))

  return net, run


def _noises(torch, padded):
  border = 6 if padded else 0
  return [
    torch.randn(1, 3, *SIZES[0]),
    *(torch.randn(1, FEATURES, h + border, w + border) for h, w in SIZES[1:]),
  ]


def to_numpy(x):
  return x.detach().numpy().transpose(0, 2, 3, 1)


@pytest.mark.parametrize(
  ("padded", "activation", "norm"),
  ((True, "lrelu", False), (False, "lrelu", True), (True, "prelu", True)),
)
def test_converted_generator_makes_the_same_images(tmp_path, padded, activation, norm):
  torch = pytest.importorskip("torch", reason="builds the published network")
  net, run = build_generator(torch, padded=padded, activation=activation, norm=norm)
  torch.save(net.state_dict(), tmp_path / "netG.pth")
  amplitudes = [1, torch.tensor(0.3), torch.tensor(0.7)]
  torch.save(amplitudes, tmp_path / "noise_amp.pth")
  found = published.convert_generator(published.read_dict(str(tmp_path / "netG.pth")))
  assert found[1:] == (3, 3, FEATURES, 3, norm, activation == "prelu")
  strengths = np.stack(published.read_list(str(tmp_path / "noise_amp.pth")))
  np.testing.assert_allclose(strengths, [1, 0.3, 0.7])
  noises = _noises(torch, padded)
  module = consingan.Generator(
    3,
    features=FEATURES,
    norm=norm,
    padded_noise=padded,
    activation="prelu" if activation == "prelu" else "leaky_relu",
  )
  got = jax.jit(
    lambda params, noises: module.apply({"params": params}, noises, SIZES, strengths)
  )(found.params, [to_numpy(noise) for noise in noises])
  np.testing.assert_allclose(got, to_numpy(run(noises, amplitudes)), atol=1e-4)


def test_converted_discriminator_gives_the_same_scores():
  torch = pytest.importorskip("torch", reason="builds the published network")
  torch.manual_seed(1)
  net = torch.nn.Module()
  net.head = _block(torch, 3, "lrelu", False)
  net.body = _stack(torch, "lrelu", False)
  net.tail = torch.nn.Conv2d(FEATURES, 1, 3)
  image = torch.randn(1, 3, 14, 15)
  want = net.tail(net.body(net.head(image)))
  params = published.convert_discriminator(
    {name: x.numpy() for name, x in net.state_dict().items()}
  )
  got = consingan.Discriminator(FEATURES).apply({"params": params}, to_numpy(image))
  np.testing.assert_allclose(got, to_numpy(want), atol=1e-5)


def test_npz_instead_of_pth(tmp_path, monkeypatch):
  torch = pytest.importorskip("torch", reason="builds the published network")
  state = build_generator(torch)[0].state_dict()
  np.savez(tmp_path / "netG.npz", **{name: x.numpy() for name, x in state.items()})
  several = [np.asarray(x) for x in range(12)]
  np.savez(tmp_path / "noise_amp.npz", *several)
  monkeypatch.setitem(sys.modules, "torch", None)  # As if it were not installed.
  found = published.convert_generator(published.read_dict(str(tmp_path / "netG.npz")))
  want = published.convert_generator({name: x.numpy() for name, x in state.items()})
  jax.tree.map(np.testing.assert_array_equal, found.params, want.params)
  assert [float(x) for x in published.read_list(str(tmp_path / "noise_amp.npz"))] == (
    list(range(12))
  )
  (tmp_path / "netG.pth").write_bytes(b"anything")
  with pytest.raises(errors.UserError, match=r"\.\[torch\]"):
    published.read_dict(str(tmp_path / "netG.pth"))


def test_pickled_code_does_not_run(tmp_path):
  torch = pytest.importorskip("torch", reason="writes the file")
  torch.save(copy.copy(build_generator(torch)[0].head), tmp_path / "G.pth")
  with pytest.raises(errors.UserError, match="holds code"):
    published.read_dict(str(tmp_path / "G.pth"))


def test_other_files_are_refused(tmp_path):
  with pytest.raises(errors.UserError, match="no file"):
    published.read_dict(str(tmp_path / "netG.pth"))
  np.savez(tmp_path / "other.npz", weight=np.zeros(3))
  with pytest.raises(errors.UserError, match="is no ConSinGAN generator"):
    published.convert_generator(published.read_dict(str(tmp_path / "other.npz")))
  (tmp_path / "broken.npz").write_bytes(b"PK broken")
  with pytest.raises(errors.UserError, match="not readable"):
    published.read_list(str(tmp_path / "broken.npz"))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
  """A published run's files for a 26x20 image, and the function that it is."""
  torch = pytest.importorskip("torch", reason="builds the published network")
  folder = tmp_path_factory.mktemp("published")
  net, run = build_generator(torch)
  amplitudes = [1, torch.tensor(0.3), torch.tensor(0.7)]
  noises = _noises(torch, True)
  torch.save(net.state_dict(), folder / "netG.pth")
  torch.save(amplitudes, folder / "noise_amp.pth")
  torch.save(noises, folder / "fixed_noise.pth")
  pixels = np.random.default_rng(0).integers(0, 256, (20, 26, 3), dtype=np.uint8)
  Image.fromarray(pixels).save(folder / "photo.png")
  return folder, noises, lambda noises: to_numpy(run(noises, amplitudes))


@pytest.fixture(scope="module")
def prepared(files, tmp_path_factory):
  folder, workdir = files[0], tmp_path_factory.mktemp("run") / "new"
  argv = [
    "prepare",
    "consingan",
    f"--netG={folder}/netG.pth",
    f"--workdir={workdir}",
    f"--noise_amp={folder}/noise_amp.pth",
    f"--image={folder}/photo.png",
    f"--fixed_noise={folder}/fixed_noise.pth",
    "--config.min_size=11",
  ]
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(sys, "argv", argv)  # The flags' library looks there for fields.
    prepare.main(argv)
  return workdir


def test_published_run_becomes_a_workdir(files, prepared):
  _, noises, published_images = files
  source = inference.restored(workdir.load(prepared))
  assert source.sizes == SIZES
  np.testing.assert_allclose(source.amplitudes, [1, 0.3, 0.7])
  np.testing.assert_allclose(
    source.generate(source.fixed_at()), published_images(noises), atol=1e-4
  )
  drawn = source.draw(jax.random.key(0), 1)
  torch = pytest.importorskip("torch", reason="runs the published network")
  moved = [torch.tensor(x.transpose(0, 3, 1, 2)) for x in drawn]
  np.testing.assert_allclose(source.generate(drawn), published_images(moved), atol=1e-4)


def test_tasks_work_on_a_published_run(prepared, tmp_path):
  generate.main(
    [
      "generate",
      f"--workdir={prepared}",
      "--task=sample",
      "--num=4",
      f"--output={tmp_path}/samples.png",
    ]
  )
  with Image.open(tmp_path / "samples.png") as image:
    assert image.size == (52, 40)


@pytest.mark.parametrize(
  ("fields", "changed", "message"),
  (
    ({"min_size": 12}, {}, r"set config\.mode"),
    ({"activation": "prelu"}, {}, "activation=NAME"),
    ({"network": "singan"}, {}, "need one of its configs"),
    ({}, {"noise_amp": "fixed_noise.pth", "net_g": "two.npz"}, "no ConSinGAN"),
    ({}, {"noise_amp": "two.npz"}, "2 amplitudes"),
    ({}, {"noise_amp": "fixed_noise.pth"}, "no amplitudes"),
    ({}, {"noise_amp": "words.npz"}, "no list of arrays"),
    ({}, {"net_g": "wide.npz"}, r"'kernel'\] is float32 \[3, 3, 6, 7\], and by"),
    ({}, {"net_d": "netG.pth"}, "no ConSinGAN discriminator"),
  ),
)
def test_published_files_that_do_not_fit(files, tmp_path, fields, changed, message):
  folder = files[0]
  np.savez(folder / "two.npz", np.ones(()), np.ones(()))
  np.savez(folder / "words.npz", np.array("a word"))
  wide = published.read_dict(str(folder / "netG.pth"))
  wide["body.1.block0.conv.weight"] = np.ones((FEATURES + 1, FEATURES, 3, 3))
  np.savez(folder / "wide.npz", **wide)
  config = importlib.import_module("configs.consingan").get_config()
  config.update({"image": str(folder / "photo.png"), "min_size": 11} | fields)
  names = {
    "net_g": "netG.pth",
    "noise_amp": "noise_amp.pth",
    "fixed_noise": "fixed_noise.pth",
  } | changed
  paths = {name: str(folder / file) for name, file in names.items()}
  with pytest.raises(errors.UserError, match=message):
    convert.write_run(config, convert.Files(**paths), tmp_path / "run")


def test_other_arguments_of_prepare_are_still_refused():
  with pytest.raises(errors.UserError, match="--sise=3"):
    prepare.main(["prepare", "pack", "--input=a", "--output=b", "--sise=3"])
