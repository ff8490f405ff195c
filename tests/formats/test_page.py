"""The page of exported models in a headless browser, if there is one.

It needs Chromium, playwright, and onnxruntime-web as `npm pack` writes it, in the
checkout's folder.
"""

import functools
import http.server
import pathlib
import re
import threading

import numpy as np
from PIL import Image
import pytest

from jaxgan import runner
from jaxgan.formats import TASKS, web
from jaxgan.images import examples

pytestmark = pytest.mark.slow
ROOT = pathlib.Path(__file__).parents[2]
PLACES = [ROOT / web.PACKED, ROOT / "node_modules" / "onnxruntime-web"]
MODELS = {"anime": "sample", "styles": "stylize"}
PATIENCE = 120_000  # Milliseconds.


class Quiet(http.server.SimpleHTTPRequestHandler):
  def log_message(self, *_):
    pass


@pytest.fixture(scope="module")
def site(tmp_path_factory):
  """Two models that are shipped in one folder: what each computes; and the address."""
  runtime = next((path for path in PLACES if path.exists()), None)
  if not runtime:
    pytest.skip(f"needs {web.PACKED}: npm pack onnxruntime-web@{web.VERSION}")
  folder, models = tmp_path_factory.mktemp("site") / "page", {}
  for name, task in MODELS.items():
    family, run = runner.open_run(f"shipped:{name}")
    about = {"name": name, "task": task, "summary": "A test."}
    models[name] = family.EXPORTS[task](run), about
  TASKS["web"](list(models.values()), folder, runtime=str(runtime))
  assert sum(path.stat().st_size for path in folder.iterdir()) < 16e6
  handler = functools.partial(Quiet, directory=folder)
  server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
  threading.Thread(target=server.serve_forever, daemon=True).start()
  exportables = {name: exportable for name, (exportable, _) in models.items()}
  yield exportables, f"http://127.0.0.1:{server.server_port}/"
  server.shutdown()


@pytest.fixture
def visit(site, chromium):
  """`visit()` opens the page; it must neither complain nor ask elsewhere."""
  complaints, opened = [], []
  address = site[1]

  def go(width=800, script=""):
    page = chromium.new_page(viewport={"width": width, "height": 700})
    page.add_init_script(script)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
      "request",
      lambda request: (
        request.url.startswith((address, "data:", "blob:"))
        or complaints.append(request.url)
      ),
    )
    opened.append(page)
    page.goto(address)
    return page

  yield go
  for page in opened:
    page.close()
  assert complaints == []


def says(page, text):
  """Waits until the status line is of a pattern."""
  from playwright.sync_api import expect

  expect(page.locator("#status")).to_have_text(re.compile(text), timeout=PATIENCE)


def choose(page, name):
  """Chooses a model other than the first once that is there."""
  says(page, r"Ready: \d")
  page.select_option("#model", label=f"{name}: {MODELS[name]}")
  says(page, r"Ready\.")


def given(page):
  """The inputs of the last computation, by name, and the images that it gave."""
  last = page.evaluate(
    "() => ({...jaxgan.last, values: Array.from(jaxgan.last.values), "
    "feeds: Object.entries(jaxgan.last.feeds).map(([name, x]) => "
    "[name, x.type, Array.from(x.values), x.dims])})"
  )
  feeds = {
    name: np.array(values, kind).reshape(sides)
    for name, kind, values, sides in last["feeds"]
  }
  return feeds, np.array(last["values"], np.uint8).reshape(last["dims"])


def computed(exportable, inputs):
  """What JAX makes of inputs, uint8."""
  floats = [
    x / np.float32(255) * (array.high - array.low) + array.low
    if array.kind == "image"
    else x
    for array, x in zip(exportable.inputs, inputs, strict=True)
  ]
  images = np.asarray(exportable.function(exportable.weights, *floats))
  low, high = exportable.output.low, exportable.output.high
  return np.round((images - low) * 255 / (high - low))


def downloaded(page, link):
  with page.expect_download() as download:
    link.click()
  return np.asarray(Image.open(pathlib.Path(download.value.path())).convert("RGB"))


def test_faces(visit, site):
  exportable, page = site[0]["anime"], visit()
  says(page, r"Ready: \d+\.\d s")
  page.select_option("#count", "4")
  page.select_option("#choice_hair", label="blue")
  page.select_option("#choice_eyes", label="red")  # Else walks keep the first's.
  page.click("#make")
  says(page, r"Ready: \d")
  feeds, images = given(page)
  assert images.shape == (4, 96, 96, 3) and images.std() > 20
  hair = exportable.inputs[2].names.index("blue")
  assert feeds["hair"].tolist() == [hair] * 4
  assert abs(feeds["latents"].std() - 1) < 0.15
  want = computed(exportable, [feeds[array.name] for array in exportable.inputs])
  assert np.abs(images - want).max() <= 2
  shown = downloaded(page, page.locator("#images a").nth(2))
  np.testing.assert_array_equal(shown, images[2])
  page.click("#go")
  says(page, r"Ready: \d")
  _, frames = given(page)
  assert len(frames) == 16 and page.locator("#frame").is_visible()
  np.testing.assert_allclose(frames[[0, -1]].astype(int), images[:2], atol=1)


def test_a_photograph_and_back(visit, site, tmp_path):
  exportable, page = site[0]["styles"], visit()
  choose(page, "styles")
  assert page.locator("#seed").count() == page.locator("#images canvas").count() == 0
  photograph = np.asarray(examples.load("coffee"))[100:196, 200:328]
  Image.fromarray(photograph).save(tmp_path / "photo.png")
  page.fill("#styles_0", "0")
  page.fill("#styles_9", "60")
  page.fill("#styles_12", "40")
  page.set_input_files("#file", tmp_path / "photo.png")
  says(page, r"Ready: \d+\.\d s")
  weights = np.zeros((1, 13), np.float32)
  weights[0, [9, 12]] = 0.6, 0.4
  want = computed(exportable, [photograph[None], weights])[0]
  shown = downloaded(page, page.locator("#images a"))
  assert shown.shape == photograph.shape and shown.std() > 20
  assert np.abs(shown - want).max() <= 2
  page.select_option("#model", "0")
  says(page, r"Ready: \d")
  assert page.locator("#images canvas").count() == 8 and not page.query_selector(
    "#file"
  )


def test_what_is_wrong_is_told(visit, tmp_path):
  page = visit(script="delete window.WebAssembly")
  says(page, "This browser has no WebAssembly")
  page = visit()
  choose(page, "styles")
  page.click("#make")
  says(page, "Choose a photograph")
  (tmp_path / "notes.txt").write_text("no image")
  page.set_input_files("#file", tmp_path / "notes.txt")
  says(page, "notes.txt is no image")
  page.fill("#styles_0", "0")
  Image.new("RGB", (32, 32)).save(tmp_path / "black.png")
  page.set_input_files("#file", tmp_path / "black.png")
  says(page, "All sliders are at 0")


def test_a_narrow_screen(visit):
  page = visit(width=360)
  says(page, r"Ready: \d")
  assert page.evaluate("document.documentElement.scrollWidth") <= 360
  choose(page, "styles")
  assert page.evaluate("document.documentElement.scrollWidth") <= 360
