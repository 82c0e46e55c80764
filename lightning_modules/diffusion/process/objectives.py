"""What a denoiser is trained to say, and how the sayings translate into each other.

Notation: x_t = a x_0 + s eps with signal a and level s; sigma = s / a; SNR = 1 / sigma². One and the same guess of x_0 can be
said as any of these; its squared error L_x0 in x_0 then becomes `gain` times L_x0:

| name | the network outputs | source | gain |
|---|---|---|---|
| eps | eps | arXiv:2006.11239 | SNR |
| x0 | x_0 | arXiv:2006.11239 | 1 |
| v | a eps - s x_0, where a² + s² = 1 | arXiv:2202.00512 | SNR + 1 |
| flow | u = eps - x_0 = dx/dtau on the straight path, where a + s = 1 | arXiv:2209.03003, arXiv:2210.02747 | 1 / s² |
| edm | F in D = c_skip x + c_out F(c_in x) for x = x_t / a | arXiv:2206.00364, table 1 | 1 / c_out² |

Mind the sign of u: it points from data to noise, since tau grows with the noise; in the two papers time runs the other way
and the velocity is x_0 - eps = -u.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

ObjectiveName = Literal["eps", "x0", "v", "flow", "edm"]


@dataclass(frozen=True)
class Prediction:
    """What the network says about x_t, as both clean data `x0` and noise `eps` [batch, ...]."""

    x0: Tensor
    eps: Tensor


class Objective(ABC):
    """One way of saying it. All tensors are [batch, ...] or broadcast to it; signal and level as in `NoiseSchedule`."""

    name: ObjectiveName

    @abstractmethod
    def target(self, x0: Tensor, noise: Tensor, signal: Tensor, level: Tensor) -> Tensor:
        """What the network should output for x_t = signal x_0 + level noise."""

    @abstractmethod
    def interpret(self, output: Tensor, xt: Tensor, signal: Tensor, level: Tensor) -> Prediction:
        """The network's output as x_0 and eps."""

    @abstractmethod
    def gain(self, signal: Tensor, level: Tensor) -> Tensor:
        """Squared error of the output for a squared error of 1 in x_0."""

    def entering(self, xt: Tensor, signal: Tensor, level: Tensor) -> Tensor:
        """What the network is shown of x_t: x_t itself, unless the objective scales it."""
        return xt


class Eps(Objective):
    """The noise."""

    name = "eps"

    def target(self, x0: Tensor, noise: Tensor, signal: Tensor, level: Tensor) -> Tensor:
        """The noise itself."""
        return noise

    def interpret(self, output: Tensor, xt: Tensor, signal: Tensor, level: Tensor) -> Prediction:
        """x_0 = (x_t - s eps) / a."""
        return Prediction((xt - level * output) / signal, output)

    def gain(self, signal: Tensor, level: Tensor) -> Tensor:
        """SNR."""
        return (signal / level) ** 2


class X0(Objective):
    """The clean data."""

    name = "x0"

    def target(self, x0: Tensor, noise: Tensor, signal: Tensor, level: Tensor) -> Tensor:
        """The data itself."""
        return x0

    def interpret(self, output: Tensor, xt: Tensor, signal: Tensor, level: Tensor) -> Prediction:
        """eps = (x_t - a x_0) / s."""
        return Prediction(output, (xt - signal * output) / level)

    def gain(self, signal: Tensor, level: Tensor) -> Tensor:
        """1."""
        return (signal / level) ** 0


class V(Objective):
    """The velocity on the circle a² + s² = 1; for variance-preserving paths only."""

    name = "v"

    def target(self, x0: Tensor, noise: Tensor, signal: Tensor, level: Tensor) -> Tensor:
        """a eps - s x_0."""
        return signal * noise - level * x0

    def interpret(self, output: Tensor, xt: Tensor, signal: Tensor, level: Tensor) -> Prediction:
        """x_0 = a x_t - s v, eps = s x_t + a v."""
        return Prediction(signal * xt - level * output, level * xt + signal * output)

    def gain(self, signal: Tensor, level: Tensor) -> Tensor:
        """SNR + 1 = 1 / s²."""
        return (signal / level) ** 2 + 1


class Flow(Objective):
    """The velocity dx/dtau of the straight path a + s = 1, from data to noise."""

    name = "flow"

    def target(self, x0: Tensor, noise: Tensor, signal: Tensor, level: Tensor) -> Tensor:
        """u = eps - x_0."""
        return noise - x0

    def interpret(self, output: Tensor, xt: Tensor, signal: Tensor, level: Tensor) -> Prediction:
        """x_0 = x_t - s u, eps = x_t + a u."""
        return Prediction(xt - level * output, xt + signal * output)

    def gain(self, signal: Tensor, level: Tensor) -> Tensor:
        """(1 / s)²: an error d in x_0 makes eps wrong by -(a / s) d, so u by -(a / s + 1) d."""
        return (signal / level + 1) ** 2


@dataclass(frozen=True)
class EDM(Objective):
    """The preconditioned output F, of about unit variance at every noise level.

    `sigma_data` is the spread of the data; where it differs from item to item, a tensor that multiplies [batch, ...].
    """

    sigma_data: float | Tensor = 0.5
    name = "edm"

    def c_skip(self, sigma: Tensor) -> Tensor:
        """sigma_data² / (sigma² + sigma_data²)."""
        return self.sigma_data**2 / (sigma**2 + self.sigma_data**2)

    def c_out(self, sigma: Tensor) -> Tensor:
        """sigma sigma_data / sqrt(sigma² + sigma_data²)."""
        return sigma * self.sigma_data / (sigma**2 + self.sigma_data**2) ** 0.5

    def c_in(self, sigma: Tensor) -> Tensor:
        """1 / sqrt(sigma² + sigma_data²)."""
        return 1 / (sigma**2 + self.sigma_data**2) ** 0.5

    @staticmethod
    def c_noise(sigma: Tensor) -> Tensor:
        """ln(sigma) / 4: how the network is told the noise level."""
        return sigma.log() / 4

    def target(self, x0: Tensor, noise: Tensor, signal: Tensor, level: Tensor) -> Tensor:
        """F = (x_0 - c_skip x) / c_out for x = x_0 + sigma eps."""
        sigma = level / signal
        return (x0 - self.c_skip(sigma) * (x0 + sigma * noise)) / self.c_out(sigma)

    def interpret(self, output: Tensor, xt: Tensor, signal: Tensor, level: Tensor) -> Prediction:
        """x_0 = c_skip x + c_out F."""
        sigma = level / signal
        x0 = self.c_skip(sigma) * (xt / signal) + self.c_out(sigma) * output
        return Prediction(x0, (xt - signal * x0) / level)

    def gain(self, signal: Tensor, level: Tensor) -> Tensor:
        """1 / c_out²."""
        return 1 / self.c_out(level / signal) ** 2

    def entering(self, xt: Tensor, signal: Tensor, level: Tensor) -> Tensor:
        """c_in x: unit variance at every noise level."""
        return self.c_in(level / signal) * (xt / signal)


OBJECTIVES: dict[str, Objective] = {"eps": Eps(), "x0": X0(), "v": V(), "flow": Flow()}
"""Those without parameters, by name."""


def clipped(prediction: Prediction, xt: Tensor, signal: Tensor, level: Tensor, bound: float = 1.0) -> Prediction:
    """The prediction with x_0 kept in [-bound, bound], and eps changed to agree with it."""
    x0 = prediction.x0.clamp(-bound, bound)
    return Prediction(x0, (xt - signal * x0) / level)
