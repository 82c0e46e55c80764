"""Making the catalogue: import every declaration, check it, and write it as plain data. Only here torch is imported for it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from dashboard.catalogue import (
    AlarmEntry,
    BrokenEntry,
    Catalogue,
    DatasetEntry,
    MethodEntry,
    MetricEntry,
    PresetEntry,
    SabotageEntry,
    key,
    path_of,
)
from dashboard.explain.entry import ExplainerEntry, entry_of
from dashboard.settings import Settings
from data.catalog import Config, DatasetCard, ExplainerCard, MethodCard, MetricCard
from data.discovery import Discovered, discover
from data.durable import write_durably
from data.fields import Field, fields_of
from lightning_modules.options import TrainingOptions


def publish(settings: Settings) -> Catalogue:
    """Import every declaration, check it, and write the catalogue; older ones are removed. Imports torch."""
    name = key(settings)  # before the imports: a file saved meanwhile makes a new key, never a wrong catalogue
    catalogue = catalogue_of(discover(settings.plugins), name)
    path = path_of(settings, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, catalogue.model_dump_json().encode())
    for old in path.parent.glob("*.json"):
        if old != path:
            old.unlink(missing_ok=True)
    return catalogue


def catalogue_of(found: Discovered, name: str = "") -> Catalogue:
    """The catalogue of discovered cards; a card that contradicts itself becomes a broken one."""
    training = fields_of(TrainingOptions.model_json_schema())
    broken = [BrokenEntry(name=b.name, where=b.where, reason=b.reason, trace=b.trace) for b in found.broken]
    methods: dict[str, MethodEntry] = {}
    datasets: dict[str, DatasetEntry] = {}
    for method in found.methods.values():
        try:
            methods[method.name] = _method_entry(method, training)
        except Exception as error:  # a foreign card may hold anything
            broken.append(_contradiction(method, error))
    for dataset in found.datasets.values():
        try:
            datasets[dataset.name] = _dataset_entry(dataset)
        except Exception as error:  # as above
            broken.append(_contradiction(dataset, error))
    explainers: dict[str, ExplainerEntry] = {}
    for explainer in found.explainers.values():
        try:
            explainers[explainer.name] = entry_of(explainer)
        except Exception as error:  # as above
            broken.append(_contradiction(explainer, error))
    return Catalogue(
        key=name,
        published_at=time.time(),
        methods=methods,
        datasets=datasets,
        training=training,
        training_schema=TrainingOptions.model_json_schema(),
        explainers=explainers,
        broken=tuple(broken),
    )


def _method_entry(card: MethodCard, training: tuple[Field, ...]) -> MethodEntry:
    schema = _schema(card.config)
    fields = fields_of(schema)
    for preset in card.presets:
        _check_values(f"preset {preset.name!r}", preset.values, {field.name: field for field in (*training, *fields)})
    for sabotage in card.sabotages:
        _check_values(f"sabotage {sabotage.name!r}", sabotage.values, {field.name: field for field in fields})
    return MethodEntry(
        name=card.name,
        title=card.title,
        summary=card.summary,
        family=card.family,
        source=card.source,
        accepts=tuple(card.accepts),
        fields=fields,
        presets=tuple(
            PresetEntry(name=p.name, values=dict(p.values), kinds=p.kinds, datasets=p.datasets) for p in card.presets
        ),
        metrics=tuple(_metric_entry(metric) for metric in card.metrics),
        json_schema=schema,
        needs_captions=card.needs_captions,
        answers=tuple(card.answers),
        sabotages=tuple(SabotageEntry(**{**vars(one), "values": dict(one.values)}) for one in card.sabotages),
    )


def _metric_entry(card: MetricCard) -> MetricEntry:
    alarm = None if card.alarm is None else AlarmEntry(below=card.alarm.below, text=card.alarm.text)
    return MetricEntry(**{**vars(card), "alarm": alarm})


def _dataset_entry(card: DatasetCard) -> DatasetEntry:
    schema = _schema(card.config)
    return DatasetEntry(
        name=card.name,
        title=card.title,
        summary=card.summary,
        kind=card.kind,
        licence=card.licence,
        source=card.source,
        fields=fields_of(schema),
        json_schema=schema,
        class_titles=dict(card.class_titles),
        captioned=card.captioned,
    )


def _schema(config: type[Config]) -> dict[str, Any]:
    return config.model_json_schema()


def _check_values(what: str, values: Mapping[str, Any], fields: Mapping[str, Field]) -> None:
    for name, value in values.items():
        if name not in fields:
            raise ValueError(f"{what} sets {name!r}, which is no field")
        fields[name].parse(value)


def _contradiction(card: MethodCard | DatasetCard | ExplainerCard, error: Exception) -> BrokenEntry:
    reason = " ".join(str(error).split())
    return BrokenEntry(name=str(card.name), where=card.config.__module__, reason=f"{type(error).__name__}: {reason}")
