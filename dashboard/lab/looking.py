"""What attention weights say: rollout through the layers, a head in a few figures, all heads as one picture.

Weights are [layers, heads, tokens, tokens]: row i says how token i shares out its attention; each row sums to 1.
Rollout is S. Abnar, W. Zuidema: Quantifying Attention Flow in Transformers (arXiv:2005.00928): half of each layer is its residual
connection, so with Ā_l the mean over heads, R_l = ½ (Ā_l + I) R_{l-1} and R_0 = I.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
_GAP = 2


def rollout(weights: npt.NDArray[np.floating]) -> Array:
    """How much of each token of the text reaches each place of the last layer, [tokens, tokens]; rows sum to 1."""
    found = np.eye(weights.shape[-1])
    for layer in weights.astype(np.float64).mean(axis=1):
        found = 0.5 * (layer + np.eye(len(layer))) @ found
    return found


@dataclass(frozen=True)
class Manner:
    """How a head looks, on average over the tokens: shares of attention, and among how many tokens it is spread (exp of the entropy)."""

    itself: float
    before: float
    first: float
    spread: float


def manner(weights: npt.NDArray[np.floating]) -> Manner:
    """The figures of one head [tokens, tokens]; the share of the token before is taken over the tokens that have one."""
    w = weights.astype(np.float64)
    entropy = -(w * np.log(np.maximum(w, 1e-30))).sum(-1)
    before = float(np.diagonal(w, -1).mean()) if len(w) > 1 else 0.0
    return Manner(float(np.diagonal(w).mean()), before, float(w[:, 0].mean()), float(np.exp(entropy).mean()))


def head_grid(
    weights: npt.NDArray[np.floating], ink: tuple[int, int, int], paper: tuple[int, int, int], *, side_px: int = 84
) -> npt.NDArray[np.uint8]:
    """All heads as one picture [height, width, 3]: a row a layer, a column a head; ink goes with the root of the weight, so that weak links are seen."""
    layers, heads, tokens, _ = weights.shape
    place = np.arange(side_px) * tokens // side_px
    strength = np.sqrt(weights[..., place[:, None], place])[..., None]  # [layers, heads, side, side, 1]
    colours = (1 - strength) * np.array(paper) + strength * np.array(ink)
    step = side_px + _GAP
    whole = np.full((layers * step - _GAP, heads * step - _GAP, 3), (np.array(paper) + np.array(ink)) // 2, np.uint8)
    for i in range(layers):
        for j in range(heads):
            whole[i * step : i * step + side_px, j * step : j * step + side_px] = colours[i, j].round().astype(np.uint8)
    return whole


def nearer_than(alike: npt.NDArray[np.floating], apart: npt.NDArray[np.floating]) -> float:
    """Share of others [pairs, others] that are less alike than the partner [pairs]; equal ones count half, so chance is 0.5."""
    partner = alike[:, None]
    return float(((apart < partner) + 0.5 * (apart == partner)).mean())
