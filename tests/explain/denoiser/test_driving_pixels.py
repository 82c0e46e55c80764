"""Which pixels drive a denoiser: against linear ones, whose answer is known in closed form, and on every shipped method."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dashboard.explain.denoiser.driving_pixels import EXPLAINER
from dashboard.explain.denoiser.subject import subject_for
from data.text import Problem
from tests.explain.denoiser.denoisers import SIDE, before, dense, flat, last, picture, proven, upper_left


def test_a_linear_denoiser_is_explained_by_its_transposed_matrix() -> None:
    weight = dense()
    subject = before(weight, noise=40)
    one = last(EXPLAINER, subject)
    signal, _ = subject.model.noising.factors(float(subject.t))
    clean = signal * flat(subject.x0)
    added = weight.double().numpy() @ clean  # the bias and the noise are in both answers
    size = np.sqrt((added**2).mean())
    wanted = clean * (weight.double().numpy().T @ added) / (np.linalg.norm(added) * SIDE)
    assert one.prediction == pytest.approx(size, rel=1e-5)
    assert np.allclose(one.attributions.ravel(), wanted, atol=1e-6 * np.abs(wanted).max() + 1e-7)
    assert one.additivity_error == pytest.approx(0, abs=1e-5) and one.converged


def test_of_a_part_of_the_answer_only_that_part_of_the_matrix_counts() -> None:
    weight = dense(1)
    subject = before(weight, noise=20)
    one = last(EXPLAINER, subject, part="4")
    rows = torch.arange(SIDE) * 3 // SIDE
    inside = ((rows[:, None] == 1) & (rows[None] == 1)).flatten().numpy()
    signal, _ = subject.model.noising.factors(float(subject.t))
    clean = signal * flat(subject.x0)
    added = np.where(inside, weight.double().numpy() @ clean, 0)
    wanted = clean * (weight.double().numpy().T @ added) / (np.linalg.norm(added) * SIDE)
    assert np.allclose(one.attributions.ravel(), wanted, atol=1e-6)
    assert one.target == "the middle of the denoised picture"


def test_pixels_that_no_answer_looks_at_get_nothing_and_the_evidence_confirms_the_others() -> None:
    subject = before(upper_left(), noise=10)
    one = last(EXPLAINER, subject)
    outside = one.attributions.copy()
    outside[: SIDE // 2, : SIDE // 2] = 0
    assert (
        not outside.any() and one.arrays["region"][: SIDE // 2, : SIDE // 2].sum() >= 0.8 * one.arrays["region"].sum()
    )
    assert one.details["left"] < one.details["left_elsewhere"]
    found = proven(EXPLAINER, subject, one).evidence
    assert found["removal"].speaks_for and found["reasons"].speaks_for is not False
    assert found["completeness"].speaks_for and found["light"].speaks_for is not False


def test_a_map_that_marks_what_does_not_drive_the_answer_is_red() -> None:
    subject = before(upper_left(), noise=10)
    one = last(EXPLAINER, subject)
    mirrored = type(one)(np.ascontiguousarray(one.attributions[::-1, ::-1]), one.prediction, one.target, base_value=0.0)
    found = proven(EXPLAINER, subject, mirrored).evidence
    assert found["light"].speaks_for is False and found["removal"].speaks_for is False


def test_a_denoiser_that_does_not_look_at_the_picture_is_said_not_to() -> None:
    one = last(EXPLAINER, before(torch.zeros(SIDE**2, SIDE**2)))
    assert not one.attributions.any() and one.prediction == 0
    assert "hardly counts" in one.details["sentence"]["en"] and "नाममात्र" in one.details["sentence"]["hi"]


def test_more_noise_leaves_the_picture_less_to_add() -> None:
    moved = [last(EXPLAINER, before(torch.eye(SIDE**2), noise=share)).prediction for share in (0, 30, 60, 90, 100)]
    assert moved == sorted(moved, reverse=True) and moved[-1] < 0.1 * moved[0]


def test_the_same_seed_gives_the_same_bits_and_explaining_changes_no_weight() -> None:
    subject = before(dense())
    first, again = (last(EXPLAINER, subject, seed=7) for _ in range(2))
    assert first.attributions.tobytes() == again.attributions.tobytes()
    assert all(parameter.grad is None for parameter in subject.model.parameters())


@pytest.mark.parametrize("noise", ["a lot", -1, 101, "nan"])
def test_a_noise_level_that_is_none_is_refused_in_words(noise: object) -> None:
    with pytest.raises(Problem, match="from 0 to 100"):
        before(dense(), noise=noise)


@pytest.mark.parametrize(
    ("values", "code"),
    [({"prompt": "red heart"}, "no_words"), ({"label": 2}, "unknown_class"), ({"label": "x"}, "unknown_class")],
)
def test_what_a_model_cannot_be_told_is_refused_in_words(values: dict[str, object], code: str) -> None:
    with pytest.raises(Problem) as found:
        before(dense(), **values)
    assert found.value.code == code


def test_a_held_out_item_is_told_with_its_class() -> None:
    subject = before(dense())
    item = picture()
    assert subject_for(subject.model, item, {}).condition.empty
