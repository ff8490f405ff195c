"""What a run leaves for people to look at."""

import contextlib
import io
import json
import os
import pathlib
import re
import sys
import termios
import time

from absl import logging
import numpy as np
from PIL import Image
import pytest

from jaxgan.engine import summaries
from jaxgan.images import sheets, writer


def images(*levels):
  """Gray images of 2 x 3 pixels in [-1, 1]."""
  return np.stack([np.full((2, 3, 1), level, np.float32) for level in levels])


def read_png(path):
  return np.asarray(Image.open(path))


@pytest.mark.parametrize(
  ("count", "columns", "shape"),
  [
    (1, 0, (1, 1)),
    (2, 0, (1, 2)),
    (5, 0, (2, 3)),
    (9, 0, (3, 3)),
    (5, 4, (2, 4)),
    (3, 1, (3, 1)),
  ],
)
def test_a_grid_places_images_row_by_row(count, columns, shape):
  batch = np.random.default_rng(0).integers(1, 255, (count, 4, 6, 3), np.uint8)
  got = sheets.grid(batch, columns)
  assert got.shape == (4 * shape[0], 6 * shape[1], 3) and got.dtype == np.uint8
  for i in range(shape[0] * shape[1]):
    y, x = i // shape[1] * 4, i % shape[1] * 6
    want = batch[i] if i < count else np.zeros_like(batch[0])
    np.testing.assert_array_equal(got[y : y + 4, x : x + 6], want)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_png_files_are_exact_and_nothing_is_left_beside_them(tmp_path, channels):
  image = np.random.default_rng(1).integers(0, 255, (5, 7, channels), np.uint8)
  path = tmp_path / "new" / "folder" / "a.png"
  writer.write_png(path, image)
  np.testing.assert_array_equal(read_png(path).reshape(5, 7, channels), image)
  assert list(path.parent.iterdir()) == [path]


def write_run(workdir, first_step, *steps):
  """A process that logs at some steps of 100."""
  with summaries.Summaries(workdir, first_step=first_step, num_steps=100) as writer:
    writer.config(
      {
        "seed": 0,
        "every": {"log": 2},
        "name": "toy",
        "size": [4, 6],
        "flip": True,
        "none": None,
      }
    )
    writer.text("parameters/net", "a table")
    for step in steps:
      writer.scalars(step, {"loss": step / 10 + first_step, "rate": 0.5})
      writer.images(step, {"fake": images(-1, step / 100, 1)})
  return writer


def test_the_files_of_a_run(tmp_path):
  write_run(tmp_path, 0, 10, 20)
  lines = (tmp_path / "metrics.jsonl").read_text().splitlines()
  assert [json.loads(line) for line in lines] == [
    {"step": 10, "loss": 1.0, "rate": 0.5},
    {"step": 20, "loss": 2.0, "rate": 0.5},
  ]
  picture = read_png(tmp_path / "images" / "fake_00000020.png")
  np.testing.assert_array_equal(
    picture, np.repeat(np.repeat([[0, 153], [255, 0]], 2, 0), 3, 1)
  )


def test_numbers_that_json_does_not_know(tmp_path):
  with summaries.Summaries(tmp_path, first_step=0, num_steps=1) as writer:
    writer.scalars(1, {"kid": float("nan"), "loss": 1.0, "size": float("inf")})
  line = (tmp_path / "metrics.jsonl").read_text()
  assert json.loads(line, parse_constant=pytest.fail) == {
    "step": 1,
    "kid": None,
    "loss": 1.0,
    "size": None,
  }


def test_what_a_killed_process_said_after_its_checkpoint_is_dropped(tmp_path):
  write_run(tmp_path, 0, 10, 20, 30)
  path = tmp_path / "metrics.jsonl"
  with path.open("ab") as file:
    file.write(b'{"step": 15}\nnull\n\xff\xfe\n{"loss": 1}\n{"step": 18, "lo')
  write_run(tmp_path, 20, 30, 40)
  lines = [json.loads(line) for line in path.read_text().splitlines()]
  assert [x["step"] for x in lines] == [10, 20, 15, 30, 40]
  assert lines[3]["loss"] == 23.0


