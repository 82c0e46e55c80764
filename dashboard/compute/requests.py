"""The requests a worker knows. Each is a function from plain values and arrays to plain values and arrays.

One that has something to show before it is done is a generator: each `Served` it yields is sent at once.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from dashboard.compute import explaining, judging_tables, reporting, tables, words
from dashboard.compute import worth as comparing
from dashboard.compute.served import Arrays, Handler, Served
from dashboard.compute.weights import write_weights
from dashboard.jobs.estimate import measure
from dashboard.jobs.spec import RunSpec
from dashboard.jobs.weights import begin_with
from dashboard.jobs.workshop import Checked, Invalid, Workpiece, build, check, declared
from dashboard.settings import settings
from dashboard.tracking.folder import CHECKPOINTS, is_id, read_manifest
from dashboard.tracking.problems import unknown_run
from dashboard.worth.request import WorthRequest
from data.catalog import Dataset
from data.fields import checked as read_values
from data.text import Problem
from data.weight_files import REFERENCE
from lightning_modules import truths
from lightning_modules.base import Method
from lightning_modules.checkpoints import checkpoint_path, load, newest_whole, step_of
from lightning_modules.exact import reseed
from lightning_modules.language.looking import check_typed, seen
from lightning_modules.text.pretrained import MiniLM
from lightning_modules.truths.truth import Found

MODELS_HELD = 4
MOST_PREVIEWED = 256
MOST_VALUES = 2**21
"""Numbers in the items of a preview: 8 MiB."""


def validate(values: dict[str, Any], arrays: Arrays) -> Served:
    """The complete order, or what is wrong at which field."""
    try:
        checked = check(RunSpec.model_validate(values["spec"]))
    except Invalid as invalid:
        return Served({"errors": {name: text.model_dump() for name, text in invalid.errors.items()}})
    try:
        piece = build(checked)  # data that is gone, a network that does not fit its pictures
        if (checked.spec.start_from or "").startswith(REFERENCE):
            begin_with(piece.module, checked.spec.start_from or "")
    except Problem as problem:
        return Served({"errors": {problem.field or "dataset": problem.text.model_dump()}})
    return Served({"spec": checked.spec.model_dump(mode="json"), "errors": {}})


def estimate(values: dict[str, Any], arrays: Arrays) -> Served:
    """Seconds and MiB the whole run will take, from a few real steps."""
    found = measure(_checked(RunSpec.model_validate(values["spec"])), threads=settings().job_threads)
    return Served(found.model_dump(), fresh=False)


def preview(values: dict[str, Any], arrays: Arrays) -> Served:
    """Some items of a data set as they enter training (held-out ones with `split` "test"), with their captions and how many there are."""
    card = declared(settings().plugins).datasets.get(str(values["dataset"]))
    if card is None:
        raise Problem(words.UNKNOWN.format(request=values["dataset"]), code="unknown_dataset", field="dataset")
    data = card.load(card.config.model_validate(values.get("config", {})))
    part = data.test if values.get("split") == "test" else data.train
    fitting = max(1, MOST_VALUES // int(np.prod(data.shape)))
    count = min(int(values.get("count", 64)), MOST_PREVIEWED, len(part), fitting)
    chosen = np.sort(np.random.default_rng(int(values.get("seed", 0))).permutation(len(part))[:count])
    facts = {
        "kind": data.kind,
        "shape": list(data.shape),
        "train": len(data.train),
        "test": len(data.test),
        "classes": list(data.classes),
        "fingerprint": data.fingerprint,
        "counts": _counts(data),
        "captions": len(data.captions),
        "rate_hz": data.rate_hz,
    }
    shown: dict[str, npt.NDArray[Any]] = {"x": part.x[chosen]}
    if part.y is not None:
        shown["y"] = part.y[chosen]
        if data.captions:
            facts["said"] = [data.captions[k].model_dump() for k in part.y[chosen]]
    return Served(facts, shown)


def answer(request: str, values: dict[str, Any], arrays: Arrays) -> Served:
    """A request to the model of a run: `run`, optionally `step` (of a checkpoint) and `seed`; the rest is the model's."""
    own = {key: value for key, value in values.items() if key not in ("run", "step")}
    model = _models.get(str(values["run"]), values.get("step"))
    reseed(int(values.get("seed", 0)), 0, request)
    with torch.no_grad():
        said = model.answer(request, own, arrays)
    return Served(said.values, said.arrays)


def weights(values: dict[str, Any], arrays: Arrays) -> Served:
    """The weights of a run as files of one `format`, "safetensors" or "diffusers", in a folder for the asker to take away."""
    run = str(values["run"])
    folder, files = write_weights(_models.get(run, values.get("step")), run, str(values.get("format", "safetensors")))
    return Served({"folder": str(folder), "files": files})


