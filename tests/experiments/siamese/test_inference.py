"""Translation of images from file to file, and its evaluation."""

import json
import tracemalloc

import jax
import jax.numpy as jnp
import numpy as np
from PIL import Image
import pytest

from jaxgan import errors, evaluate, generate, runner
from jaxgan.experiments.siamese import inference
from jaxgan.experiments.siamese.networks import create_networks
from jaxgan.images import stream, tiles


@pytest.fixture(scope="module")
def run(make_config, tmp_path_factory):
  """A run of four steps."""
  workdir = tmp_path_factory.mktemp("run")
  runner.train(make_config(**{"data.batch_size": 8}), workdir)  # One for every device.
  return workdir


@pytest.fixture(scope="module")
def translator(make_config):
  nets = create_networks(make_config())
  variables = jax.jit(
    lambda: nets.generator.init(
      jax.random.key(1), jnp.zeros((1, 16, 16, 3)), train=False
    )
  )()
  # Far from its first weights, so that tiles matter.
  variables = jax.tree.map(lambda x: 10 * x, variables)
  return inference.Translator(nets, variables, batch_size=5)


def test_large_tiles_go_in_small_batches(make_config, monkeypatch):
  sizes = []
  monkeypatch.setattr(
    inference, "_translate", lambda nets, _, batch: sizes.append(batch.shape) or batch
  )
  nets = create_networks(make_config())._replace(tile=512)
  inference.Translator(nets, {}).image(np.zeros((512, 600, 3), np.uint8))
  assert sizes == [(8, 512, 512, 3)]  # And not 128.


def test_every_tile_is_translated_for_itself(translator):
  """With the border `pad`, an image equals its tiles translated one by one."""
  image = _images()[0][:24]
  padded = np.pad(image, ((0, 8), (0, 0), (0, 0)), "reflect")
  want = np.zeros_like(padded)
  for top in (0, 16):
    for left in (0, 16):
      one = (slice(top, top + 16), slice(left, left + 16))
      want[one] = translator.image(padded[one])
  got = translator.image(image)
  assert got.std() > 5
  np.testing.assert_array_equal(got, want[:24])


