"""Why two pictures are found alike: against linear encoders, whose likeness is known, and on every shipped encoder."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dashboard.explain.embedding import alike_gradients, alike_hiding, alike_parts
from dashboard.explain.embedding.answering import unlearned
from dashboard.explain.embedding.subject import EmbeddingSubject, subject_for
from dashboard.explain.embedding.telling import MOVES
from dashboard.explain.image.fitting import shown
from dashboard.explain.trained import Item
from data.discovery import discover
from data.text import Problem
from lightning_modules.exact import weights_sha256
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl.learner import RepresentationMethod
from tests.explain.denoiser.denoisers import last, proven
from tests.lightning_modules.training import tiny_images

SIDE = 8
SHIPPED = discover().methods
ENCODERS = [
    name
    for name, card in SHIPPED.items()
    if card.family == "self_supervised" and "image" in card.accepts and name != "colour_pretext"
]
WAYS = (alike_parts, alike_hiding, alike_gradients)


class Window(nn.Module):
    """x -> its pixels where `mask` [height, width] is 1, as a vector: a linear encoder."""

    def __init__(self, mask: Tensor) -> None:
        super().__init__()
        self.mask = nn.Parameter(mask[None])

    def forward(self, x: Tensor) -> Tensor:
        return (x * self.mask).flatten(1)


class Linear(RepresentationMethod):
    """A method around it."""

    def __init__(self, mask: Tensor) -> None:
        super().__init__(TrainingOptions(ema_decay=0))
        self.shape = (1, SIDE, SIDE)
        self.adopt(nn.ModuleDict({"encoder": Window(mask)}))
        self.watch(tiny_images(), 10)


def quarter() -> Tensor:
    mask = torch.zeros(SIDE, SIDE)
    mask[: SIDE // 2, : SIDE // 2] = 1
    return mask


def two(model: Any, colours: int = 1) -> EmbeddingSubject:
    """A picture and a nearly equal one."""
    generator = torch.Generator().manual_seed(4)
    x = torch.rand(1, colours, SIDE, SIDE, generator=generator) * 1.6 - 0.8
    other = (x + 0.3 * torch.randn(x.shape, generator=generator)).clamp(-1, 1)
    return subject_for(model.eval(), *(Item(shown(one[0]), one) for one in (x, other)))


def cosine(a: Any, b: Any) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_hiding_a_window_costs_what_the_cosine_of_a_linear_encoder_loses() -> None:
    subject = two(Linear(quarter()))
    one = last(alike_hiding.EXPLAINER, subject, window=0.25, overlap=1, blank="black")
    mask = quarter().numpy().astype(bool)
    x, other = (item[0, 0].double().numpy() for item in (subject.x, subject.other))
    assert one.prediction == pytest.approx(cosine(x[mask], other[mask]), abs=1e-6)
    for row, column in ((0, 0), (2, 2), (4, 4)):
        covered = x.copy()
        covered[row : row + 2, column : column + 2] = -1
        wanted = one.prediction - cosine(covered[mask], other[mask])
        assert one.attributions[row, column] == pytest.approx(wanted, abs=1e-6)
    assert one.attributions[4, 4] == pytest.approx(0, abs=1e-9)


def test_gradients_add_up_and_give_nothing_to_pixels_that_the_encoder_does_not_see() -> None:
    subject = two(Linear(quarter()))
    one = last(alike_gradients.EXPLAINER, subject, blank="black")
    assert one.additivity_error is not None and one.additivity_error <= 0.01 * abs(
        one.prediction - (one.base_value or 0)
    )
    assert not one.attributions[SIDE // 2 :].any() and not one.attributions[:, SIDE // 2 :].any()
    assert one.evidence["completeness"].speaks_for


def test_the_evidence_confirms_a_true_map_and_refutes_a_mirrored_one() -> None:
    subject = two(Linear(quarter()))
    one = last(alike_hiding.EXPLAINER, subject, blank="black", window=0.25)
    found = proven(alike_hiding.EXPLAINER, subject, one, blank="black", window=0.25).evidence
    assert found["removal"].speaks_for and found["reasons"].speaks_for is not False
    mirrored = type(one)(np.ascontiguousarray(one.attributions[::-1, ::-1]), one.prediction, one.target)
    against = proven(alike_hiding.EXPLAINER, subject, mirrored, blank="black").evidence
    assert against["light"].speaks_for is False


@pytest.mark.parametrize("name", ENCODERS)
def test_every_encoder_can_be_explained_and_its_parts_are_the_cosine(name: str) -> None:
    card = SHIPPED[name]
    small = {
        key: value
        for key, value in {"channels": 4, "width": 8, "layers": 1, "heads": 2}.items()
        if key in card.config.model_fields
    }
    torch.manual_seed(0)
    model = card.build(card.config(**small), tiny_images(), TrainingOptions())
    subject = two(model)
    before = weights_sha256(model.state_dict())
    wanted = torch.cosine_similarity(*(model.represent(x).detach() for x in (subject.x, subject.other)))
    for way in WAYS:
        config = {"steps": 10} if way is alike_gradients else {}
        if way is alike_parts and name in ("vae", "autoencoder", "dino"):
            with pytest.raises(Problem, match="no sum of them"):
                last(way.EXPLAINER, subject, **config)
            continue
        one = last(way.EXPLAINER, subject, **config)
        assert one.prediction == pytest.approx(float(wanted), abs=1e-5)
        assert one.attributions.shape == one.arrays["other_map"].shape == (SIDE, SIDE)
        if way is alike_parts:
            assert one.additivity_error == pytest.approx(0, abs=1e-5)
            light = proven(way.EXPLAINER, subject, one).evidence
            assert light["additivity"].speaks_for and "randomisation" in light
    assert weights_sha256(model.state_dict()) == before


def test_an_encoder_of_random_weights_stands_beside_the_trained_one_and_leaves_it_alone() -> None:
    card = SHIPPED["simclr"]
    model = card.build(card.config.model_validate({"channels": 4}), tiny_images(), TrainingOptions())
    subject = two(model)
    before, vectors = weights_sha256(model.state_dict()), subject.vectors(subject.x)
    other = unlearned(subject, 1)
    assert not torch.allclose(other.vectors(subject.x), vectors)
    assert weights_sha256(model.state_dict()) == before and torch.equal(subject.vectors(subject.x), vectors)


class Anchored(Window):
    """The same beside a large constant: everything is nearly alike, and hiding anything changes hardly anything."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([super().forward(x), torch.full((len(x), 1), 40.0)], 1)


def test_the_light_does_not_say_what_the_sentence_denies() -> None:
    model = Linear(quarter())
    model.network.encoder = Anchored(quarter())
    subject = two(model)
    one = last(alike_hiding.EXPLAINER, subject, blank="black", window=0.25)
    one = proven(alike_hiding.EXPLAINER, subject, one, blank="black", window=0.25)
    assert 0 < one.details["left_elsewhere"] - one.details["left"] < MOVES
    assert "do not rely on it" in one.details["sentence"]["en"] and "1.00 and 1.00" not in one.details["sentence"]["en"]
    assert one.evidence["reasons"].speaks_for is False and one.evidence["light"].speaks_for is False


def test_the_sentence_names_both_pictures_in_both_languages() -> None:
    one = last(alike_hiding.EXPLAINER, two(Linear(quarter())), blank="black", window=0.25)
    said = one.details["sentence"]
    assert "of the first" in said["en"] and "पहली" in said["hi"] and f"{one.prediction:.2f}" in said["en"]
    assert 0 <= one.details["more_than"] <= 1
