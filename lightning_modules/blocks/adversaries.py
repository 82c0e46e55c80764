"""Generators and critics: convolutional ones for images (DCGAN, arXiv:1511.06434), perceptrons for points in the plane.

DCGAN's guidelines: strided convolutions instead of pooling, batch normalisation, ReLU and a tanh at the end in the
generator, LeakyReLU(0.2) in the critic. Sizes that are no power of two: the generator doubles and crops the last row
and column where the target is odd, so 28 is reached by 4, 7, 14, 28. An image's class is told by
conditional normalisation (arXiv:1707.00683), a point's by an embedding beside the noise, and to the critics by
projection (arXiv:1802.05637). Shapes: z [batch, latent], y [batch] or None, x [batch, *shape].
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lightning_modules.blocks.mlp import LEAK, perceptron
from lightning_modules.blocks.residual import zeroed

SMALLEST = 4
"""Side of the map the generator begins with, where the image is larger."""
_START_STD = 0.02
"""Standard deviation of the first weights (arXiv:1511.06434, section 4)."""
_CLASS_STD = 0.5
"""Of the shifts by which classes differ at first."""


def sizes(side: int) -> list[int]:
    """The sides from the smallest map to the image: 28 -> [4, 7, 14, 28]."""
    found = [side]
    while found[0] > SMALLEST:
        found.insert(0, (found[0] + 1) // 2)
    return found


def _steps(height: int, width: int) -> list[tuple[int, int]]:
    """Heights and widths from the smallest map to the image; the shorter side waits at its smallest."""
    tall, wide = sizes(height), sizes(width)
    count = max(len(tall), len(wide))
    tall, wide = [tall[0]] * (count - len(tall)) + tall, [wide[0]] * (count - len(wide)) + wide
    return list(zip(tall, wide, strict=True))


def dcgan_start(module: nn.Module) -> None:
    """Weights from N(0, 0.02²); normalisation from N(1, 0.02²)."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        nn.init.normal_(module.weight, 0.0, _START_STD)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, _START_STD)


class Named(nn.Module):
    """z with the class beside it: [batch, latent] -> [batch, latent + embedded]."""

    def __init__(self, latent: int, classes: int, embedded: int = 16) -> None:
        super().__init__()
        self.label = nn.Embedding(classes, embedded) if classes else None
        self.width = latent + (embedded if classes else 0)

    def forward(self, z: Tensor, y: Tensor | None) -> Tensor:
        return z if self.label is None else torch.cat([z, self.label(y)], dim=1)


class Up(nn.Module):
    """Strided transposed convolution to twice the size along the sides that grow, cropped to `size`."""

    def __init__(self, inputs: int, outputs: int, before: tuple[int, int], size: tuple[int, int]) -> None:
        super().__init__()
        self.size = size
        stride = (2 if size[0] > before[0] else 1, 2 if size[1] > before[1] else 1)
        kernel = (2 + stride[0], 2 + stride[1])  # 4 where it doubles, 3 where it stays
        self.convolution = nn.ConvTranspose2d(inputs, outputs, kernel, stride, padding=1)

    def forward(self, h: Tensor) -> Tensor:
        larger: Tensor = self.convolution(h)
        return larger[:, :, : self.size[0], : self.size[1]]