def test_memory_of_translation_does_not_grow_with_the_image(translator, tmp_path):
  def peak(height):
    with stream.create_picture(tmp_path / "x.png", height, 640, 3) as write:
      for _ in range(height // 32):
        write(np.zeros((32, 640, 3), np.uint8))
    tracemalloc.start()
    inference.translate_file(
      translator, tmp_path / "x.png", tmp_path / "y.png", border="pad", scale=1.0
    )
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most

  peak(32)  # Compiles.
  # 3.7 MB of pixels more; what Python itself keeps differs by a few hundred kB.
  assert peak(2_560) - peak(640) < 0.25 * (2_560 - 640) * 640 * 3


def _images():
  random = np.random.default_rng(0)
  return random.integers(0, 256, (2, 32, 32, 3), np.uint8)


def _generate(run, *arguments):
  generate.main(["generate", f"--workdir={run}", *map(str, arguments)])


def _pixels(path):
  with Image.open(path) as image:
    return np.asarray(image)


@pytest.mark.parametrize("size", [(48, 32), (41, 50)])
@pytest.mark.parametrize("border", tiles.BORDERS)
def test_images_of_any_size_and_alpha(run, tmp_path, border, size):
  image = np.random.default_rng(0).integers(0, 256, (*size, 4)).astype(np.uint8)
  Image.fromarray(image).save(tmp_path / "x.png")
  _generate(
    run,
    "--task=translate",
    f"--input={tmp_path / 'x.png'}",
    f"--output={tmp_path / 'y.png'}",
    f"--border={border}",
  )
  if border == "paper":
    image = image[: size[0] // 16 * 16, : size[1] // 16 * 16]
  got = _pixels(tmp_path / "y.png")
  assert got.shape == image.shape
  np.testing.assert_array_equal(got[..., 3], image[..., 3])
  assert (got[..., :3] != image[..., :3]).any()


def test_a_folder_is_translated_but_for_what_cannot_be_read(run, tmp_path):
  source, output = tmp_path / "in", tmp_path / "out"
  (source / "more").mkdir(parents=True)
  output.mkdir()
  (output / "mine.txt").write_text("kept")
  Image.fromarray(_images()[0]).save(source / "x.jpg")
  Image.fromarray(_images()[1]).convert("L").save(source / "more" / "y.png")
  (source / "broken.png").write_bytes(b"x")
  _generate(
    run, "--task=translate", f"--input={source}", f"--output={output}", "--scale=0.5"
  )
  found = {str(x.relative_to(output)) for x in output.rglob("*") if x.is_file()}
  assert found == {"x.png", "more/y.png", "mine.txt"}
  assert _pixels(output / "x.png").shape == (16, 16, 3)


def test_a_glob_means_several_images(run, tmp_path):
  for i, image in enumerate(_images()):
    Image.fromarray(image).save(tmp_path / f"{i}.png")
  _generate(
    run,
    "--task=translate",
    f"--input={tmp_path}/[0-9].png",
    f"--output={tmp_path / 'out'}",
  )
  assert {x.name for x in (tmp_path / "out").iterdir()} == {"0.png", "1.png"}


def test_a_strip_is_a_row_of_three(run, tmp_path):
  _generate(
    run, "--task=strip", f"--output={tmp_path / 's.png'}", "--num=2", "--size=32"
  )
  assert _pixels(tmp_path / "s.png").shape == (64, 96, 3)


@pytest.mark.parametrize(
  ("arguments", "named"),
  [
    (("--task=translate", "--output=y.png"), "--input"),
    (("--task=translate", "--output=y.png", "--input=gone.png"), "no such file"),
    (("--task=translate", "--output=y.exe", "--input=x.png"), "no format"),
    (("--task=translate", "--output=x.png", "--input=x.png"), "itself"),
    (
      ("--task=translate", "--output=y.png", "--input=x.png", "--border=pat"),
      "did you mean 'pad'",
    ),
    (
      ("--task=translate", "--output=y.png", "--input=x.png", "--border=paper"),
      "use pad",
    ),
    (("--task=translate", "--output=y.png", "--input=x.png", "--scale=0"), "--scale=0"),
    (
      ("--task=translate", "--output=y.png", "--input=x.png", "--scale=1x2"),
      "both sides alike",
    ),
    (
      ("--task=translate", "--output=y.png", "--input=x.png", "--batch_size=0"),
      "--batch_size=0",
    ),
    (("--task=translate", "--output=y", "--input=empty"), "no files in such a folder"),
    (("--task=translate", "--output=.", "--input=."), "itself"),
    (("--task=translate", "--output=y", "--input=bad"), "none of its 1 files"),
    (("--task=translate", "--output=x.png", "--input=bad"), "give a folder"),
    (("--task=translate", "--output=y.png", "--input=bad"), "give a folder"),
    (("--task=strip", "--output=y"), r"\.png"),
    (("--task=strip", "--output=y.png", "--num=0"), "--num=0"),
    (("--task=strip", "--output=y.png", "--seed=-1"), "--seed=-1"),
    (("--task=strip", "--output=y.png", "--num=1000000000"), "in memory"),
    (("--task=strip", "--output=y.png", "--size=32x64"), "square"),
    (("--task=strip", "--output=y.png", "--size=2000"), "smaller"),
  ],
)
def test_mistakes_are_named_and_leave_nothing(
  run, tmp_path, monkeypatch, arguments, named
):
  monkeypatch.chdir(tmp_path)
  for name in ("empty", "bad"):
    (tmp_path / name).mkdir()
  (tmp_path / "bad" / "x.png").write_bytes(b"x")
  Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save("x.png")
  with pytest.raises(errors.UserError, match=named):
    _generate(run, *arguments)
  left = {x.name for x in tmp_path.iterdir()} - {"y"}
  assert left == {"empty", "bad", "x.png"}


@pytest.mark.slow
def test_evaluation_is_of_seams_nearness_and_content(run, capsys):
  evaluate.main(["evaluate", f"--workdir={run}", "--num=6", "--size=32"])
  results = json.loads(capsys.readouterr().out)
  assert results["combo"] is True
  assert "32x32, tiles of 16; 6 real / 6 generated" in results["protocol"]
  for name in (
    "seam_ratio",
    "seam_lines",
    "seam_lines_real",
    "lpips_vgg16",
    "edge_correlation",
    "color_shift",
    "fd_vgg16",
    "kid_vgg16",
    "swd_vgg16_interval",
    "dists",
    "saturation",
  ):
    assert np.isfinite(results[name]), name
  with pytest.raises(errors.UserError, match="seams"):
    evaluate.main(["evaluate", f"--workdir={run}", "--num=6", "--size=16"])
