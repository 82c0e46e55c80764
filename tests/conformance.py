"""What every data set and every method must do, run on each of them: shipped, plugged in, or a person's own.

Call `check_dataset(card)` or `check_method(card)` from a test; they raise `AssertionError` with the name of what is wrong.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from data.arrays import make_dataset
from data.catalog import Config, Dataset, DatasetCard, Kind, MethodCard, Split
from data.fields import Field, fields_of
from data.text import LANGUAGES, Problem, Text
from data.texts import LAST_CODE_POINT, TextConfig, make_text
from lightning_modules import checkpoints
from lightning_modules.base import Method, Passage, Scene, Shown, Sound
from lightning_modules.exact import reseed, weights_sha256
from lightning_modules.options import TrainingOptions
from tests.lightning_modules.training import tiny_images, train

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_UNIVERSAL = re.compile(r"[\W\d_]*|DDPM|EMA")


def check_text(text: Text, what: str) -> None:
    """Said in both languages, and the Hindi is in Devanagari."""
    assert text.en.strip() and text.hi.strip(), f"{what} says nothing"
    assert text.en == text.en.strip() and text.hi == text.hi.strip(), f"{what} has blanks around it"
    assert re.search(r"[\u0900-\u097F]", text.hi) or _UNIVERSAL.fullmatch(text.hi), f"{what} is not in Hindi: {text.hi}"


def check_config(config: type[Config], what: str) -> tuple[Field, ...]:
    """Every field is told in both languages, its default is a value of it, and no value is taken unchecked."""
    fields = fields_of(config.model_json_schema())
    for field in fields:
        where = f"{what}, field {field.name}"
        check_text(field.title, f"{where}: title")
        check_text(field.help, f"{where}: help")
        for choice in field.choices:
            check_text(choice.label, f"{where}: choice {choice.value}")
        assert field.type != "json", f"{where}: forms cannot show this type"
        if not field.required:
            assert field.parse(field.default) == field.default, f"{where}: default"
    return fields


def check_dataset(card: DatasetCard, config: Config | None = None) -> Dataset:
    """Card, config and arrays of one data set.

    Args:
        card: What the data set declares.
        config: Needed when the config has required fields.
    """
    assert _NAME.fullmatch(card.name), f"{card.name!r} is no name"
    for what in ("title", "summary", "licence"):
        check_text(getattr(card, what), f"{card.name}: {what}")
    for name, title in card.class_titles.items():
        assert title.en.strip() and title.hi.strip(), f"{card.name}: class {name}"
    assert card.source
    check_config(card.config, card.name)
    config = config or card.config()
    found = card.load(config)
    assert found.kind == card.kind
    for split in (found.train, found.test):
        _check_split(split, found, card.name)
    _check_captions(card, found)
    assert found.fingerprint and found.fingerprint == card.load(config).fingerprint, f"{card.name} changes"
    both = {found.train.x[k].tobytes() for k in range(len(found.train))} & {item.tobytes() for item in found.test.x}
    assert len(both) <= 0.01 * len(found.test), f"{card.name}: {len(both)} held-out items are trained on"
    return found


def _check_split(split: Split, found: Dataset, name: str) -> None:
    assert len(split) > 0 and split.x.dtype == np.float32 and split.x.flags.c_contiguous, name
    assert tuple(split.x.shape[1:]) == found.shape and np.isfinite(split.x).all(), name
    if found.kind in ("image", "audio", "video"):
        assert split.x.min() >= -1 and split.x.max() <= 1 and split.x.std() > 0.01, name
    elif found.kind == "text":
        assert (split.x == split.x.round()).all() and split.x.min() > 0 and split.x.max() <= LAST_CODE_POINT, name
    else:
        assert 0.2 < split.x.std() < 5, name
    _check_shape(found, name)
    assert (split.y is not None) == bool(found.classes or found.captions), f"{name}: labels go with classes or captions"
    if split.y is not None:
        assert split.y.dtype == np.int64 and len(split.y) == len(split), name
    labels = found.labels(split)
    assert (labels is not None) == bool(found.classes)
    if labels is not None:
        assert set(np.unique(labels)) == set(range(len(found.classes))), f"{name}: a class is missing"


def _check_shape(found: Dataset, name: str) -> None:
    sizes = {"image": 3, "points": 1, "audio": 2, "cloud": 2, "text": 1, "video": 4}
    assert len(found.shape) == sizes[found.kind], f"{name}: {found.kind} of shape {found.shape}"
    assert found.kind != "image" or found.shape[0] in (1, 3), name
    assert found.kind != "video" or (found.shape[0] > 1 and found.shape[1] in (1, 3)), name
    assert found.kind != "audio" or found.shape[0] == 1, name
    assert found.kind != "cloud" or found.shape[1] == 3, name
    assert (found.rate_hz > 0) == (found.kind == "audio"), f"{name}: a rate belongs to sounds"
    assert 0 <= found.overlap < found.shape[0] if found.kind == "text" else found.overlap == 0, name


def _check_captions(card: DatasetCard, found: Dataset) -> None:
    """`y` numbers the captions, each is said in both languages and but once, and has a class where there are classes."""
    name = card.name
    assert card.captioned == bool(found.captions), f"{name}: the card says otherwise about captions"
    if not found.captions:
        assert not found.caption_class, name
        return
    assert found.train.y is not None and found.test.y is not None, name
    used = set(np.unique(np.concatenate([found.train.y, found.test.y])).tolist())
    assert used == set(range(len(found.captions))), f"{name}: y must number the captions, and use each"
    assert len(found.caption_class) == (len(found.captions) if found.classes else 0), name
    assert all(0 <= k < len(found.classes) for k in found.caption_class), f"{name}: a caption of an unknown class"
    for caption in found.captions:
        assert caption.en.strip() and caption.hi.strip(), f"{name}: a caption says nothing"
    for language in LANGUAGES:
        assert len({caption.to(language) for caption in found.captions}) == len(found.captions), f"{name}: {language}"


def small_data(kind: Kind) -> Dataset:
    """A few items of a kind, for building and stepping."""
    if kind == "image":
        return tiny_images()
    if kind == "text":
        return make_text("".join(np.random.default_rng(0).choice(list("abcदे \n"), 1200)), TextConfig(window=48))
    generator = np.random.default_rng(0)
    shape = {"points": (60, 2), "audio": (60, 1, 1024), "cloud": (60, 64, 3), "video": (60, 6, 1, 8, 8)}[kind]
    x = generator.normal(size=shape).astype(np.float32)
    if kind in ("audio", "video"):
        x = np.tanh(x)
    return make_dataset(kind, Split(x[:40]), Split(x[40:]), rate_hz=8000 if kind == "audio" else 0)


def captioned(data: Dataset) -> Dataset:
    """The same items with captions: two wordings of each class, or two captions in turn where there are no classes."""
    classes = len(data.classes) or 1
    train, test = (Split(x.x, (0 if x.y is None else x.y) * 2 + np.arange(len(x)) % 2) for x in (data.train, data.test))
    captions = [
        Text(en=f"{how} {k}", hi=f"{wie} {k}") for k in range(classes) for how, wie in (("the", "वह"), ("a", "एक"))
    ]
    classed = [k for k in range(classes) for _ in range(2)] if data.classes else []
    return make_dataset(
        data.kind, train, test, data.classes, captions=captions, caption_class=classed, rate_hz=data.rate_hz
    )


def check_method(card: MethodCard, **config: Any) -> None:
    """Card, config, presets, training, resuming and hooks of one method, on small data of every kind it accepts.

    Args:
        card: What the method declares.
        config: Changes to the config that keep the check short.
    """
    assert _NAME.fullmatch(card.name), f"{card.name!r} is no name"
    check_text(card.title, f"{card.name}: title")
    check_text(card.summary, f"{card.name}: summary")
    assert card.source and card.family and card.accepts
    fields = {field.name for field in check_config(card.config, card.name)}
    clash = fields & set(TrainingOptions.model_fields)
    assert not clash, f"{card.name}: {clash} are training options; a flat key would be ambiguous"
    for metric in card.metrics:
        check_text(metric.title, f"{card.name}: metric {metric.name}")
        check_text(metric.help, f"{card.name}: metric {metric.name}")
    for kind in card.accepts:
        for preset in {preset.name for preset in card.presets}:
            options, chosen = settled(card, preset, kind)
            card.config.model_validate(chosen), TrainingOptions.model_validate(options)
        plain = fitting(card, small_data(kind), config)
        if not card.needs_captions:
            _check_training(card, plain, config)
        if kind == "image" or card.needs_captions:  # captions number `y`, which every method has to bear
            _check_training(card, captioned(plain), config)


def fitting(card: MethodCard, data: Dataset, config: dict[str, Any]) -> Dataset:
    """The data, or the same in three colours for a method that says that grey pictures teach it nothing."""
    if card.needs_captions:
        return data
    try:
        card.build(card.config(**config), data, TrainingOptions())
    except Problem as problem:
        assert problem.code == "no_colours", f"{card.name} refuses {data.kind} data: {problem}"
        assert data.kind == "image"
        train, test = (np.concatenate([x, -x, x[::-1] * 0.5], axis=1) for x in (data.train.x, data.test.x))
        return make_dataset("image", Split(train), Split(test))
    return data


def settled(card: MethodCard, preset: str, kind: Kind, dataset: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of a preset as those of the training options and those of the method's config."""
    values = card.preset_values(preset, kind=kind, dataset=dataset)
    options = {key: value for key, value in values.items() if key in TrainingOptions.model_fields}
    return options, {key: value for key, value in values.items() if key not in options}


