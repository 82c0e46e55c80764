"""Evidence: it speaks for maps that are right and against maps that are not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from dashboard.explain.contract import Explanation, from_parts, to_parts
from dashboard.explain.image import curves, grad_cam, guided_backprop, occlusion, saliency
from dashboard.explain.image.answering import answering, with_sentence
from dashboard.explain.image.judging import Attribution, judged, similarity_to_unlearned
from dashboard.explain.image.maps import Map, enlarged, overlap, rank_correlation, region, softened
from dashboard.explain.image.places import pointed_at, pointing
from dashboard.explain.image.randomisation import randomised
from dashboard.explain.image.sentence import Told, place, sentence
from dashboard.explain.image.subject import ImageSubject, subject_of
from data.text import Text
from tests.explain.image.planted import Patch, Share, answer, subject_before

SIDE = 28


def _shares(terms: Map) -> ImageSubject:
    return subject_before(Share(torch.from_numpy(terms / 2).float()), torch.ones(1, SIDE, SIDE), target=1)


def test_the_perfect_order_is_best_and_the_reversed_worst() -> None:
    drawn = np.random.default_rng(0).exponential(0.5 / SIDE**2, (SIDE // 2, SIDE // 2))
    terms: Map = np.kron(drawn, np.ones((2, 2))).astype(np.float64)  # a term for each of the 14 × 14 cells
    found = curves.measured(_shares(terms), terms, blank="black", points=15, randoms=8, seed=0)
    by_map, chance, backwards = found.deletion
    assert by_map < chance - 0.02 < backwards - 0.04
    by_map, chance, backwards = found.insertion
    assert by_map > chance + 0.02 > backwards + 0.04
    assert found.by_map[0] == pytest.approx(0.3 + terms.sum(), abs=1e-5) and found.by_map[-1] == pytest.approx(
        0.3, abs=1e-6
    )


def test_where_every_pixel_counts_the_same_no_order_is_better() -> None:
    terms = np.full((SIDE, SIDE), 0.4 / SIDE**2)
    shown = np.random.default_rng(0).normal(size=(SIDE, SIDE))
    found = curves.measured(_shares(terms), shown, blank="black", points=15, randoms=3, seed=0)
    assert np.ptp(found.deletion) < 1e-6 and np.ptp(found.insertion) < 1e-6
    np.testing.assert_allclose(found.by_map, np.linspace(0.7, 0.3, 15), atol=0.4 / 196)


def test_insertion_is_the_deletion_of_the_reversed_order_read_backwards() -> None:
    terms = np.random.default_rng(1).exponential(0.5 / SIDE**2, (SIDE, SIDE))
    one = curves.measured(_shares(terms), terms, blank="black", points=11, randoms=1, seed=0)
    other = curves.measured(_shares(terms), -terms, blank="black", points=11, randoms=1, seed=0)
    assert one.insertion[0] == pytest.approx(other.deletion[0], abs=1e-9)


def _backwards(subject: ImageSubject, config: occlusion.OcclusionConfig) -> Iterator[Explanation]:
    """A way that marks what does not matter."""
    for one in occlusion.occlusion(subject, config):
        yield replace(one, attributions=one.attributions.max() - one.attributions)


def _proven(way: Attribution, subject: ImageSubject, config: occlusion.OcclusionConfig) -> Explanation:
    explain = answering(way)
    *_, last = judged(explain, subject, config, answer(explain, subject, config))
    return last


def test_evidence_speaks_for_a_true_map_and_against_its_opposite() -> None:
    x = torch.full((1, SIDE, SIDE), -0.8)
    x[:, 4:9, 18:23] = 1
    config = occlusion.OcclusionConfig(blank="mean")
    right = _proven(occlusion.occlusion, subject_before(Patch(5), x, target=1), config)
    wrong = _proven(_backwards, subject_before(Patch(5), x, target=1), config)
    assert right.evidence["light"].speaks_for is True and wrong.evidence["light"].speaks_for is False
    for name in ("deletion_blur", "insertion_blur"):
        assert right.evidence[name].speaks_for is True and wrong.evidence[name].speaks_for is False
    assert right.evidence["stability"].speaks_for is True
    assert "because of the upper right" in right.details["sentence"]["en"]
    assert "do not rely on it" in wrong.details["sentence"]["en"]
    assert right.arrays["region"].astype(bool)[4:9, 18:23].all() and right.arrays["curves_blur"].shape == (3, 11)
    assert right.model_calls > 80 and right.seconds > 0
    again = from_parts(*to_parts(right))
    assert again.details == right.details and again.evidence == right.evidence


def test_gradients_change_with_the_weights_and_guided_backpropagation_hardly_does() -> None:
    """The randomisation check of arXiv:1810.03292 on the pretrained network."""
    subject = subject_of({"sample": "china"}, {})
    found = {}
    for way, config in (
        (saliency.saliency, saliency.SaliencyConfig()),
        (grad_cam.grad_cam, grad_cam.GradCAMConfig()),
        (guided_backprop.guided_backprop, guided_backprop.GuidedBackpropConfig()),
    ):
        shown = answer(way, subject, config).attributions
        found[way.__name__] = similarity_to_unlearned(way, subject, config, shown, 2)
    assert abs(found["grad_cam"]) < 0.35 and found["saliency"] < 0.45
    assert found["guided_backprop"] > 0.6


def test_guided_backpropagation_drops_negative_signals_whichever_way_relu_is_called() -> None:
    class Two(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            a = torch.nn.functional.relu(x).flatten(1) * torch.tensor([2.0, -3.0])
            return torch.cat([a, torch.nn.ReLU6()(x).flatten(1)], dim=1).sum(dim=1, keepdim=True)

    subject = subject_before(Two(), torch.tensor([[[1.0, 2.0]]]), classes=1)
    found = answer(guided_backprop.guided_backprop, subject, guided_backprop.GuidedBackpropConfig())
    assert found.attributions.tolist() == [[3.0, 1.0]]  # 2 + 1, and -3 dropped + 1
    assert answer(saliency.saliency, subject, saliency.SaliencyConfig()).attributions.tolist() == [[3.0, 2.0]]


def test_a_random_network_is_another_and_the_learned_one_stays() -> None:
    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3),
        torch.nn.BatchNorm2d(4),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(4 * 36, 2),
    ).eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    x = torch.randn(1, 8, 8)
    made, same, other = (randomised(network, x, seed) for seed in (0, 0, 1))
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert torch.equal(made(x[None]), same(x[None])) and not torch.equal(made(x[None]), other(x[None]))
    assert not torch.equal(made(x[None]), network(x[None])) and not made.training


def test_the_sentence_says_what_was_measured() -> None:
    told = Told("palace", 0.31, "palace", 0.31, 0.05, "lakeside", 0.2, Text(en="the middle", hi="बीच का हिस्सा"), 0.15)
    assert (
        sentence(told).en
        == "The model says “palace” (0.31), mainly because of the middle of the picture; with that hidden, it says “lakeside” (0.20)."
    )
    assert "छिपाने पर मॉडल कहता है “lakeside” (0.20)" in sentence(told).hi
    stays = replace(told, hidden_probability=0.30, hidden_top="palace")
    assert sentence(stays).en.endswith("“palace” stays at 0.30: do not rely on it.")
    rival = replace(told, asked="castle", probability=0.05, hidden_probability=0.01, hidden_top="castle")
    assert sentence(rival).en.startswith(
        "The model gives “castle” 0.05 and says “palace” (0.31), for “castle” speaks mainly the middle"
    )
    nothing = replace(told, share=0)
    assert sentence(nothing).en.endswith("marks nothing that speaks for “palace”.")


@pytest.mark.parametrize(
    ("row", "column", "wanted"),
    [(2, 2, "the upper left"), (14, 14, "the middle"), (26, 14, "the lower part"), (14, 26, "the right side")],
)
def test_a_region_is_said_to_be_where_it_is(row: int, column: int, wanted: str) -> None:
    where = np.zeros((SIDE, SIDE), dtype=bool)
    where[row - 2 : row + 2, column - 2 : column + 2] = True
    assert place(where.astype(np.float64), where).en == wanted


def test_a_map_that_marks_nothing_has_no_region_and_a_spread_one_is_said_to_be_in_several_parts() -> None:
    assert not region(np.zeros((SIDE, SIDE))).any() and not region(np.ones((SIDE, SIDE))).any()
    everywhere = np.ones((SIDE, SIDE), dtype=bool)
    assert place(everywhere.astype(np.float64), everywhere).en.startswith("several parts")
    told = with_sentence(_shares(np.zeros((SIDE, SIDE))), Explanation(np.zeros((SIDE, SIDE)), 0.3, "class 1"))
    assert "marks nothing" in told.details["sentence"]["en"]


def test_arithmetic_of_maps() -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 9, 7))
    from scipy.stats import spearmanr

    assert rank_correlation(a, b) == pytest.approx(spearmanr(a.ravel(), b.ravel()).statistic, abs=1e-12)
    tied = np.round(a)
    assert rank_correlation(tied, b) == pytest.approx(spearmanr(tied.ravel(), b.ravel()).statistic, abs=1e-12)
    assert rank_correlation(a, np.ones_like(a)) == 0.0
    wanted = torch.nn.functional.interpolate(
        torch.from_numpy(a)[None, None], size=(28, 21), mode="bilinear", align_corners=False
    )
    np.testing.assert_allclose(enlarged(a, (28, 21)), wanted[0, 0].numpy(), atol=1e-12)
    half = np.zeros((4, 4), dtype=bool)
    half[:2] = True
    assert overlap(half, half) == 1 and overlap(half, ~half) == 0 and overlap(half, np.ones_like(half)) == 0.5
    assert pointed_at(np.eye(4), half)
    even = pointing(np.ones((4, 4)), half)
    assert even.inside == even.area == half.mean() and "1.0 times" in even.text.en
    against = pointing(-np.ones((4, 4)), half)
    assert against.inside == 0.0 and pointing(np.where(half, 2.0, -1.0), half).inside == 1.0
    np.testing.assert_allclose(softened(np.ones((4, 4))), 1)
