"""The engine: states, players, stages and the one loop. It knows no family."""

from jaxgan.engine import checkpoints as checkpoints
from jaxgan.engine import core as core
from jaxgan.engine import profiler as profiler
from jaxgan.engine import sharding as sharding
from jaxgan.engine import summaries as summaries
from jaxgan.engine import train as train
from jaxgan.engine import workdir as workdir
