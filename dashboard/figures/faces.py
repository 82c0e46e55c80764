"""How methods, data sets, metrics and settings are called, from the catalogue; raw names where it is silent."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from dashboard.catalogue import AlarmEntry, Catalogue
from dashboard.tracking.records import Run
from data.fields import Field
from data.text import Language, Text

SYSTEM = "system/"
_SYSTEM_TITLES = {
    "system/cpu_percent": (Text(en="Processor", hi="प्रोसेसर"), "%"),
    "system/memory_mib": (Text(en="Memory of the job", hi="जॉब की मेमोरी"), "MiB"),
    "system/machine_memory_percent": (Text(en="Memory of the machine", hi="मशीन की मेमोरी"), "%"),
    "system/gpu_memory_mib": (Text(en="GPU memory", hi="GPU मेमोरी"), "MiB"),
    "system/gpu_percent": (Text(en="GPU", hi="GPU"), "%"),
}
_YES, _NO = Text(en="yes", hi="हाँ"), Text(en="no", hi="नहीं")


@dataclass(frozen=True)
class MetricFace:
    """How a metric is shown."""

    name: str
    title: Text
    help: Text | None = None
    better: str | None = None
    headline: bool = False
    log_axis: bool = False
    unit: str = ""
    alarm: AlarmEntry | None = None
    verdict: bool = False


_DECLARED = tuple(field.name for field in fields(MetricFace) if field.name != "name")
"""What a face takes over from the catalogue."""


def metric_face(catalogue: Catalogue | None, method: str, metric: str) -> MetricFace:
    """The face of a metric; one that no card declares is called by its raw name."""
    if metric in _SYSTEM_TITLES:
        title, unit = _SYSTEM_TITLES[metric]
        return MetricFace(metric, title, unit=unit)
    known = catalogue.methods.get(method) if catalogue is not None else None
    for entry in known.metrics if known is not None else ():
        if entry.name == metric:
            return MetricFace(metric, **{name: getattr(entry, name) for name in _DECLARED})
    return MetricFace(metric, Text(en=metric, hi=metric), better="lower" if "loss" in metric else None)


def headlines(catalogue: Catalogue | None, method: str) -> list[MetricFace]:
    """The metrics that a method declares as its headline, in its order."""
    known = catalogue.methods.get(method) if catalogue is not None else None
    entries = known.metrics if known is not None else ()
    return [metric_face(catalogue, method, entry.name) for entry in entries if entry.headline]


def method_title(catalogue: Catalogue | None, name: str) -> Text:
    """What a method is called."""
    entry = catalogue.methods.get(name) if catalogue is not None else None
    return entry.title if entry is not None else Text(en=name, hi=name)


def dataset_title(catalogue: Catalogue | None, name: str) -> Text:
    """What a data set is called."""
    entry = catalogue.datasets.get(name) if catalogue is not None else None
    return entry.title if entry is not None else Text(en=name, hi=name)


def class_title(catalogue: Catalogue | None, dataset: str, name: str) -> Text:
    """What a class of a data set is called; its raw name where it has no title."""
    entry = catalogue.datasets.get(dataset) if catalogue is not None else None
    return entry.class_titles.get(name, Text(en=name, hi=name)) if entry is not None else Text(en=name, hi=name)


@dataclass(frozen=True)
class Setting:
    """One value of a run's order as it is shown: its section, its name, its title and its value in words."""

    section: str
    name: str
    title: str
    value: str


def settings_of(catalogue: Catalogue | None, run: Run, language: Language) -> list[Setting]:
    """Every value of a run's order, named and in the order of the form."""
    found: list[Setting] = []
    for section, part in (("training", "training"), ("method", "method_config"), ("data", "dataset_config")):
        values: dict[str, Any] = run.config.get(part) or {}
        fields = {field.name: field for field in _fields(catalogue, run, section)}
        order = [name for name in fields if name in values] + [name for name in values if name not in fields]
        for name in order:
            field = fields.get(name)
            title = field.title.to(language) if field is not None else name
            found.append(Setting(section, name, title, _in_words(values[name], field, language)))
    return found


def _fields(catalogue: Catalogue | None, run: Run, section: str) -> tuple[Field, ...]:
    if catalogue is None:
        return ()
    if section == "training":
        return catalogue.training
    holder = catalogue.methods.get(run.method) if section == "method" else catalogue.datasets.get(run.dataset)
    return holder.fields if holder is not None else ()


def _in_words(value: Any, field: Field | None, language: Language) -> str:
    if isinstance(value, bool):
        return (_YES if value else _NO).to(language)
    label = next((c.label for c in field.choices if c.value == value), None) if field is not None else None
    if label is not None:
        return label.to(language)
    if value in ("", None):
        return "–"
    return f"{value:g}" if isinstance(value, float) else str(value)
