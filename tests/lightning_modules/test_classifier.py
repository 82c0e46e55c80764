"""The classifier: what it learns of real digits, whichever network it has, and what it says of data it cannot use."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from data.arrays import make_dataset
from data.catalog import Split
from data.datasets.digits import DATASET as DIGITS
from data.text import Problem, Text
from lightning_modules.options import TrainingOptions
from lightning_modules.supervised.classifier import METHOD, Classifier, ClassifierConfig
from tests.lightning_modules.training import train


@pytest.mark.parametrize(("network", "least"), [("residual", 0.93), ("transformer", 0.5)])
def test_it_learns_digits_within_its_tiny_preset(network: str, least: float) -> None:
    data = DIGITS.load(DIGITS.config())
    preset = METHOD.preset_values("tiny", kind="image", dataset="digits")
    config = {
        "network": network,
        "patch": 2,
        **{key: preset[key] for key in preset if key in ClassifierConfig.model_fields},
    }
    options = {key: value for key, value in preset.items() if key in TrainingOptions.model_fields}
    done = train(METHOD, data, TrainingOptions(**options), config)
    said = done.module.eval().evaluate(data)
    assert said["accuracy"] > least and said["held_out_loss"] < np.log(10) / 2
    shares = done.module.answer("predict", {}, {"x": data.test.x[:5]}).arrays["probabilities"]
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)


def test_guessing_is_drawn_and_captions_count_by_their_class() -> None:
    x = np.random.default_rng(0).uniform(-1, 1, (40, 1, 8, 8)).astype(np.float32)
    y = np.arange(40) % 4  # captions 0 and 2 are of class 1
    captions = tuple(Text(en=str(k), hi=str(k)) for k in range(4))
    data = make_dataset(
        "image", Split(x[:20], y[:20]), Split(x[20:], y[20:]), ["a", "b"], captions=captions, caption_class=(1, 0, 1, 0)
    )
    made = Classifier(ClassifierConfig(channels=4), data, TrainingOptions())
    assert made.class_of[torch.tensor([0, 1, 2, 3])].tolist() == [1, 0, 1, 0]
    lines = {line.metric: line.value for line in made.reference_lines(data)}
    assert lines == {"accuracy": 0.5, "loss": pytest.approx(np.log(2)), "held_out_loss": pytest.approx(np.log(2))}


def test_data_without_classes_is_refused_in_words() -> None:
    x = np.zeros((10, 1, 8, 8), np.float32)
    with pytest.raises(Problem, match="no classes"):
        Classifier(ClassifierConfig(), make_dataset("image", Split(x), Split(x + 1)), TrainingOptions())
