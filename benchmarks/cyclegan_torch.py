r"""Times a training step of CycleGAN or CUT in PyTorch, for `side_by_side.py`.

  python benchmarks/side_by_side.py \
      --peer="python benchmarks/cyclegan_torch.py --method=cut" \
      -- --config=configs/cut.py:preview

On a GPU: --device=cuda, with --precision=float32, tf32 or bfloat16 (autocast).

The layers, losses and order of updates are those of the authors' code; the images are
random. CycleGAN's pool of earlier translations, which takes no time, is left out.
"""

import argparse
import json
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class Blur(nn.Module):
  """[1, 2, 1] both ways, stride 2."""

  def forward(self, x):
    line = torch.tensor([1.0, 2.0, 1.0])
    kernel = (line[:, None] * line / 16).expand(x.shape[1], 1, 3, 3)
    return F.conv2d(F.pad(x, (1,) * 4, "reflect"), kernel, stride=2, groups=x.shape[1])


class Block(nn.Module):
  """A residual block."""

  def __init__(self, c):
    super().__init__()
    conv = lambda: nn.Conv2d(c, c, 3, 1, 1, padding_mode="reflect")
    norm = lambda: nn.InstanceNorm2d(c)
    self.body = nn.Sequential(conv(), norm(), nn.ReLU(True), conv(), norm())

  def forward(self, x):
    return x + self.body(x)


