"""The loss map: it adds up to the loss that the method trains with, and is the closed form of a linear denoiser."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dashboard.explain.denoiser import driving_pixels
from dashboard.explain.denoiser.answering import unlearned
from dashboard.explain.denoiser.loss_map import EXPLAINER
from dashboard.explain.denoiser.subject import subject_for
from dashboard.explain.image.fitting import shown
from dashboard.explain.trained import Item
from data.discovery import discover
from data.text import Problem
from lightning_modules.diffusion.parts.training_stages import StagedMethod
from lightning_modules.diffusion.process.item_noise import ItemNoise
from lightning_modules.exact import weights_sha256
from lightning_modules.options import TrainingOptions
from tests.conformance import captioned
from tests.explain.denoiser.denoisers import before, dense, flat, last, picture, proven
from tests.lightning_modules.training import tiny_images

SHIPPED = discover().methods
GREY = [
    name
    for name, card in SHIPPED.items()
    if card.family in ("diffusion", "repair", "prompts") and "image" in card.accepts and name != "colorization"
]
"""Every method that denoises pictures of one colour."""


def test_it_is_the_squared_error_of_each_pixel_of_a_linear_denoiser_and_adds_up_to_the_loss() -> None:
    weight = dense()
    subject = before(weight, noise=50)
    one = last(EXPLAINER, subject, draws=8, seed=2)
    signal, level = subject.model.noising.factors(float(subject.t))
    clean, a = flat(subject.x0), weight.double().numpy()
    noise = ItemNoise(2, 0, 4, (1, 8, 8), torch.device("cpu"))()
    drawn = np.concatenate([noise, -noise]).reshape(8, -1).astype(np.float64)
    errors = (signal * clean + level * drawn) @ a.T + 0.3 - clean
    assert np.allclose(one.attributions.ravel(), (errors**2).mean(axis=0) / clean.size, rtol=1e-4)
    items, t = subject.x0.expand(8, 1, 8, 8), subject.t.expand(8)
    loss = float(subject.model.denoising_loss(items, t, torch.cat([noise, -noise]), subject.condition).detach())
    assert one.prediction == pytest.approx(loss, rel=1e-5) and one.attributions.sum() == pytest.approx(loss, rel=1e-5)
    found = proven(EXPLAINER, subject, one, draws=8, seed=2).evidence
    assert found["additivity"].speaks_for and "removal" not in found


def test_intervals_shrink_with_the_draws_and_hold_the_loss_over_all_noise() -> None:
    weight = dense(2)
    subject = before(weight, noise=50)
    signal, level = subject.model.noising.factors(float(subject.t))
    clean, a = flat(subject.x0), weight.double().numpy()
    expected = ((signal * a @ clean + 0.3 - clean) ** 2).mean() + level**2 * (a**2).sum() / clean.size
    few, many = (last(EXPLAINER, subject, draws=draws) for draws in (8, 256))
    assert many.details["loss_half_width"] < few.details["loss_half_width"] / 2
    assert abs(many.prediction - expected) < 2 * many.details["loss_half_width"]
    assert many.half_width is not None and many.half_width.shape == (8, 8)


@pytest.mark.parametrize("name", GREY)
def test_every_denoiser_of_pictures_can_be_explained_and_stands_beside_one_of_random_weights(name: str) -> None:
    card = SHIPPED[name]
    data = captioned(tiny_images()) if card.needs_captions else tiny_images()
    small = {
        key: value for key, value in {"channels": 8, "quality_samples": 4}.items() if key in card.config.model_fields
    }
    torch.manual_seed(0)
    model = card.build(card.config(**small), data, TrainingOptions(ema_decay=0)).eval()
    if isinstance(model, StagedMethod):
        with pytest.raises(Problem, match="still in stage"):
            subject_for(model, picture(), {})
        model.stage.fill_(len(model.stages.ends) - 1)
    x = torch.from_numpy(data.test.x[:1])
    y = None if data.test.y is None else int(data.test.y[0])
    subject = subject_for(model, Item(shown(x[0]), x, y), {"noise": 30})
    one = last(EXPLAINER, subject, draws=4)
    assert one.attributions.shape == (8, 8) and one.attributions.min() >= 0 and one.prediction > 0
    assert one.attributions.sum() == pytest.approx(one.prediction, rel=1e-5)
    driven = last(driving_pixels.EXPLAINER, subject, steps=10)
    assert driven.attributions.shape == (8, 8) and {"noisy", "denoised", "seen"} <= set(driven.arrays)
    assert driven.arrays["denoised"].shape == (8, 8, 3)
    blind, before = unlearned(subject, 0), weights_sha256(model.state_dict())
    xt = subject.clean + subject.noise(0)
    assert not torch.allclose(blind.denoised(xt), subject.denoised(xt)) and torch.isfinite(blind.denoised(xt)).all()
    assert weights_sha256(model.state_dict()) == before and blind.model is not model
