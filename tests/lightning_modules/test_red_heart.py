"""“लाल दिल” becomes a red heart: latent diffusion trained for real on the emoji, from the preset, judged by their pixels."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from data.datasets.emoji import EmojiConfig, load
from data.discovery import discover
from lightning_modules.options import TrainingOptions
from tests.conformance import settled
from tests.lightning_modules.training import train


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_red_heart_is_drawn_for_its_name_in_either_language() -> None:
    card, data, every = discover().methods["latent_diffusion"], load(EmojiConfig()), load(EmojiConfig(theme="all"))
    options, config = settled(card, "small", "image", "emoji")
    model = train(card, data, TrainingOptions(**options), config).module.eval()
    pictures = torch.from_numpy(np.concatenate([every.train.x, every.test.x])).flatten(1)
    assert every.train.y is not None and every.test.y is not None
    captions = [every.captions[k].en for k in np.concatenate([every.train.y, every.test.y])]
    heart = pictures[captions.index("red heart")].reshape(data.shape)
    inside = heart.amin(0) < 0.6
    for prompt in ("red heart", "लाल दिल"):
        with torch.no_grad():
            drawn = model.answer("sample", {"prompt": prompt, "count": 8, "steps": 20}, {}).arrays["x"]
        nearest = torch.cdist(torch.from_numpy(drawn).flatten(1), pictures).argmin(1)
        names = [captions[k] for k in nearest.tolist()]
        assert sum("heart" in name for name in names) >= 7, names
        red, green, blue = drawn[:, :, inside.numpy()].mean((0, 2))
        assert red > 0.6 > -0.1 > max(green, blue)