def _check_training(card: MethodCard, dataset: Dataset, config: dict[str, Any]) -> None:
    _, chosen = settled(card, "tiny", dataset.kind)
    chosen = {**chosen, **config}
    options = TrainingOptions(steps=3, batch_size=8, checkpoint_every=1)
    with tempfile.TemporaryDirectory() as place:
        trained = train(card, dataset, options, chosen, folder=Path(place))
        untrained = _built(card, dataset, options, chosen)
        assert weights_sha256(untrained.state_dict()) != trained.sha256, f"{card.name} does not learn"
        resumed = train(card, dataset, options, chosen, resume=checkpoints.checkpoint_path(Path(place), 1))
        assert resumed.sha256 == trained.sha256, f"{card.name} does not resume exactly"
        loaded = checkpoints.load(checkpoints.checkpoint_path(Path(place), 3))
        untrained.load_state_dict(loaded["state_dict"])
    assert "loss" in trained.trainer.logged_metrics, f"{card.name} logs no loss"
    assert torch.isfinite(trained.trainer.logged_metrics["loss"])
    if isinstance(trained.module, Method):
        _check_hooks(card, trained.module.eval(), dataset)
    assert weights_sha256(trained.module.state_dict()) == resumed.sha256, f"{card.name}: a hook changed the weights"


