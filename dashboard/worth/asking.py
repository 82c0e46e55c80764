"""Ask for the figures until all are there: each answer is shown at once, and whoever stops asking ends the work."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from dashboard.compute.client import ask
from dashboard.compute.framing import Message
from dashboard.settings import Settings
from dashboard.worth.request import WorthRequest
from dashboard.worth.results import Results
from data.text import Problem

TIMEOUT_S = 300.0
"""For one slice of the work: a large network that trains on all labels once."""


@dataclass(frozen=True)
class Measured:
    """What is known by now: how many figures are still missing, of how many."""

    results: Results
    left: int
    total: int


def measured(settings: Settings, request: WorthRequest) -> Generator[Measured, None, None]:
    """Everything known after each slice of the work; the last has nothing left. A worker that dies costs one figure, twice in a row it ends this.

    Raises:
        Problem: As `dashboard.compute.client.ask`; the run or the data cannot be compared.
    """
    left, died = 1, False
    while left:
        try:
            known = from_answer(ask(settings, "worth", request.values(), timeout_s=TIMEOUT_S))
        except Problem as problem:
            if died or problem.code != "worker_stopped":
                raise
            died = True
            continue
        left, died = known.left, False
        yield known


def from_answer(said: Message) -> Measured:
    """The answer to one request "worth"."""
    return Measured(Results.of(said.values), int(said.values["left"]), int(said.values["total"]))
