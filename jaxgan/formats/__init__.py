"""The formats of the verb `export`, one module each.

`MODEL` hold a whole run and are functions `(family, run, output, *, option=default)`.
`TASK` hold a task of it, which families offer as an `Exportable`, and are functions
`(exportable, output, about, *, option=default)`; `about` is JSON for the reader.
`TASKS` hold tasks of several runs: `([(exportable, about), ...], output, *, ...)`.
"""

from jaxgan.formats import onnx, safetensors, stablehlo, web

MODEL = {"safetensors": safetensors.write}
TASK = {"stablehlo": stablehlo.write, "onnx": onnx.write}
TASKS = {"web": web.write}
