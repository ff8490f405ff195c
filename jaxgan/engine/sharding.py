"""The mesh, the shardings and the compiled step: one code path for any devices.

Everything is written in the global view: batches are split along their batch axis, the
state lies as its stage's layout tells (by default every device holds all of it), and no
function knows how many devices there are.
"""

from collections.abc import Callable, Iterator
import contextlib
import contextvars
import os
import time
from typing import Any

from absl import logging
import jax
from jax.sharding import AxisType, Mesh, NamedSharding
from jax.sharding import PartitionSpec as P
import numpy as np

from jaxgan.engine import core
from jaxgan.errors import Interrupted, UserError

# The mesh that a step is traced for.
_mesh = contextvars.ContextVar[Mesh | None]("mesh", default=None)
HEARTBEAT = 30  # Seconds after which a process that is silent counts as gone.


def join(coordinator: str = "", num_processes: int = 1, process_id: int = 0) -> None:
  """Makes this process one of several; without an address, JAX finds the others.

  It does on Cloud TPU, Slurm, Kubernetes and Open MPI.

  Raises:
    UserError: if it cannot join them.
  """
  jax.config.update("jax_cpu_collectives_implementation", "gloo")
  if coordinator:
    check_process(num_processes, process_id)
  where = (coordinator, num_processes, process_id) if coordinator else ()
  try:
    jax.distributed.initialize(*where, heartbeat_timeout_seconds=HEARTBEAT)
  except (RuntimeError, ValueError) as error:
    reason = str(error).splitlines()[0]
    raise UserError(
      f"cannot join the other processes ({reason}): give --coordinator="
      "HOST:PORT, --num_processes and --process_id."
    ) from error


def check_process(num_processes: int, process_id: int) -> None:
  """Raises UserError if there is no such process."""
  if not 0 <= process_id < num_processes:
    raise UserError(
      f"--process_id={process_id} of --num_processes={num_processes}: "
      "they are counted from 0."
    )


@contextlib.contextmanager
def together() -> Iterator[None]:
  """Ends one of several processes at once, with status 1, when its work has failed.

  At a usual exit JAX would wait for the others, of which one may be gone. What JAX
  tells at length when one is gone becomes one line; other failures are shown whole.
  """
  try:
    yield
  except (UserError, Interrupted):
    raise
  except Exception as error:
    if jax.process_count() == 1:
      raise
    # A lost process comes as either of them, by the moment: from Gloo as a ValueError.
    if not isinstance(error, jax.errors.JaxRuntimeError) and "Gloo" not in str(error):
      logging.exception("the process failed:")
    logging.error(
      "error: process %d of %d cannot go on without the others (%s). The same command "
      "for all of them continues at the last checkpoint.",
      jax.process_index(),
      jax.process_count(),
      (str(error).splitlines() or [repr(error)])[0],
    )
    logging.flush()
    os._exit(1)


def make_mesh(count: int | None = None) -> Mesh:
  """The first devices, by default all, along one axis, "data"."""
  devices = jax.devices()[:count]
  return jax.make_mesh(
    (len(devices),), ("data",), axis_types=(AxisType.Auto,), devices=devices
  )


def replicated(mesh: Mesh) -> NamedSharding:
  """Every device holds the whole array."""
  return NamedSharding(mesh, P())


def split(mesh: Mesh) -> NamedSharding:
  """[count, batch, ...] with the batch axis divided over the devices."""
  return NamedSharding(mesh, P(None, "data"))


def divide(x: jax.Array) -> jax.Array:
  """Divides over the devices, by its first axis, a batch that a step makes itself.

  XLA divides what is computed from a batch that comes from outside. Without this every
  device would make all latents, and all images of them.

  Args:
    x: as many as there are in the step's batch. Outside of a compiled step nothing
      happens.
  """
  mesh = _mesh.get()
  if mesh is None:
    return x
  return jax.lax.with_sharding_constraint(x, NamedSharding(mesh, P("data")))


