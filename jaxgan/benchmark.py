r"""Times the training step of a config on this machine; prints one JSON line.

  python -m jaxgan.benchmark --config=dcgan_anime --config.data.batch_size=64

Makes the calls that training makes, on its data, without logging or saving: of one step
each on a CPU, elsewhere of as many as training runs in a call. To compare with another
program, run the two in turn several times and quote the ratio of medians.
"""

import json
import statistics
import time

from absl import flags
import jax

from jaxgan import errors, options, runner
from jaxgan import main as main_verb
from jaxgan.engine import profiler, sharding, train

FLAGS = flags.FLAGS


def define_flags() -> None:
  """Defines the options of `jaxgan.main`, and how much to time."""
  main_verb.define_flags()
  flags.adopt_module_key_flags(main_verb)  # So that --help tells them as well.
  flags.DEFINE_integer("steps", 10, "Calls that are timed.", lower_bound=1)
  flags.DEFINE_integer("warmup", 2, "Calls before, not timed.", lower_bound=0)
  flags.DEFINE_integer("stage", 0, "Which stage of the run.")


def measure(
  stages, config, index: int, calls: int, warmup: int, steps_a_call: int | None = None
) -> dict:
  """Times one stage from its initial state.

  Args:
    stages: a run's stages; those before `index` are initialized but not trained.
    config: the run's, for its `seed` and `every`.
    index: the stage to time; negative counts from the end.
    calls: how many are timed.
    warmup: calls before them.
    steps_a_call: steps of one scanned call; None for as many as training has.

  Returns:
    The entries of the JSON line that hold times, in seconds, and the stage.

  Raises:
    UserError: if there is no such stage.
  """
  if not -len(stages) <= index < len(stages):
    raise errors.UserError(
      f"--stage={index}: this config has {len(stages)} stage(s), counted from 0."
    )
  mesh = sharding.make_mesh()
  whole = sharding.replicated(mesh)
  key, state = jax.random.key(config.seed), None
  stage = stages[index]
  for i, earlier in enumerate(stages[: index % len(stages) + 1]):
    state = jax.jit(earlier.init, out_shardings=sharding.placed(earlier.layout, mesh))(
      jax.random.fold_in(key, i), state
    )
  constants = sharding.replicate(stage.constants, mesh)
  metrics = jax.jit(stage.metrics.empty, out_shardings=whole)()
  count = steps_a_call or train.steps_a_call(stage, train.Every(**config.every))
  place = lambda first: sharding.put(stage.batches(first, count), sharding.split(mesh))
  start = time.perf_counter()
  batches = place(0)
  call = sharding.compile_update(stage, mesh, count, state, batches)
  compile_seconds = time.perf_counter() - start
  seconds = []
  for i in range(1 + warmup + calls):
    start = time.perf_counter()
    state, metrics = jax.block_until_ready(call(state, metrics, batches, constants))
    seconds.append((time.perf_counter() - start) / count)
    batches = place((i + 1) * count)
  median = statistics.median(seconds[1 + warmup :])
  images = max((x.shape[1] for x in jax.tree.leaves(batches)), default=1)
  return {
    "stage": stage.name,
    "steps_per_call": count,
    "seconds_per_step": round(median, 6),
    "images_per_second": round(images / median, 3),
    "compile_seconds": round(compile_seconds, 3),
    "first_step_seconds": round(seconds[0] * count, 3),
  }


def main(argv: list[str]) -> None:
  """Parses the command line and prints the JSON line."""
  define_flags()
  main_verb.parse(argv, __doc__)
  runner.setup()
  config = runner.prepared(FLAGS.config)
  stages = runner.find_family(config.experiment).stages(config)
  options.write(
    json.dumps(
      {
        "experiment": config.experiment,
        "config": FLAGS["config"].config_filename,
        "device": jax.devices()[0].device_kind,
        "devices": jax.device_count(),
        **measure(stages, config, FLAGS.stage, FLAGS.steps, FLAGS.warmup),
        "peak_memory_mib": profiler.peak_memory_mib(),
        "jax": jax.__version__,
      }
    )
  )


if __name__ == "__main__":
  errors.run(main)