class ClassNorm(nn.Module):
    """Batch normalisation, then each channel scaled and shifted as the class says (arXiv:1707.00683; arXiv:1802.05637, section 5)."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=not classes)
        self.gain = nn.Embedding(classes, channels) if classes else None
        self.shift = nn.Embedding(classes, channels) if classes else None
        if self.gain is not None and self.shift is not None:
            nn.init.normal_(self.gain.weight, 1.0, _START_STD)
            nn.init.normal_(self.shift.weight, 0.0, _CLASS_STD)
        else:
            nn.init.normal_(self.norm.weight, 1.0, _START_STD)

    def forward(self, h: Tensor, y: Tensor | None) -> Tensor:
        out: Tensor = self.norm(h)
        if self.gain is None or self.shift is None:
            return out
        told: Tensor = out * self.gain(y)[:, :, None, None] + self.shift(y)[:, :, None, None]
        return told


class ImageGenerator(nn.Module):
    """z, y -> images in [-1, 1]. `channels` at the last but one layer, twice as many at each smaller map.

    The first layer sees z alone and has no bias, so that after its normalisation all of the variance is z's. With the class beside z,
    and a bias for each place, those two grew until nothing of z was left (decision 0065).
    """

    def __init__(self, shape: tuple[int, ...], *, latent: int, channels: int, classes: int = 0) -> None:
        super().__init__()
        colours, height, width = shape
        maps = _steps(height, width)
        widths = [channels * 2**k for k in reversed(range(len(maps)))]
        self.first = (widths[0], *maps[0])
        self.enter = nn.Linear(latent, widths[0] * maps[0][0] * maps[0][1], bias=False)
        self.ups = nn.ModuleList(Up(widths[k - 1], widths[k], maps[k - 1], maps[k]) for k in range(1, len(maps)))
        self.leave = nn.Conv2d(channels, colours, 3, padding=1)
        self.apply(dcgan_start)
        self.norms = nn.ModuleList(ClassNorm(wide, classes) for wide in widths)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        h = self.enter(z).view(-1, *self.first)
        h = F.relu(self.norms[0](h, y))
        for up, norm in zip(self.ups, self.norms[1:], strict=True):
            h = F.relu(norm(up(h), y))
        images: Tensor = torch.tanh(self.leave(h))
        return images


class ImageCritic(nn.Module):
    """x, y -> logits [batch]. Without `normalised` its answer about one image does not depend on the others of the batch,
    which a gradient penalty needs.
    """

    def __init__(self, shape: tuple[int, ...], *, channels: int, classes: int = 0, normalised: bool) -> None:
        super().__init__()
        colours, height, width = shape
        maps = _steps(height, width)[::-1]
        layers: list[nn.Module] = [nn.Conv2d(colours, channels, 3, padding=1), nn.LeakyReLU(LEAK)]
        for k in range(1, len(maps)):
            (tall, wide), (lower, narrower) = maps[k - 1], maps[k]
            stride = (2 if lower < tall else 1, 2 if narrower < wide else 1)
            inputs, outputs = channels * 2 ** (k - 1), channels * 2**k
            layers.append(nn.Conv2d(inputs, outputs, 3, stride, padding=1))
            layers += [nn.BatchNorm2d(outputs)] if normalised else []
            layers.append(nn.LeakyReLU(LEAK))
        self.layers = nn.Sequential(*layers, nn.Flatten())
        features = channels * 2 ** (len(maps) - 1) * maps[-1][0] * maps[-1][1]
        self.leave = nn.Linear(features, 1)
        self.label = _projection(classes, features)
        if normalised:
            self.apply(dcgan_start)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        h = self.layers(x)
        return _said(self.leave, self.label, h, y)


class PointGenerator(nn.Module):
    """z, y -> points [batch, features]; `layers` hidden layers of `width`."""

    def __init__(self, features: int, *, latent: int, width: int, layers: int, classes: int = 0) -> None:
        super().__init__()
        self.named = Named(latent, classes)
        self.layers = perceptron([self.named.width, *[width] * layers, features])

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        points: Tensor = self.layers(self.named(z, y))
        return points


class PointCritic(nn.Module):
    """x, y -> logits [batch]; `layers` hidden layers of `width`."""

    def __init__(self, features: int, *, width: int, layers: int, classes: int = 0) -> None:
        super().__init__()
        self.layers = nn.Sequential(perceptron([features, *[width] * layers]), nn.LeakyReLU(LEAK))
        self.leave = nn.Linear(width, 1)
        self.label = _projection(classes, width)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return _said(self.leave, self.label, self.layers(x), y)


def _projection(classes: int, features: int) -> nn.Embedding | None:
    """Class vectors, zero at first: drawn at random, their products with many features would drown what is seen."""
    return zeroed(nn.Embedding(classes, features)) if classes else None


def _said(leave: nn.Linear, label: nn.Embedding | None, h: Tensor, y: Tensor | None) -> Tensor:
    """psi(h) + <class vector, h> (arXiv:1802.05637, equation 3): [batch, features] -> [batch]."""
    said: Tensor = leave(h).squeeze(1)
    return said if label is None or y is None else said + (label(y) * h).sum(dim=1)
