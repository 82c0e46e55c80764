"""A contest: several methods, the same data, the same budget, several seeds; from a wish to queued runs.

Equal budget means equal steps of equal batches, or equal seconds of training: then a few real steps of each method are
measured, and each gets as many steps as fit. Everything else stays as the method's preset has it. The runs of one entrant
are a group, so that pages draw them as one curve; all runs of a contest bear its tag.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from dashboard.catalogue import Catalogue
from dashboard.jobs import control
from dashboard.jobs.spec import RunSpec
from dashboard.settings import Settings
from dashboard.tracking.records import Run, RunFilter
from dashboard.tracking.store import Store
from data.text import Problem, Text

TAG = "contest-"
MOST_ENTRANTS = 12
MOST_SEEDS = 20
BETWEEN = " · "
_LOOKS = 8
"""Evaluations in a run: enough to see whether its second half wavers."""
_QUALITY_SAMPLES = {"points": 2000}
_QUALITY_SAMPLES_ELSE = 500


class Entrant(BaseModel):
    """One method with some of its settings changed."""

    model_config = ConfigDict(frozen=True)

    method: str
    changes: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def parse(cls, word: str) -> Entrant:
        """`gan` or `gan:stabiliser=r1:penalty_weight=0.5`.

        Raises:
            Problem: A part after the colon is not KEY=VALUE.
        """
        method, *settings = (part.strip() for part in word.split(":"))
        changes = {}
        for setting in settings:
            key, equals, value = setting.partition("=")
            if not equals or not key:
                raise Problem(
                    Text(en=f"“{setting}” is not KEY=VALUE, such as gan:stabiliser=r1.", hi=f"“{setting}” KEY=VALUE के रूप में नहीं है, जैसे gan:stabiliser=r1।"),
                    code="bad_pair", field="methods",
                )  # fmt: skip
            changes[key] = value
        return cls(method=method, changes=changes)

    @property
    def label(self) -> str:
        """What the entrant is called in tables."""
        told = ", ".join(f"{key}={value}" for key, value in self.changes.items())
        return f"{self.method} ({told})" if told else self.method


class Contest(BaseModel):
    """What is to be compared. Steps and batch size: those of the first entrant's preset where they are not given."""

    model_config = ConfigDict(frozen=True)

    dataset: str
    entrants: tuple[Entrant, ...]
    seeds: int = 3
    first_seed: int = 0
    preset: str = "small"
    steps: int | None = None
    batch_size: int | None = None
    seconds: float | None = None
    """Training seconds a run, instead of steps."""
    shared: dict[str, Any] = Field(default_factory=dict)
    """Settings of all entrants, such as those of the data, by flat key."""


@dataclass(frozen=True)
class Entered:
    """A contest whose runs are queued; `id` is what it is asked for by."""

    id: str
    runs: list[Run]


def orders(catalogue: Catalogue, contest: Contest) -> list[RunSpec]:
    """One order for each entrant, all with the same steps and batch size; seeds are not set yet.

    Raises:
        Problem: Too few or too many entrants or seeds, two alike, or an entrant that cannot be ordered.
    """
    _check(contest)
    first = catalogue.resolve(contest.entrants[0].method, contest.dataset, contest.preset)
    steps = contest.steps or int(first.training["steps"])
    batch_size = contest.batch_size or int(first.training["batch_size"])
    kind = catalogue.datasets[contest.dataset].kind
    found = []
    for entrant in contest.entrants:
        fields = {
            field.name for field in catalogue.order(entrant.method, contest.dataset, contest.preset).sections["method"]
        }
        measured = (
            {"quality_samples": _QUALITY_SAMPLES.get(kind, _QUALITY_SAMPLES_ELSE)}
            if "quality_samples" in fields
            else {}
        )
        changes = {"training.batch_size": batch_size, **_paced(steps), **measured, **contest.shared, **entrant.changes}
        found.append(catalogue.resolve(entrant.method, contest.dataset, contest.preset, changes))
    return found


