"""Networks that have learned nothing, to compare a map with (arXiv:1810.03292): a map that looks the same for them tells of the
picture alone, and of no model."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from dashboard.explain.image.subject import ImageSubject

Asked = Callable[[nn.Module, Tensor], object]
"""Asks a network about items x [n, ...]."""

_SETTLE = 16
"""Noisy copies of the picture that the norms of a random network are set by, so that its layers neither die nor explode."""


def unlearned(subject: ImageSubject, seed: int) -> ImageSubject:
    """The same picture and class before a network of random weights."""
    network = randomised(subject.network, subject.x, seed)
    with torch.inference_mode():
        scores = network(subject.x[None])[0].double().numpy()
    return replace(subject, model=replace(subject.model, network=network), scores=scores)


def _plainly(network: nn.Module, x: Tensor) -> object:
    return network(x.contiguous(memory_format=torch.channels_last))


def randomised(network: nn.Module, x: Tensor, seed: int, *, ask: Asked = _plainly) -> nn.Module:
    """A copy with every weight drawn anew (He normal), every bias zero, and norms set on noisy copies of x.

    Args:
        network: It is left as it is.
        x: One item, without a batch.
        seed: Of the weights.
        ask: How the network is asked, where it wants more than items.
    """
    made = copy.deepcopy(network).requires_grad_(False)
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in made.named_parameters():
        if parameter.ndim > 1:
            fan_in = parameter[0].numel()
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * math.sqrt(2 / fan_in))
        else:
            parameter.fill_(1.0 if name.endswith("weight") else 0.0)
    norms = [one for one in made.modules() if isinstance(one, nn.modules.batchnorm._BatchNorm)]
    if norms:
        _settle(made, norms, x, generator, ask)
    return made.eval()


def _settle(
    network: nn.Module,
    norms: list[nn.modules.batchnorm._BatchNorm],
    x: Tensor,
    generator: torch.Generator,
    ask: Asked,
) -> None:
    network.eval()
    for norm in norms:
        norm.momentum = 1.0
        norm.train()
    noise = torch.randn((_SETTLE, *x.shape), generator=generator)
    with torch.no_grad():
        ask(network, x + 0.3 * noise)


def exchanged(model: Any, network: nn.Module) -> Any:
    """A `lightning_modules.base.Method` that asks this network in place of its own; the one given is left as it is."""
    made = parted(model)
    made.network, made.average = network, None
    return made


def parted(module: Any) -> Any:
    """A shallow copy of a module whose parts can be exchanged without touching the original's."""
    made = copy.copy(module)
    made._modules = dict(module._modules)
    return made
