"""Methods that learn from a slow copy of themselves: MoCo's key encoder, BYOL's target network, DINO's teacher.

After optimiser step n (counted from 0) of N: t <- m_n t + (1 - m_n) w for the weights w of the network. m_n is constant, or rises from m
to 1 along a cosine, m_n = 1 - (1 - m) (cos(π n / N) + 1) / 2 (arXiv:2006.07733, section 3.2). It depends on the step alone, and the
copy stands in the state dict: a resumed run has the same teacher to the bit.
"""

from __future__ import annotations

import math

from torch import nn

from data.catalog import Config, option
from data.text import Text
from lightning_modules.averages import Paired, averaged_copy
from lightning_modules.ssl.learner import RepresentationMethod


class TeacherOptions(Config):
    """How slowly the copy follows."""

    momentum: float = option(
        0.99, ge=0, le=1, symbol="m",
        title=Text(en="Momentum of the slow copy", hi="धीमी कॉपी का मोमेंटम"),
        help=Text(en="How much of itself the slow copy keeps at each step. Papers train for 100,000 steps and use 0.996 to 0.999; short runs need less.",
                  hi="हर स्टेप पर धीमी कॉपी अपना कितना हिस्सा बनाए रखे। पेपर 1,00,000 स्टेप तक 0.996 से 0.999 लेते हैं; छोटे रन में कम चाहिए।"),
        source="arXiv:1911.05722, section 3.2; arXiv:2006.07733, section 3.2",
    )  # fmt: skip


def rising(step: int, steps: int, first: float) -> float:
    """The momentum after step `step` of `steps`, from `first` to 1 along a cosine."""
    return 1 - (1 - first) * (math.cos(math.pi * min(step, steps) / steps) + 1) / 2


class TaughtMethod(RepresentationMethod):
    """A `RepresentationMethod` with a `teacher`; call `follow` in the constructor after `adopt`."""

    def follow(self, *, momentum: float, rises: bool) -> None:
        """Begin the slow copy of `network`."""
        self.teacher: nn.Module = averaged_copy(self.network)
        self._momentum, self._rises = momentum, rises
        self._taught: Paired | None = None

    def momentum_at(self, step: int) -> float:
        """What the teacher keeps of itself after optimiser step `step`, counted from 0."""
        return rising(step, self.options.steps, self._momentum) if self._rises else self._momentum

    def move_average(self, step: int) -> None:
        """The moving average of every method, and the teacher."""
        super().move_average(step)
        if self._taught is None:
            self._taught = Paired.of(self.teacher, self.network)
        self._taught.update(self.momentum_at(step))
