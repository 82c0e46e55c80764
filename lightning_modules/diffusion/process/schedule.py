"""Noise schedules: how much of the data and how much noise stand in x_t, at the levels t = 0..T-1 and between them.

Every process here is a Gaussian path x_t = signal_t x_0 + level_t eps, eps ~ N(0, I). Three families of paths:

* "preserving" (VP): signal² + level² = 1. Then `alphas_cumprod` (written ab_t, the share of signal left) is signal².
  linear: arXiv:2006.11239, section 4; cosine: arXiv:2102.09672, equation 17; sigmoid: arXiv:2212.11972, algorithm 1.
* "straight" (rectified flow, arXiv:2209.03003, flow matching, arXiv:2210.02747): signal = 1 - tau, level = tau. Those papers
  count time from noise to data; here tau grows with the noise, as t does everywhere else.
* "exploding" (VE): signal = 1, level = sigma. The ladder of arXiv:2206.00364, equation 5.

What tells levels apart is sigma = level / signal, or log-SNR = -2 log sigma. Between two levels log-SNR is interpolated
linearly in t, so samplers and training may stand at any real t in [0, T-1]. Schedules are plain values, never buffers:
they are no part of a checkpoint.

The linear schedule is written for T = 1000. Used as it stands with T = 50 it would leave sqrt(ab_T) = 78 % of the
signal at the end, while sampling starts from pure noise; here its betas are scaled by 1000 / T, and a schedule that
leaves more than 5 % is refused (cf. arXiv:2305.08891).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import torch
from torch import Tensor

from data.text import Problem, Text

ScheduleName = Literal["linear", "cosine", "sigmoid"]
Path = Literal["preserving", "straight", "exploding"]

LARGEST_SIGNAL_LEFT = 0.05
SMALLEST_SIGMA, LARGEST_SIGMA, RHO = 0.002, 80.0, 7.0
_LARGEST_BETA = 0.999
_COSINE_OFFSET = 0.008
_SIGMOID_REACH = 3.0
_CLOSEST_TO_AN_END = 5e-4


@dataclass(frozen=True, eq=False)
class NoiseSchedule:
    """`signals` and `levels` [T] in float64, the factors of x_0 and of eps; noise grows with t.

    Raises:
        Problem: More than 5 % of the signal is left at the last level (`schedule_leaves_signal`).
    """

    signals: Tensor
    levels: Tensor
    path: Path = "preserving"

    def __post_init__(self) -> None:
        left = float(self.signals[-1]) / self.start_scale
        if left > LARGEST_SIGNAL_LEFT:
            raise Problem(
                Text(
                    en=f"{self.steps} noise steps leave {left:.0%} of the signal at the end; take more steps.",
                    hi=f"{self.steps} नॉइज़ स्टेप के बाद भी {left:.0%} सिग्नल बचता है; स्टेप बढ़ाएँ।",
                ),
                code="schedule_leaves_signal",
                field="noise_steps",
            )

    @classmethod
    def from_betas(cls, betas: Tensor) -> NoiseSchedule:
        """The variance-preserving schedule with the noise `betas` [T] added at each step."""
        left = torch.cumprod(1 - betas, dim=0)
        return cls(left.sqrt(), (1 - left).sqrt())

    @property
    def steps(self) -> int:
        """T, the number of noise levels."""
        return len(self.signals)

    @property
    def start_scale(self) -> float:
        """Scale of x_T for data of unit variance; a walk from pure noise begins at this times N(0, I)."""
        return float((self.signals[-1].square() + self.levels[-1].square()).sqrt())

    @cached_property
    def alphas_cumprod(self) -> Tensor:
        """ab_t [T]: the share of the signal in the variance, SNR / (1 + SNR); on a preserving path signal²."""
        return self.signals.square() / (self.signals.square() + self.levels.square())

    @cached_property
    def betas(self) -> Tensor:
        """Share of noise added at each step [T]: 1 - ab_t / ab_{t-1}."""
        return 1 - self.alphas_cumprod / self._before

    @cached_property
    def snr(self) -> Tensor:
        """Signal-to-noise ratio signal² / level² [T]."""
        return (self.signals / self.levels).square()

    @cached_property
    def sigmas(self) -> Tensor:
        """Noise in units of the signal, level / signal [T]."""
        return self.levels / self.signals

    @cached_property
    def posterior_variance(self) -> Tensor:
        """Variance of q(x_{t-1} | x_t, x_0) on a preserving path [T]: arXiv:2006.11239, equation 7; 0 at t = 0."""
        return self.betas * (1 - self._before) / (1 - self.alphas_cumprod)

    def factors(self, t: float | None) -> tuple[float, float]:
        """Signal and level at a real t in [0, T-1]; at None, clean data, they are 1 and 0."""
        if t is None:
            return 1.0, 0.0
        if t == int(t):
            return float(self.signals[int(t)]), float(self.levels[int(t)])
        signal, level = self._between(torch.tensor(t, dtype=torch.float64))
        return float(signal), float(level)

    def signal_and_noise(self, t: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
        """Signal and level at t [batch], whole or real, shaped to multiply `like` [batch, ...]."""
        if t.dtype.is_floating_point:
            signal, level = self._between(t.double())
        else:
            signal, level = self.signals.to(t.device)[t], self.levels.to(t.device)[t]
        shape = (-1, *([1] * (like.dim() - 1)))
        return signal.view(shape).to(like.dtype), level.view(shape).to(like.dtype)

    def diffuse(self, x0: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """x_t for x_0 [batch, ...], t [batch] and standard normal noise [batch, ...]."""
        signal, level = self.signal_and_noise(t, x0)
        return signal * x0 + level * noise

    def t_of(self, sigma: Tensor) -> Tensor:
        """The real t [batch] at which level / signal is `sigma` [batch]; sigmas beyond the ends come to the ends."""
        known, wanted = self.sigmas.to(sigma.device).log(), sigma.double().log()
        below = (torch.searchsorted(known, wanted) - 1).clamp(0, self.steps - 2)
        step = known[below + 1] - known[below]
        return (below + (wanted - known[below]) / step).clamp(0, self.steps - 1)

    def _between(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """Signal and level at real t of any shape, in float64."""
        below = t.floor().long().clamp(0, self.steps - 2)
        sigmas = self.sigmas.to(t.device)
        share = t - below
        sigma = torch.exp((1 - share) * sigmas[below].log() + share * sigmas[below + 1].log())
        if self.path == "preserving":
            signal = (1 + sigma.square()).rsqrt()
        elif self.path == "straight":
            signal = 1 / (1 + sigma)
        else:
            signal = torch.ones_like(sigma)
        return signal, signal * sigma

    @property
    def _before(self) -> Tensor:
        return torch.cat([torch.ones(1, dtype=torch.float64), self.alphas_cumprod[:-1]])


def noise_schedule(name: ScheduleName, steps: int) -> NoiseSchedule:
    """The variance-preserving schedule `name` with `steps` noise steps.

    Raises:
        Problem: It would leave signal at the last step (`schedule_leaves_signal`).
    """
    if name == "linear":
        scale = 1000 / steps
        betas = torch.linspace(1e-4 * scale, 0.02 * scale, steps, dtype=torch.float64)
        return NoiseSchedule.from_betas(betas.clamp(max=_LARGEST_BETA))
    grid = torch.arange(steps + 1, dtype=torch.float64) / steps
    if name == "cosine":
        left = torch.cos((grid + _COSINE_OFFSET) / (1 + _COSINE_OFFSET) * torch.pi / 2) ** 2
    else:
        ends = torch.tensor([-_SIGMOID_REACH, _SIGMOID_REACH], dtype=torch.float64).sigmoid()
        left = (ends[1] - (_SIGMOID_REACH * (2 * grid - 1)).sigmoid()) / (ends[1] - ends[0])
    return NoiseSchedule.from_betas((1 - left[1:] / left[:-1]).clamp(max=_LARGEST_BETA))


def shifted(schedule: NoiseSchedule, factor: float) -> NoiseSchedule:
    """A variance-preserving schedule with sigma times `factor` at every step: log-SNR moved by -2 ln(factor), arXiv:2301.11093, section 3.1.

    For data whose spread is `factor` times that of the data the schedule was made for.

    Raises:
        ValueError: The path is another one.
        Problem: It would leave signal at the last step (`schedule_leaves_signal`).
    """
    if schedule.path != "preserving":
        raise ValueError(f"a schedule on the path {schedule.path!r} is not shifted this way")
    sigmas = schedule.sigmas * factor
    signals = (1 + sigmas.square()).rsqrt()
    return NoiseSchedule(signals, signals * sigmas)


def rectified_flow(steps: int = 1000) -> NoiseSchedule:
    """The straight path, tau evenly from 0.0005 to 0.9995: the ends themselves have no finite log-SNR."""
    tau = torch.linspace(_CLOSEST_TO_AN_END, 1 - _CLOSEST_TO_AN_END, steps, dtype=torch.float64)
    return NoiseSchedule(1 - tau, tau, "straight")


def edm_sigmas(
    steps: int, *, smallest: float = SMALLEST_SIGMA, largest: float = LARGEST_SIGMA, rho: float = RHO
) -> Tensor:
    """The ladder of arXiv:2206.00364, equation 5, from the largest sigma down to the smallest [steps]."""
    share = torch.linspace(0, 1, steps, dtype=torch.float64)
    sigmas: Tensor = (largest ** (1 / rho) + share * (smallest ** (1 / rho) - largest ** (1 / rho))) ** rho
    return sigmas


def exploding(sigmas: Tensor) -> NoiseSchedule:
    """The variance-exploding path through `sigmas` [T], given from the largest to the smallest."""
    levels = sigmas.double().flip(0)
    return NoiseSchedule(torch.ones_like(levels), levels, "exploding")