def selftest(values: dict[str, Any], arrays: Arrays) -> Served:
    """Every exact truth of the mathematics: the number got, the one expected, whether it holds."""
    began = time.perf_counter()
    checks = []
    for outcome in (truth.check() for truth in truths.discover()):
        found = outcome.found or Found(0.0, 0.0, 0.0)
        checks.append(
            {
                "name": outcome.truth.name, "claim": outcome.truth.claim.model_dump(), "source": outcome.truth.source,
                "got": found.got, "expected": found.expected, "tolerance": found.tolerance, "holds": outcome.holds,
                "seconds": outcome.seconds, "trouble": outcome.trouble,
            }
        )  # fmt: skip
    return Served({"checks": checks, "seconds": time.perf_counter() - began}, fresh=False)


def attention(values: dict[str, Any], arrays: Arrays) -> Served:
    """Who looks where, in an image or a text: inside the model of a run, or with `pretrained` inside MiniLM."""
    if values.get("pretrained"):
        prompt = str(values.get("prompt", ""))
        check_typed(prompt)
        tokens, weights = MiniLM.load().look(prompt)
        drawn = MiniLM.load().drawn(prompt) if values.get("by_gradient") else None
        said = seen(tokens, weights, causal=False, drawn=drawn)
        return Served(said.values, said.arrays)
    return answer("attention", values, arrays)


def worth(values: dict[str, Any], arrays: Arrays) -> Served:
    """What the representation of a run is worth with few labels and many: some more figures, and all that are known."""
    asked = read_values(WorthRequest, values)
    folder = _folder(asked.run)
    path = _checkpoint(folder / CHECKPOINTS, None)
    return comparing.measure(asked, _models.get(asked.run, None), _order(folder), step_of(path))


ASKED_OF_MODELS = (
    "sample", "trace", "predict", "inpaint", "upscale", "colorize", "words", "embed", "views", "fill", "pointing"
)  # fmt: skip
"""What a model of a run answers by itself (`lightning_modules.base.Method.answer`), if it can."""

HANDLERS: dict[str, Handler] = {
    "validate": validate,
    "estimate": estimate,
    "preview": preview,
    "weights": weights,
    "selftest": selftest,
    "attention": attention,
    "worth": worth,
    "explain": explaining.explain,
    "explain_beside": explaining.explain_beside,
    "explanation_report": reporting.explanation_report,
    "fit_table": tables.fit_table,
    "table_scores": tables.table_scores,
    "table_row": tables.table_row,
    "table_validation": judging_tables.table_validation,
    "table_rival": judging_tables.table_rival,
    "table_fairness": judging_tables.table_fairness,
    **{request: partial(answer, request) for request in ASKED_OF_MODELS},
}


class Models:
    """The models this worker holds, the least recently used dropped first."""

    def __init__(self) -> None:
        self._held: OrderedDict[Path, Method] = OrderedDict()

    def get(self, run_id: str, step: int | None) -> Method:
        """The model of a run at one of its checkpoints; the newest when no step is named."""
        folder = _folder(run_id)
        path = _checkpoint(folder / CHECKPOINTS, step)
        if path in self._held:
            self._held.move_to_end(path)
            return self._held[path]
        piece = build(_order(folder))
        if not isinstance(piece.module, Method):
            raise Problem(words.NOT_A_METHOD, code="not_a_method")
        self._held[path] = _filled(piece, path)
        while len(self._held) > MODELS_HELD:
            self._held.popitem(last=False)
        return self._held[path]


_models = Models()


def method_of(run_id: str, step: int | None = None) -> Method:
    """The model of a run as this worker holds it; the newest checkpoint when no step is named.

    Raises:
        Problem: There is no such run, it has no checkpoint yet, or it is no `Method`.
    """
    return _models.get(run_id, step)


def data_of(run_id: str) -> Dataset:
    """The data of a run, loaded anew.

    Raises:
        Problem: There is no such run, or its data is gone.
    """
    checked = _order(_folder(run_id))
    return checked.dataset.load(checked.dataset_config)


def _folder(run_id: str) -> Path:
    if not is_id(run_id) or not (folder := settings().runs / run_id).is_dir():
        raise unknown_run(run_id)
    return folder


def _order(folder: Path) -> Checked:
    """What the run of this folder was asked to train."""
    return _checked(RunSpec.model_validate(read_manifest(folder)[0].config))


def _filled(piece: Workpiece, path: Path) -> Method:
    assert isinstance(piece.module, Method)
    piece.module.load_state_dict(load(path)["state_dict"])
    return piece.module.eval()


def _checkpoint(kept: Path, step: int | None) -> Path:
    if step is not None:
        return checkpoint_path(kept, int(step))
    newest = newest_whole(kept)
    if newest is None:
        raise Problem(words.NO_CHECKPOINT, code="no_checkpoint")
    return newest


def _checked(spec: RunSpec) -> Checked:
    try:
        return check(spec)
    except Invalid as invalid:
        name, text = next(iter(invalid.errors.items()))
        raise Problem(text, code="invalid", field=name) from invalid


def _counts(data: Dataset) -> list[int]:
    """Training items of each class."""
    labels = data.labels(data.train)
    return [] if labels is None else np.bincount(labels, minlength=len(data.classes)).tolist()
