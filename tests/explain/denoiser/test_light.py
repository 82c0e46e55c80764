"""The light of denoisers: on some whose reasons are known, a few of those that `bench_denoiser_evidence` counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch

from dashboard.explain.contract import Explanation
from dashboard.explain.denoiser import driving_pixels
from dashboard.explain.denoiser.telling import SLIGHT
from tests.benchmarks import bench_denoiser_evidence as bench
from tests.benchmarks import planted_denoisers, planted_losses, planted_prompts
from tests.explain.denoiser.denoisers import SIDE, before, last, proven

FIRST = 1000


@pytest.mark.parametrize(
    ("of", "good"), [(bench.of_pixels, "pixels: driving_pixels"), (bench.of_losses, "loss: loss_map"), (bench.of_words, "words: word_attention_map")]
)  # fmt: skip
def test_on_planted_reasons_green_is_right_and_red_is_wrong(
    of: Callable[[int], Iterator[tuple[str, Explanation, bool]]], good: str
) -> None:
    counts: Counter[tuple[bool | None, bool]] = Counter()
    trusted = 0
    for seed in range(FIRST, FIRST + 8):
        for name, one, right in of(seed):
            counts[one.evidence["light"].speaks_for, right] += 1
            trusted += name == good and one.evidence["light"].speaks_for is True
    green, red = counts[True, True] + counts[True, False], counts[False, True] + counts[False, False]
    assert trusted >= 3 and counts[True, False] <= 1 + 0.05 * green, counts  # of so few one may be wrong
    assert red >= 30 and counts[False, False] >= 0.8 * red, counts


def test_what_a_planted_denoiser_does_not_look_at_adds_nothing() -> None:
    known = planted_denoisers.planted(FIRST)
    one = last(driving_pixels.EXPLAINER, known.subject, seed=known.seed)
    inside = one.attributions[known.truth != 0]
    assert inside.size and np.abs(one.attributions[known.truth == 0]).max() <= 1e-6 * np.abs(inside).max()


def test_the_expected_loss_of_a_planted_denoiser_is_the_mean_over_noise() -> None:
    known = planted_losses.planted(FIRST + 1)
    subject, draws = known.subject, 4000
    noise = torch.randn(draws, *subject.x0.shape[1:], generator=torch.Generator().manual_seed(0))
    shares = subject.model.loss_map(subject.x0.expand_as(noise), subject.t.expand(draws), noise, subject.condition)
    losses = shares.detach().double().flatten(1).sum(dim=1)
    assert abs(float(losses.mean()) - known.truth.sum()) < 4 * float(losses.std()) / draws**0.5
    assert np.corrcoef(shares.detach().mean(dim=0).flatten().numpy(), known.truth.ravel())[0, 1] > 0.99


def test_attention_that_does_nothing_gets_no_green() -> None:
    for seed in range(FIRST, FIRST + 2):
        known = planted_prompts.planted(seed, deceiver=True)
        way, config = planted_prompts.way_of(planted_prompts.DECEIVING, known)
        *_, one = way(known.subject, config)
        *_, one = way.proven(known.subject, config, one)
        assert one.evidence["light"].speaks_for is not True


def test_a_map_that_any_weights_give_gets_no_green() -> None:
    known = planted_denoisers.planted(FIRST)
    way, config = planted_denoisers.WAYS["the picture itself"]
    *_, one = way(known.subject, config)
    *_, one = way.proven(known.subject, config, one)
    found = one.evidence["randomisation"]
    assert found.value == pytest.approx(1) and found.speaks_for is None
    assert "more than of what was learned" in found.text.en and one.evidence["light"].speaks_for is not True


def test_a_picture_that_hardly_counts_is_no_fault_of_the_map() -> None:
    subject = before(0.01 * torch.eye(SIDE**2), noise=20)
    one = last(driving_pixels.EXPLAINER, subject)
    found = proven(driving_pixels.EXPLAINER, subject, one).evidence
    assert 0 < one.prediction < SLIGHT and "removal" not in found
    assert found["effect"].speaks_for is None and found["light"].speaks_for is None
