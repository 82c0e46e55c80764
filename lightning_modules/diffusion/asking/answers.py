"""How a trained denoiser answers requests: the values and arrays a person or a page gives, checked, and what goes back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from data.fields import checked
from data.text import Problem, Text
from lightning_modules.base import Answer
from lightning_modules.diffusion.asking.requests import MOST_ITEMS, PredictRequest, SampleRequest, TraceRequest
from lightning_modules.diffusion.drawing.views import spread
from lightning_modules.diffusion.process.condition import NOTHING, Condition
from lightning_modules.diffusion.process.item_noise import ItemNoise
from lightning_modules.diffusion.samplers import SAMPLERS

if TYPE_CHECKING:
    from lightning_modules.diffusion.denoising import DenoisingMethod

Arrays = Mapping[str, npt.NDArray[Any]]

MOST_TOLD = 8 * 2**20
"""Numbers of each of the four arrays of a trace."""


def sample(model: DenoisingMethod, values: Mapping[str, Any], arrays: Arrays) -> Answer:
    """`SampleRequest` -> x [count, *data shape]."""
    wanted = checked(model.request, values)
    x = model.draw(wanted, arrays)
    return Answer(_facts(model, wanted), {"x": x})


def trace(model: DenoisingMethod, values: Mapping[str, Any], arrays: Arrays) -> Answer:
    """`TraceRequest` and what the model's own request adds -> t, signal, level [stages] and xt, x0, eps, x [stages, count, *shape].

    Give `xt` of one stage back as `x`, with `start` its t, and the walk goes on from there: with another class, sampler
    or guidance.
    """
    own = {key: value for key, value in values.items() if key != "stages"}
    most = checked(TraceRequest, {key: values[key] for key in ("count", "stages") if key in values})
    wanted = checked(model.request, {"count": most.count, **own})
    _told_within_reason(most.count, most.stages, model.shape)
    stages = spread(list(model.walk(wanted, 0, wanted.count, arrays)), most.stages)
    told = {
        name: torch.stack([getattr(stage, name) for stage in stages]).cpu().numpy() for name in ("xt", "x0", "eps", "x")
    }
    facts = {**_facts(model, wanted), "levels": model.noising.steps}
    signal, level = np.array([model.noising.factors(stage.t) for stage in stages]).T
    return Answer(facts, {"t": np.array([stage.t for stage in stages]), "signal": signal, "level": level, **told})


def predict(model: DenoisingMethod, values: Mapping[str, Any], arrays: Arrays) -> Answer:
    """`PredictRequest` with x [n, *shape] and t [n] or [1] -> xt, x0, eps [n, *shape]."""
    request = checked(PredictRequest, values)
    x = _items(arrays.get("x"), model.shape, model.device)
    t = _noise_steps(model, arrays.get("t"), len(x))
    if request.add_noise:
        noise = ItemNoise(request.seed, 0, len(x), model.shape, model.device)
        x = model.noising.diffuse(x, t, noise())
    condition = wanted_class(model, request.label, 0, len(x)) if request.label >= 0 else NOTHING
    said = model.says(x, t, condition, request.guidance)
    found = {"xt": x, "x0": said.x0, "eps": said.eps}
    return Answer({}, {name: value.cpu().numpy() for name, value in found.items()})


def _facts(model: DenoisingMethod, wanted: SampleRequest) -> dict[str, Any]:
    return {
        "classes": list(model.classes),
        "evaluations": evaluations(model, wanted),
        "guidance": model.strength(wanted),
    }


def _told_within_reason(count: int, stages: int, shape: tuple[int, ...]) -> None:
    """Refuse a trace that would not fit into one answer."""
    if count * stages * math.prod(shape) > MOST_TOLD:
        raise Problem(
            Text(en=f"So many stages of {count} samples are too much for one answer; ask for fewer.",
                 hi=f"{count} सैंपल के इतने पड़ाव एक जवाब में नहीं समाते; कम माँगें।"),
            code="too_much", field="count",
        )  # fmt: skip


def evaluations(model: DenoisingMethod, request: SampleRequest) -> int:
    """Network evaluations a request costs; guidance beyond 1 makes each twice as long, but it counts as one."""
    sampler = SAMPLERS[request.sampler]
    start = None if request.start < 0 else request.start
    return sampler.evaluations(len(sampler.grid(model.noising.steps, request.steps, start=start)))


def wanted_class(model: DenoisingMethod, label: int, first: int, count: int) -> Condition:
    """The class of each item: `label`, or each in turn for -1; nothing when the model knows no classes.

    Raises:
        Problem: There is no such class (`unknown_class`).
    """
    if label >= len(model.classes):
        there = f"0–{len(model.classes) - 1}" if model.classes else "–"
        raise Problem(
            Text(en=f"This model knows no class {label} (it knows: {there}).", hi=f"यह मॉडल क्लास {label} नहीं जानता (जानता है: {there})।"),
            code="unknown_class", field="label",
        )  # fmt: skip
    if not model.classes:
        return NOTHING
    turn = torch.arange(first, first + count, device=model.device) % len(model.classes)
    return Condition(turn if label < 0 else torch.full_like(turn, label))


def beginning(
    model: DenoisingMethod, request: SampleRequest, arrays: Arrays, first: int, count: int, noise: ItemNoise
) -> tuple[Tensor, float | None]:
    """Where a walk begins, x [count, *shape] at t (None: the top): pure noise, or the items given as `x`.

    Raises:
        Problem: The items do not fit, or there are none for the wanted start.
    """
    top = model.noising.steps - 1
    if request.start > top:
        raise Problem(
            Text(en=f"The walk can begin at a noise step from 0 to {top}.", hi=f"शुरुआत 0 से {top} तक के नॉइज़ स्टेप से हो सकती है।"),
            code="wrong_noise_step", field="start",
        )  # fmt: skip
    start = None if request.start < 0 else request.start
    if "x" not in arrays:
        if start is not None:
            raise Problem(
                Text(en="To begin at a noise step, items to begin with are needed.", hi="किसी नॉइज़ स्टेप से शुरू करने के लिए शुरुआती आइटम चाहिए।"),
                code="missing_items", field="x",
            )  # fmt: skip
        return model.noising.start_scale * noise(), None
    given = _items(arrays["x"], model.data_shape if request.add_noise else model.shape, model.device)
    if len(given) not in (1, request.count):
        raise Problem(
            Text(en=f"There are {len(given)} items for {request.count} samples; give one, or one each.",
                 hi=f"{request.count} सैंपल के लिए {len(given)} आइटम हैं; एक दें, या हर सैंपल के लिए एक।"),
            code="wrong_items", field="x",
        )  # fmt: skip
    mine = given.expand(count, *given.shape[1:]) if len(given) == 1 else given[first : first + count]
    if not request.add_noise:
        return mine, start
    signal, level = model.noising.factors(float(top) if start is None else start)
    return signal * model.encode(mine) + level * noise(), start


def _items(x: npt.NDArray[Any] | None, shape: tuple[int, ...], device: torch.device) -> Tensor:
    """Given items [n, *shape], checked."""
    if x is None or x.shape[1:] != shape or not 1 <= len(x) <= MOST_ITEMS or not np.isfinite(x).all():
        wanted = "×".join(str(size) for size in ("n", *shape))
        raise Problem(
            Text(en=f"The items must be finite numbers of shape {wanted}, at most {MOST_ITEMS} of them.",
                 hi=f"आइटम {wanted} आकार की सीमित संख्याएँ होने चाहिए, ज़्यादा से ज़्यादा {MOST_ITEMS}।"),
            code="wrong_items", field="x",
        )  # fmt: skip
    return torch.tensor(x, dtype=torch.float32, device=device)


def _noise_steps(model: DenoisingMethod, t: npt.NDArray[Any] | None, count: int) -> Tensor:
    """Given noise steps [count], checked; whole ones as whole numbers."""
    top = model.noising.steps - 1
    steps = np.zeros(0) if t is None else np.asarray(t, dtype=np.float64).reshape(-1)
    steps = np.repeat(steps, count) if len(steps) == 1 else steps
    if len(steps) != count or not ((steps >= 0) & (steps <= top)).all():
        raise Problem(
            Text(en=f"Each item needs a noise step from 0 to {top}.", hi=f"हर आइटम के लिए 0 से {top} तक का नॉइज़ स्टेप चाहिए।"),
            code="wrong_noise_step", field="t",
        )  # fmt: skip
    whole = (steps % 1 == 0).all()
    return torch.tensor(steps, dtype=torch.long if whole else torch.float64, device=model.device)