def _built(card: MethodCard, dataset: Dataset, options: TrainingOptions, config: dict[str, Any]) -> Any:
    reseed(options.seed, 0, "start")
    return card.build(card.config.model_validate(config), dataset, options)


def _check_shown(shown: Shown) -> None:
    if isinstance(shown, Sound):
        assert shown.samples.ndim == 1 and shown.samples.dtype == np.float32 and shown.rate_hz > 0
    elif isinstance(shown, Scene):
        assert shown.points.ndim == 4 and shown.points.shape[-1] == 3 and shown.points.dtype == np.float32
    elif isinstance(shown, Passage):
        assert shown.text.strip(), "an empty text"
    else:
        assert shown.pixels.dtype == np.uint8 and shown.pixels.ndim in (2, 3)
        assert shown.pixels.ndim == 2 or shown.pixels.shape[2] == 3


@torch.no_grad()
def _check_hooks(card: MethodCard, module: Method, dataset: Dataset) -> None:
    declared = {metric.name for metric in card.metrics}
    found = module.evaluate(dataset)
    assert set(found) <= declared, f"{card.name}: {set(found) - declared} are not declared"
    assert all(isinstance(value, float) for value in found.values())
    for line in module.reference_lines(dataset):
        assert line.metric in declared and np.isfinite(line.value), f"{card.name}: line at {line.metric}"
        check_text(line.label, f"{card.name}: line at {line.metric}")
    shown = module.pictures()
    assert len({one.name for one in shown}) == len(shown), f"{card.name}: two things shown under one name"
    for one in shown:
        _check_shown(one)
        check_text(one.caption, f"{card.name}: {one.name}")
    with pytest.raises(Problem):
        module.answer("a request nobody knows", {}, {})
