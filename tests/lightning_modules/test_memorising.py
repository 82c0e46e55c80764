"""The memorisation meter on real runs: it speaks of a model of fifty images and is silent about one of all of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dashboard.figures.health import memorising
from data.datasets import digits
from lightning_modules.diffusion import ddpm
from lightning_modules.options import TrainingOptions
from tests.conformance import settled
from tests.lightning_modules.training import train


def test_few_digits_are_of_every_digit_and_the_held_out_ones_are_the_same() -> None:
    whole, few = digits.load(digits.DigitsConfig()), digits.load(digits.DigitsConfig(few=50))
    assert few.train.y is not None and np.bincount(few.train.y).tolist() == [5] * 10
    assert np.array_equal(few.test.x, whole.test.x)
    assert len(digits.load(digits.DigitsConfig(few=3)).train) == 3


@pytest.mark.slow
@pytest.mark.parametrize(("few", "steps", "speaks"), [(50, 1000, True), (0, 500, False)])
def test_the_meter_speaks_of_a_model_of_fifty_images_only(few: int, steps: int, speaks: bool) -> None:
    dataset = digits.load(digits.DigitsConfig(few=few))
    options, chosen = settled(ddpm.METHOD, "tiny", "image")
    training = TrainingOptions(**{**options, "steps": steps})
    model = train(ddpm.METHOD, dataset, training, {**chosen, "quality_samples": 200}).module.eval()
    with torch.no_grad():
        found = model.evaluate(dataset)
        usual = {line.metric: line.value for line in model.reference_lines(dataset)}
    concern = memorising(found, usual)
    assert (concern is not None) is speaks, found
    assert (found["copied"] > 0.3) is speaks, found
