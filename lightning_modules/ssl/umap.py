"""UMAP (arXiv:1802.03426): a map of the plane that keeps who is near whom.

Each item i has k neighbours at distances d_ij. With ρ_i the nearest and σ_i such that Σ_j exp(-(d_ij - ρ_i)/σ_i) = log2 k (section 3.1), an item is
tied to a neighbour by v_ij = exp(-max(0, d_ij - ρ_i)/σ_i), and both ways by p = v + vᵀ - v vᵀ. In the plane q(d) = 1/(1 + a d^2b).
The usual program pulls along each tie and pushes m random items away for each pull; what that minimises on average is (arXiv:2103.14608,
section 5)
  Σ_ij -p_ij ln q_ij + m/n Σ_i p_i Σ_j -ln(1 - q_ij),  p_i = Σ_j p_ij,
and this is minimised here as it stands, by Adam from the principal components. So the map is the same for the same items, without any chance.

It is our own since importing umap-learn takes 20 processor seconds and 230 MiB the first time, in the one worker that all pages share (decision 0047).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from data.catalog import FloatArray

NEIGHBOURS = 15
_A, _B = 1.577, 0.895
"""The curve for a least distance of 0.1 and a spread of 1, as fitted by umap-learn (find_ab_params)."""
_PUSHES = 5
_STEPS, _RATE = 250, 0.4
_FIRST_SPREAD = 3.0
_HALVINGS = 50
_LEAST = 1e-3
_MOST_PUSHED = 500
"""Items that push each item, at most; of more, an even part, counted for all."""


def umap(directions: FloatArray, start: FloatArray, neighbours: int = NEIGHBOURS) -> FloatArray:
    """A place for each item [items, 2].

    Args:
        directions: Vectors of length 1 [items, features]; the distance of two is 1 - cosine.
        start: Where they begin [items, 2], such as their principal components.
        neighbours: k; at most the number of other items.
    """
    pairs, weight = ties(torch.from_numpy(directions), min(neighbours, len(directions) - 1))
    place = torch.from_numpy(start / max(float(start.std()), 1e-12) * _FIRST_SPREAD).float().requires_grad_()
    strength = torch.zeros(len(place)).index_add_(0, pairs[0], weight)
    stride = math.ceil(len(place) / _MOST_PUSHED)
    optimizer = torch.optim.Adam([place], lr=_RATE)
    with torch.enable_grad():
        for step in range(_STEPS):
            pushing = torch.arange(step % stride, len(place), stride)
            loss = _pull(place, pairs, weight) + _push(place, pushing, strength)
            optimizer.param_groups[0]["lr"] = _RATE * (1 - step / _STEPS)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    found: FloatArray = place.detach().numpy()
    return found


def ties(directions: Tensor, neighbours: int) -> tuple[Tensor, Tensor]:
    """Who is tied to whom [2, ties], each tie both ways, and how strongly, p [ties] in (0, 1]."""
    apart = (1 - directions @ directions.T).clamp(min=0).fill_diagonal_(torch.inf)
    near, which = apart.topk(neighbours, dim=1, largest=False)
    v = torch.zeros(len(directions), len(directions)).scatter_(1, which, tied(near))
    p = v + v.T - v * v.T
    pairs = p.nonzero().T
    return pairs, p[pairs[0], pairs[1]]


def tied(near: Tensor) -> Tensor:
    """v of distances to neighbours in ascending order [items, k]: 1 for the nearest, and together log2 k."""
    beyond = (near - near[:, :1]).clamp(min=0)
    wanted = math.log2(near.shape[1])
    low, high = torch.full((len(near), 1), 1e-8), torch.full((len(near), 1), 1e4)
    for _ in range(_HALVINGS):
        middle = (low * high).sqrt()
        more = (-beyond / middle).exp().sum(dim=1, keepdim=True) < wanted
        low, high = torch.where(more, middle, low), torch.where(more, high, middle)
    return (-beyond / high).exp()


def _squared(first: Tensor, second: Tensor) -> Tensor:
    return (first - second).square().sum(dim=-1)


def _pull(place: Tensor, pairs: Tensor, weight: Tensor) -> Tensor:
    """Σ -p ln q over the ties."""
    squared = _squared(place[pairs[0]], place[pairs[1]]).clamp(min=_LEAST**2)
    return (weight * torch.log1p(_A * squared.pow(_B))).sum()


def _push(place: Tensor, pushing: Tensor, strength: Tensor) -> Tensor:
    """m/n Σ_i p_i Σ_j -ln(1 - q_ij), the inner sum estimated by the items that push; an item does not push itself."""
    squared = _squared(place[:, None], place[None, pushing]) + _LEAST
    raised = _A * squared.pow(_B)
    each = torch.log1p(raised) - raised.log()
    itself = F.one_hot(pushing, len(place)).T.bool()
    return _PUSHES / len(pushing) * (strength[:, None] * each.masked_fill(itself, 0.0)).sum()
