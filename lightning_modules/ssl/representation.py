"""What a representation is worth, in numbers: how well labels can be read off it, and whether it has collapsed.

* Weighted k-NN accuracy (arXiv:1805.01978, section 3.4): each of the k = 20 nearest training items by cosine votes with
  exp(cosine / 0.07).
* Linear probe: multinomial logistic regression on the features of all training items, centred and brought to mean square 1; and
  of ten items a class (mean over draws of these), where representations differ most.
* Alignment and uniformity (arXiv:2005.10242, section 4): mean squared distance of two views, and
  ln mean exp(-2 |u - v|²) over pairs of different items, of features of length 1. A collapsed representation has 0 and 0.
* RankMe (arXiv:2210.02885, equation 2): exp of the entropy of the singular values, σ / Σσ: the number of dimensions in use.
* Spread: standard deviation of each dimension of features of length 1, times √d: 1 when they lie evenly about 0, 0 when they are all
  the same (arXiv:2011.10566, section 4.1).

Features are [items, dimensions].
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

NEIGHBOURS = 20
TEMPERATURE = 0.07
FEW = 10
"""Labels a class in the probe with few labels."""
_DRAWS = 5
_RANK_EPSILON = 1e-7
_FIT_STEPS = 60


@dataclass(frozen=True)
class Labelled:
    """Features of training and held-out items with their classes [items]."""

    train: Tensor
    train_y: Tensor
    test: Tensor
    test_y: Tensor
    classes: int


def knn_accuracy(items: Labelled, neighbours: int = NEIGHBOURS) -> float:
    """Share of held-out items that their nearest training items name rightly."""
    near, which = similarity(items.test, items.train).topk(min(neighbours, len(items.train)), dim=1)
    votes = torch.zeros(len(items.test), items.classes, dtype=near.dtype)
    votes.scatter_add_(1, items.train_y[which], (near / TEMPERATURE).exp())
    return _share(votes.argmax(dim=1) == items.test_y)


def similarity(items: Tensor, known: Tensor) -> Tensor:
    """Cosines [items, known]."""
    return F.normalize(items, dim=1) @ F.normalize(known, dim=1).T


def linear_accuracy(items: Labelled) -> float:
    """Share of held-out items that a linear classifier of the features names rightly."""
    train, test = _standardised(items.train, items.test)
    weights = logistic_regression(train, items.train_y, items.classes)
    return _share(_scores(test, weights).argmax(dim=1) == items.test_y)


def few_label_accuracy(items: Labelled, each: int = FEW, draws: int = _DRAWS) -> float:
    """The same with `each` labelled items a class, averaged over draws that are the same for every method."""
    shares = []
    for draw in range(draws):
        chosen = few_of_each(items.train_y.numpy(), each, draw)
        some = Labelled(items.train[chosen], items.train_y[chosen], items.test, items.test_y, items.classes)
        shares.append(linear_accuracy(some))
    return float(np.mean(shares))


def few_of_each(labels: np.ndarray, each: int, draw: int) -> Tensor:
    """Indices of `each` items of every class; all of a class that has fewer."""
    generator = np.random.default_rng(draw)
    chosen = [generator.permutation(np.flatnonzero(labels == label))[:each] for label in np.unique(labels)]
    return torch.from_numpy(np.concatenate(chosen))


def logistic_regression(x: Tensor, y: Tensor, classes: int, ridge: float = 1.0) -> Tensor:
    """Weights [dimensions + 1, classes], the last row the bias: the minimum of Σ cross entropy + ridge/2 |weights without bias|²."""
    weights = torch.zeros(x.shape[1] + 1, classes, dtype=x.dtype)
    optimizer = torch.optim.LBFGS([weights], max_iter=_FIT_STEPS, line_search_fn="strong_wolfe")
    right = F.one_hot(y, classes).to(x.dtype)

    def closure() -> float:
        scores = _scores(x, weights)
        error = (scores.softmax(dim=1) - right) / len(x)
        shrunk = ridge / len(x) * weights[:-1]
        weights.grad = torch.cat([x.T @ error + shrunk, error.sum(dim=0, keepdim=True)])
        return float(F.cross_entropy(scores, y) + 0.5 * (shrunk * weights[:-1]).sum())

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return weights


def alignment(first: Tensor, second: Tensor) -> float:
    """Mean |u - v|² of two views of each item; 0 when they are told apart by nothing, 2 when by chance."""
    return float((F.normalize(first, dim=1) - F.normalize(second, dim=1)).square().sum(dim=1).mean())


def uniformity(features: Tensor) -> float:
    """ln mean exp(-2 |u - v|²) over pairs of different items: 0 when all are one, about -4 when they are spread evenly."""
    directions = F.normalize(features, dim=1)
    squared = torch.pdist(directions).square()
    return float((torch.logsumexp(-2 * squared, dim=0) - math.log(len(squared))) if len(squared) else 0.0)


def rank_me(features: Tensor) -> float:
    """Dimensions in use, from 1 to the smaller of items and dimensions."""
    values = torch.linalg.svdvals(features.double())
    shares = values / values.sum().clamp(min=1e-300) + _RANK_EPSILON
    return float((-(shares * shares.log()).sum()).exp())


def spread(features: Tensor) -> Tensor:
    """√d times the standard deviation of each dimension of features of length 1, averaged: a scalar, 0 when all items are one."""
    return F.normalize(features, dim=1).std(dim=0, correction=0).mean() * math.sqrt(features.shape[1])


def centre_and_scale(features: Tensor) -> tuple[Tensor, Tensor]:
    """What the probes take off features [items, features] and divide them by: the mean, and one number for all dimensions."""
    mean = features.mean(dim=0)
    scale = (features - mean).square().mean().sqrt().clamp(min=1e-12)  # a dimension all but constant stays small
    return mean, scale


def _standardised(train: Tensor, test: Tensor) -> tuple[Tensor, Tensor]:
    mean, scale = centre_and_scale(train)
    return (train - mean) / scale, (test - mean) / scale


def _scores(x: Tensor, weights: Tensor) -> Tensor:
    return x @ weights[:-1] + weights[-1]


def _share(right: Tensor) -> float:
    return float(right.double().mean())
