"""Next-frame prediction: what copying costs, where an untrained network stands, and what is learned of motion."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from data.arrays import make_dataset
from data.catalog import Dataset, Split
from data.text import Problem
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl import next_frame
from lightning_modules.ssl.next_frame import NextFrame, NextFrameConfig, copied_error, rolled
from tests.lightning_modules.training import train

SIDE = 8


def _dots(items: int = 60, frames: int = 6) -> Dataset:
    """One bright pixel a clip that moves by one column a frame, to the left or to the right, around a ring of columns."""
    x = np.full((items, frames, 1, SIDE, SIDE), -1, np.float32)
    way = np.where(np.arange(items) % 2, 1, -1)
    row, column = np.random.default_rng(0).integers(SIDE, size=(2, items))
    for k in range(frames):
        x[np.arange(items), k, 0, row, (column + k * way) % SIDE] = 1
    y = (way > 0).astype(np.int64)
    cut = items * 3 // 4
    return make_dataset("video", Split(x[:cut], y[:cut]), Split(x[cut:], y[cut:]), ["left", "right"])


def _model(data: Dataset, **config: int) -> NextFrame:
    torch.manual_seed(0)
    return NextFrame(NextFrameConfig(channels=8, **config), data, TrainingOptions(ema_decay=0)).eval()


@pytest.mark.parametrize("ahead", [1, 3])
def test_copying_a_moving_pixel_misses_two_pixels_of_each_frame(ahead: int) -> None:
    assert copied_error(_dots().test.x, 2, ahead) == 2 * 2**2 / SIDE**2


def test_an_untrained_network_copies_and_its_errors_stand_on_the_lines() -> None:
    data = _dots()
    model = _model(data, past=2, ahead=2)
    with torch.no_grad():
        found, lines = model.evaluate(data), model.reference_lines(data)
    copied = {line.metric: line.value for line in lines if line.label.en == "copying the last frame"}
    assert copied == dict.fromkeys(("loss", "next_frame_error", "rollout_error"), 2 * 2**2 / SIDE**2)
    assert found["next_frame_error"] == pytest.approx(copied["next_frame_error"], rel=1e-6)
    assert found["rollout_error"] == pytest.approx(copied["rollout_error"], rel=1e-6)
    assert float(model.training_step((torch.from_numpy(data.train.x), torch.zeros(45)), 0).detach()) == pytest.approx(
        copied["loss"]
    )


def test_the_mean_frame_is_told_for_what_is_to_be_told() -> None:
    data = _dots()
    [told] = {line.value for line in _model(data).reference_lines(data) if line.label.en == "always the mean frame"}
    mean = data.train.x.mean(axis=(0, 1))
    assert told == pytest.approx(float(np.square(data.test.x[:, 4:] - mean).mean()), rel=1e-6)


class _Onwards(nn.Module):
    """What moved goes on moving: 2 · last - last but one."""

    def forward(self, past: Tensor) -> Tensor:
        return 2 * past[:, -1] - past[:, -2]


def test_a_roll_out_is_made_of_its_own_predictions() -> None:
    ramp = torch.arange(8.0).view(1, 8, 1, 1, 1).expand(2, 8, 1, 3, 3)
    assert torch.equal(rolled(_Onwards(), ramp[:, :3], 5), ramp[:, 3:])
    bent = torch.tensor([0.0, 1.0, 3.0]).view(1, 3, 1, 1, 1)
    assert rolled(_Onwards(), bent, 3).flatten().tolist() == [5.0, 7.0, 9.0]


def test_motion_is_learned_far_beyond_copying() -> None:
    data = _dots(120)
    options = TrainingOptions(steps=150, batch_size=32, learning_rate=5e-3, ema_decay=0, schedule="cosine")
    model = train(next_frame.METHOD, data, options, {"channels": 8, "past": 2}).module.eval()
    with torch.no_grad():
        assert model.evaluate(data)["next_frame_error"] < 0.1 * 2 * 2**2 / SIDE**2


def test_clips_too_short_for_what_is_asked_are_refused_in_words() -> None:
    with pytest.raises(Problem, match="6 frames; 4 seen and 3 ahead"):
        _model(_dots(), past=4, ahead=3)


def test_a_picture_of_ones_own_is_a_clip_in_which_nothing_moves() -> None:
    data = _dots()
    model = _model(data)
    picture = data.test.x[:2, 0]
    with torch.no_grad():
        own = model.answer("embed", {}, {"x": picture}).arrays["vectors"]
        still = model.answer("embed", {}, {"x": np.repeat(picture[:, None], 6, axis=1)}).arrays["vectors"]
        mapped = model.answer("embed", {"map": "pca", "count": 5}, {}).arrays
        with pytest.raises(Problem, match="6 × 1 × 8 × 8"):
            model.answer("embed", {}, {"x": picture[..., :5]})
    assert np.array_equal(own, still) and mapped["x"].shape == (5, 1, SIDE, SIDE)
    assert np.array_equal(mapped["x"], data.test.x[mapped["item"], 3])
