"""What a visitor of the page does and sees, in words of Playwright."""

import io

import numpy as np
from PIL import Image

from jaxgan import runner


def open_tab(page, name):
  page.get_by_role("tab", name=name, exact=True).click()


def pictures(page, place):
  """The images at a place, uint8, once there are any."""
  page.wait_for_selector(f"{place} img")
  page.wait_for_function(
    "place => [...document.querySelectorAll(place + ' img')].every(x => x.complete)",
    arg=place,
  )
  found = page.locator(f"{place} img")
  sources = [found.nth(i).evaluate("x => x.src") for i in range(found.count())]
  return [
    np.asarray(Image.open(io.BytesIO(page.request.get(x).body())).convert("RGB"))
    for x in sources
  ]


def download(page, place):
  """The content of the first file that is offered at a place."""
  page.wait_for_selector(f"{place} a[href]")
  address = page.locator(f"{place} a[href]").first.evaluate("x => x.href")
  return address, page.request.get(address).body()


def is_alike(a, b, levels=2):
  """Whether images are the same but for rounding."""
  return a.shape == b.shape and np.abs(a.astype(int) - b).max() <= levels


def paint(page, place):
  """Draws a stroke across the middle of an editor."""
  page.wait_for_selector(f"{place} canvas")
  page.wait_for_timeout(1500)
  box = page.locator(f"{place} canvas").first.bounding_box()
  point = lambda x: (box["x"] + x * box["width"], box["y"] + box["height"] / 2)
  page.mouse.move(*point(0.4))
  page.mouse.down()
  for x in np.linspace(0.4, 0.6, 9):
    page.mouse.move(*point(x))
  page.mouse.up()
  page.wait_for_timeout(500)


def task_of(model, name):
  """A task's result as the command line would make it: `make(file, **options)`."""
  family, run = runner.open_run(model)
  return lambda path, **options: family.TASKS[name](run, path, **options)
