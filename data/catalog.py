"""Declare once: cards for data sets, methods and ways to explain, and their typed configs.

Each is one file that declares a pydantic config and a card; `data.discovery` finds them. Importing this module imports
neither torch nor streamlit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from data.text import Problem, Text

Kind = Literal["image", "points", "audio", "cloud", "text", "video"]
SubjectKind = Literal["image", "table", "text", "denoiser", "embedding"]
FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]


class Config(BaseModel):
    """Base of everything a person fills in: immutable, and unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def option(
    default: Any,
    *,
    title: Text,
    help: Text,
    unit: str = "",
    source: str = "",
    advanced: bool = False,
    labels: Mapping[str, Text] | None = None,
    choices: Sequence[str] = (),
    symbol: str = "",
    kinds: Sequence[Kind] = (),
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    min_length: int | None = None,
    max_length: int | None = None,
    pattern: str | None = None,
) -> Any:
    """One field of a `Config`, told to people in both languages.

    Args:
        default: The default value; `...` makes the field required.
        title: Plain name first ("Noise steps").
        help: What it does, with symbol and formula; Markdown.
        unit: The unit of the number ("steps", "s", "MiB"), empty when it has none.
        source: Where the default comes from, such as "arXiv:2006.11239, section 4".
        advanced: Shown in the drawer, not in the main form.
        labels: For `Literal` fields and `choices`: the text of each choice.
        choices: For `str` fields whose choices are found and not written down; the config checks them itself.
        symbol: The symbol used in the paper, such as "T".
        kinds: Kinds of data the field matters for; empty: all. Elsewhere the form leaves it out.
        ge, gt, le, lt: Bounds of numbers.
        min_length, max_length, pattern: Bounds of strings.
    """
    about: dict[str, Any] = {
        "x-title": title.model_dump(),
        "x-help": help.model_dump(),
        "x-unit": unit,
        "x-source": source,
        "x-advanced": advanced,
        "x-labels": {k: v.model_dump() for k, v in (labels or {}).items()},
        "x-symbol": symbol,
        "x-kinds": list(kinds),
    }
    if choices:
        about["enum"] = list(choices)
    return Field(
        default,
        ge=ge,
        gt=gt,
        le=le,
        lt=lt,
        min_length=min_length,
        max_length=max_length,
        pattern=pattern,
        description=help.en,
        json_schema_extra=about,
    )


@dataclass(frozen=True)
class Split:
    """Part of a data set: `x` [items, *shape] float32 and, if there are labels, `y` [items] int64."""

    x: FloatArray
    y: IntArray | None = None

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Dataset:
    """Arrays ready to train on, wholly in memory.

    `kind` "image": `x` is [items, channels, height, width] in [-1, 1]; "points": [items, 2], roughly unit scale;
    "audio": [items, 1, samples] in [-1, 1] at `rate_hz`; "cloud": [items, points, 3], roughly unit scale;
    "text": [items, characters], Unicode code points (`data.texts`), each training window sharing `overlap` characters with the one before;
    "video": [items, frames, channels, height, width] in [-1, 1].
    `fingerprint` is the SHA-256 of the arrays (the data hash of a run).

    Where `captions` are given, `y` numbers the caption of each item, and `caption_class` the class of each caption (empty
    when the captions fall into no classes); otherwise `y` numbers the class.
    """

    kind: Kind
    train: Split
    test: Split
    classes: tuple[str, ...] = ()
    fingerprint: str = ""
    captions: tuple[Text, ...] = ()
    caption_class: tuple[int, ...] = ()
    rate_hz: int = 0
    overlap: int = 0

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one item, such as (1, 8, 8)."""
        return tuple(self.train.x.shape[1:])

    def labels(self, split: Split) -> IntArray | None:
        """The class of each item of a split [items], found through its caption where there are captions; None without classes."""
        if split.y is None or not self.classes:
            return None
        if not self.captions:
            return split.y
        found: IntArray = np.asarray(self.caption_class, dtype=np.int64)[split.y]
        return found


@dataclass(frozen=True)
class DatasetCard:
    """What a data set declares. `load(config)` returns the arrays; it may raise `Problem`. `captioned`: they carry captions.

    `class_titles` says how classes are called in each language, where their names are words of one.
    """

    name: str
    title: Text
    summary: Text
    kind: Kind
    licence: Text
    source: str
    config: type[Config]
    load: Callable[[Any], Dataset]
    class_titles: Mapping[str, Text] = field(default_factory=dict)
    captioned: bool = False


@dataclass(frozen=True)
class Alarm:
    """A metric that stays below `below` is trouble: `text` says what has happened and what to do."""

    below: float
    text: Text


@dataclass(frozen=True)
class MetricCard:
    """A metric a method logs: how to name it, which way is better, how to draw it, when it means trouble.

    An `alarm` is for a metric that is logged at every step. With `verdict` the run page says in words whether the metric, a share,
    is above the highest of its reference lines yet.
    """

    name: str
    title: Text
    help: Text
    better: Literal["lower", "higher"] | None = None
    headline: bool = False
    log_axis: bool = False
    unit: str = ""
    alarm: Alarm | None = None
    verdict: bool = False


@dataclass(frozen=True)
class ReferenceLine:
    """A level a metric is read against (chance, best linear denoiser, memoriser, baseline)."""

    metric: str
    value: float
    label: Text


@dataclass(frozen=True)
class Preset:
    """Values of method and training options under one name; the most specific presets win.

    `kinds` and `datasets` narrow where it applies (empty: everywhere). `values` may name any field of the
    method's config or of the training options.
    """

    name: Literal["tiny", "small", "base"]
    values: Mapping[str, Any]
    kinds: tuple[Kind, ...] = ()
    datasets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sabotage:
    """A safeguard of a method taken away, to see what it is for: `values` of its config take the place of a healthy run's."""

    name: str
    title: Text
    help: Text
    values: Mapping[str, Any]


