"""The page in a browser: every tab, its main buttons, the pictures that come."""

import io
import re

import numpy as np
from PIL import Image
import pytest

from jaxgan import runner
from jaxgan.images import examples
from tests.app.browsing import download, is_alike, open_tab, paint, pictures, task_of

pytestmark = pytest.mark.slow
SECONDS = 120_000  # Milliseconds that a picture may take, compilation included.


@pytest.fixture(scope="module")
def server(serve, one_image_run, translation_run, tmp_path_factory):
  folder = tmp_path_factory.mktemp("page")
  runs = one_image_run.parent
  models = (f"--workdir={one_image_run}", f"--workdir={translation_run}")
  with serve(*models, f"--runs={runs}", cwd=folder) as served:
    yield served


@pytest.fixture
def page(chromium, server):
  """The page, which must make no mistake and ask no other host for anything."""
  tab = chromium.new_page(viewport={"width": 1280, "height": 900})
  wrong, elsewhere = [], []
  tab.on("console", lambda x: wrong.append(x.text) if x.type == "error" else None)
  tab.on("pageerror", lambda x: wrong.append(str(x)))
  tab.on(
    "request",
    lambda x: (
      None
      if x.url.startswith((server.url, "data:", "blob:"))
      else elsewhere.append(x.url)
    ),
  )
  tab.set_default_timeout(SECONDS)
  tab.goto(server.url)
  tab.wait_for_selector("#faces-make")
  yield tab
  tab.close()
  assert wrong == [] and elsewhere == []


def test_faces(page, tmp_path):
  page.click("#faces-make")
  found = pictures(page, "#faces-sheet")
  make = task_of("shipped:anime", "sample")
  want = np.load(make(tmp_path / "x.npy", num=16))
  assert len(found) == 16 and all(map(is_alike, found, want))
  faces = page.locator("#faces-sheet button img")
  faces.nth(2).click()
  page.get_by_text("Chosen: 0:2").wait_for()
  faces.nth(6).click()
  page.get_by_text("then 0:6").wait_for()
  page.click("#faces-walk")
  pictures(page, "#faces-film")
  address = page.locator("#faces-film img").evaluate("x => x.src")
  with Image.open(io.BytesIO(page.request.get(address).body())) as film:
    assert film.n_frames == 30
    assert np.abs(np.asarray(film.convert("RGB")).astype(int) - want[2]).mean() < 20
  page.click("#faces-save")
  address, content = download(page, "#faces-files")
  assert address.endswith(".zip") and content[:2] == b"PK"
  page.get_by_label(".mp4").first.check()
  page.click("#faces-walk")
  page.wait_for_function("document.querySelector('#faces-film-video video')?.duration")
  video = page.locator("#faces-film-video video")
  assert video.evaluate("x => [x.duration, x.videoWidth]") == [1.5, 96]
  page.click("#faces-like")
  page.get_by_text("No face is chosen yet").wait_for()
  like = pictures(page, "#faces-sheet")
  assert is_alike(like[0], want[6]) and not is_alike(like[1], want[1])


def test_hair_on_request(page, tmp_path):
  page.get_by_label("Hair").click()
  page.get_by_role("option", name="blue", exact=True).click()
  page.click("#faces-make")
  make = task_of("shipped:anime", "sample")
  want = np.load(make(tmp_path / "x.npy", num=16, labels="hair=blue"))
  assert all(map(is_alike, pictures(page, "#faces-sheet"), want))


def test_a_mistake_is_one_readable_line(page, tmp_path):
  page.click("#faces-walk")
  page.get_by_text("click on two faces first.").wait_for()
  open_tab(page, "Styles")
  (tmp_path / "notes.png").write_text("no picture")
  page.locator("#styles-photo input[type=file]").set_input_files(tmp_path / "notes.png")
  page.click("#styles-look")
  line = (
    "input: notes.png: none of 1 file(s) is a usable image: 1 not an image (notes)."
  )
  page.get_by_text(line).first.wait_for()


def test_faces_by_the_keyboard_alone(page):
  focused = lambda: page.evaluate("document.activeElement.id || ''")

  def tab_to(is_there):
    for _ in range(80):
      if is_there():
        return
      page.keyboard.press("Tab")
    raise AssertionError("not reached by Tab")

  tab_to(lambda: focused() == "faces-make")
  page.keyboard.press("Enter")
  assert len(pictures(page, "#faces-sheet")) == 16
  inside = "!!document.activeElement.closest('#faces-sheet .grid-container')"
  tab_to(lambda: page.evaluate(inside))
  page.keyboard.press("Enter")
  page.get_by_text("Chosen: 0:0").wait_for()
  tab_to(lambda: focused() == "faces-like")
  page.keyboard.press("Enter")
  page.get_by_text("No face is chosen yet").wait_for()


def test_styles(page, tmp_path):
  open_tab(page, "Styles")
  page.click("#styles-look")
  before, after = pictures(page, "#styles-compared")[:2]
  make = task_of("shipped:styles", "stylize")
  style = runner.open_run("shipped:styles")[1].facts
  first = next(iter(style.values()))["styles"][0]
  options = {"input": "shipped:chelsea", "size": "320"}
  want = np.asarray(Image.open(make(tmp_path / "x.png", style=first, **options)))
  same = np.asarray(Image.open(make(tmp_path / "y.png", strength=0.0, **options)))
  assert is_alike(before, same) and is_alike(after, want)
  page.click("#styles-full")
  _, content = download(page, "#styles-file")
  assert Image.open(io.BytesIO(content)).size == (451, 300)
  page.click("#styles-corners")
  assert pictures(page, "#styles-sheet")[0].shape == (800, 800, 3)


