"""What a truth is, and how it is found out whether it holds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Tensor

from data.text import Problem, Text


@dataclass(frozen=True)
class Found:
    """The number our code gives, the one it must give, and how far apart they may be."""

    got: float
    expected: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether they agree; what is not finite agrees with nothing."""
        return math.isfinite(self.got) and abs(self.got - self.expected) <= self.tolerance


@dataclass(frozen=True)
class Outcome:
    """What came of checking one truth; `trouble` is an error instead of a number."""

    truth: Truth
    found: Found | None
    seconds: float
    trouble: str = ""

    @property
    def holds(self) -> bool:
        """Whether the truth holds."""
        return self.found is not None and self.found.holds


Find = Callable[[], Found]
Finder = TypeVar("Finder", bound=Find)


@dataclass(frozen=True)
class Truth:
    """One truth: `name` is `<subject>.<what>`, `claim` one sentence, `source` where it is known from."""

    name: str
    claim: Text
    source: str
    find: Find

    def check(self) -> Outcome:
        """Find out, without gradients and from a seed of its own; an error counts as not holding and is told."""
        began = time.perf_counter()
        state = torch.get_rng_state()
        try:
            with torch.no_grad():
                torch.manual_seed(0)
                return Outcome(self, self.find(), time.perf_counter() - began)
        except Problem as problem:
            return Outcome(self, None, time.perf_counter() - began, problem.text.en)
        except Exception as error:  # one broken piece must not hide what the others say
            return Outcome(self, None, time.perf_counter() - began, f"{type(error).__name__}: {error}")
        finally:
            torch.set_rng_state(state)


@dataclass
class Subject:
    """Collects the truths of one file."""

    name: str
    truths: list[Truth] = field(default_factory=list)

    def says(self, name: str, en: str, hi: str, source: str = "") -> Callable[[Finder], Finder]:
        """Make the function below a truth of this subject."""

        def keep(find: Finder) -> Finder:
            self.truths.append(Truth(f"{self.name}.{name}", Text(en=en, hi=hi), source, find))
            return find

        return keep


def apart(one: Tensor, other: Tensor, tolerance: float) -> Found:
    """That two tensors are the same: the largest difference must be 0 within `tolerance`."""
    return Found(float((one - other).abs().max()), 0.0, tolerance)


def normal(seed: int, *shape: int) -> Tensor:
    """Standard normal numbers of a seed, float64."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