def test_tensorboard_reads_the_events(tmp_path):
  accumulator = pytest.importorskip(
    "tensorboard.backend.event_processing.event_accumulator"
  )
  write_run(tmp_path, 0, 10, 20, 30)
  write_run(tmp_path, 20, 30, 40)  # Within the same second: another file.
  assert len(list(tmp_path.glob("events.out.tfevents.*"))) == 2
  events = accumulator.EventAccumulator(
    str(tmp_path), {accumulator.TENSORS: 0, accumulator.IMAGES: 0}
  )
  events.Reload()
  assert events.Tags()["scalars"] == ["loss", "rate"]
  got = [(x.step, round(x.value, 3)) for x in events.Scalars("loss")]
  assert got == [(10, 1.0), (20, 2.0), (30, 23.0), (40, 24.0)]
  last = events.Images("fake")[-1]
  assert (last.step, last.height, last.width) == (40, 4, 6)
  np.testing.assert_array_equal(
    read_png(io.BytesIO(last.encoded_image_string)),
    read_png(tmp_path / "images" / "fake_00000040.png"),
  )
  text = events.Tensors("config/text_summary")[0].tensor_proto.string_val[0].decode()
  assert json.loads(text.strip("`\n"))["every"] == {"log": 2}
  assert "parameters/net/text_summary" in events.Tags()["tensors"]
  plugin = pytest.importorskip("tensorboard.plugins.hparams.plugin_data_pb2")
  content = events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
  values = plugin.HParamsPluginData.FromString(content).session_start_info.hparams
  assert values["every.log"].number_value == 2 and values["flip"].bool_value
  assert (values["name"].string_value, values["size"].string_value) == ("toy", "[4, 6]")


def test_plain_lines_where_there_is_no_terminal(tmp_path, logged):
  write_run(tmp_path, 0, 10)
  assert logged[0].startswith("step 10/100 loss=1 rate=0.5, ") and "left" in logged[0]
  assert logged[1:] == [f"image {tmp_path}/images/fake_00000010.png"]


def test_the_time_left_is_of_the_work_left(tmp_path, logged, monkeypatch):
  clock = iter((100.0, 110.0, 200.0))
  monkeypatch.setattr(summaries.time, "perf_counter", lambda: next(clock))
  with summaries.Summaries(
    tmp_path, first_step=0, num_steps=100, work=lambda step: step**2
  ) as writer:
    writer.scalars(0, {"distance": 2.0})  # An evaluation before the first step.
    writer.scalars(50, {"loss": 1.0})
    far = json.loads((tmp_path / "progress.json").read_text())
    assert far == {"step": 50, "num_steps": 100, "seconds_left": 30.0}
    writer.scalars(100, {"loss": 1.0})
  assert logged == [
    "step 0/100 distance=2",
    "step 50/100 loss=1, 00:30 left",
    "step 100/100 loss=1, 00:00 left",
  ]


def test_a_line_shows_the_first_of_many_numbers_and_the_file_all(tmp_path, logged):
  scalars = {f"loss_{i}": float(i) for i in range(summaries.MOST_SHOWN + 5)}
  with summaries.Summaries(tmp_path, first_step=0, num_steps=100) as writer:
    writer.scalars(10, scalars)
  last = summaries.MOST_SHOWN - 1
  assert f"loss_{last}={last} and 5 more in metrics.jsonl" in logged[0]
  line = json.loads((tmp_path / "metrics.jsonl").read_text())
  assert line == {"step": 10} | scalars


def test_a_bar_on_a_terminal_with_whole_lines_above_it(tmp_path, monkeypatch):
  ours, theirs = os.openpty()
  termios.tcsetwinsize(theirs, (24, 120))
  with open(theirs, "w") as terminal:
    monkeypatch.setattr(sys, "stderr", terminal)
    handler = logging.get_absl_handler()
    before, filters = handler.python_handler.stream, list(handler.filters)
    handler.python_handler.stream = terminal
    with summaries.Summaries(tmp_path, first_step=40, num_steps=100) as writer:
      writer.scalars(50, {"loss": 0.25})
      time.sleep(0.2)  # The bar moves ten times a second at most.
      writer.progress(50)
      handler.handle(
        logging.get_absl_logger().makeRecord(
          "absl",
          logging.converter.ABSL_TO_STANDARD[logging.INFO],
          summaries.__file__,  # Other tests leave a filter of our lines.
          1,
          "a line of the log",
          (),
          None,
        )
      )
      writer.progress(100)
    handler.python_handler.stream = before
    assert handler.filters == filters
  parts = []
  with contextlib.suppress(OSError):  # When all is read that a closed terminal holds.
    while True:
      parts.append(os.read(ours, 100_000))
  os.close(ours)
  shown = b"".join(parts).decode()
  assert "100/100" in shown and "loss=0.25" in shown and "50/100" in shown
  # What was on the line before is taken away, and the bar comes again below.
  # The bar is wiped off before the line is written, and drawn again below it.
  assert re.search(
    r"50/100 [^\n]*\r +\r(WARNING: [^\n]*\n)?"
    r"[^\r%]*a line of the log\r\n\r100%",
    shown,
  )
  assert re.search(r"loss=0\.25, \d\d:\d\d left]\r\n$", shown)


def test_only_process_0_writes(tmp_path, monkeypatch):
  monkeypatch.setattr(summaries.jax, "process_index", lambda: 1)
  writer = write_run(tmp_path, 0, 10)
  writer.announce("nothing")
  writer.progress(20)
  writer.flush()
  assert list(pathlib.Path(tmp_path).iterdir()) == []
