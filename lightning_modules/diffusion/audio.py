"""Diffusion of short sounds: the waveform is denoised by a learned Wiener filter of its MDCT.

The transform is real and orthogonal (`blocks/mdct.py`), so white noise in the waveform is white noise in the frames, and
everything that is known of diffusion (any objective, schedule, sampler, guidance) holds without change. No vocoder is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from data.catalog import Config, Dataset, FloatArray, MethodCard, Preset, ReferenceLine, option
from data.text import Problem, Text
from lightning_modules.base import Answer, Shown, Sound
from lightning_modules.blocks.conditioning import TIME_SCALE
from lightning_modules.blocks.sounds import SoundDenoiser
from lightning_modules.diffusion.denoising import DenoisingMethod
from lightning_modules.diffusion.drawing.sound_pictures import SoundView, one_after_another
from lightning_modules.diffusion.measures import evaluation
from lightning_modules.diffusion.measures.solid_metrics import AUDIO_METRICS, CHANCE, real_against_real
from lightning_modules.diffusion.measures.sound_quality import features_db, log_spectral_distance, pitch_accuracy
from lightning_modules.diffusion.parts.networks import Optimizer, optimizer_choice, told_labels
from lightning_modules.diffusion.process.condition import Condition
from lightning_modules.diffusion.process.objectives import OBJECTIVES
from lightning_modules.diffusion.process.schedule import noise_schedule
from lightning_modules.options import TrainingOptions
from lightning_modules.quality import Judge, copied_share, nearest_distances
from lightning_modules.samples import newness_lines

_FITTED = 2000
_LEAST = 1e-3


class AudioConfig(Config):
    """What a person chooses about the diffusion of sounds."""

    noise_schedule: Literal["cosine", "linear", "sigmoid"] = option(
        "cosine",
        title=Text(en="Noise schedule", hi="नॉइज़ शेड्यूल"),
        help=Text(en="How the share of signal ᾱ falls from 1 to 0.", hi="सिग्नल का हिस्सा ᾱ 1 से 0 तक कैसे घटे।"),
        labels={"cosine": Text(en="Cosine", hi="कोसाइन"), "linear": Text(en="Linear", hi="सीधी रेखा"),
                "sigmoid": Text(en="Sigmoid", hi="सिग्मॉइड")},
        source="arXiv:2102.09672, equation 17",
    )  # fmt: skip
    noise_steps: int = option(
        1000, ge=10, le=10_000, unit="steps", symbol="T", advanced=True,
        title=Text(en="Noise steps", hi="नॉइज़ स्टेप"),
        help=Text(en="Steps from clean sound to pure noise.", hi="साफ़ ध्वनि से पूरे नॉइज़ तक कितने स्टेप।"),
        source="arXiv:2006.11239, section 4",
    )  # fmt: skip
    bins: int = option(
        256, ge=2, le=2048, unit="bins",
        title=Text(en="Frequencies of a frame", hi="एक फ़्रेम में आवृत्तियाँ"),
        help=Text(en="Bins of the MDCT, and samples from one frame to the next: more resolve pitch, fewer resolve time. Even, and must divide the length of a sound.",
                  hi="MDCT के बिन, और एक फ़्रेम से दूसरे तक के सैंपल: ज़्यादा हों तो सुर साफ़, कम हों तो समय साफ़। सम संख्या, जिससे ध्वनि की लंबाई पूरी बँटे।"),
    )  # fmt: skip
    width: int = option(
        192, ge=8, le=2048, unit="units",
        title=Text(en="Width", hi="चौड़ाई"),
        help=Text(en="Numbers that stand for a frame inside the network.", hi="नेटवर्क के अंदर एक फ़्रेम कितनी संख्याओं से दिखाया जाए।"),
    )  # fmt: skip
    layers: int = option(
        4, ge=1, le=32, unit="layers", advanced=True,
        title=Text(en="Layers", hi="परतें"),
        help=Text(en="Transformer layers.", hi="ट्रांसफ़ॉर्मर की परतें।"),
    )  # fmt: skip
    use_labels: bool = told_labels()
    label_dropout: float = option(
        0.1, ge=0, le=1, advanced=True,
        title=Text(en="Hidden labels", hi="छिपे लेबल"),
        help=Text(en="Share of the sounds whose class is hidden while training, so that samples can be guided later.",
                  hi="ट्रेनिंग में कितनी ध्वनियों की क्लास छिपाई जाए, ताकि बाद में सैंपल को दिशा दी जा सके।"),
        source="arXiv:2207.12598, algorithm 1",
    )  # fmt: skip
    optimizer: Optimizer = optimizer_choice()
    quality_samples: int = option(
        76, ge=0, le=10_000, unit="items", advanced=True,
        title=Text(en="Samples for quality", hi="जाँच के सैंपल"),
        help=Text(en="Sounds drawn at every evaluation to measure quality; 0 leaves it out.", hi="हर जाँच में गुणवत्ता नापने के लिए बनी ध्वनियाँ; 0 से यह जाँच बंद।"),
    )  # fmt: skip
    preview_steps: int = option(
        25, ge=1, le=1000, unit="steps", advanced=True,
        title=Text(en="Steps of a preview", hi="झलक के स्टेप"),
        help=Text(en="Sampler steps for what is shown and measured while training.", hi="ट्रेनिंग के दौरान दिखाने और नापने के लिए सैंपलर के स्टेप।"),
    )  # fmt: skip


class AudioDiffusion(DenoisingMethod):
    """The module that Lightning trains."""

    def __init__(self, config: AudioConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(
            dataset,
            options,
            objective=OBJECTIVES["v"],
            noising=noise_schedule(config.noise_schedule, config.noise_steps),
            use_labels=config.use_labels,
            label_dropout=config.label_dropout,
            preview_steps=config.preview_steps,
            muon=config.optimizer == "muon",
            quality_samples=config.quality_samples,
        )
        samples = dataset.shape[1]
        if config.bins % 2 or samples % config.bins:
            raise Problem(
                Text(en=f"The number of frequencies must be even and divide the {samples} samples of a sound; {config.bins} does not.",
                     hi=f"आवृत्तियों की संख्या सम हो और ध्वनि के {samples} सैंपल उससे पूरे बँटें; {config.bins} से ऐसा नहीं होता।"),
                code="bins_do_not_divide", field="bins",
            )  # fmt: skip
        self.config = config
        self.rate_hz = dataset.rate_hz
        self.adopt(
            SoundDenoiser(
                torch.from_numpy(dataset.train.x[:_FITTED, 0]),
                bins=config.bins, width=config.width, layers=config.layers, classes=len(self.classes),
            )
        )  # fmt: skip
        self._measure: _Ear | None = None
        self._sound_view = SoundView(self.classes)

    def respond(self, network: nn.Module, x: Tensor, time: Tensor, condition: Condition) -> Tensor:
        """The network is also told how much signal and how much noise there is: its filter is made of them."""
        signal, level = self.noising.signal_and_noise(time * (self.noising.steps / TIME_SCALE), x)
        output: Tensor = network(x, time, condition.y, signal.clamp(min=_LEAST), level.clamp(min=_LEAST))
        return output

    def view(self) -> SoundView:
        """Waveforms above spectrograms."""
        return self._sound_view

    def also_shown(self, frames: list[FloatArray], info: dict[str, Any]) -> list[Shown]:
        """The samples to listen to, and one of them coming out of the noise."""
        names, chosen = self._sound_view.names(frames[-1]), self._sound_view.chosen(frames[-1])
        heard = one_after_another(frames[-1][chosen, 0], self.rate_hz)
        emerging = one_after_another(np.stack([frame[0, 0] for frame in frames]), self.rate_hz)
        return [
            Sound("sounds", heard, self.rate_hz, Text(en="Samples, one after the other", hi="सैंपल, एक के बाद एक"), {**info, "names": names}),
            Sound("emerging", emerging, self.rate_hz, Text(en="The first one out of the noise", hi="पहला सैंपल, नॉइज़ से निकलता हुआ"), info),
        ]  # fmt: skip

    def answer(self, request: str, values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Answer:
        """As every denoiser, with the rate at which the samples are to be played."""
        found = super().answer(request, values, arrays)
        return Answer({**found.values, "rate_hz": self.rate_hz}, found.arrays)

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """Denoising errors, and how samples sound."""
        found = evaluation.denoising_metrics(self, self._ruler(dataset))
        if self.quality_samples:
            drawn = self.draw(self.preview(self.quality_samples))
            if np.isfinite(drawn).all():
                asked = np.arange(len(drawn)) % max(1, len(self.classes))
                found |= self._ear(dataset).heard(drawn[:, 0], asked if self.classes else None)
        return found

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """Best linear denoiser, memoriser, real against real, chance."""
        real = real_against_real(len(dataset.test))
        lines = evaluation.denoising_lines(self, self._ruler(dataset))
        heard = self._ear(dataset).heard(dataset.test.x[:, 0], dataset.test.y)
        lines += newness_lines(heard.pop("copied"))
        lines += [ReferenceLine(name, value, real) for name, value in heard.items() if name != "nn_ratio"]
        if self.classes:
            lines.append(ReferenceLine("class_accuracy", 1 / len(self.classes), CHANCE))
        return lines

    def _ear(self, dataset: Dataset) -> _Ear:
        if self._measure is None or self._measure.dataset is not dataset:
            self._measure = _Ear(dataset)
        return self._measure


class _Ear:
    """What samples of one data set are heard with."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        train = dataset.train
        self.known = features_db(train.x[:_FITTED, 0])
        labelled = train.y is not None and len(dataset.classes) > 1
        self.judge = Judge(self.known, train.y[:_FITTED], len(dataset.classes)) if labelled else None  # type: ignore[index]

    @cached_property
    def usual_distance(self) -> float:
        """How far held-out sounds are from the nearest training sound, as spectrograms, on average."""
        return float(nearest_distances(features_db(self.dataset.test.x[:_FITTED, 0]), self.known).mean())

    def heard(self, sounds: FloatArray, asked: npt.NDArray[np.int64] | None) -> dict[str, float]:
        """Measures of sounds [items, samples] and, where a class was asked for, whether it was met."""
        features = features_db(sounds)
        found = {
            "log_spectral_distance": log_spectral_distance(features, self.known),
            "nn_ratio": float(nearest_distances(features, self.known).mean() / self.usual_distance),
            "copied": copied_share(features, self.known),
        }
        if self.judge is not None and asked is not None:
            found["class_accuracy"] = float(np.mean(self.judge.labels(features) == asked))
            pitch = pitch_accuracy(sounds, [self.dataset.classes[k] for k in asked], self.dataset.rate_hz)
            if pitch is not None:
                found["pitch_accuracy"] = pitch
        return found