def test_regions_by_a_painted_mask(page):
  open_tab(page, "Styles")
  page.get_by_text("Two styles: paint where").click()
  page.click("#regions-run")
  page.get_by_text("paint on the picture first.").wait_for()
  page.click("#regions-begin")
  paint(page, "#regions-canvas")
  page.click("#regions-run")
  assert pictures(page, "#regions-result")[0].shape == (300, 451, 3)


def test_a_film(page, tmp_path):
  open_tab(page, "Styles")
  page.get_by_text("A short film", exact=True).click()
  frames = [
    Image.fromarray(np.roll(examples.load("chelsea"), 9 * i, 1)) for i in (0, 1)
  ]
  frames[0].save(tmp_path / "cat.gif", save_all=True, append_images=frames[1:])
  page.locator("#film-input input[type=file]").set_input_files(tmp_path / "cat.gif")
  page.get_by_text("cat.gif").wait_for()
  page.click("#film-run")
  pictures(page, "#film-result")
  address = page.locator("#film-result img").evaluate("x => x.src")
  with Image.open(io.BytesIO(page.request.get(address).body())) as film:
    assert film.n_frames == 2 and max(film.size) == 320


def test_translation_comes_back_in_its_format(page, tmp_path):
  open_tab(page, "HD translation")
  page.click("#hd-whole")
  page.get_by_text("choose a picture first.").wait_for()
  photo = examples.load("coffee")
  Image.fromarray(photo).save(tmp_path / "coffee.tif")
  page.locator("#hd-input input[type=file]").set_input_files(tmp_path / "coffee.tif")
  page.wait_for_selector("#hd-input a")
  page.click("#hd-look")
  (middle,) = pictures(page, "#hd-shown")
  make = task_of("shipped:monet", "translate")
  source = str(tmp_path / "coffee.tif")
  whole = np.asarray(Image.open(make(tmp_path / "whole.tif", input=source)))
  want = np.asarray(Image.open(make(tmp_path / "x.png", input=source, crop="512")))
  assert middle.shape == (400, 512, 3) and is_alike(middle, want)
  page.click("#hd-whole")
  address, content = download(page, "#hd-file")
  assert address.endswith(".tif")
  assert is_alike(np.asarray(Image.open(io.BytesIO(content))), whole)


def test_one_image(page, tmp_path):
  open_tab(page, "One image")
  page.locator("#one-sample-width input[type=number]").fill("2")
  page.keyboard.press("Tab")
  page.click("#one-sample")
  make = task_of("shipped:starry", "sample")
  want = np.asarray(Image.open(make(tmp_path / "x.png", num=4, scale="1x2")))
  assert is_alike(pictures(page, "#one-sample-result")[0], want)
  page.get_by_role("tab", name="Animate").click()
  page.click("#one-animate")
  assert pictures(page, "#one-animate-result")
  page.get_by_role("tab", name="Change a picture").click()
  Image.fromarray(examples.load("astronaut")).save(tmp_path / "changed.png")
  page.locator("#one-changed input[type=file]").set_input_files(
    tmp_path / "changed.png"
  )
  paint(page, "#one-canvas")
  page.click("#one-harmonize")
  (harmonized,) = pictures(page, "#one-fitted")
  address = page.locator("#one-fitted img").evaluate("x => x.src")
  page.click("#one-edit")
  page.wait_for_function(
    "old => document.querySelector('#one-fitted img')?.src != old", arg=address
  )
  assert not is_alike(pictures(page, "#one-fitted")[0], harmonized)


def test_another_model_of_one_image(page, one_image_run, tmp_path):
  open_tab(page, "One image")
  page.locator("#one-model input").click()
  page.get_by_role("option", name=str(one_image_run)).click()
  page.get_by_role("tab", name="Retarget").locator("visible=true").click()
  page.locator("#one-retarget").locator("visible=true").click()
  make = task_of(one_image_run, "retarget")
  want = np.asarray(Image.open(make(tmp_path / "x.png")))
  assert is_alike(pictures(page, "#one-retarget-result")[0], want)


def test_a_training_is_begun_watched_and_stopped(page):
  open_tab(page, "One image")
  page.get_by_text("Train on your own picture", exact=True).click()
  page.click("#train-start")
  page.get_by_text("Training: it is starting").wait_for()
  assert pictures(page, "#train-images")  # As they come.
  page.click("#train-start")
  page.get_by_text("another training goes on").wait_for()
  page.click("#train-stop")
  page.get_by_text(re.compile("^Stopped: ")).wait_for()


def test_training_watch(page):
  open_tab(page, "Training")
  page.get_by_label("Run", exact=True).click()
  page.get_by_role("option", name="consingan", exact=True).click()
  page.get_by_text("step 8 of 8, finished").wait_for()
  page.wait_for_selector("#watch-plot canvas, #watch-plot svg")
  assert len(pictures(page, "#watch-images")) > 1


def test_all_tasks(page, tmp_path, translation_run):
  open_tab(page, "All tasks")
  page.click("#all-run")
  make = task_of("shipped:anime", "sample")
  want = np.asarray(Image.open(make(tmp_path / "x.png")))
  assert is_alike(pictures(page, "#all-result")[0], want)
  page.get_by_label("Model").last.click()
  page.get_by_role("option", name=str(translation_run)).click()
  page.wait_for_selector("#all-translate-border")
  page.get_by_label("Task").click()
  page.get_by_role("option", name="strip", exact=True).click()
  page.wait_for_selector("#all-strip-num")


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_screen(page, width):
  page.set_viewport_size({"width": width, "height": 844})
  for name in ("Faces", "Styles", "HD translation", "One image", "All tasks"):
    if page.get_by_role("tab", name=name, exact=True).first.is_visible():
      open_tab(page, name)
      page.wait_for_timeout(300)
      assert page.evaluate("document.documentElement.scrollWidth") <= width
