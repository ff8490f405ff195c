"""The served page: shut to tricks, to other sites and to strangers; fair under load."""

import concurrent.futures
import os
import pathlib
import signal
import stat
import subprocess
import sys
import time

import numpy as np
from PIL import Image
import pytest

from jaxgan import runner

client = pytest.importorskip("gradio_client")
httpx = pytest.importorskip("httpx")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(serve, gan_run, tmp_path_factory):
  with serve(f"--workdir={gan_run}", cwd=tmp_path_factory.mktemp("page")) as served:
    yield served


@pytest.fixture(scope="module")
def connected(server):
  return client.Client(server.url, verbose=False)


def sample(connected, model, **options):
  path = connected.predict(str(model), "sample", options, ".png", api_name="/run")
  return np.asarray(Image.open(path))


def upload(server, name, content):
  """The server's path of an uploaded file."""
  url = f"{server.url}gradio_api/upload"
  return httpx.post(url, files={"files": (name, content)}, timeout=60)


TRICKS = [  # Each has been a hole of some Gradio, or is a relative of one.
  "gradio_api/file={secret}",
  "gradio_api/file=/{secret}",
  "gradio_api/file=./{secret}",
  "gradio_api/file=..%2f..%2f..%2f..{secret}",
  "gradio_api/file=%2e%2e/%2e%2e/%2e%2e/%2e%2e{secret}",
  "gradio_api/file=C:{secret}",
  "gradio_api/file=\\\\localhost{secret}",
  "gradio_api/file=file://{secret}",
  "gradio_api/file={files}/../../../../../../..{secret}",
  "gradio_api/file={files}/..%2f..%2f..%2f..%2f..%2f..{secret}",
  "file={secret}",
  "static/..%2f..%2f..%2f..%2f..%2f..%2f..%2f..{secret}",
  "static//{secret}",
  "assets/..%2f..%2f..%2f..%2f..%2f..%2f..%2f..{secret}",
  "svelte/..%2f..%2f..%2f..%2f..%2f..%2f..{secret}",
  "custom_component/x/client/component/..%2f..%2f..%2f..{secret}",
  "gradio_api/proxy=file://{secret}",
]


@pytest.mark.parametrize("trick", TRICKS)
def test_no_other_file_is_served(server, tmp_path, trick):
  (tmp_path / "secret.txt").write_text("a secret")
  mine = upload(server, "a.txt", b"mine").json()[0]
  assert httpx.get(f"{server.url}gradio_api/file={mine}").content == b"mine"
  files = pathlib.Path(mine).parents[1]
  for secret in (tmp_path / "secret.txt", "/etc/passwd", "/proc/self/environ"):
    answer = httpx.get(server.url + trick.format(secret=secret, files=files))
    for told in (b"a secret", b"root:", b"PATH="):
      assert told not in answer.content
    is_page = answer.content.lstrip().lower().startswith(b"<!doctype html>")
    assert answer.status_code >= 400 or is_page
  assert httpx.get(f"{server.url}gradio_api/file={files}").status_code >= 400


@pytest.mark.parametrize(
  "place", ["gradio_api/file=", "gradio_api/proxy=", "proxy=", "file="]
)
def test_the_server_fetches_nothing(server, place):
  address = "http://127.0.0.1:9/x", "https://example.org/x", "http://169.254.169.254/"
  for url in address:
    assert httpx.get(f"{server.url}{place}{url}").status_code >= 400


@pytest.mark.parametrize(
  "value",
  [
    {"path": "/etc/passwd"},
    {"path": "/etc/passwd", "url": "/etc/passwd"},
    {"path": "../../../../etc/passwd"},
    {"path": "http://127.0.0.1:9/x.png"},
    {"path": "https://example.org/x.png"},
    {"path": "x.png", "url": "https://example.org/x.png"},
  ],
)
def test_a_file_is_uploaded_and_not_named(server, value):
  """Posts a value of a file control to every event that has such an input."""
  config = httpx.get(f"{server.url}config").json()
  kinds = {x["id"]: x["type"] for x in config["components"]}
  tried = 0
  for event in config["dependencies"]:
    if not any(kinds[x] in ("image", "file") for x in event["inputs"]):
      continue
    meta = {"_type": "gradio.FileData"}
    data = [
      value | {"meta": meta} if kinds[x] in ("image", "file") else None
      for x in event["inputs"]
    ]
    body = {"data": data, "fn_index": event["id"], "session_hash": "x"}
    answer = httpx.post(f"{server.url}gradio_api/run/predict", json=body, timeout=60)
    told = answer.json()["error"]
    assert "not uploaded by a user" in told or "fetches nothing from elsewhere" in told
    tried += 1
  assert tried


def test_uploads_are_limited_and_never_shown_as_pages(server):
  assert upload(server, "x.bin", bytes(201 * 2**20)).status_code == 413
  path = upload(server, "x.html", b"<script>alert(1)</script>").json()[0]
  answer = httpx.get(f"{server.url}gradio_api/file={path}")
  assert answer.headers["content-disposition"].startswith("attachment")
  assert answer.headers["x-content-type-options"] == "nosniff"


