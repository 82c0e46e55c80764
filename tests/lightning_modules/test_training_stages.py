"""Trainings one after the other in one run: where each begins, and that a killed run goes on in the right one, exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from data.catalog import MethodCard
from data.discovery import discover
from data.text import Problem
from lightning_modules.base import rate_at
from lightning_modules.checkpoints import checkpoint_path, load
from lightning_modules.diffusion.parts.training_stages import Stages
from lightning_modules.options import TrainingOptions
from tests.conformance import captioned
from tests.lightning_modules.training import tiny_images, train

STAGED = [card for card in discover().methods.values() if card.needs_captions]
SMALL: dict[str, Any] = {"channels": 8, "autoencoder_channels": 8, "quality_samples": 0, "preview_steps": 2}


OPTIMIZERS = ("adamw", "muon")


def config(card: MethodCard, optimizer: str = "adamw") -> dict[str, Any]:
    fields = card.config.model_fields
    return {key: value for key, value in {**SMALL, "optimizer": optimizer}.items() if key in fields}


def test_the_stage_of_a_step_follows_from_the_shares() -> None:
    stages = Stages.shared([0.3, 0.2], 10)
    assert stages.ends == (3, 5, 10)
    assert [stages.at(step) for step in range(12)] == [0, 0, 0, 1, 1, 2, 2, 2, 2, 2, 2, 2]
    assert stages.within(4) == (1, 2) and stages.within(9) == (4, 5)


def test_a_very_short_run_still_has_every_stage_it_has_room_for() -> None:
    assert Stages.shared([0.1, 0.1], 3).ends == (1, 2, 3)
    assert Stages.shared([0.1, 0.1], 1).ends == (1, 1, 1)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("card", STAGED, ids=lambda card: card.name)
def test_a_run_killed_in_any_stage_goes_on_to_the_same_bits(card: MethodCard, optimizer: str, tmp_path: Path) -> None:
    options = TrainingOptions(
        steps=9, batch_size=8, checkpoint_every=1, ema_decay=0.9, warmup_steps=1, schedule="cosine"
    )
    data, chosen = captioned(tiny_images()), config(card, optimizer)
    whole = train(card, data, options, chosen, folder=tmp_path)
    ends = whole.module.stages.ends
    assert len(set(ends)) == len(ends) >= 2
    seen = set()
    for step in sorted({1, *ends[:-1], ends[-2] + 1}):
        resumed = train(card, data, options, chosen, resume=checkpoint_path(tmp_path, step))
        assert resumed.sha256 == whole.sha256, f"resumed at step {step} of stages {ends}"
        seen.add(whole.module.stages.at(step))
    assert len(seen) == len(ends), "not every stage was resumed in"


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("card", STAGED, ids=lambda card: card.name)
def test_what_an_earlier_stage_trained_is_left_alone(card: MethodCard, optimizer: str, tmp_path: Path) -> None:
    options = TrainingOptions(steps=6, batch_size=8, checkpoint_every=1, ema_decay=0.9)
    whole = train(card, captioned(tiny_images()), options, config(card, optimizer), folder=tmp_path)
    end = whole.module.stages.ends[0]
    first, middle, last = (load(checkpoint_path(tmp_path, step))["state_dict"] for step in (1, end, options.steps))
    trained = {name for name in first if name != "stage" and not torch.equal(first[name], middle[name])}
    assert end > 1 and trained, "nothing was trained in the first stage"
    for name in trained:
        assert torch.equal(middle[name], last[name]), name


@pytest.mark.parametrize("card", STAGED, ids=lambda card: card.name)
def test_a_run_that_is_trained_longer_does_not_go_back_to_a_stage_that_is_over(
    card: MethodCard, tmp_path: Path
) -> None:
    short, longer = (TrainingOptions(steps=steps, batch_size=8, checkpoint_every=1) for steps in (8, 11))
    data, grown = captioned(tiny_images()), {name: 0.9 for name in card.config.model_fields if name.endswith("_share")}
    before = train(card, data, short, config(card), folder=tmp_path).module
    begun, end, last = (load(checkpoint_path(tmp_path, k))["state_dict"] for k in (1, before.stages.ends[0], 8))
    of_first = [name for name in begun if name != "stage" and not torch.equal(begun[name], end[name])]
    after = train(card, data, longer, {**config(card), **grown}, resume=checkpoint_path(tmp_path, 8)).module
    assert of_first and after.stages.at(8) == 0 and int(after.stage) == len(after.stages.ends) - 1
    assert all(torch.equal(after.state_dict()[name], last[name]) for name in of_first)


def test_the_learning_rate_begins_anew_with_each_stage() -> None:
    card = next(card for card in STAGED if card.name == "latent_diffusion")
    options = TrainingOptions(steps=100, warmup_steps=5, schedule="cosine")
    module = card.build(
        card.config.model_validate({**SMALL, "autoencoder_share": 0.4}), captioned(tiny_images()), options
    )
    half = TrainingOptions(steps=40, warmup_steps=5, schedule="cosine")
    assert [module.rate(k) for k in range(40)] == [rate_at(k, half) for k in range(40)]
    assert module.rate(39) < 0.01 and module.rate(40) == pytest.approx(0.2) and module.rate(45) == 1


@pytest.mark.parametrize("card", STAGED, ids=lambda card: card.name)
def test_what_has_not_been_trained_yet_is_not_drawn(card: MethodCard) -> None:
    module = card.build(card.config.model_validate(config(card)), captioned(tiny_images()), TrainingOptions(steps=100))
    with pytest.raises(Problem) as refused:
        module.answer("sample", {"prompt": "the 1", "count": 1}, {})
    assert (
        refused.value.code == "not_trained_yet"
        and str(module.stages.begin(len(module.stages.ends) - 1)) in refused.value.text.en
    )
