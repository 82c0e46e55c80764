"""The best bag of words in closed form, as the start of the text encoder's training.

Without its layers the network gives a text the mean of its tokens' vectors. The token vectors X [vocabulary, out] that come
nearest to the targets T [texts, out] solve the ridge regression (AᵀWA + λI) X = AᵀW(T - b), where A [texts, vocabulary] holds
each token's share of a text, W the weights of the texts and b their mean target (Hoerl and Kennard 1970). The network has
room for a rank of `width`: X is cut by its singular values (Eckart and Young 1936) into embedding times projection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor


@dataclass(frozen=True)
class LinearStart:
    """Token numbers to vectors: `embedding` [vocabulary, width] @ `weight`.T [width, out] + `bias` [out]."""

    embedding: Tensor
    weight: Tensor
    bias: Tensor


def linear_start(
    rows: Sequence[Sequence[int]], targets: Tensor, weights: Tensor, *, vocabulary: int, width: int, ridge: float
) -> LinearStart:
    """The solution for texts given as token numbers, their `targets` [texts, out] and `weights` [texts]."""
    bias = (weights[:, None] * targets).sum(0) / weights.sum()
    lengths = np.array([len(row) for row in rows])
    token = np.concatenate([np.asarray(row) for row in rows])
    root = weights.sqrt().numpy()
    shares = np.repeat((root / lengths).astype(np.float32), lengths)
    design = csr_array((shares, token, np.concatenate([[0], lengths.cumsum()])), shape=(len(rows), vocabulary))  # √W A
    gram = torch.from_numpy((design.T @ design).toarray())
    gram.diagonal().add_(ridge)
    moments = torch.from_numpy(design.T @ (root[:, None] * (targets - bias).numpy()))
    solved = torch.cholesky_solve(moments, torch.linalg.cholesky(gram))  # [vocabulary, out]
    u, s, v = torch.linalg.svd(solved, full_matrices=False)
    embedding = u[:, :width] * s[:width]
    scale = embedding.square().mean().sqrt()  # an embedding of height 1: a step of Adam then moves all of it alike
    return LinearStart(embedding / scale, v[:width].T * scale, bias)
