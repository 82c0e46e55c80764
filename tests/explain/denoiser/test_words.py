"""Words of a prompt: where they are looked at and what leaving one out changes, on a network of random weights that listens to them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from dashboard.explain.denoiser import word_attention, word_left_out
from dashboard.explain.denoiser.subject import DenoiserSubject, prompted, subject_for
from dashboard.explain.image.fitting import shown
from dashboard.explain.trained import Item
from data.discovery import discover
from data.text import Problem
from lightning_modules.options import TrainingOptions
from tests.conformance import captioned
from tests.explain.denoiser.denoisers import last, proven
from tests.lightning_modules.test_text_attention import awake
from tests.lightning_modules.training import tiny_images

PROMPT = "a small red heart"


@pytest.fixture(scope="module")
def model() -> Any:
    """A pixel model that reads words, untrained, with no weight 0."""
    card, data = discover().methods["cascade"], captioned(tiny_images())
    torch.manual_seed(0)
    made = card.build(
        card.config.model_validate({"channels": 8, "quality_samples": 0}), data, TrainingOptions(ema_decay=0)
    )
    made.stage.fill_(1)
    awake(made)
    return made


def told(model: Any, **values: Any) -> DenoiserSubject:
    x = torch.from_numpy(tiny_images().test.x[:1])
    return subject_for(model, Item(shown(x[0]), x), {"prompt": PROMPT, "noise": 40, **values})


def test_leaving_a_word_out_is_the_difference_of_the_two_answers(model: Any) -> None:
    subject = told(model)
    one = last(word_left_out.EXPLAINER, subject, word="Red", seed=3)
    xt = subject.clean + subject.noise(3)
    with torch.no_grad():
        with_it, without = (
            model.says(xt, subject.t, prompted(model, subject.condition, words)).x0
            for words in (PROMPT, "a small heart")
        )
    assert np.allclose(one.attributions, (with_it - without)[0].abs().mean(dim=0).numpy(), atol=1e-6)
    assert one.prediction == pytest.approx(float((with_it - without).square().mean().sqrt()), rel=1e-5)
    assert one.target == "red" and one.details["words"] == ["a", "small", "red", "heart"]
    assert proven(word_left_out.EXPLAINER, subject, one, word="red", seed=3).evidence["effect"].speaks_for is (
        True if one.prediction >= 0.01 else None
    )


def test_attention_to_all_words_and_nothing_is_shared_out_and_looking_changes_no_answer(model: Any) -> None:
    subject = told(model)
    before = subject.drawn(None, 0)
    maps = [last(word_attention.EXPLAINER, subject, word=word).attributions for word in PROMPT.split()]
    assert torch.equal(before, subject.drawn(None, 0))
    total = np.sum(maps, axis=0)
    assert min(map(np.min, maps)) > 0 and (total < 1).all() and total.max() > 0.1


def test_attention_is_checked_against_what_the_word_does(model: Any) -> None:
    subject = told(model)
    one = last(word_attention.EXPLAINER, subject, word="heart")
    found = proven(word_attention.EXPLAINER, subject, one, word="heart").evidence
    assert {"effect", "reasons", "strongest", "agreement", "seeds", "randomisation", "light"} == set(found)
    assert -1 <= found["agreement"].value <= 1 and 0 <= found["reasons"].value <= 1


def test_a_held_out_item_is_told_its_own_caption(model: Any) -> None:
    data = captioned(tiny_images())
    x = torch.from_numpy(data.test.x[:1])
    assert data.test.y is not None
    y = int(data.test.y[0])
    assert subject_for(model, Item(shown(x[0]), x, y), {}).prompt == data.captions[y].en


@pytest.mark.parametrize(
    ("values", "config", "code"), [({}, {"word": "blue"}, "unknown_word"), ({"prompt": ""}, {}, "no_prompt")]
)
def test_a_word_that_is_not_there_is_told_in_words(
    model: Any, values: dict[str, str], config: dict[str, str], code: str
) -> None:
    with pytest.raises(Problem) as found:
        last(word_attention.EXPLAINER, told(model, **values), **config)
    assert found.value.code == code