METHOD = MethodCard(
    name="audio_diffusion",
    title=Text(en="Sounds out of noise", hi="नॉइज़ से ध्वनियाँ"),
    summary=Text(
        en="Diffusion of short sounds. Ask for an instrument and a note, watch the spectrogram come out of the noise, and listen.",
        hi="छोटी ध्वनियों का डिफ़्यूज़न। कोई वाद्य और सुर माँगें, नॉइज़ से स्पेक्ट्रोग्राम निकलते देखें, और सुनें।",
    ),
    family="sound_space",
    source="waveform diffusion as in Z. Kong et al.: DiffWave, 2020, arXiv:2009.09761; network after W. Peebles, S. Xie, 2022, arXiv:2212.09748",
    config=AudioConfig,
    build=AudioDiffusion,
    accepts=("audio",),
    presets=(
        Preset("tiny", {"steps": 80, "batch_size": 32, "learning_rate": 3e-3, "warmup_steps": 10, "ema_decay": 0.95, "width": 96, "layers": 2,
                        "quality_samples": 38, "preview_steps": 15, "evaluate_every": 80, "sample_every": 40, "checkpoint_every": 40}),
        Preset("small", {"steps": 1500, "batch_size": 32, "learning_rate": 3e-3, "optimizer": "muon", "warmup_steps": 30, "schedule": "cosine", "ema_decay": 0.99,
                         "width": 160, "evaluate_every": 250, "sample_every": 125, "checkpoint_every": 125}),
        Preset("base", {"steps": 100_000, "batch_size": 128, "learning_rate": 3e-4, "warmup_steps": 1000, "ema_decay": 0.9999, "width": 512, "layers": 12,
                        "quality_samples": 380, "preview_steps": 50, "evaluate_every": 5000, "sample_every": 1000, "checkpoint_every": 1000}),
    ),
    metrics=AUDIO_METRICS,
)  # fmt: skip
