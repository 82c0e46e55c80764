"""The light of likeness: on encoders whose reasons are known, a few of those that `bench_embedding_evidence` counts."""

from __future__ import annotations

from collections import Counter

import numpy as np

from dashboard.explain.embedding import alike_gradients
from tests.benchmarks import bench_embedding_evidence as bench
from tests.benchmarks.planted_encoders import TEXTURES, planted
from tests.explain.denoiser.denoisers import last

FIRST = 1000


def test_on_planted_reasons_green_is_right_and_red_is_wrong() -> None:
    counts: Counter[tuple[bool | None, bool]] = Counter(
        (one.evidence["light"].speaks_for, right) for _, one, right in bench.tried(4, FIRST)
    )
    green, red = counts[True, True] + counts[True, False], counts[False, True] + counts[False, False]
    assert green >= 4 and counts[True, True] >= 0.9 * green, counts
    assert red >= 12 and counts[False, False] >= 0.8 * red, counts


def test_what_a_planted_encoder_does_not_look_at_adds_nothing() -> None:
    known = planted(FIRST, mean=False)
    one = last(alike_gradients.EXPLAINER, known.subject)
    inside = one.attributions[known.truth != 0]
    assert inside.size and np.abs(one.attributions[known.truth == 0]).max() <= 1e-6 * np.abs(inside).max()


def test_textures_have_nothing_in_common() -> None:
    flat = TEXTURES.reshape(len(TEXTURES), -1)
    alike = np.abs(flat @ flat.T / flat.shape[1] - np.eye(len(flat)))
    assert alike.max() < 0.5 and np.abs(flat.mean(axis=1)).max() < 1e-12
