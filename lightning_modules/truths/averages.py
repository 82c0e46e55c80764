"""The moving average of the weights, against its closed form."""

from __future__ import annotations

import math

import torch
from torch import nn

from lightning_modules.averages import Paired, averaged_copy, decay_at
from lightning_modules.truths.truth import Found, Subject

_averages = Subject("averages")


def _left(steps: int, decay: float, *, from_step: int = 0) -> float:
    """The share of the first weights that is left when the network stands at 0 and its average began at 1."""
    network = nn.Linear(1, 1, bias=False)
    average = averaged_copy(network)
    nn.init.zeros_(network.weight)
    (left,) = average.parameters()
    nn.init.ones_(left)
    pair = Paired.of(average, network)
    for step in range(from_step, from_step + steps):
        pair.update(decay_at(step, decay))
    return float(left)


@_averages.says("decay", "After its warm-up 693 steps of decay 0.999 leave half of the first weights.",
                "वार्म-अप के बाद 0.999 के डिके से 693 स्टेप में शुरुआती वेट का आधा बचता है।", "d^N, half-life ln ½ / ln d")  # fmt: skip
def _decay() -> Found:
    return Found(_left(693, 0.999, from_step=100_000), 0.5, 1e-3)


@_averages.says("warm_up", "The warm-up leaves Π min(d, (1+n)/(10+n)): after 50 steps 8.0·10⁻¹¹ of the random start.",
                "वार्म-अप Π min(d, (1+n)/(10+n)) छोड़ता है: 50 स्टेप बाद रैंडम शुरुआत का 8.0·10⁻¹¹।")  # fmt: skip
def _warm_up() -> Found:
    # the product of (1+n)/(10+n) for n < 50 is 50! 9! / 59!
    return Found(_left(50, 0.9999), math.exp(math.lgamma(51) + math.lgamma(10) - math.lgamma(60)), 1e-13)


@_averages.says("constant", "The average of weights that stand still is those weights.", "ठहरे हुए वेट का औसत वही वेट हैं।")
def _constant() -> Found:
    network = nn.Linear(3, 2)
    average = averaged_copy(network)
    pair = Paired.of(average, network)
    for step in range(200):
        pair.update(decay_at(step, 0.99))
    return Found(float((next(average.parameters()) - network.weight).abs().max()), 0, 1e-6)


@_averages.says(
    "buffers",
    "What is counted and not learned is copied, not averaged.",
    "जो गिना जाता है, सीखा नहीं, वह कॉपी होता है, औसत नहीं।",
)
def _buffers() -> Found:
    network = nn.BatchNorm1d(2)
    average = averaged_copy(network)
    torch.nn.init.constant_(network.running_mean, 3.0)  # type: ignore[arg-type]
    Paired.of(average, network).update(0.9)
    return Found(float(dict(average.named_buffers())["running_mean"][0]), 3, 0)


TRUTHS = tuple(_averages.truths)
