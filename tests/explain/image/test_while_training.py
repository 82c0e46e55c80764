"""Explaining a model while it trains changes nothing in the training: the same weights, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch

from dashboard.explain.image import grad_cam, integrated_gradients, saliency, superpixel_lime
from dashboard.explain.image.judging import judged
from dashboard.explain.image.models import ImageModel
from dashboard.explain.image.subject import subject_for
from lightning_modules.options import TrainingOptions
from lightning_modules.supervised.classifier import METHOD
from tests.lightning_modules.training import tiny_images, train


class Explaining(pl.Callback):
    """After every batch explains what the network in training says of a picture, by several ways and with evidence."""

    def __init__(self) -> None:
        self.maps: list[np.ndarray[Any, Any]] = []

    def on_train_batch_end(self, trainer: pl.Trainer, module: Any, *rest: Any) -> None:
        module.network.eval()
        x = torch.linspace(-1, 1, 64).view(1, 8, 8)
        model = ImageModel(
            "live", module.network, ("a", "b", "c"), lambda seen: seen, lambda _: x, batch=16, weights=""
        )
        subject = subject_for(model, np.zeros((8, 8, 3), dtype=np.uint8))
        for way, values in (
            (saliency, {}), (grad_cam, {}), (integrated_gradients, {"steps": 30}), (superpixel_lime, {"samples": 32, "pieces": 9}),
        ):  # fmt: skip
            config = way.EXPLAINER.config(**values)
            *_, one = way.EXPLAINER.explain(subject, config)
            self.maps.append(one.attributions)
        *_, proven = judged(saliency.EXPLAINER.explain, subject, saliency.EXPLAINER.config(), self.last(subject))
        assert "light" in proven.evidence
        module.network.train()

    @staticmethod
    def last(subject: Any) -> Any:
        *_, one = saliency.EXPLAINER.explain(subject, saliency.EXPLAINER.config())
        return one


def test_a_run_that_is_explained_while_it_trains_ends_with_the_same_bits() -> None:
    options = TrainingOptions(steps=4, batch_size=8, seed=5)
    watching = Explaining()
    alone = train(METHOD, tiny_images(), options, {"channels": 8})
    watched = train(METHOD, tiny_images(), options, {"channels": 8}, callbacks=[watching])
    assert alone.sha256 == watched.sha256
    assert len(watching.maps) == 16 and any(np.abs(one).max() > 0 for one in watching.maps)
    assert not np.array_equal(watching.maps[0], watching.maps[-4])  # it was explained as it changed
