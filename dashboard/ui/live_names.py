"""How a run, its metrics and its settings are called on screen: the catalogue's faces in the language on screen."""

from __future__ import annotations

from dashboard.contests import sabotage
from dashboard.figures import faces
from dashboard.figures.faces import SYSTEM, MetricFace, Setting
from dashboard.tracking.records import Run
from dashboard.ui import studio
from dashboard.ui.language import current, t

__all__ = [
    "SYSTEM",
    "MetricFace",
    "Setting",
    "class_title",
    "dataset_title",
    "headlines",
    "method_title",
    "metric_face",
    "run_title",
    "settings_of",
]


def metric_face(method: str, metric: str) -> MetricFace:
    """The face of a metric of a method."""
    return faces.metric_face(studio.catalogue(), method, metric)


def run_title(run: Run) -> str:
    """What a run is called; what sabotage took away stands in its name by the sabotage's own, and is said in words here."""
    base, between, which = run.name.partition(sabotage.BETWEEN)
    catalogue = studio.catalogue()
    method = catalogue.methods.get(run.method) if catalogue is not None else None
    if not between or sabotage.TAG not in run.tags or method is None:
        return run.name
    named = {one.name: t(one.title) for one in method.sabotages}
    return f"{base} · {named.get(which, which)}"


def headlines(method: str) -> list[MetricFace]:
    """The metrics that a method declares as its headline."""
    return faces.headlines(studio.catalogue(), method)


def method_title(name: str) -> str:
    """What a method is called."""
    return t(faces.method_title(studio.catalogue(), name))


def dataset_title(name: str) -> str:
    """What a data set is called."""
    return t(faces.dataset_title(studio.catalogue(), name))


def class_title(dataset: str, name: str) -> str:
    """What a class of a data set is called."""
    return t(faces.class_title(studio.catalogue(), dataset, name))


def settings_of(run: Run) -> list[Setting]:
    """Every value of a run's order, named and in the order of the form."""
    return faces.settings_of(studio.catalogue(), run, current())
