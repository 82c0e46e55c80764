"""Held-out measures of a denoiser and of its samples, and the levels they are read against.

All randomness is fixed (same items, noise levels and noise at every evaluation), so a curve moves because the
model does. The denoising error is stratified: the noise levels are spread evenly over all T.
"""

from __future__ import annotations

from functools import cached_property

import torch

from data.catalog import Dataset, ReferenceLine, Split
from data.text import Text
from lightning_modules import quality
from lightning_modules import samples as measures
from lightning_modules.diffusion.closed_form import GaussianDenoiser, memoriser_eps_error
from lightning_modules.diffusion.denoising import DenoisingMethod
from lightning_modules.diffusion.requests import SampleRequest
from lightning_modules.diffusion.schedule import NoiseSchedule

_PAIRS = 1000
_BATCH = 256
_QUERIES = 64


class Ruler(measures.Ruler):
    """What one data set is measured with: everything that does not depend on the model, worked out once when needed."""

    def __init__(self, dataset: Dataset, noising: NoiseSchedule) -> None:
        super().__init__(dataset)
        self.noising = noising

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
    return measures.measured(samples, ruler, asked=len(model.classes))


def reference_lines(model: DenoisingMethod, ruler: Ruler) -> list[ReferenceLine]:
    """Best linear denoiser, memoriser, real against real, chance."""
    best = Text(en="best linear denoiser", hi="सबसे अच्छा रेखीय डीनॉइज़र")
    heart = Text(en="training data by heart", hi="ट्रेनिंग डेटा रटा हुआ")
    in_v = float(ruler.linear.v_error().mean())
    lines = [
        ReferenceLine("loss", ruler.linear_eps_error if model.objective == "eps" else in_v, best),
        ReferenceLine("eps_mse", ruler.linear_eps_error, best),
        ReferenceLine("train_eps_mse", ruler.memoriser_eps_error, heart),
        ReferenceLine("eps_mse_ratio", 1.0, best),
    ]
    return lines + measures.real_lines(ruler, asked=len(model.classes))
