"""What every explanation is, whatever explains whatever: numbers of one item, and what speaks for or against them.

Notation: f the model's score of the target, x the item, b the base value (the score where nothing is known of x). Of an
additive method, `base_value + attributions.sum() = prediction`.

An explainer is a generator: it yields an `Explanation` as soon as there is one to see, then sharper ones; the last is the
answer. Between two of them it may be ended (a person left), so it holds nothing that must be put back. It draws random
numbers from a generator it makes of its config's seed and nowhere else. To travel from a worker to a page, an explanation is
taken apart by `to_parts` and put together again by `from_parts`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from data.text import Text

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Finding:
    """One piece of evidence: a measured number, and whether it speaks for the explanation.

    `speaks_for` is None where the number informs and does not judge. `text` says in one sentence what was found, and
    `title` what was measured.
    """

    title: Text
    text: Text
    value: float
    speaks_for: bool | None = None


@dataclass(frozen=True)
class Explanation:
    """One answer, or a snapshot on the way to it.

    Attributes:
        attributions: What each part of the item adds to the score; [features], [tokens] or [height, width].
        prediction: f(x), the score that is explained.
        target: What the score is of: a class, or the quantity that is predicted.
        base_value: b, for methods that add up; None for the others.
        half_width: Half widths of 95 % intervals, of the shape of `attributions`; None where nothing was sampled.
        seconds: Time so far.
        model_calls: Items the model was asked about so far.
        converged: Whether more work would not change what is seen; of exact methods, true.
        evidence: What was found out about this explanation, by name.
        details: Plain values of this method alone, such as names of counterfactual changes.
        arrays: Arrays of this method alone, such as the curve of a feature.
    """

    attributions: Array
    prediction: float
    target: str
    base_value: float | None = None
    half_width: Array | None = None
    seconds: float = 0.0
    model_calls: int = 0
    converged: bool = True
    evidence: Mapping[str, Finding] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.attributions.dtype != np.float64:
            raise TypeError(f"attributions are float64, not {self.attributions.dtype}")
        if self.half_width is not None and self.half_width.shape != self.attributions.shape:
            raise ValueError("there is one half width for each attribution")

    @property
    def additivity_error(self) -> float | None:
        """|b + sum of attributions - f(x)|; None for methods that do not add up."""
        if self.base_value is None:
            return None
        return abs(self.base_value + math.fsum(self.attributions.ravel()) - self.prediction)

    def with_evidence(self, **findings: Finding) -> Explanation:
        """The same explanation with more evidence."""
        return replace(self, evidence={**self.evidence, **findings})


def to_parts(one: Explanation) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """An explanation as plain values and arrays by name, as `dashboard.compute.framing` sends them."""
    values = {
        "prediction": float(one.prediction),
        "target": str(one.target),
        "base_value": None if one.base_value is None else float(one.base_value),
        "seconds": float(one.seconds),
        "model_calls": int(one.model_calls),
        "converged": bool(one.converged),
        "evidence": {name: _plain(finding) for name, finding in one.evidence.items()},
        "details": dict(one.details),
    }
    arrays: dict[str, npt.NDArray[Any]] = {f"own/{name}": array for name, array in one.arrays.items()}
    arrays["attributions"] = one.attributions
    if one.half_width is not None:
        arrays["half_width"] = one.half_width
    return values, arrays


def from_parts(values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Explanation:
    """The explanation that `to_parts` took apart."""
    return Explanation(
        attributions=arrays["attributions"],
        prediction=float(values["prediction"]),
        target=str(values["target"]),
        base_value=None if values["base_value"] is None else float(values["base_value"]),
        half_width=arrays.get("half_width"),
        seconds=float(values["seconds"]),
        model_calls=int(values["model_calls"]),
        converged=bool(values["converged"]),
        evidence={name: _finding(told) for name, told in values["evidence"].items()},
        details=values["details"],
        arrays={name.removeprefix("own/"): array for name, array in arrays.items() if name.startswith("own/")},
    )


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "title": finding.title.model_dump(),
        "text": finding.text.model_dump(),
        "value": float(finding.value),
        "speaks_for": None if finding.speaks_for is None else bool(finding.speaks_for),
    }


def _finding(told: Mapping[str, Any]) -> Finding:
    return Finding(Text(**told["title"]), Text(**told["text"]), float(told["value"]), told["speaks_for"])
