"""A page that runs models in the browser: a static folder, for any web server.

index.html, *.js   the page, the same for all models: see `jaxgan/formats/page`
model.json         what each model takes and gives, from which the controls follow
model_0.onnx, ...  the models
ort.mjs            onnxruntime-web
ort.wasm.gzip      its WebAssembly, unpacked by the page: 3.7 MB instead of 14
"""

from collections.abc import Callable, Sequence
import contextlib
import gzip
import json
import pathlib
import tarfile
from typing import Any

from jaxgan import errors
from jaxgan.experiments.shared.exportable import Exportable
from jaxgan.formats import arranged, checks, onnx
from jaxgan.images import writer

VERSION = "1.30.0"  # Of onnxruntime-web, with which the page is tested.
PACKED = f"onnxruntime-web-{VERSION}.tgz"
SCRIPT, WASM = "ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"
LIMIT = 16_000_000  # Bytes of the folder.
RUNTIME = "ort.wasm.gzip"
PAGE = pathlib.Path(__file__).with_name("page")


def write(
  models: Sequence[tuple[Exportable, dict[str, Any]]],
  output: pathlib.Path,
  *,
  dtype: str = "float32",
  runtime: str = PACKED,
  title: str = "",
) -> None:
  """A folder with a page that runs models in the browser, without a server's help.

  Args:
    dtype: of weights in the file: float32, or float16 for a file half as large
      (weights of a model file are float16 already, and stay it).
    runtime: onnxruntime-web: the file that npm pack onnxruntime-web@1.30.0 writes, or
      the package's folder.
    title: of the page; by default the tasks' names.

  Raises:
    UserError: an option is wrong, a package or the runtime is missing, a result differs
      from JAX's, or the folder is too large or cannot be written.
  """
  onnx.check_packages()
  options = arranged.Options(bytes=True, dtype=dtype)
  options.check()
  script, wasm, version = read_runtime(errors.expanded(runtime))
  packed = gzip.compress(wasm, mtime=0)
  files, described = {RUNTIME: packed}, []
  for number, (exportable, about) in enumerate(models):
    asked = arranged.arrange(exportable, options)
    name, model = f"model_{number}.onnx", onnx.create(asked, about)
    described.append(
      arranged.described(asked, about) | {"file": name, "bytes": len(model)}
    )
    files[name] = model
  page = {
    "title": title or f"jaxgan: {', '.join(about['task'] for _, about in models)}",
    "runtime": f"onnxruntime-web {version}",
    "wasm": {"file": RUNTIME, "bytes": len(packed)},
    "models": described,
  }
  files |= {"ort.mjs": script, "model.json": json.dumps(page, indent=1).encode()}
  files |= {path.name: path.read_bytes() for path in sorted(PAGE.iterdir())}
  size = sum(map(len, files.values()))
  if size > LIMIT:
    raise errors.UserError(
      f"the folder would have {size / 1e6:.1f} MB, over {LIMIT / 1e6:.0f}: try "
      "--dtype=float16, or fewer models."
    )
  with writer.explained(output), writer.whole_folder(output, "model.json") as temporary:
    for name, content in files.items():
      (temporary / name).write_bytes(content)
    for (exportable, _), about in zip(models, described, strict=True):
      load = onnx.load(temporary / about["file"])
      checks.compare(exportable, options, load, "onnxruntime")


def read_runtime(path: pathlib.Path) -> tuple[bytes, bytes, str]:
  """Script, WebAssembly and version of onnxruntime-web.

  Args:
    path: its packed file, or its folder, such as node_modules/onnxruntime-web.

  Raises:
    UserError: it is not there, or is something else.
  """
  try:
    with _opened(path) as read:
      version = json.loads(read("package.json"))["version"]
      return read(f"dist/{SCRIPT}"), read(f"dist/{WASM}"), version
  except (OSError, KeyError, ValueError, tarfile.TarError) as error:
    raise errors.UserError(
      f"--runtime={path} is not onnxruntime-web ({error}): get it with npm pack "
      f"onnxruntime-web@{VERSION}, which writes {PACKED}."
    ) from error


@contextlib.contextmanager
def _opened(path: pathlib.Path):
  """Yields a function that reads a file of an npm package by its name."""
  if path.is_dir():
    yield lambda name: (path / name).read_bytes()
    return
  with tarfile.open(path) as packed:
    read: Callable[[str], bytes] = lambda name: packed.extractfile(
      f"package/{name}"
    ).read()
    yield read
