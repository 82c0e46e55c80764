"""Guided backpropagation (arXiv:1412.6806, section 3.4): the gradient, with every negative signal dropped at every ReLU on the way back.

Kept to show a map that looks sharp and tells of the picture more than of the model: it hardly changes when the weights are random
(arXiv:1810.03292). Its evidence says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

from dashboard.explain.contract import Explanation
from dashboard.explain.image.answering import answering, target_name
from dashboard.explain.image.config import ImageConfig
from dashboard.explain.image.subject import ImageSubject
from data.catalog import ExplainerCard
from data.text import Text

_BENDS = {torch.relu, F.relu, F.relu6, F.hardtanh, Tensor.relu}


class GuidedBackpropConfig(ImageConfig):
    """Nothing of its own to choose."""


class Guided(TorchFunctionMode):
    """Within the block, ReLU and ReLU6 let only positive signals back, whichever way a network calls them; nothing stays behind."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        if func in _BENDS and isinstance(out, Tensor) and out.requires_grad:
            out.register_hook(F.relu)  # type: ignore[no-untyped-call]  # missing in torch's stubs
        return out


def guided_backprop(subject: ImageSubject, config: GuidedBackpropConfig) -> Iterator[Explanation]:
    """One pass forward and back."""
    with Guided():
        value, slope = subject.gradient(subject.x[None])
    yield Explanation(slope[0].abs().amax(dim=0).double().numpy(), float(value[0]), target_name(subject))


EXPLAINER = ExplainerCard(
    name="guided_backprop",
    title=Text(en="Guided backpropagation", hi="गाइडेड बैकप्रोपेगेशन"),
    summary=Text(en="A sharp map that tells of the picture more than of the model; here to see how evidence finds that out.",
                 hi="साफ़ दिखने वाला मैप जो मॉडल से ज़्यादा तस्वीर की बात करता है; यह देखने के लिए कि सबूत इसे कैसे पकड़ते हैं।"),
    source="J. Springenberg and others: Striving for Simplicity, 2014, arXiv:1412.6806; J. Adebayo and others, arXiv:1810.03292",
    kind="image",
    config=GuidedBackpropConfig,
    explain=answering(guided_backprop),
)  # fmt: skip
