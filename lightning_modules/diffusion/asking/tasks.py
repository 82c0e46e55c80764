"""What the model of a method can do to a person's own picture, told without importing torch."""

from __future__ import annotations

from typing import Literal

Task = Literal["inpaint", "upscale", "colorize"]
TASKS: tuple[Task, ...] = ("inpaint", "upscale", "colorize")

_TRAINED_FOR: dict[str, Task] = {"super_resolution": "upscale", "colorization": "colorize"}


def task_of(method: str) -> Task:
    """The request for a method's models: whatever is not trained for another task can fill, if it can do anything."""
    return _TRAINED_FOR.get(method, "inpaint")
