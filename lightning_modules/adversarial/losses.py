"""Losses of a generator G and its critic D, on logits. Notation: real = D(x), fake = D(G(z)), both [batch].

* Non-saturating (arXiv:1406.2661, section 3): D minimises -log s(real) - log(1 - s(fake)), G minimises -log s(fake), with
  s the sigmoid.
* Relativistic pairing (arXiv:1807.00734; arXiv:2501.05441, equation 2): D minimises -log s(real - fake), G minimises
  -log s(fake - real). A generator cannot leave a part of the data alone without paying for it there.
* Zero-centred gradient penalties (arXiv:1801.04406, equation 9): R1 = E|grad D(x)|^2 on real items, R2 on generated ones.
  With both, the relativistic game converges locally (arXiv:2501.05441, theorem 3.2); without, GANs may circle for ever.

-log s(t) is written softplus(-t), which is exact for logits of any size.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

Loss = Literal["non_saturating", "relativistic"]


def critic_loss(loss: Loss, real: Tensor, fake: Tensor) -> Tensor:
    """What the critic minimises."""
    if loss == "relativistic":
        return F.softplus(fake - real).mean()
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def generator_loss(loss: Loss, real: Tensor, fake: Tensor) -> Tensor:
    """What the generator minimises; `real` matters to the relativistic loss only."""
    return F.softplus(real - fake if loss == "relativistic" else -fake).mean()


def gradient_penalty(said: Tensor, items: Tensor) -> Tensor:
    """E|grad D|^2 at `items` [batch, ...], which `said` [batch] was worked out from; can be differentiated again."""
    (gradient,) = torch.autograd.grad(said.sum(), items, create_graph=True)
    return gradient.flatten(1).square().sum(dim=1).mean()