@dataclass(frozen=True)
class MethodCard:
    """What a training method declares. `build(config, dataset, options)` returns a `LightningModule`;
    `options` are the `lightning_modules.options.TrainingOptions` of the run.

    The module's `training_step(batch, batch_idx)` receives `batch = (x, y)`: `x` [batch, *shape] float32,
    `y` [batch] int64 (zeros when the data has no labels). With `needs_captions` it is offered for captioned data alone.
    `family` decides the shelf of the form it stands on ("diffusion", "prompts", "repair", "sound_space", "adversarial",
    "variational", "self_supervised", "supervised"); any other stands among a person's own; the lab
    looks into models of "diffusion", which fill pictures too. `answers` names what pages offer a box for where
    its models answer it: "sample" (texts), "fill", "attention", "words" (which pixels each word of a prompt drove), "vary" (a
    picture in place of a prompt, a way to a second one); and what a model is trained to do to a picture that is brought: "inpaint",
    "upscale" or "colorize". `sabotages` are offered as one click, beside a healthy run.
    """

    name: str
    title: Text
    summary: Text
    family: str
    source: str
    config: type[Config]
    build: Callable[[Any, Dataset, Any], Any]
    accepts: tuple[Kind, ...]
    presets: Sequence[Preset] = ()
    metrics: Sequence[MetricCard] = ()
    needs_captions: bool = False
    answers: tuple[str, ...] = ()
    sabotages: Sequence[Sabotage] = ()

    def preset_values(self, preset: str, *, kind: Kind, dataset: str) -> dict[str, Any]:
        """The merged values of `preset` for one data set: general ones first, then by kind, then by name."""
        fitting = [
            p
            for p in self.presets
            if p.name == preset and (not p.kinds or kind in p.kinds) and (not p.datasets or dataset in p.datasets)
        ]
        fitting.sort(key=lambda p: (bool(p.datasets), bool(p.kinds)))
        return {key: value for p in fitting for key, value in p.values.items()}


@dataclass(frozen=True)
class ExplainerCard:
    """What a way to explain declares.

    `explain(subject, config)` yields `dashboard.explain.contract.Explanation`s, each sharper than the one before; the last
    is the answer. It may raise `Problem`. `subject` is what `dashboard/explain/<kind>/subject.py` makes of a request: model,
    item and target. `scope` "global" tells of a model as a whole, and of no single item.
    """

    name: str
    title: Text
    summary: Text
    source: str
    kind: SubjectKind
    config: type[Config]
    explain: Callable[[Any, Any], Iterator[Any]]
    scope: Literal["local", "global"] = "local"


class _Trains(Protocol):
    @property
    def title(self) -> Text: ...
    @property
    def accepts(self) -> tuple[Kind, ...]: ...
    @property
    def needs_captions(self) -> bool: ...


class _Holds(Protocol):
    @property
    def title(self) -> Text: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def captioned(self) -> bool: ...


def misfit(method: _Trains, dataset: _Holds) -> Problem | None:
    """Why a method cannot be trained on a data set, for their cards as well as for the catalogue's entries; None: it can."""
    if dataset.kind not in method.accepts:
        return Problem(
            Text(
                en=f"{method.title.en} cannot be trained on {dataset.title.en}; choose another data set.",
                hi=f"{method.title.hi} की ट्रेनिंग {dataset.title.hi} पर नहीं हो सकती; दूसरा डेटासेट चुनें।",
            ),
            code="kind_mismatch",
            field="dataset",
        )
    if method.needs_captions and not dataset.captioned:
        return Problem(
            Text(
                en=f"{method.title.en} learns from captions, and {dataset.title.en} has none; choose a data set with captions.",
                hi=f"{method.title.hi} कैप्शन से सीखता है, और {dataset.title.hi} में कैप्शन नहीं हैं; कैप्शन वाला डेटासेट चुनें।",
            ),
            code="captions_needed",
            field="dataset",
        )
    return None
