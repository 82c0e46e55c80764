"""Held-out measures of a denoiser and of its samples, and the levels they are read against.

All randomness is fixed (same items, noise levels and noise at every evaluation), so a curve moves because the
model does. The denoising error is stratified: the noise levels are spread evenly over all T.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch

from data.catalog import Dataset, ReferenceLine, Split
from data.text import Text
from lightning_modules.diffusion import quality
from lightning_modules.diffusion.closed_form import GaussianDenoiser, memoriser_eps_error
from lightning_modules.diffusion.denoising import DenoisingMethod
from lightning_modules.diffusion.requests import SampleRequest
from lightning_modules.diffusion.schedule import NoiseSchedule

_PAIRS = 1000
_BATCH = 256
_FITTED = 10_000
_QUERIES = 64
_ON_DATA = 0.99


class Ruler:
    """What one data set is measured with: everything that does not depend on the model, worked out once when needed."""

    def __init__(self, dataset: Dataset, noising: NoiseSchedule) -> None:
        self.dataset = dataset
        self.noising = noising
        self.train = quality.flat(dataset.train.x[:_FITTED])
        self.test = quality.flat(dataset.test.x[:_FITTED])

    @cached_property
    def linear(self) -> GaussianDenoiser:
        """The best linear denoiser of the training data."""
        return GaussianDenoiser.fitted(self.noising, torch.from_numpy(self.train))

    @cached_property
    def linear_eps_error(self) -> float:
        """Its error in eps, over all noise levels."""
        return float(self.linear.eps_error().mean())

    @cached_property
    def memoriser_eps_error(self) -> float:
        """The error in eps on the training data of a model that knows it by heart."""
        items = torch.from_numpy(self.train).float()
        return memoriser_eps_error(self.noising, items, items[:_QUERIES], levels=25)

    @cached_property
    def components(self) -> quality.PrincipalComponents:
        """The first sixteen principal components of the training data; the linear denoiser has found them already."""
        directions = self.linear.vectors.flip(1)[:, : quality.COMPONENTS]
        return quality.PrincipalComponents(self.linear.mean.numpy(), directions.numpy())

    @cached_property
    def usual_distances(self) -> npt.NDArray[np.float64]:
        """How far held-out real items are from the nearest training item."""
        return quality.nearest_distances(self.test, self.train)

    @cached_property
    def judge(self) -> quality.Judge | None:
        """A classifier of samples; None when the data has no classes."""
        labels, classes = self.dataset.labels(self.dataset.train), len(self.dataset.classes)
        return None if labels is None or classes < 2 else quality.Judge(self.train, labels[:_FITTED], classes)


def eps_error(model: DenoisingMethod, split: Split) -> float:
    """Mean squared error in eps over 1,000 pairs of item and noise level; labels are told if the model takes them."""
    generator = torch.Generator().manual_seed(0)
    chosen = torch.randperm(len(split), generator=generator).repeat(-(-_PAIRS // len(split)))[:_PAIRS]
    levels = ((torch.arange(_PAIRS) + 0.5) / _PAIRS * model.noising.steps).long()
    levels = levels[torch.randperm(_PAIRS, generator=generator)]
    total = 0.0
    for start in range(0, _PAIRS, _BATCH):
        items = chosen[start : start + _BATCH].numpy()
        x0 = torch.from_numpy(split.x[items]).to(model.device)
        noise = torch.randn(x0.shape, generator=generator).to(model.device)
        t = levels[start : start + _BATCH].to(model.device)
        y = torch.from_numpy(split.y[items]).to(model.device) if model.classes and split.y is not None else None
        said = model.says(model.noising.diffuse(x0, t, noise), t, y)
        total += float((said.eps - noise).square().flatten(1).mean(dim=1).sum())
    return total / _PAIRS


def denoising_metrics(model: DenoisingMethod, ruler: Ruler) -> dict[str, float]:
    """Errors on held-out and on training data, and the first against the best linear denoiser's."""
    held_out, seen = eps_error(model, ruler.dataset.test), eps_error(model, ruler.dataset.train)
    return {"eps_mse": held_out, "train_eps_mse": seen, "eps_mse_ratio": held_out / ruler.linear_eps_error}


def sample_metrics(model: DenoisingMethod, ruler: Ruler, *, count: int, steps: int) -> dict[str, float]:
    """Quality of `count` samples drawn with DDIM in `steps` steps; none when samples are not finite."""
    samples = quality.flat(model.draw(SampleRequest(count=count, steps=steps, seed=model.options.seed)))
    if not np.isfinite(samples).all():
        return {}
    found: dict[str, float] = {}
    near, usual = quality.nearest_distances(samples, ruler.train), ruler.usual_distances
    if ruler.dataset.kind == "image":
        project = ruler.components.project
        found["fd_pca16"] = quality.frechet_distance(project(samples), project(ruler.test))
        found["nn_ratio"] = float(near.mean() / max(usual.mean(), 1e-12))
    else:
        found["sliced_w2"] = quality.sliced_wasserstein(samples, ruler.test)
        found["on_data"] = float(np.mean(near <= np.quantile(usual, _ON_DATA)))
    if ruler.judge is not None:
        found["classes"] = ruler.judge.seen(samples)
        if model.classes:
            asked = np.arange(len(samples)) % len(model.classes)
            found["class_accuracy"] = float(np.mean(ruler.judge.labels(samples) == asked))
    return found


def reference_lines(model: DenoisingMethod, ruler: Ruler) -> list[ReferenceLine]:
    """Best linear denoiser, memoriser, real against real, chance."""
    best = Text(en="best linear denoiser", hi="सबसे अच्छा रेखीय डीनॉइज़र")
    heart = Text(en="training data by heart", hi="ट्रेनिंग डेटा रटा हुआ")
    real = Text(
        en=f"real training data against real held-out data (n = {len(ruler.test):,})",
        hi=f"असली ट्रेनिंग डेटा बनाम असली अलग रखा डेटा (n = {len(ruler.test):,})",
    )
    in_v = float(ruler.linear.v_error().mean())
    lines = [
        ReferenceLine("loss", ruler.linear_eps_error if model.objective == "eps" else in_v, best),
        ReferenceLine("eps_mse", ruler.linear_eps_error, best),
        ReferenceLine("train_eps_mse", ruler.memoriser_eps_error, heart),
        ReferenceLine("eps_mse_ratio", 1.0, best),
    ]
    if ruler.dataset.kind == "image":
        project = ruler.components.project
        floor = quality.frechet_distance(project(ruler.train), project(ruler.test))
        lines += [ReferenceLine("fd_pca16", floor, real), ReferenceLine("nn_ratio", 1.0, real)]
    else:
        floor = quality.sliced_wasserstein(ruler.train, ruler.test)
        lines += [ReferenceLine("sliced_w2", floor, real), ReferenceLine("on_data", _ON_DATA, real)]
    if model.classes:
        chance = Text(en="chance", hi="संयोग")
        lines.append(ReferenceLine("class_accuracy", 1 / len(model.classes), chance))
    return lines
