"""Next-frame prediction: what comes next in a film, from the frames before it; who can tell knows what moves, and how.

A convolutional network (arXiv:1511.05440, without its adversarial term) sees `past` frames and says how the next differs from the last of
them. Loss: mean squared error of a pixel, over `ahead` frames of which each is predicted from those before it, its own predictions among
them. An untrained network says "no change", so the loss begins where always copying the last frame stands. Notation: clips
[batch, frames, colours, height, width], past [batch, past, colours, height, width].
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from data.catalog import Config, Dataset, FloatArray, MethodCard, MetricCard, Preset, ReferenceLine, option
from data.text import Problem, Text
from lightning_modules.base import Answer, Picture
from lightning_modules.blocks.autoencoder import PlainBlock
from lightning_modules.blocks.residual import Down, Up, group_norm, zeroed
from lightning_modules.diffusion.drawing import gallery
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl import metrics
from lightning_modules.ssl.learner import JudgeOptions, RepresentationMethod
from lightning_modules.ssl.presets import BASE, SMALL, TINY

_JUDGED = 100
"""Held-out clips whose next frames are judged."""
_SHOWN = 5
_WIDTHS = (1, 2, 4)


class _Frames(Config):
    """What is seen and what is told; these fields come first in the form."""

    past: int = option(
        4, ge=1, le=32, unit="frames",
        title=Text(en="Frames seen", hi="देखे गए फ़्रेम"),
        help=Text(en="Frames the prediction is made from. One shows no motion, two a velocity.", hi="अनुमान जिन फ़्रेम से लगाया जाता है। एक से चाल नहीं दिखती, दो से वेग दिखता है।"),
    )  # fmt: skip
    ahead: int = option(
        1, ge=1, le=16, unit="frames",
        title=Text(en="Frames ahead", hi="आगे के फ़्रेम"),
        help=Text(en="Frames predicted in a step of training, each from the predictions before it. More cost more, and keep long predictions sharp.",
                  hi="ट्रेनिंग के एक स्टेप में कितने फ़्रेम का अनुमान लगे, हर एक अपने से पहले के अनुमानों से। ज़्यादा हों तो ख़र्च बढ़ता है और लंबे अनुमान साफ़ रहते हैं।"),
    )  # fmt: skip
    channels: int = option(
        16, ge=4, le=256, unit="channels", advanced=True,
        title=Text(en="Channels", hi="चैनल"),
        help=Text(en="Channels at full resolution; four times as many numbers are the representation.", hi="पूरे रेज़ोल्यूशन पर चैनल; इनसे चार गुने नंबर रिप्रेज़ेंटेशन हैं।"),
    )  # fmt: skip


class NextFrameConfig(JudgeOptions, _Frames):
    """What a person chooses about next-frame prediction."""


class Looking(nn.Module):
    """Past frames, their colours stacked [batch, past · colours, height, width] -> a vector [batch, 4 · channels].

    `maps` tells what it saw where. The vector is its mean over places, without what all clips have in common (batch norm).
    """

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__()
        self.enter = nn.Conv2d(inputs, channels, 3, padding=1)
        widths = [channels * factor for factor in _WIDTHS]
        self.blocks = nn.ModuleList(PlainBlock(width) for width in widths)
        self.downs = nn.ModuleList(Down(width) for width in widths[:-1])
        self.wider = nn.ModuleList(nn.Conv2d(a, b, 1) for a, b in itertools.pairwise(widths))
        self.norm = nn.BatchNorm1d(widths[-1], affine=False)

    def maps(self, past: Tensor) -> list[Tensor]:
        """The maps at full, half and quarter resolution."""
        h = self.blocks[0](self.enter(past))
        found = [h]
        for block, down, wider in zip(self.blocks[1:], self.downs, self.wider, strict=True):
            h = block(wider(down(h)))
            found.append(h)
        return found

    def whole(self, deepest: Tensor) -> Tensor:
        """The vector, from the maps at quarter resolution."""
        vector: Tensor = self.norm(deepest.mean(dim=(2, 3)))
        return vector

    def forward(self, past: Tensor) -> Tensor:
        """The vector."""
        return self.whole(self.maps(past)[-1])


class Predictor(nn.Module):
    """Past frames -> the next: the last of them and a change, which is 0 at first."""

    def __init__(self, shape: tuple[int, ...], config: NextFrameConfig) -> None:
        super().__init__()
        colours = shape[1]
        self.encoder = Looking(config.past * colours, config.channels)
        widths = [config.channels * factor for factor in _WIDTHS]
        self.tell = nn.Linear(widths[-1], widths[-1])
        self.ups = nn.ModuleList(Up(width) for width in widths[:0:-1])
        self.narrow = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in zip(widths[-2::-1], widths[:0:-1], strict=True))
        self.blocks = nn.ModuleList(PlainBlock(width) for width in widths[-2::-1])
        self.leave = nn.Sequential(
            group_norm(config.channels), nn.SiLU(), zeroed(nn.Conv2d(config.channels, colours, 3, padding=1))
        )

    def forward(self, past: Tensor) -> Tensor:
        """Past [batch, past, colours, height, width] -> [batch, colours, height, width]."""
        *seen, h = self.encoder.maps(past.flatten(1, 2))
        h = h + self.tell(self.encoder.whole(h))[:, :, None, None]
        for up, narrow, block in zip(self.ups, self.narrow, self.blocks, strict=True):
            skip = seen.pop()
            h = block(narrow(up(h, *skip.shape[-2:])) + skip)
        changed: Tensor = past[:, -1] + self.leave(h)
        return changed


def rolled(predictor: nn.Module, past: Tensor, frames: int) -> Tensor:
    """So many frames, each predicted from those before it: past [batch, past, …] -> [batch, frames, …]."""
    seen = past.shape[1]
    film = [past[:, k] for k in range(seen)]
    for _ in range(frames):
        film.append(predictor(torch.stack(film[-seen:], dim=1)))
    return torch.stack(film[seen:], dim=1)


def copied_error(clips: FloatArray, past: int, ahead: int) -> float:
    """Squared error a pixel when each of the `ahead` frames after any `past` is told to be the last one seen."""
    ends = range(past - 1, clips.shape[1] - ahead)
    return float(
        np.mean(
            [np.square(clips[:, k + 1 : k + 1 + ahead] - clips[:, k : k + 1], dtype=np.float64).mean() for k in ends]
        )
    )


class NextFrame(RepresentationMethod):
    """The module that Lightning trains."""

    def __init__(self, config: NextFrameConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(options)
        frames = dataset.shape[0]
        if config.past + config.ahead > frames:
            raise Problem(
                Text(en=f"The clips have {frames} frames; {config.past} seen and {config.ahead} ahead are more. Choose fewer, or longer clips.",
                     hi=f"क्लिप में {frames} फ़्रेम हैं; देखे गए {config.past} और आगे के {config.ahead} मिलाकर ज़्यादा होते हैं। कम चुनें, या लंबी क्लिप लें।"),
                code="too_few_frames", field="past",
            )  # fmt: skip
        self.config = config
        self.adopt(Predictor(dataset.shape, config))
        self.watch(dataset, config.judged)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """The squared error of a pixel of the frames after a random place in each clip: x [batch, frames, …] -> the loss."""
        x, past, ahead = batch[0], self.config.past, self.config.ahead
        first = torch.randint(x.shape[1] - past - ahead + 1, (len(x), 1), device=x.device)
        part = x[torch.arange(len(x), device=x.device)[:, None], first + torch.arange(past + ahead, device=x.device)]
        loss = F.mse_loss(rolled(self.network, part[:, :past], ahead), part[:, past:])
        self.log("loss", loss.detach())
        return loss

    def represent(self, x: Tensor) -> Tensor:
        """What the encoder says of a clip: the mean over pieces of `past` frames, one after the other."""
        whole = x.shape[1] // self.config.past
        pieces = x[:, : whole * self.config.past].reshape(len(x) * whole, -1, *x.shape[-2:])
        found: Tensor = self.best_network.get_submodule("encoder")(pieces)
        return found.view(len(x), whole, -1).mean(dim=1)

    def stills(self, clips: FloatArray) -> FloatArray:
        """The frame in the middle of each clip."""
        return clips[:, clips.shape[1] // 2]

    def continued(self, clips: FloatArray, frames: int) -> Tensor:
        """What the best network says comes after the first `past` frames of clips."""
        past = torch.from_numpy(clips[:, : self.config.past]).to(self.device)
        return rolled(self.best_network, past, frames).cpu()

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """The error of the next frame and of all frames to the end, on held-out clips; and the representation."""
        clips, past = dataset.test.x[:_JUDGED], self.config.past
        missed = [
            self.continued(clips[:, k:], 1)[:, 0] - torch.from_numpy(clips[:, k + past])
            for k in range(clips.shape[1] - past)
        ]
        rolled_out = self.continued(clips, clips.shape[1] - past) - torch.from_numpy(clips[:, past:])
        return {
            "next_frame_error": float(torch.stack(missed).square().mean()),
            "rollout_error": float(rolled_out.square().mean()),
            **super().evaluate(dataset),
        }

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """Copying the last frame and telling the mean frame, and those of every representation."""
        clips, past = dataset.test.x[:_JUDGED], self.config.past
        told = float(np.square(clips[:, past:] - dataset.train.x.mean(axis=(0, 1)), dtype=np.float64).mean())
        copied = {
            "loss": copied_error(clips, past, self.config.ahead),
            "next_frame_error": copied_error(clips, past, 1),
            "rollout_error": copied_error(clips, past, clips.shape[1] - past),
        }
        lines = []
        for name, value in copied.items():
            lines += [
                ReferenceLine(name, value, Text(en="copying the last frame", hi="आख़िरी फ़्रेम की नक़ल")),
                ReferenceLine(name, told, Text(en="always the mean frame", hi="हमेशा औसत फ़्रेम")),
            ]
        return lines + super().reference_lines(dataset)

    def pictures(self) -> list[Picture]:
        """Frames seen, the true next and the predicted one; a film to its end; neighbours."""
        past, clips = self.config.past, self._shown.numpy()[:_SHOWN]
        rest = self.continued(clips, clips.shape[1] - past).numpy()
        rows = np.concatenate([clips[:, : past + 1], rest[:, :1]], axis=1)
        one = Picture(
            "next_frame", gallery.image_grid(rows.reshape(-1, *rows.shape[2:]), rows.shape[1]),
            Text(en="Held-out clips: the frames seen, the true next one, and the predicted one",
                 hi="अलग रखी क्लिप: देखे गए फ़्रेम, असली अगला फ़्रेम, और अनुमानित फ़्रेम"),
        )  # fmt: skip
        films = np.stack([clips[:2, past:], rest[:2]], axis=1)
        whole = Picture(
            "rollout", gallery.image_grid(films.reshape(-1, *films.shape[3:]), films.shape[2]),
            Text(en="Two clips to their end: true above, below it predicted, each frame from the predictions before it",
                 hi="दो क्लिप अंत तक: ऊपर असली, नीचे अनुमान, हर फ़्रेम अपने से पहले के अनुमानों से"),
        )  # fmt: skip
        return [one, whole, *super().pictures()]

    def answer(self, request: str, values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Answer:
        """As every representation; a picture that comes with a request is a clip in which nothing moves."""
        x = arrays.get("x")
        if request == "embed" and x is not None and x.shape[1:] == self.data.shape[1:]:
            arrays = {**arrays, "x": np.repeat(x[:, None], self.data.shape[0], axis=1)}
        return super().answer(request, values, arrays)


_FILM = {"learning_rate": 2e-3, "batch_size": 32}

METHOD = MethodCard(
    name="next_frame",
    title=Text(en="Next-frame prediction", hi="अगले फ़्रेम का अनुमान"),
    summary=Text(
        en="Learns without labels by telling what comes next in a film: only who sees what moves, and how, can say.",
        hi="बिना लेबल सीखता है: फ़िल्म में आगे क्या आएगा, यह बताना होता है; जो देखता है कि क्या और कैसे चल रहा है, वही बता सकता है।",
    ),
    family="self_supervised",
    source="M. Mathieu, C. Couprie, Y. LeCun: Deep multi-scale video prediction beyond mean square error, 2016, arXiv:1511.05440",
    config=NextFrameConfig,
    build=NextFrame,
    accepts=("video",),
    answers=("embed",),
    presets=(
        Preset("tiny", {**TINY, **_FILM, "channels": 8, "batch_size": 16}),
        Preset("small", {**SMALL, **_FILM, "judged": 500}),
        Preset("base", {key: value for key, value in BASE.items() if key != "blocks"} | {"ahead": 4, "batch_size": 64}),
    ),
    metrics=(
        MetricCard(
            "next_frame_error",
            Text(en="Error of the next frame", hi="अगले फ़्रेम की त्रुटि"),
            Text(en="Mean squared error of a pixel of the next frame of held-out clips, on a scale from −1 to 1.",
                 hi="अलग रखी क्लिप के अगले फ़्रेम के पिक्सेल की औसत वर्ग त्रुटि, −1 से 1 के पैमाने पर।"),
            better="lower", headline=True,
        ),
        MetricCard(
            "rollout_error",
            Text(en="Error to the end of the clip", hi="क्लिप के अंत तक त्रुटि"),
            Text(en="The same over all frames after those seen, each predicted from the predictions before it.",
                 hi="वही, देखे गए फ़्रेम के बाद के सभी फ़्रेम पर; हर फ़्रेम का अनुमान अपने से पहले के अनुमानों से।"),
            better="lower",
        ),
        *metrics.METRICS_WITHOUT_VIEWS,
    ),
)  # fmt: skip
