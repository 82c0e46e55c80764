"""What a run is expected to need. Plain data: pages read it, workers make it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Estimate(BaseModel):
    """What a run is expected to need. `seconds` counts steps, evaluations and pictures; `mib` is above the idle process."""

    model_config = ConfigDict(frozen=True)

    seconds: float
    mib: int
    step_seconds: float
    looking_seconds: float
    """Of one evaluation plus one set of pictures; 0 when steps are so slow that these were not measured."""
    weights: int
    items: int
