"""What is to be trained: method, data set and their values, as one checked and storable thing."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class RunSpec(BaseModel):
    """A complete training order. The three dictionaries hold every field, defaults and preset filled in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str
    dataset: str
    preset: str = "small"
    method_config: dict[str, Any] = Field(default_factory=dict)
    dataset_config: dict[str, Any] = Field(default_factory=dict)
    training: dict[str, Any] = Field(default_factory=dict)
    loggers: tuple[str, ...] = ()
    """Lightning loggers switched on beside ours: "tensorboard", "mlflow", "wandb"."""
    start_from: str | None = None
    """Run id (newest checkpoint) or `run@step` whose weights this run begins with, or `file:<id>`, a kept weight file."""
    threads: int = Field(0, ge=0, le=64)
    memory_limit_mib: int = Field(0, ge=0)