def generator(w, blocks, blurs):
  """The layers in order, and the indices of those whose outputs CUT compares."""
  layers = [nn.Conv2d(3, w, 7, 1, 3, padding_mode="reflect")]
  layers += [nn.InstanceNorm2d(w), nn.ReLU(True)]
  taps = []
  for c in (w, 2 * w):
    taps.append(len(layers))
    layers += [nn.Conv2d(c, 2 * c, 3, 1 if blurs else 2, 1), nn.InstanceNorm2d(2 * c)]
    layers += [nn.ReLU(True)] + [Blur()] * blurs
  taps += [len(layers), len(layers) + 4]
  layers += [Block(4 * w) for _ in range(blocks)]
  for c in (4 * w, 2 * w):
    if blurs:
      layers.append(nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False))
      layers.append(nn.Conv2d(c, c // 2, 3, 1, 1))
    else:
      layers.append(nn.ConvTranspose2d(c, c // 2, 3, 2, 1, 1))
    layers += [nn.InstanceNorm2d(c // 2), nn.ReLU(True)]
  layers += [nn.Conv2d(w, 3, 7, 1, 3, padding_mode="reflect"), nn.Tanh()]
  return nn.Sequential(*layers), taps


def discriminator(w, blurs):
  """The 70x70 PatchGAN."""
  layers, before = [], 3
  for i in range(4):
    stride = 2 if i < 3 and not blurs else 1
    layers.append(nn.Conv2d(before, w * 2**i, 4, stride, 1))
    layers += [nn.InstanceNorm2d(w * 2**i)] * (i > 0) + [nn.LeakyReLU(0.2, True)]
    layers += [Blur()] * (blurs and i < 3)
    before = w * 2**i
  return nn.Sequential(*layers, nn.Conv2d(before, 1, 4, 1, 1))


def update(optimizer, loss):
  """One step of an optimizer."""
  optimizer.zero_grad()
  loss.backward()
  optimizer.step()


def adam(*nets):
  """The optimizer of some networks."""
  parameters = [p for net in nets for p in net.parameters()]
  return torch.optim.Adam(parameters, 2e-4, betas=(0.5, 0.999))


def learn(net, value):
  """Whether a network's gradients are computed."""
  for parameter in net.parameters():
    parameter.requires_grad_(value)


def judged(net, real, fake):
  """A discriminator's loss."""
  return ((net(real) - 1) ** 2).mean() / 2 + (net(fake.detach()) ** 2).mean() / 2


def cyclegan_step(options, a, b):
  """A function that takes a step of CycleGAN on the images [1, 3, size, size]."""
  (ab, _), (ba, _) = (generator(options.width, options.blocks, False) for _ in "ab")
  of_a, of_b = (discriminator(options.width, False) for _ in "ab")
  generators, discriminators = adam(ab, ba), adam(of_a, of_b)

  def step():
    for net in (of_a, of_b):
      learn(net, False)
    fake_b, fake_a = ab(a), ba(b)
    loss = 10 * (F.l1_loss(ba(fake_b), a) + F.l1_loss(ab(fake_a), b))
    loss = loss + 5 * (F.l1_loss(ab(b), b) + F.l1_loss(ba(a), a))
    loss = loss + ((of_b(fake_b) - 1) ** 2).mean() + ((of_a(fake_a) - 1) ** 2).mean()
    update(generators, loss)
    for net in (of_a, of_b):
      learn(net, True)
    update(discriminators, judged(of_b, b, fake_b) + judged(of_a, a, fake_a))

  return step


def cut_step(options, a, b):
  """The same of CUT."""
  net, taps = generator(options.width, options.blocks, True)
  judge, w = discriminator(options.width, True), options.width
  heads = nn.ModuleList(
    nn.Sequential(nn.Linear(c, 256), nn.ReLU(True), nn.Linear(256, 256))
    for c in (3, 2 * w, 4 * w, 4 * w, 4 * w)
  )
  generators, judges = adam(net, heads), adam(judge)

  def features(x, whole=False):
    found = [x]
    for i, layer in enumerate(net):
      x = layer(x)
      if i in taps:
        found.append(x)
      if i == taps[-1] and not whole:
        break
    return found, x

  def step():
    keys, made = features(torch.cat((a, b)), whole=True)
    learn(judge, True)
    update(judges, judged(judge, b, made[:1]))
    learn(judge, False)
    queries, _ = features(made)
    loss = ((judge(made[:1]) - 1) ** 2).mean()
    for i in (0, 1):
      for head, query, key in zip(heads, queries, keys, strict=True):
        places = torch.randperm(query[0, 0].numel())[:256]
        q, k = (head(x[i].flatten(1)[:, places].T) for x in (query, key.detach()))
        q, k = (x / (x.norm(dim=1, keepdim=True) + 1e-7) for x in (q, k.detach()))
        target = torch.arange(len(q))
        loss = loss + F.cross_entropy(q @ k.T / 0.07, target) / 10
    update(generators, loss)

  return step


def main() -> None:
  """Parses the command line and prints the JSON line."""
  parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawTextHelpFormatter
  )
  parser.add_argument("--method", default="cyclegan", choices=("cyclegan", "cut"))
  for name, default in (("width", 32), ("blocks", 6), ("size", 64), ("steps", 10)):
    parser.add_argument(f"--{name}", type=int, default=default)
  parser.add_argument("--threads", type=int, default=2)
  parser.add_argument("--device", default="cpu")
  precisions = ("float32", "tf32", "bfloat16")
  parser.add_argument("--precision", default="tf32", choices=precisions)
  options = parser.parse_args()
  torch.set_num_threads(options.threads)
  torch.set_default_device(options.device)
  torch.backends.cuda.matmul.allow_tf32 = options.precision == "tf32"
  torch.backends.cudnn.allow_tf32 = options.precision == "tf32"
  halved = options.precision == "bfloat16"
  a, b = torch.rand(2, 1, 3, options.size, options.size) * 2 - 1
  step = {"cyclegan": cyclegan_step, "cut": cut_step}[options.method](options, a, b)
  seconds = []
  for _ in range(2 + options.steps):
    start = time.perf_counter()
    with torch.autocast(options.device, torch.bfloat16, enabled=halved):
      step()
    if options.device != "cpu":
      torch.accelerator.synchronize()
    seconds.append(time.perf_counter() - start)
  median = statistics.median(seconds[2:])
  line = {"peer": options.method, "seconds_per_step": median}
  sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
  main()
