"""Two views of a picture: made as in training, the same for the same seed, and compared with views of others."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from data.text import Problem
from lightning_modules.exact import reseed
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl.autoencoder import Autoencoder, AutoencoderConfig
from lightning_modules.ssl.simclr import SimCLR, SimCLRConfig
from tests.lightning_modules.training import tiny_images

DATA = tiny_images()


@torch.no_grad()
def _asked(model: SimCLR | Autoencoder, seed: int = 0, **values: int) -> dict[str, np.ndarray]:
    reseed(seed, 0, "views")
    return model.eval().answer("views", {"pairs": 3, **values}, {}).arrays


def test_views_are_random_and_the_same_again_for_the_same_seed() -> None:
    model = SimCLR(SimCLRConfig(channels=4), DATA, TrainingOptions())
    first, again, other = _asked(model), _asked(model), _asked(model, 1)
    assert first["views"].shape == (2, 3, 1, 8, 8) and np.array_equal(first["views"], again["views"])
    assert not np.array_equal(first["views"], other["views"]) and np.array_equal(first["x"], DATA.test.x[:1])
    assert not np.array_equal(first["views"][0], first["views"][1])


def test_views_that_change_nothing_are_wholly_alike_and_their_cosines_are_the_encoders() -> None:
    still = SimCLRConfig(channels=4, crop=1.0, turn=0.0, bend=0.0, colour=0.0, blur=0.0, erase=0.0)
    model = SimCLR(still, DATA, TrainingOptions()).eval()
    found = _asked(model, item=2)
    assert np.allclose(found["alike"], 1, atol=1e-5)
    vectors = torch.nn.functional.normalize(model.embedded(DATA.test.x[2:3]), dim=1)
    others = torch.nn.functional.normalize(model.embedded(DATA.train.x), dim=1)
    assert np.allclose(np.sort(found["apart"][0]), np.sort((vectors @ others.T)[0].detach().numpy()), atol=1e-4)


def test_a_method_without_views_borrows_some_and_says_so_and_a_missing_item_is_told() -> None:
    model = Autoencoder(AutoencoderConfig(channels=4), DATA, TrainingOptions()).eval()
    with torch.no_grad():
        assert model.answer("views", {}, {}).values["own_views"] is False
    with pytest.raises(Problem, match="held-out items"):
        model.answer("views", {"item": 99}, {})
