"""What is measured: one row of the report each."""

from collections.abc import Iterator, Sequence
import importlib
from typing import Any

# Every family, and every kind of network in it; `patches` trains nothing.
KNOWN = (
  *("dcgan_anime", "gan_anime", "consingan", "singan", "stylize", "stylize_any"),
  *("johnson", "gatys", "siamese", "cyclegan", "cut"),
)
TIMED = ("dcgan_anime", "consingan", "stylize", "gatys", "siamese")
KINDS = ("agreement", "step", "single images", "beside")
TOGETHER = (1, 4, 16)  # Single images.
BATCHES = (2, 4)  # Times the config's own.
STEPS_A_CALL = (1, 10, 100)  # The engine has 100 at most.
PRECISIONS = {"highest": "float32", "default": "tf32", "bfloat16": "bfloat16"}


def rows(
  agreeing: Sequence[str],
  timed: Sequence[str],
  variant: str,
  peers: Sequence[dict[str, Any]] = (),
) -> Iterator[dict[str, Any]]:
  """The rows, as dictionaries that JSON holds.

  Each has "what", one of KINDS; "config" and "variant"; "precision", of PRECISIONS;
  "changes" of the config; "steps_a_call", or None for as many as
  `jaxgan.benchmark` has.

  Args:
    agreeing: configs whose `:tiny` is compared with the CPU.
    timed: configs whose steps are timed.
    variant: of the timed configs.
    peers: other programs, as in `__main__`; their rows have "command" and "times" too.
  """
  for name in agreeing:
    yield _row("agreement", name, "tiny", "highest")
  for name in timed:
    config = load(name, variant)
    for precision in precisions(config):
      yield _row("step", name, variant, precision)
    if batch_size := config.get("data", {}).get("batch_size", 0):
      for factor in BATCHES:
        changes = {"data.batch_size": factor * batch_size}
        yield _row("step", name, variant, changes=changes)
    for count in STEPS_A_CALL:
      yield _row("step", name, variant, steps_a_call=count)
  if "consingan" in timed:
    for count in TOGETHER:
      yield _row("single images", "consingan", variant, changes={"num_seeds": count})
  for peer in peers:
    yield from _beside(peer, variant)


def _beside(peer: dict[str, Any], variant: str) -> Iterator[dict[str, Any]]:
  """A peer in each precision that it can be told; else in its own."""
  name, command = peer["config"], peer["command"]
  variant = peer.get("variant", variant)
  told = "{precision}" in command
  for precision in precisions(load(name, variant)) if told else ("default",):
    row = _row("beside", name, variant, precision, peer.get("changes", {}))
    command_now = command.replace("{precision}", PRECISIONS[precision])
    yield row | {"command": command_now, "times": peer.get("times", 1)}


def _row(what, config, variant, precision="default", changes=None, steps_a_call=None):
  """One row; of bfloat16, with the config's own field for it."""
  changes = dict(changes or {})
  if precision == "bfloat16":
    changes["dtype"] = "bfloat16"
  return {
    "what": what,
    "config": config,
    "variant": variant,
    "precision": precision,
    "changes": changes,
    "steps_a_call": steps_a_call,
  }


def load(name: str, variant: str):
  """A config of `configs/`."""
  return importlib.import_module(f"configs.{name}").get_config(variant)


def precisions(config) -> list[str]:
  """Those that a config can be computed in."""
  return [name for name in PRECISIONS if name != "bfloat16" or "dtype" in config]
