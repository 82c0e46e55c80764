"""The small CLIP, the prior and the two requests of unCLIP, against what is known in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from data.text import Problem
from lightning_modules.blocks.contrastive import contrastive_loss
from lightning_modules.diffusion.parts.prior import Prior, prior_loss
from lightning_modules.diffusion.process.schedule import noise_schedule
from lightning_modules.diffusion.unclip import Unclip, UnclipConfig, UnclipRequest, slerp
from lightning_modules.exact import reseed
from tests.lightning_modules.test_prompts import OPTIONS, named


def test_the_contrastive_loss_of_no_knowledge_is_the_logarithm_of_the_batch() -> None:
    assert float(contrastive_loss(torch.zeros(8, 8), torch.arange(8))) == pytest.approx(math.log(8), abs=1e-6)


def test_the_contrastive_loss_does_not_mind_which_side_is_which_and_is_clips_own() -> None:
    logits, labels = torch.randn(6, 6, generator=torch.Generator().manual_seed(0)), torch.arange(6)
    assert torch.allclose(contrastive_loss(logits, labels), contrastive_loss(logits.T, labels))
    rows = -torch.log_softmax(logits, 1).diagonal().mean()
    columns = -torch.log_softmax(logits, 0).diagonal().mean()
    assert torch.allclose(contrastive_loss(logits, labels), (rows + columns) / 2)


def test_items_of_one_label_are_equally_right_answers() -> None:
    """Two pairs of twins told apart perfectly: each row is right with two equal answers, which costs ln 2."""
    labels = torch.tensor([0, 0, 1, 1])
    logits = 100.0 * (labels[:, None] == labels[None])
    assert float(contrastive_loss(logits, labels)) == pytest.approx(math.log(2), abs=1e-6)


def test_the_prior_of_gaussian_vectors_is_linear_regression_at_pure_noise() -> None:
    """e = A text + noise: knowing the text alone, the best answer is A text; the rest cannot be known."""
    reseed(0, 0)
    noising, width, text_width = noise_schedule("cosine", 1000), 4, 6
    matrix = torch.randn(text_width, width) / text_width**0.5

    def pairs(count: int) -> tuple[torch.Tensor, torch.Tensor]:
        text = torch.randn(count, text_width)
        return text, text @ matrix * 0.8 + 0.6 * torch.randn(count, width)

    prior = Prior(width, text_width, hidden=64, layers=2)
    optimizer = torch.optim.Adam(prior.parameters(), lr=3e-3)
    for step in range(600):
        text, e = pairs(256)
        t = torch.where(torch.rand(256) < 0.5, torch.full((256,), 999), torch.randint(0, 1000, (256,)))
        optimizer.param_groups[0]["lr"] = 3e-3 * (1 - step / 600)
        optimizer.zero_grad()
        torch.autograd.backward(prior_loss(prior, noising, e, text, t))
        optimizer.step()
    text, e = pairs(4000)
    fitted = torch.linalg.lstsq(text, e).solution
    with torch.no_grad():
        said = prior(torch.randn(4000, width), torch.full((4000,), 999.0), text)
    apart = float((said - text @ fitted).square().mean() / (text @ fitted).var())
    assert apart < 0.03


def test_slerp_turns_evenly_and_keeps_the_length() -> None:
    a, b = torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 2.0]])
    for share in (0.0, 0.25, 0.5, 1.0):
        turned = slerp(a, b, torch.tensor([share]))
        angle = share * math.pi / 2
        assert torch.allclose(turned, 2 * torch.tensor([[math.cos(angle), math.sin(angle)]]), atol=1e-5)


def model() -> Unclip:
    reseed(0, 0, "start")
    built = Unclip(UnclipConfig(channels=8, vector=8, preview_steps=2), named(), OPTIONS).eval()
    for parameter in built.best_network.parameters():
        parameter.data += 0.05 * torch.randn(
            parameter.shape, generator=torch.Generator().manual_seed(parameter.numel())
        )
    built.stage.fill_(1)
    return built


def test_a_way_between_two_prompts_begins_and_ends_where_each_alone_would_from_the_same_noise() -> None:
    unclip = model()
    ask = {"count": 3, "steps": 2, "seed": 3}
    way = unclip.draw(UnclipRequest(prompt="red heart", toward="flag", **ask))
    back = unclip.draw(UnclipRequest(prompt="flag", toward="red heart", **ask))
    assert np.allclose(way, back[::-1], atol=1e-4) and not np.allclose(way[0], way[2], atol=1e-3)
    first = unclip.draw(UnclipRequest(prompt="red heart", count=1, steps=2, seed=3))
    assert np.allclose(way[0], first[0], atol=1e-4)


def test_a_picture_is_varied_without_words_and_one_of_another_shape_is_refused() -> None:
    unclip, picture = model(), named().test.x[:1]
    drawn = unclip.answer("sample", {"count": 2, "steps": 2}, {"picture": picture}).arrays["x"]
    other = unclip.answer("sample", {"count": 2, "steps": 2}, {"picture": -picture}).arrays["x"]
    assert drawn.shape == (2, 3, 8, 8) and not np.allclose(drawn, other, atol=1e-4)
    with pytest.raises(Problem) as refused:
        unclip.answer("sample", {"count": 1}, {"picture": picture[:, :, :4]})
    assert refused.value.field == "picture"


def test_without_a_prompt_or_a_picture_it_is_refused() -> None:
    with pytest.raises(Problem) as refused:
        model().answer("sample", {"count": 1}, {})
    assert refused.value.code == "empty_prompt"


def test_a_model_that_is_told_one_vector_says_that_no_pixel_reads_words() -> None:
    reseed(0, 0, "start")
    model = Unclip(UnclipConfig(channels=8, preview_steps=2), named(), OPTIONS).eval()
    model.stage.fill_(1)
    with pytest.raises(Problem) as caught:
        model.answer("words", {"prompt": "star", "count": 1, "steps": 2}, {})
    assert caught.value.code == "no_words"