def test_names_of_uploads_stay_in_the_folder(server):
  for name in ("../../../../tmp/evil.png", "/etc/evil.png", "..\\evil.png", "a\0b.png"):
    answer = upload(server, name, b"x")
    if answer.status_code == 200:
      (path,) = map(pathlib.Path, answer.json())
      assert path.resolve() == path and "jaxgan-page-" in str(path)


def test_other_sites_and_other_names_are_refused(server):
  stranger = {"Host": "evil.example"}
  assert httpx.get(server.url, headers=stranger).status_code == 400
  answer = httpx.get(server.url, headers={"Origin": "https://evil.example"})
  assert answer.headers.get("access-control-allow-origin") in (None, "null")
  policy = answer.headers["content-security-policy"]
  assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy


def test_mistakes_are_one_line_and_the_server_goes_on(connected, gan_run):
  for options, told in (
    ({"num": 0}, "num: 0 must be at least 1"),
    ({"latents": "/etc/passwd"}, "looks like a file's name"),
  ):
    with pytest.raises(Exception, match=told):
      sample(connected, gan_run, **options)
  with pytest.raises(Exception, match="no model /etc"):
    sample(connected, "/etc", num=1)
  assert sample(connected, gan_run, num=1).shape == (12, 12, 3)


def resident(process):
  """Bytes of memory that a process has in use."""
  text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
  (line,) = [line for line in text.splitlines() if line.startswith("VmRSS:")]
  return 1024 * int(line.split()[1])


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_200_requests_of_8_clients(server, gan_run, tmp_path):
  family, run = runner.open_run(gan_run)
  want = {}
  for seed in range(200):
    path = tmp_path / "want.npy"
    family.TASKS["sample"](run, path, num=1, seed=seed)
    want[seed] = np.load(path)[0]
  assert len({image.tobytes() for image in want.values()}) == 200

  def visit(visitor):
    own = client.Client(server.url, verbose=False, download_files=str(tmp_path))
    seeds = range(visitor, 200, 8)
    return {seed: sample(own, gan_run, num=1, seed=seed) for seed in seeds}

  first = client.Client(server.url, verbose=False)
  for seed in range(20):
    sample(first, gan_run, num=1, seed=seed)
  before = resident(server.process)
  found = {}
  with concurrent.futures.ThreadPoolExecutor(8) as visitors:
    for part in visitors.map(visit, range(8)):
      found |= part
  assert sorted(found) == list(range(200))
  for seed, image in found.items():
    np.testing.assert_array_equal(image, want[seed])
  assert resident(server.process) < 1.1 * before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_and_its_files_go(serve, gan_run, tmp_path, number):
  passwords = tmp_path / "passwords"
  passwords.write_text("ann:secret\n")
  passwords.chmod(0o600)
  arguments = (f"--workdir={gan_run}", f"--password-file={passwords}")
  with serve(*arguments, cwd=tmp_path) as served:
    (folder,) = tmp_path.glob("jaxgan-page-*")
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    assert httpx.get(f"{served.url}config").status_code == 401
    with pytest.raises(Exception, match=r"(?i)login|auth|credentials"):
      client.Client(served.url, verbose=False, auth=("ann", "wrong"))
    own = client.Client(served.url, verbose=False, auth=("ann", "secret"))
    assert sample(own, gan_run, num=1).shape == (12, 12, 3)
    assert any(folder.rglob("*.png"))
    options = {"num": 10**6}  # It goes on while the page is stopped.
    own.submit(str(gan_run), "sample", options, "folder", api_name="/run")
    end = time.monotonic() + 60
    while not any(folder.rglob("sample/*.png")) and time.monotonic() < end:
      time.sleep(0.1)
    assert any(folder.rglob("sample/*.png"))
    assert served.stop(number) == 128 + number
    assert not folder.exists()
    assert "Traceback" not in "".join(served.lines)


@pytest.mark.parametrize(
  ("arguments", "told"),
  [
    (["--workdir=nothing"], "no run in"),
    (["--runs=nothing"], "--runs=nothing is no folder"),
    (["--password-file=nothing"], "--password-file=nothing cannot be read"),
    (["--workdr=x"], "unrecognized arguments"),
  ],
)
def test_mistakes_on_the_command_line(tmp_path, arguments, told):
  done = subprocess.run(
    [sys.executable, "-m", "jaxgan.app", *arguments],
    capture_output=True,
    text=True,
    cwd=tmp_path,
  )
  assert done.returncode == 2
  assert told in done.stderr and "Traceback" not in done.stderr


def test_a_port_that_is_taken(server, tmp_path):
  done = subprocess.run(
    [sys.executable, "-m", "jaxgan.app", f"--port={server.port}"],
    capture_output=True,
    text=True,
    cwd=tmp_path,
  )
  assert done.returncode == 2 and "choose another --port" in done.stderr
