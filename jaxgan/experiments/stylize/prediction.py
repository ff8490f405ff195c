"""Training a network and what predicts its rows: a painting for every photograph."""

from collections.abc import Mapping
import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import ml_collections
import numpy as np
import optax

from jaxgan.data import augment, batches, mixed, packed, sources
from jaxgan.engine import core
from jaxgan.experiments.shared import styles
from jaxgan.experiments.stylize import networks, reading
from jaxgan.experiments.stylize.objective import Objective
from jaxgan.features import vgg
from jaxgan.images import reader
from jaxgan.losses import perceptual
from jaxgan.nets import style_predictor

Tree = Any
NAMED = 32  # Paintings that the trained network knows by name, at most.
SURVEYED = 64  # Squares of paintings whose measurements say what is usual.


@dataclasses.dataclass(frozen=True)
class Prediction:
  """The loss of the one player, whose weights are the network's and the predictor's.

  Attributes:
    named: the network, the losses, and the paintings known by name.
    predictor: of rows.
    size: side in pixels of the squares cut from paintings.
    balance: makes paintings of strong and of weak contrast count alike.
  """

  named: Objective
  predictor: style_predictor.StylePredictor
  size: int
  balance: bool

  @property
  def layers(self) -> tuple[str, ...]:
    """Those of VGG16 that are measured, which are those of the style losses."""
    return tuple(self.named.criterion.style)

  def squares(self, key: jax.Array, paintings: jax.Array) -> jax.Array:
    """Paintings uint8 [n, s, s, 3], cut and recolored at random: RGB in [0, 1]."""
    keys = jax.random.split(key)
    unit = paintings.astype(jnp.float32) / 255
    return augment.recolor(keys[0], augment.zoom(keys[1], unit, self.size))

  def view(self, vgg_params: Tree, squares: jax.Array) -> tuple[jax.Array, Tree]:
    """Measurements [n, s] of squares in [0, 1]; Gram matrices {layer: [n, c, c]}."""
    features = vgg.activations(vgg_params, 2 * squares - 1, self.layers)
    grams = {layer: perceptual.gram(x) for layer, x in features.items()}
    return reading.measure(features), grams

  def with_rows(self, own: Tree, scaled: jax.Array) -> Tree:
    """The network's weights, tables included: a row for each of measurements [n, s]."""
    shared = {name: x for name, x in own.items() if name != reading.PREDICTOR}
    rows = self.predictor.apply({"params": own[reading.PREDICTOR]}, scaled)
    return {**shared, **rows}

  def with_named(self, state: core.State, scaled: jax.Array) -> core.State:
    """The state as that of a network with a row for each named painting."""
    own = self.with_rows(state.params[networks.NETWORK], scaled)
    return state.replace(params={networks.NETWORK: own})

  def init_params(
    self, key: jax.Array, measurements: int, start: networks.Trained | None
  ) -> dict[str, Tree]:
    """Weights of the player; convolutions and mean row are those of `start`, if any."""
    keys = jax.random.split(key)
    predictor = self.predictor.init(keys[1], jnp.zeros((1, measurements)))["params"]
    if start:
      net = jax.tree.map(jnp.asarray, start.params)
      predictor = self.predictor.started(predictor, networks.create_rows(net, 1))
    else:
      one = self.named.net.clone(num_styles=1)
      net = one.init(keys[0], jnp.zeros((1, 16, 16, 3)), jnp.zeros(1, int))["params"]
    shared = {name: x for name, x in net.items() if not networks.is_norm(name)}
    return {networks.NETWORK: {**shared, reading.PREDICTOR: predictor}}

  def __call__(
    self, params: dict[str, Tree], state: core.State, batch: core.Batch, key: jax.Array
  ):
    """The player's loss; see `core.Player` and `constants`."""
    keys = jax.random.split(key)
    images = batch["image"]
    images = augment.flip(keys[0], images) if self.named.flip else images
    images = images.astype(jnp.float32) / 255
    measured, grams = self.view(batch["vgg"], self.squares(keys[1], batch["painting"]))
    scaled = reading.Scale(batch["mean"], batch["spread"])(measured)
    own = self.with_rows(params[networks.NETWORK], scaled)
    net = self.named.net.clone(num_styles=len(images))
    outputs = net.apply({"params": own}, images, jnp.arange(len(images)))
    criterion = self.named.criterion
    targets = criterion.targets(batch["vgg"], images)
    losses = criterion.losses(batch["vgg"], outputs, targets, grams)
    if self.balance:
      for layer, gram in grams.items():
        factor = batch["power"][layer] / jnp.mean(gram**2, (1, 2))
        losses[f"style_{layer}"] *= factor
    means = {name: jnp.mean(x) for name, x in losses.items()}
    value = sum(means.values())
    return value, ({}, {"loss": value} | means)


