r"""Evaluates generated digits with the features of a small classifier of MNIST.

  python benchmarks/mnist_classifier.py --mnist=FOLDER --fakes dcgan.npy mlp.npy

Trains a LeNet-like network (about a minute on 2 CPU cores), then compares every file
of generated digits, uint8 [n, 28, 28, 1], with MNIST's test digits by its 84 features.
The first row, digits of the training set, shows what a perfect generator would get.
Another seed gives other features: compare only numbers of one table.
"""

import argparse
import time

from flax import linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax

from jaxgan import errors
from jaxgan.data import batches, packed
from jaxgan.features import extractors
from jaxgan.images import pixels
from jaxgan.metrics import generative

SHAPE = (28, 28, 1)
COLUMNS = (
  "fd_lenet",
  "kid_lenet",
  "precision",
  "recall",
  "density",
  "coverage",
  "mean_pairwise_distance_ratio",
)


class LeNet(nn.Module):
  """LeNet-5 (LeCun et al., 1998) with ReLU, max pooling and wider convolutions."""

  @nn.compact
  def __call__(self, images: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Images [n, 28, 28, 1] in [-1, 1] to (features [n, 84], logits [n, 10])."""
    x = images
    for width in (16, 32):
      x = nn.relu(nn.Conv(width, (5, 5))(x))
      x = nn.max_pool(x, (2, 2), (2, 2))
    x = nn.relu(nn.Dense(120)(x.reshape(len(x), -1)))
    x = nn.relu(nn.Dense(84)(x))
    return x, nn.Dense(10)(x)


def train(digits: packed.Packed, *, epochs: int, batch_size: int, seed: int):
  """The network's variables after some passes over the digits."""
  net = LeNet()
  num_steps = epochs * len(digits) // batch_size
  optimizer = optax.adam(optax.cosine_decay_schedule(2e-3, num_steps))

  def loss(variables, images, labels):
    _, logits = net.apply(variables, pixels.to_floats(images))
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()

  @jax.jit
  def step(variables, state, images, labels):
    gradient = jax.grad(loss)(variables, images, labels)
    updates, state = optimizer.update(gradient, state)
    return optax.apply_updates(variables, updates), state

  variables = jax.jit(net.init)(jax.random.key(seed), jnp.zeros((1, *SHAPE)))
  state = optimizer.init(variables)
  batch = batches.batches(digits, batch_size=batch_size, seed=seed)
  for i in range(num_steps):
    one = batch(i, 1)
    variables, state = step(variables, state, one["image"][0], one["label"][0])
  return variables


def accuracy(variables, digits: packed.Packed) -> float:
  """The share of digits that are classified correctly."""
  classify = extractors.Extractor(
    "logits",
    lambda variables, images: LeNet().apply(variables, images)[1],
    variables,
    protocol="logits",
    batch_size=500,
  )
  guesses = classify(np.asarray(digits.images)).argmax(-1)
  return float((guesses == digits.labels["label"]).mean())


def lenet_features(variables) -> extractors.Extractor:
  """Images uint8 [n, 28, 28, 1] -> features [n, 84]."""
  return extractors.Extractor(
    "lenet",
    lambda variables, images: LeNet().apply(variables, images)[0],
    variables,
    protocol="LeNet of MNIST, penultimate layer (84-d), 28x28",
    batch_size=500,
  )


def read(path: str) -> np.ndarray:
  """Generated digits, uint8 [n, 28, 28, 1]."""
  try:
    images = np.load(path, allow_pickle=False)
  except (OSError, ValueError, EOFError) as error:
    raise errors.UserError(f"{path}: not a readable .npy file ({error})") from error
  if images.dtype != np.uint8 or images.shape[1:] not in (SHAPE, SHAPE[:2]):
    raise errors.UserError(
      f"{path}: holds {images.dtype} {images.shape}; give uint8 [n, 28, 28, 1]"
    )
  return images.reshape(-1, *SHAPE)


def main(argv: list[str]) -> None:
  """Trains, then prints one table."""
  parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
  )
  parser.add_argument("--mnist", required=True, help="folder of the four idx files")
  parser.add_argument("--fakes", nargs="*", default=[], help=".npy files")
  parser.add_argument("--num", type=int, default=10_000, help="digits of each set")
  parser.add_argument("--epochs", type=int, default=2)
  parser.add_argument("--seed", type=int, default=0)
  options = parser.parse_args(argv[1:])
  sets = {path: read(path) for path in options.fakes}  # Fails before the training.
  load = lambda split: packed.load(
    options.mnist, size=SHAPE[:2], channels=1, split=split
  )
  digits, held_out = load("train"), load("test")
  start = time.perf_counter()
  variables = train(digits, epochs=options.epochs, batch_size=128, seed=options.seed)
  seconds = time.perf_counter() - start
  print(
    f"accuracy on {len(held_out)} test digits: {accuracy(variables, held_out):.4f}"
    f" after {options.epochs} epochs, {seconds:.0f} s"
  )
  sets = {"training digits": np.asarray(digits.images[: options.num])} | sets
  extractor = lenet_features(variables)
  reference = generative.create_reference(
    np.asarray(held_out.images[: options.num]), extractor=extractor
  )
  print_table(sets, reference, options.num)


def print_table(sets, reference: generative.Reference, num: int) -> None:
  """A row a set of images."""
  print("set".ljust(24), "num".rjust(6), *(name[-14:].rjust(14) for name in COLUMNS))
  for name, images in sets.items():
    values = dict(generative.compare(images[:num], reference))
    cells = (f"{values[column]:.4f}".rjust(14) for column in COLUMNS)
    print(name[-24:].ljust(24), str(len(images[:num])).rjust(6), *cells)


if __name__ == "__main__":
  errors.run(main)
