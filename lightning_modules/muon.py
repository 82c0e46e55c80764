"""Muon for the matrices inside a network, AdamW for all other parameters, as one optimiser with one learning rate.

K. Jordan and others, "Muon: an optimizer for hidden layers", 2024: the momentum of a matrix is replaced by the nearest matrix with
orthonormal rows or columns, found by a Newton-Schulz iteration; the weights of a convolution [outputs, inputs, height, width] count as
a matrix [outputs, all the rest]. Scaled by 0.2 √max(rows, columns) its numbers have the size of
an AdamW step (arXiv:2502.16982, equation 4), so both kinds of parameters share learning rate and weight decay. In float32: on a
processor, bfloat16 products are slow. Matrices of one shape are brought into order together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Protocol, Self, runtime_checkable

import torch
from torch import Tensor, nn

MOMENTUM = 0.95
WEIGHT_DECAY = 0.1
"""Of matrices; the others are not decayed."""
BETAS = (0.9, 0.95)
_EPS = 1e-8
_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
_ITERATIONS = 5


@runtime_checkable
class Layered(Protocol):
    """A network that tells which of its weights work on features as matrices."""

    def inner_matrices(self) -> list[nn.Parameter]:
        """Those weights, in a fixed order."""
        ...


def matrices_within(*parts: nn.Module) -> list[nn.Parameter]:
    """The weights of the linear layers and convolutions inside; not those by which a condition enters, which are called "modulate"."""
    named = [pair for part in parts for pair in part.named_modules()]
    inside = [one for name, one in named if isinstance(one, nn.Linear | nn.Conv2d) and not name.endswith("modulate")]
    return [weight for one in inside if isinstance(weight := one.weight, nn.Parameter)]


class Muon(torch.optim.Optimizer):
    """Two groups, `matrices` by Muon and `others` by AdamW without decay.

    Args:
        matrices: Parameters [rows, columns] or [rows, ...].
        others: All other parameters: embeddings, the last layer, gains.
        lr: Learning rate of both.
    """

    def __init__(self, matrices: Iterable[nn.Parameter], others: Iterable[nn.Parameter], lr: float) -> None:
        groups: list[dict[str, Any]] = [
            {"params": list(matrices), "muon": True},
            {"params": list(others), "muon": False},
        ]
        super().__init__(groups, {"lr": lr})

    @classmethod
    def of(cls, parameters: Iterable[nn.Parameter], matrices: Iterable[nn.Parameter], lr: float) -> Self:
        """For these parameters, of which `matrices` are moved by Muon."""
        inside = list(matrices)
        known = {id(one) for one in inside}
        return cls(inside, [one for one in parameters if id(one) not in known], lr)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One step; a closure computes the gradients first."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            trained = [one for one in group["params"] if one.grad is not None]
            (self._muon if group["muon"] else self._adam)(trained, group["lr"])
        return loss

    def _muon(self, matrices: list[nn.Parameter], lr: float) -> None:
        by_shape: dict[torch.Size, list[nn.Parameter]] = defaultdict(list)
        for one in matrices:
            by_shape[one.flatten(1).shape].append(one)
        for (rows, columns), alike in by_shape.items():
            ahead = []
            for one in alike:
                gradient, momentum = _gradient(one), self._held(one, "momentum")
                momentum.lerp_(gradient, 1 - MOMENTUM)
                ahead.append(torch.lerp(gradient, momentum, MOMENTUM).flatten(1))  # Nesterov
            for one, change in zip(alike, orthogonal(torch.stack(ahead)), strict=True):
                one.mul_(1 - lr * WEIGHT_DECAY)
                one.add_(change.view(one.shape), alpha=-lr * 0.2 * max(rows, columns) ** 0.5)

    def _adam(self, others: list[nn.Parameter], lr: float) -> None:
        for one in others:
            gradient, mean, square = _gradient(one), self._held(one, "mean"), self._held(one, "square")
            count = self.state[one]["count"] = self.state[one].get("count", 0) + 1
            mean.lerp_(gradient, 1 - BETAS[0])
            square.mul_(BETAS[1]).addcmul_(gradient, gradient, value=1 - BETAS[1])
            height = (square / (1 - BETAS[1] ** count)).sqrt_().add_(_EPS)
            one.addcdiv_(mean, height, value=-lr / (1 - BETAS[0] ** count))

    def _held(self, parameter: nn.Parameter, name: str) -> Tensor:
        state = self.state[parameter]
        if name not in state:
            state[name] = torch.zeros_like(parameter)
        found: Tensor = state[name]
        return found


def _gradient(parameter: nn.Parameter) -> Tensor:
    assert parameter.grad is not None
    return parameter.grad


def orthogonal(g: Tensor) -> Tensor:
    """Matrices g [batch, rows, columns] with their singular values brought near 1 (to between about 0.7 and 1.2)."""
    a, b, c = _COEFFICIENTS
    tall = g.shape[1] > g.shape[2]
    x: Tensor = g.transpose(1, 2) if tall else g
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(_ITERATIONS):
        square = x @ x.transpose(1, 2)
        x = a * x + (b * square + c * square @ square) @ x
    return x.transpose(1, 2) if tall else x
