"""The catalogue: every method, data set and way to explain as plain data, so that pages and listings never import torch.

The process that has torch publishes it (`dashboard.publishing`); everybody else calls `read`. The file is named by a hash of all that could
change it (the declarations' files, a person's plug-ins, the entry points of installed packages), so a stale
catalogue is never read: `read` returns None until the new one is published.

`Catalogue.resolve` turns a method, a data set, a preset and flat changes such as `{"steps": "500"}` into a `RunSpec`.
Form and command line both use it, so both say the same.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.metadata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

import data
import lightning_modules
from dashboard.explain.entry import ExplainerEntry
from dashboard.jobs.spec import RunSpec
from dashboard.resolution import Order, resolve
from dashboard.settings import Settings
from data.catalog import Kind, SubjectKind, misfit
from data.discovery import ENTRY_POINTS
from data.fields import Field
from data.text import Problem, Text

FORMAT = 4
PRESETS = ("tiny", "small", "base")


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True)


class AlarmEntry(_Entry):
    """When a metric means trouble; the fields are those of `data.catalog.Alarm`."""

    below: float
    text: Text


class MetricEntry(_Entry):
    """A metric a method logs; the fields are those of `data.catalog.MetricCard`."""

    name: str
    title: Text
    help: Text
    better: str | None = None
    headline: bool = False
    log_axis: bool = False
    unit: str = ""
    alarm: AlarmEntry | None = None
    verdict: bool = False


class PresetEntry(_Entry):
    """Values under one name; `kinds` and `datasets` narrow where they apply (empty: everywhere)."""

    name: str
    values: dict[str, Any]
    kinds: tuple[Kind, ...] = ()
    datasets: tuple[str, ...] = ()


class SabotageEntry(_Entry):
    """A safeguard taken away; the fields are those of `data.catalog.Sabotage`."""

    name: str
    title: Text
    help: Text
    values: dict[str, Any]


class MethodEntry(_Entry):
    """A training method as pages see it. `json_schema` is that of its config, for other programs."""

    name: str
    title: Text
    summary: Text
    family: str
    source: str
    accepts: tuple[Kind, ...]
    fields: tuple[Field, ...]
    presets: tuple[PresetEntry, ...]
    metrics: tuple[MetricEntry, ...]
    json_schema: dict[str, Any]
    needs_captions: bool = False
    answers: tuple[str, ...] = ()
    sabotages: tuple[SabotageEntry, ...] = ()

    def fields_for(self, kind: Kind) -> tuple[Field, ...]:
        """The fields that have a meaning for this kind of data."""
        return tuple(field for field in self.fields if field.matters_for(kind))


class DatasetEntry(_Entry):
    """A data set as pages see it."""

    name: str
    title: Text
    summary: Text
    kind: Kind
    licence: Text
    source: str
    fields: tuple[Field, ...]
    json_schema: dict[str, Any]
    class_titles: dict[str, Text] = {}
    captioned: bool = False


class BrokenEntry(_Entry):
    """A declaration that could not be used: a disabled card with its reason."""

    name: str
    where: str
    reason: str
    trace: str = ""


class Catalogue(_Entry):
    """All that can be chosen, by name."""

    key: str
    published_at: float
    methods: dict[str, MethodEntry]
    datasets: dict[str, DatasetEntry]
    training: tuple[Field, ...]
    training_schema: dict[str, Any]
    explainers: dict[str, ExplainerEntry] = {}
    broken: tuple[BrokenEntry, ...] = ()

    def presets_for(self, method: str, dataset: str) -> tuple[str, ...]:
        """Names of the presets that a method has for a data set, smallest first; "small" when it declares none."""
        card, place = self.methods[method], self.datasets[dataset]
        named = {preset.name for preset in card.presets if _applies(preset, place.kind, dataset)}
        return tuple(name for name in PRESETS if name in named) or ("small",)

    def preset_values(self, method: str, dataset: str, preset: str) -> dict[str, Any]:
        """The merged values of a preset: general ones first, then by kind, then by data set."""
        place = self.datasets[dataset]
        fitting = [p for p in self.methods[method].presets if p.name == preset and _applies(p, place.kind, dataset)]
        fitting.sort(key=lambda p: (bool(p.datasets), bool(p.kinds)))
        return {key: value for p in fitting for key, value in p.values.items()}

    def methods_for(self, dataset: str) -> tuple[MethodEntry, ...]:
        """The methods that can be trained on a data set."""
        place = self.datasets[dataset]
        return tuple(method for method in self.methods.values() if misfit(method, place) is None)

    def datasets_for(self, method: str) -> tuple[DatasetEntry, ...]:
        """The data sets that a method can be trained on."""
        card = self.methods[method]
        return tuple(place for place in self.datasets.values() if misfit(card, place) is None)

    def explainers_for(self, kind: SubjectKind) -> tuple[ExplainerEntry, ...]:
        """The ways to explain one kind of subject."""
        return tuple(one for one in self.explainers.values() if one.kind == kind)

    def explainer(self, name: str, kind: SubjectKind) -> ExplainerEntry:
        """The way to explain of this name.

        Raises:
            Problem: There is none for this kind of subject.
        """
        known = {one.name: one for one in self.explainers_for(kind)}
        if name not in known:
            raise self._unknown(name, tuple(known), "explainer", "explanation method", "वजह बताने का तरीका")
        return known[name]

    def order(self, method: str, dataset: str, preset: str) -> Order:
        """What these three names stand for.

        Raises:
            Problem: A name is unknown, or the method does not take this data; `field` says which.
        """
        for known, name, field, en, hi in (
            (self.methods, method, "method", "method", "मेथड"),
            (self.datasets, dataset, "dataset", "data set", "डेटासेट"),
        ):
            if name not in known:
                raise self._unknown(name, tuple(known), field, en, hi)
        card, place = self.methods[method], self.datasets[dataset]
        if (unfit := misfit(card, place)) is not None:
            raise unfit
        names = self.presets_for(method, dataset)
        if preset not in names:
            raise self._unknown(preset, names, "preset", "preset", "प्रीसेट")
        sections = {"training": self.training, "method": card.fields, "data": place.fields}
        return Order(method, dataset, preset, sections, self.preset_values(method, dataset, preset))

    def resolve(self, method: str, dataset: str, preset: str, changes: Mapping[str, Any] | None = None) -> RunSpec:
        """A complete training order: defaults, then the preset, then `changes` (text or values, by flat key).

        A key is a field's name; where two sections have it, `training.`, `method.` or `data.` stands before it.

        Raises:
            Problem: The first thing that is wrong, with `field` set to the key it was given under.
        """
        spec, problems = resolve(self.order(method, dataset, preset), changes or {})
        if spec is None:
            raise problems[0]
        return spec

    def examine(
        self, method: str, dataset: str, preset: str, changes: Mapping[str, Any]
    ) -> tuple[RunSpec | None, list[Problem]]:
        """Like `resolve`, with every problem at once instead of the first: what a form shows at its fields."""
        try:
            return resolve(self.order(method, dataset, preset), changes)
        except Problem as problem:
            return None, [problem]

    def _unknown(self, name: str, known: tuple[str, ...], field: str, en: str, hi: str) -> Problem:
        broken = next((b for b in self.broken if b.name == name), None)
        if broken is not None:
            return Problem(
                Text(
                    en=f"The {en} “{name}” could not be loaded: {broken.reason}",
                    hi=f"{hi} “{name}” लोड नहीं हो पाया: {broken.reason}",
                ),
                code=f"broken_{field}",
                field=field,
            )
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        names = ", ".join(known)
        text = Text(
            en=f"There is no {en} “{name}”; there are: {names}.",
            hi=f"“{name}” नाम का कोई {hi} नहीं है; ये हैं: {names}।",
        )
        if near:
            text = Text(
                en=f"There is no {en} “{name}”; did you mean “{near[0]}”?",
                hi=f"“{name}” नाम का कोई {hi} नहीं है; क्या आपका मतलब “{near[0]}” था?",
            )
        return Problem(text, code=f"unknown_{field}", field=field)


def key(settings: Settings) -> str:
    """Name of the catalogue that belongs to the files as they are now."""
    files = [*_declarations(), *(sorted(settings.plugins.glob("*.py")) if settings.plugins.is_dir() else ())]
    stamps = tuple((str(path), status.st_mtime_ns, status.st_size) for path in files if (status := path.stat()))
    return _hash_of(stamps, _entry_points())


def read(settings: Settings) -> Catalogue | None:
    """The published catalogue, or None when there is none yet for the files as they are now."""
    try:
        text = path_of(settings, key(settings)).read_text(encoding="utf-8")
        return Catalogue.model_validate_json(text)
    except (OSError, ValidationError):
        return None


def _applies(preset: PresetEntry, kind: Kind, dataset: str) -> bool:
    return (not preset.kinds or kind in preset.kinds) and (not preset.datasets or dataset in preset.datasets)


def path_of(settings: Settings, name: str) -> Path:
    """Where the catalogue of this key stands."""
    return settings.catalogue / f"{name}.json"


@lru_cache(maxsize=1)
def _declarations() -> tuple[Path, ...]:
    packages = [Path(module.__path__[0]) for module in (data, lightning_modules)]
    packages.append(Path(__file__).parent / "explain")
    own = [Path(__file__), Path(__file__).with_name("publishing.py")]
    return tuple(sorted(path for package in packages for path in package.rglob("*.py"))) + tuple(own)


@lru_cache(maxsize=1)
def _entry_points() -> tuple[str, ...]:
    return tuple(
        sorted(
            f"{entry.group}/{entry.name}={entry.value}@{entry.dist.version if entry.dist else ''}"
            for group in ENTRY_POINTS
            for entry in importlib.metadata.entry_points(group=group)
        )
    )


@lru_cache(maxsize=8)
def _hash_of(stamps: tuple[tuple[str, int, int], ...], entry_points: tuple[str, ...]) -> str:
    digest = hashlib.sha256(f"{FORMAT}{entry_points}".encode())
    for name, _, _ in stamps:
        content = Path(name).read_bytes()
        digest.update(f"{Path(name).name}/{len(content)}/".encode() + content)
    return digest.hexdigest()[:32]