def create(config: ml_collections.ConfigDict, named: Objective) -> Prediction:
  """Reads `config.predictor`, `config.data` and `config.loss`."""
  predictor = style_predictor.StylePredictor(
    named.net.norms(), config.predictor.bottleneck
  )
  return Prediction(named, predictor, config.data.style_size, config.loss.balance)


def load(config: ml_collections.ConfigDict) -> packed.Packed:
  """All paintings to train on, as squares of twice the size that is cut from them.

  Raises:
    UserError: there is no usable one.
  """
  path, side = config.data.styles, 2 * config.data.style_size
  found = []
  if path:
    found.append(packed.load(path, size=(side, side)).images)
  else:
    found.append(np.stack(list(styles.load(size=side).values())))
  if config.data.drawn_styles:
    drawn = mixed.pack(sources.drawn_domain("strokes", config.data.drawn_styles))
    squares = [reader.decode(x, size=(side, side), channels=3) for x in drawn]
    found.append(np.stack(squares))
  return packed.Packed(found[0] if len(found) == 1 else np.concatenate(found))


def survey(
  prediction: Prediction,
  vgg_params: Tree,
  paintings: packed.Packed,
  named: Mapping[str, np.ndarray],
) -> tuple[dict[str, Tree], dict[str, Any]]:
  """What is usual among paintings.

  Args:
    prediction: whose measurements they are.
    vgg_params: VGG16's weights.
    paintings: all to train on.
    named: those known by name, uint8 [size, size, 3].

  Returns:
    Constants of the training: "mean" and "spread" of measurements, "power", the mean
    squared entry of the Gram matrices by layer, and "named", the scaled measurements
    of the named; and the facts of the run.
  """

  @jax.jit
  def view(vgg_params, squares):
    measured, grams = prediction.view(vgg_params, squares)
    return measured, {layer: jnp.mean(x**2) for layer, x in grams.items()}

  cut = jax.jit(prediction.squares)
  read = batches.batches(paintings, batch_size=1, seed=0)
  seen = [
    view(vgg_params, cut(jax.random.key(i), read(i, 1)["image"][0]))
    for i in range(SURVEYED)
  ]
  measured = np.concatenate([x for x, _ in seen])
  power = {
    layer: np.float32(np.mean([x[layer] for _, x in seen]))
    for layer in prediction.layers
  }
  scale = reading.Scale(measured.mean(0), np.maximum(measured.std(0), 1e-3))
  own = [view(vgg_params, np.float32(x[None]) / 255)[0][0] for x in named.values()]
  scaled = np.asarray(scale(np.stack(own)))
  constants = {"mean": scale.mean, "spread": scale.spread, "power": power}
  facts = reading.facts(scale, prediction.layers, prediction.size)
  return constants | {"named": scaled}, facts | {"named": scaled}


def predicting(
  config: ml_collections.ConfigDict,
  named: Objective,
  paintings: Mapping[str, np.ndarray],
  stage: core.Stage,
  optimizer: optax.GradientTransformation,
  start: networks.Trained | None,
) -> core.Stage:
  """The stage of a network whose rows are predicted.

  Args:
    config: of the run.
    named: the losses of the paintings known by name.
    paintings: these, uint8 [size, size, 3].
    stage: of a network that has tables with a row for each of them; it shows and
      evaluates them.
    optimizer: of all weights.
    start: a network with styles of its own whose convolutions are the first ones.

  Raises:
    UserError: see `load`.
  """
  prediction, squares = create(config, named), load(config)
  constants, facts = survey(prediction, stage.constants["vgg"], squares, paintings)
  measurements = constants["mean"].size
  # One painting unlike the others must not throw the network off.
  optimizer = optax.chain(optax.clip_by_global_norm(1.0), optimizer)
  player = core.Player(networks.NETWORK, prediction, optimizer)
  options = dict(batch_size=config.data.batch_size, seed=config.seed + 1)
  beside = batches.batches(squares, **options)

  def init(key, previous):
    del previous  # There is only one stage.
    keys = jax.random.split(key)
    params = prediction.init_params(keys[0], measurements, start)
    return core.create_state(keys[1], params, [player])

  def with_named(state):
    return prediction.with_named(state, constants["named"])

  return stage._replace(
    name="any_style",
    init=init,
    update=core.alternate([player]),
    metrics=core.average_of(
      "loss", *named.criterion.terms, f"gradient_{networks.NETWORK}"
    ),
    render=lambda state, batch: stage.render(with_named(state), batch),
    batches=lambda first, count: {
      **stage.batches(first, count),
      "painting": beside(first, count)["image"],
    },
    constants=stage.constants | constants,
    evaluate=lambda state: stage.evaluate(with_named(state)),
    facts=stage.facts | facts,
  )