def enter(
    store: Store, settings: Settings, catalogue: Catalogue, contest: Contest, *, token: str | None = None
) -> Entered:
    """Check every order where torch is, and queue all runs, seed by seed, so that a slow hour hits all entrants alike.

    Args:
        store: The run store.
        settings: The settings of this home.
        catalogue: What can be chosen.
        contest: What is to be compared.
        token: Made once per form; the same token never starts a second contest.

    Raises:
        Problem: Something is wrong with the contest or with an order.
    """
    identity = uuid.uuid5(uuid.NAMESPACE_OID, token).hex[:6] if token else uuid.uuid4().hex[:6]
    wanted = orders(catalogue, contest)
    control.ensure_supervisor(settings)
    specs = [_checked(settings, spec, contest.seconds) for spec in wanted]
    runs = []
    for seed in range(contest.first_seed, contest.first_seed + contest.seeds):
        for entrant, spec in zip(contest.entrants, specs, strict=True):
            one = spec.model_copy(update={"training": {**spec.training, "seed": seed}})
            runs += control.submit(
                store, settings, one,
                token=f"contest:{identity}:{entrant.label}:{seed}",
                name=BETWEEN.join((entrant.label, contest.dataset, str(seed))),
                group=BETWEEN.join((entrant.label, contest.dataset, identity)),
                tags=(TAG + identity,),
            )  # fmt: skip
    return Entered(identity, runs)


def runs_of(store: Store, identity: str) -> list[Run]:
    """The runs of a contest in the order they were queued.

    Raises:
        Problem: There is no contest of this id (`unknown_contest`).
    """
    found = store.runs(RunFilter(tags=(TAG + identity.removeprefix(TAG),), descending=False))
    if not found:
        raise Problem(
            Text(en=f"There is no contest “{identity}”.", hi=f"“{identity}” नाम का कोई मुकाबला नहीं है।"),
            code="unknown_contest", field="CONTEST",
        )  # fmt: skip
    return found


def entrant_of(run: Run) -> str:
    """The label of the entrant a run belongs to."""
    return (run.group or run.method).partition(BETWEEN)[0]


def _paced(steps: int) -> dict[str, int]:
    """Steps, and looks that are spread alike over every run."""
    pause = max(1, steps // _LOOKS)
    every = ("training.evaluate_every", "training.sample_every", "training.checkpoint_every")
    return {"training.steps": steps, **dict.fromkeys(every, pause)}


def _checked(settings: Settings, spec: RunSpec, seconds: float | None) -> RunSpec:
    prepared = control.prepare(settings, spec, measure=seconds is not None)
    for field, text in prepared.errors.items():
        raise Problem(Text(en=f"{spec.method}: {text.en}", hi=f"{spec.method}: {text.hi}"), code="invalid", field=field)
    assert prepared.spec is not None
    if seconds is None or prepared.estimate is None:
        return prepared.spec
    steps = max(1, round(seconds / max(prepared.estimate.step_seconds, 1e-6)))
    paced: Mapping[str, int] = {key.partition(".")[2]: value for key, value in _paced(steps).items()}
    return prepared.spec.model_copy(update={"training": {**prepared.spec.training, **paced}})


def _check(contest: Contest) -> None:
    labels: Sequence[str] = [entrant.label for entrant in contest.entrants]
    if not 2 <= len(labels) <= MOST_ENTRANTS or len(set(labels)) < len(labels):
        raise Problem(
            Text(en=f"A contest needs between 2 and {MOST_ENTRANTS} different methods.", hi=f"मुकाबले में 2 से {MOST_ENTRANTS} अलग-अलग मेथड चाहिए।"),
            code="bad_entrants", field="methods",
        )  # fmt: skip
    if not 1 <= contest.seeds <= MOST_SEEDS:
        raise Problem(
            Text(en=f"A contest needs between 1 and {MOST_SEEDS} seeds.", hi=f"मुकाबले में 1 से {MOST_SEEDS} सीड चाहिए।"),
            code="bad_seeds", field="seeds",
        )  # fmt: skip
    if contest.seconds is not None and (contest.steps is not None or not 0 < contest.seconds <= 1e6):
        raise Problem(
            Text(en="Give the budget either as steps or as seconds above 0.", hi="बजट या तो स्टेप में दें या 0 से ज़्यादा सेकंड में।"),
            code="bad_budget", field="seconds",
        )  # fmt: skip