def apart(function: Callable, layouts: Any, results: Any) -> Callable:
  """A function that each device computes of its own part, without the others.

  XLA can divide a `vmap` itself, but gathers the images and weights of all models for
  every convolution.

  Args:
    function: of trees of arrays.
    layouts: PartitionSpecs of each argument, for whole trees or their parts.
    results: those of what it returns.

  Returns:
    The function for a compiled step; `function` itself outside of one.
  """
  mesh = _mesh.get()
  if mesh is None:
    return function
  # Convolutions that are our own primitives have no rule by which JAX could check it.
  return jax.shard_map(
    function, mesh=mesh, in_specs=layouts, out_specs=results, check_vma=False
  )


@contextlib.contextmanager
def _traced_for(mesh: Mesh) -> Iterator[None]:
  token = _mesh.set(mesh)
  try:
    yield
  finally:
    _mesh.reset(token)


def placed(layout: Any, mesh: Mesh) -> Any:
  """The shardings of a stage's `layout`."""
  return jax.tree.map(
    lambda spec: NamedSharding(mesh, spec), layout, is_leaf=lambda x: isinstance(x, P)
  )


def put(tree: Any, sharding: NamedSharding) -> Any:
  """Host arrays, the same in every process, to global arrays.

  Raises:
    UserError: if a batch cannot be divided evenly over the devices.
  """

  def place(x):
    x = np.asarray(x)
    num_devices = sharding.mesh.size
    if not sharding.is_fully_replicated and x.shape[1] % num_devices:
      raise UserError(
        f"a batch of {x.shape[1]} does not divide over {num_devices} devices: make "
        f"config.data.batch_size a multiple of {num_devices}."
      )
    return jax.make_array_from_callback(x.shape, sharding, lambda index: x[index])

  return jax.tree.map(place, tree)


def replicate(tree: Any, mesh: Mesh) -> Any:
  """A tree of host or device arrays to every device."""
  return jax.tree.map(
    lambda x: (
      x
      if isinstance(x, jax.Array) and x.sharding == replicated(mesh)
      else put(x, replicated(mesh))
    ),
    tree,
  )


def compile_update(
  stage: core.Stage, mesh: Mesh, count: int, state: Any, batches: Any
) -> Callable:
  """Compiles `count` steps of a stage ahead of time; logs the time and the memory.

  Args:
    stage: whose update it is.
    mesh: the devices.
    count: steps in one call; more than one are a `lax.scan`.
    state: a state of the stage, or its shapes.
    batches: streamed arrays [count, batch, ...] of one call, or their shapes.

  Returns:
    `(state, metrics, batches, constants) -> (state, metrics)`. `metrics`, of the type
    `stage.metrics`, gathers the scalars of steps; both it and the state are donated.
  """

  def step(carry, batch, constants):
    state, metrics = carry
    state, scalars = stage.update(state, batch | constants)
    return state, metrics.merge(stage.metrics.single_from_model_output(**scalars))

  def run(state, metrics, batches, constants):
    if count == 1:
      first = jax.tree.map(lambda x: x[0], batches)
      return step((state, metrics), first, constants)
    return jax.lax.scan(
      lambda carry, batch: (step(carry, batch, constants), None),
      (state, metrics),
      batches,
      length=count,
    )[0]

  whole, own = replicated(mesh), placed(stage.layout, mesh)
  jitted = jax.jit(
    run,
    donate_argnums=(0, 1),
    out_shardings=(own, whole),
    in_shardings=(own, whole, split(mesh), whole),
  )
  start = time.perf_counter()
  metrics = jax.eval_shape(stage.metrics.empty)
  with _traced_for(mesh):
    lowered = jitted.lower(state, metrics, batches, stage.constants)
  compiled = lowered.compile()
  logging.info(
    "compiled %d step(s) of stage %s in %.1f s; %s",
    count,
    stage.name,
    time.perf_counter() - start,
    _memory_line(compiled),
  )
  return compiled


def _memory_line(compiled) -> str:
  """The memory that the program needs on each device, by XLA."""
  memory = compiled.memory_analysis()
  if memory is None:
    return "the backend does not tell how much memory it needs"
  held = (
    memory.argument_size_in_bytes
    + memory.output_size_in_bytes
    - memory.alias_size_in_bytes
  )
  mib = 2**20
  return (
    f"it needs {(held + memory.temp_size_in_bytes) / mib:.1f} MiB a device: "
    f"{held / mib:.1f} for state and batch, "
    f"{memory.temp_size_in_bytes / mib:.1f} to work in"
  )
