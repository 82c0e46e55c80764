"""Reaching into a network: which layers have maps, and what one of them says and how the score changes with it.

Hooks live inside these functions and are gone when they return; no weight gets a gradient.
"""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from data.text import Problem, Text

AUTOMATIC = ""
_DEPTH = 2
"""Layers nested more deeply are parts of parts; a person chooses among the outer ones."""


@contextlib.contextmanager
def listening(module: nn.Module, heard: Callable[[Tensor], Tensor | None]) -> Iterator[None]:
    """Meanwhile hand each output of a module to `heard`; what that returns goes on in its place."""

    def hook(_: nn.Module, __: tuple[object, ...], output: object) -> Tensor | None:
        return heard(output) if isinstance(output, Tensor) else None

    handle = module.register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def map_layers(network: nn.Module, x: Tensor) -> list[str]:
    """Names of the layers whose output is a map of more than one place, in the order they finish; x [colours, height, width].

    Of layers with one and the same output, the outermost stands for all. A network is asked once and its layers are remembered.
    """
    known = _layers.setdefault(network, {})
    if tuple(x.shape) not in known:
        known[tuple(x.shape)] = _looked_up(network, x)
    return known[tuple(x.shape)]


_layers: weakref.WeakKeyDictionary[nn.Module, dict[tuple[int, ...], list[str]]] = weakref.WeakKeyDictionary()


def _looked_up(network: nn.Module, x: Tensor) -> list[str]:
    finished: dict[tuple[int, int], str] = {}
    with contextlib.ExitStack() as stack:
        kept: list[Tensor] = []  # so that no address is given out twice

        def note(name: str) -> Callable[[Tensor], None]:
            def heard(output: Tensor) -> None:
                if output.ndim == 4 and output.shape[2] * output.shape[3] > 1:
                    kept.append(output)
                    key = (output.data_ptr(), output.shape[1])
                    finished.pop(key, None)
                    finished[key] = name

            return heard

        for name, module in network.named_modules():
            if name and name.count(".") < _DEPTH:
                stack.enter_context(listening(module, note(name)))
        with torch.inference_mode():
            network(x[None])
    return list(finished.values())


def chosen_layer(network: nn.Module, x: Tensor, wanted: str) -> str:
    """The wanted layer, or with `AUTOMATIC` the last that has a map.

    Raises:
        Problem: There is none, or none of that name.
    """
    known = map_layers(network, x)
    if not known:
        raise Problem(
            Text(en="This model has no layer with a map of the picture; choose another method.",
                 hi="इस मॉडल की किसी परत में तस्वीर का मैप नहीं है; दूसरा तरीका चुनें।"),
            code="no_map_layer", field="layer",
        )  # fmt: skip
    if wanted == AUTOMATIC:
        return known[-1]
    if wanted not in known:
        raise Problem(
            Text(en=f"The model has no layer “{wanted}” with a map; it has: {', '.join(known)}.",
                 hi=f"मॉडल में मैप वाली “{wanted}” नाम की परत नहीं है; ये हैं: {', '.join(known)}।"),
            code="unknown_layer", field="layer",
        )  # fmt: skip
    return wanted


def response(network: nn.Module, x: Tensor, target: int, layer: str) -> tuple[Tensor, Tensor, float]:
    """What a layer says of x, dF_target / d of it (both [channels, height, width]), and F_target.

    The graph begins at the layer: what comes before costs a plain forward pass.
    """
    seen: list[Tensor] = []

    def begin(output: Tensor) -> Tensor:
        seen.append(output.detach().requires_grad_())
        return seen[-1] * 1.0  # a later layer may change its input in place

    with torch.enable_grad(), listening(network.get_submodule(layer), begin):
        score = network(x[None].detach())[0, target]
        (slope,) = torch.autograd.grad(score, seen[-1])
    return seen[-1].detach()[0], slope[0], float(score.detach())
