"""One click of sabotage: a safeguard of the method taken away, in a run of its own beside a healthy one of the same seed.

Two runs come back, the healthy one first. Nothing but the sabotage's values tells them apart, and a run is exact: what differs in their curves
is what the safeguard does. A run that is there already, to the last value, is not trained again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard.catalogue import Catalogue, MethodEntry, SabotageEntry
from dashboard.jobs import control
from dashboard.jobs.spec import RunSpec
from dashboard.settings import Settings
from dashboard.tracking.records import Run, RunFilter
from dashboard.tracking.store import Store
from data.text import Problem, Text

TAG = "sabotage"
BETWEEN = " · sabotage "
"""Stands in a run's name between what it is of and what was taken away."""


def offered(catalogue: Catalogue, spec: RunSpec) -> tuple[SabotageEntry, ...]:
    """The sabotages of an order's method; none of an unknown method's."""
    method = catalogue.methods.get(spec.method)
    return () if method is None else method.sabotages


def done_to(catalogue: Catalogue, spec: RunSpec) -> SabotageEntry | None:
    """The sabotage an order has already; of several that fit, the one that changes most."""
    fitting = [one for one in offered(catalogue, spec) if _has(spec, one)]
    return max(fitting, key=lambda one: len(one.values), default=None)


def spoilt(catalogue: Catalogue, spec: RunSpec, which: str) -> RunSpec:
    """The order without the safeguard, and with all others.

    Raises:
        Problem: The method has no such sabotage.
    """
    named = {one.name: one for one in offered(catalogue, spec)}
    if which not in named:
        names = ", ".join(named) or "–"
        raise Problem(
            Text(en=f"{spec.method} has no sabotage “{which}”; it has: {names}.", hi=f"{spec.method} में “{which}” नाम की तोड़-फोड़ नहीं है; ये हैं: {names}।"),
            code="unknown_sabotage", field="sabotage",
        )  # fmt: skip
    return _with(sound(catalogue, spec), named[which].values)


def sound(catalogue: Catalogue, spec: RunSpec) -> RunSpec:
    """The order with every safeguard that a sabotage had taken away, as the preset has it."""
    method = catalogue.methods[spec.method]
    values: dict[str, object] = {}
    for one in method.sabotages:
        if _has(spec, one):
            values |= {key: _usual(catalogue, method, spec, key) for key in one.values}
    return _with(spec, values)


def start(
    store: Store, settings: Settings, catalogue: Catalogue, spec: RunSpec, which: str, *,
    token: str | None = None, name: str = "", tags: Sequence[str] = (), parent: str | None = None,
) -> list[Run]:  # fmt: skip
    """Queue the healthy run and the sabotaged one, in this order.

    Args:
        store: The run store.
        settings: The settings of this home.
        catalogue: What can be chosen.
        spec: The order; if it is sabotaged itself, the healthy run has its safeguards back.
        which: Name of the sabotage.
        token: Made once per form; the same token never starts a second pair.
        name: What people call the runs; made from method and data set when empty.
        tags: Tags of both, beside the one that all such pairs bear.
        parent: The run that both are made from.

    Raises:
        Problem: The method has no such sabotage.
    """
    bad = spoilt(catalogue, spec, which)
    title = name or f"{spec.method} · {spec.dataset}"
    pair = []
    for part, order, called in (("healthy", sound(catalogue, spec), title), (which, bad, f"{title}{BETWEEN}{which}")):
        known = _there(store, order)
        pair += [known] if known is not None else control.submit(
            store, settings, order, token=None if token is None else f"{token}:{part}", name=called, tags=tuple(dict.fromkeys((*tags, TAG))), parent=parent,
        )  # fmt: skip
    return pair


def _there(store: Store, order: RunSpec) -> Run | None:
    """The newest run of exactly this order that is not in the trash."""
    wanted = order.model_dump(mode="json")
    unsaid = RunSpec(method=order.method, dataset=order.dataset).model_dump(mode="json")  # what an older order left out
    listed = store.runs(RunFilter(methods=(order.method,), datasets=(order.dataset,)))
    return next((run for run in listed if not run.external and {**unsaid, **run.config} == wanted), None)


def _usual(catalogue: Catalogue, method: MethodEntry, spec: RunSpec, key: str) -> object:
    preset = catalogue.preset_values(spec.method, spec.dataset, spec.preset)
    return preset.get(key, next(field.default for field in method.fields if field.name == key))


def _has(spec: RunSpec, one: SabotageEntry) -> bool:
    return all(key in spec.method_config and spec.method_config[key] == value for key, value in one.values.items())


def _with(spec: RunSpec, values: Mapping[str, object]) -> RunSpec:
    return spec.model_copy(update={"method_config": {**spec.method_config, **values}})
