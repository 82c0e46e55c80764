"""What the model of a method can do to a person's own picture, told without importing torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Task = Literal["inpaint", "upscale", "colorize"]
TASKS: tuple[Task, ...] = ("inpaint", "upscale", "colorize")


def task_of(answers: Sequence[str]) -> Task:
    """The request for models of a method whose card lists these `answers`: what is trained for no other task can fill, if it can do anything."""
    return next((task for task in TASKS if task in answers), "inpaint")
