"""What is explained of a denoiser: the model of a run, a picture, a noise level, and what the model is told besides.

A request gives `model` (the id of a run), the picture as of `dashboard.explain.trained`, `noise`, the noise level in per cent of all steps
(50 unless told), and `prompt` or `label` where the model is to be told other than what its data says of a held-out item.

Notation: x_0 [1, *shape] the picture in the model's own space, t the noise step, x_t = signal x_0 + level eps, D(x_t) the clean picture
the model sees in x_t. Maps are [height, width] of the picture; in a model of latents a latent stands for all pixels of its square.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dashboard.explain.contract import Explanation
from dashboard.explain.games import Worth
from dashboard.explain.image.fitting import Pixels
from dashboard.explain.image.fitting import shown as as_picture
from dashboard.explain.image.maps import Map
from dashboard.explain.image.proof import Masks
from dashboard.explain.trained import Arrays, Item, item_of, model_of
from data.catalog import ExplainerCard
from data.text import Problem, Text
from lightning_modules.diffusion.asking.answers import wanted_class
from lightning_modules.diffusion.denoising import DenoisingMethod
from lightning_modules.diffusion.parts.prompts import PromptedMethod, PromptRequest
from lightning_modules.diffusion.parts.training_stages import StagedMethod
from lightning_modules.diffusion.process.condition import Condition
from lightning_modules.diffusion.process.item_noise import ItemNoise
from lightning_modules.exact import aside, weights_sha256

USUAL_NOISE = 50.0
_BATCH = 64


@dataclass
class DenoiserSubject:
    """One picture at one noise level before one model. `calls` counts the pictures the model was asked about."""

    model: DenoisingMethod
    name: str
    weights: str
    seen: Pixels
    x0: Tensor
    t: Tensor
    condition: Condition
    prompt: str = ""
    calls: int = 0

    def __post_init__(self) -> None:
        signal, level = self.model.noising.signal_and_noise(self.t, self.x0)
        self.clean, self.level = signal * self.x0, level

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the picture."""
        return self.seen.shape[0], self.seen.shape[1]

    def noise(self, seed: int) -> Tensor:
        """level · eps of a seed [1, *shape]: x_t with nothing of the picture in it."""
        return self.level * ItemNoise(seed, 0, 1, tuple(self.x0.shape[1:]), self.x0.device)()

    def denoised(self, x: Tensor, condition: Condition | None = None) -> Tensor:
        """D of any number of noisy pictures [n, *shape], without gradients."""
        self.calls += len(x)
        with torch.no_grad():
            return torch.cat([self._says(part, condition) for part in torch.split(x, _BATCH)])

    def slope(self, x: Tensor, direction: Tensor) -> Tensor:
        """The gradient of sum(direction · D(x)) at noisy pictures x [n, *shape]; no weight is touched."""
        self.calls += len(x)
        leaf = x.detach().requires_grad_()
        with torch.enable_grad():
            (found,) = torch.autograd.grad((self._says(leaf) * direction).sum(), leaf)
        return found

    def kept(self, masks: Masks) -> Tensor:
        """Masks of pixels [n, height, width] as masks of the model's own space [n, 1, rows, columns]."""
        rows, columns = (_middles(whole, part) for whole, part in zip(self.size, self.x0.shape[-2:], strict=True))
        return torch.from_numpy(np.ascontiguousarray(masks[:, rows[:, None], columns[None]]))[:, None]

    def laid(self, shares: Tensor) -> Map:
        """Numbers in the model's own space [*shape] as a map [height, width] with the same sum: colours summed, latents spread over their pixels."""
        summed: Map = shares.sum(dim=0).double().cpu().numpy()
        rows, columns = (_homes(whole, part) for whole, part in zip(self.size, summed.shape, strict=True))
        cell = rows[:, None] * summed.shape[1] + columns[None]
        found: Map = (summed.ravel() / np.maximum(np.bincount(cell.ravel(), minlength=summed.size), 1))[cell]
        return found

    def drawn(self, condition: Condition | None, seed: int) -> Tensor:
        """The picture that the model sees in x_t when this is told [1, colours, height, width]."""
        answer = self.denoised(self.clean + self.noise(seed), condition)
        with torch.no_grad():
            return self.model.decode(answer)

    def picture(self, x: Tensor) -> Pixels:
        """The first of some pictures in the model's own space as people see it [height, width, 3]."""
        with torch.no_grad():
            return as_picture(self.model.decode(x[:1])[0])

    def noisy(self, xt: Tensor) -> Pixels:
        """x_t as people see it: scaled so that noise of two deviations just fits. In a model of latents: what the decoder makes of it."""
        signal, level = self.model.noising.factors(float(self.t))
        scale = signal + 2 * level if tuple(xt.shape[1:]) == self.model.data_shape else max(signal, 0.1)
        return self.picture(xt / scale)

    def _says(self, x: Tensor, condition: Condition | None = None) -> Tensor:
        told = self.condition if condition is None else condition
        return self.model.says(x, self.t.expand(len(x)), repeated(told, len(x))).x0


def repeated(condition: Condition, count: int) -> Condition:
    """A condition of one item, told of each of `count`."""
    y = None if condition.y is None else condition.y.expand(count)
    return Condition(y, {name: value.expand(count, *value.shape[1:]) for name, value in condition.more.items()})


def subject_of(values: Mapping[str, Any], arrays: Arrays) -> DenoiserSubject:
    """The subject of a request.

    Raises:
        Problem: The run has no denoiser of pictures, there is no such picture, or the model cannot be told what it is to be told.
    """
    model = model_of(values)
    if not isinstance(model, DenoisingMethod) or model.kind != "image":
        raise Problem(
            Text(en="What this run trained denoises no pictures; choose a diffusion model of pictures.",
                 hi="इस रन का मॉडल तस्वीरों से नॉइज़ नहीं हटाता; तस्वीरों का कोई डिफ़्यूज़न मॉडल चुनें।"),
            code="no_denoiser", field="model",
        )  # fmt: skip
    item = item_of(values, arrays, model.data_shape)
    return subject_for(model, item, values, name=str(values["model"]))


def subject_for(model: DenoisingMethod, item: Item, values: Mapping[str, Any], *, name: str = "") -> DenoiserSubject:
    """A picture before a denoiser.

    Raises:
        Problem: The noise level, the class or the prompt cannot be used, or the model does not denoise yet.
    """
    if isinstance(model, StagedMethod):
        model.check_complete()
    x = item.x.to(model.device)
    share = _share(values.get("noise", USUAL_NOISE))
    t = torch.tensor([round(share * (model.noising.steps - 1))], device=model.device)
    prompt = str(values.get("prompt") or "") or _caption(model, item)
    with torch.no_grad():
        condition = _told(model, item, x, values, prompt)
        x0 = model.encode(x)
    return DenoiserSubject(
        model, name, weights_sha256(model.best_network.state_dict()), item.seen, x0, t, condition, prompt
    )


def evidence_of(subject: DenoiserSubject, card: ExplainerCard, config: Any, one: Explanation) -> Iterator[Explanation]:
    """The finished explanation again, with more and more evidence, where its way says how to find some."""
    proven = getattr(card.explain, "proven", None)
    if proven is not None:
        yield from proven(subject, config, one)


def about_model(subject: DenoiserSubject) -> dict[str, Any]:
    """What the model is, in plain values, for the record of an explanation."""
    classes = len(subject.model.classes)
    return {"name": subject.name, "weights": subject.weights, **({"classes": classes} if classes else {})}


def _caption(model: DenoisingMethod, item: Item) -> str:
    """What the data says of a held-out item in words, where the model reads words."""
    if isinstance(model, PromptedMethod) and model.reads_words and item.y is not None:
        return model.captions[item.y].en
    return ""


def _told(model: DenoisingMethod, item: Item, x: Tensor, values: Mapping[str, Any], prompt: str) -> Condition:
    """What is told: what was asked for, what the data says of the item, or nothing but what the picture itself says."""
    with aside(0, 0, "explain"):  # a method may draw what it tells, such as a mask
        told = model.told(x, torch.tensor([0 if item.y is None else item.y], device=x.device))
    if prompt:
        return prompted(model, told, prompt)
    if values.get("label") is not None:
        return Condition(wanted_class(model, _label(values["label"]), 0, 1).y, told.more)
    return told if item.y is not None else model.untold(told)


def prompted(model: DenoisingMethod, told: Condition, prompt: str) -> Condition:
    """What is told, with these words; none: with nothing in their place.

    Raises:
        Problem: The model reads no words, or not these.
    """
    if not isinstance(model, PromptedMethod) or not model.reads_words:
        raise Problem(
            Text(en="This model reads no words; choose one that draws from a prompt.", hi="यह मॉडल शब्द नहीं पढ़ता; प्रॉम्प्ट से बनाने वाला मॉडल चुनें।"),
            code="no_words", field="prompt",
        )  # fmt: skip
    if not prompt:
        return model.untold(told)
    request = PromptRequest(prompt=prompt)
    model.check(request, {})
    words = PromptedMethod.asked(model, request, {}, 0, 1)  # a subclass may also draw what the picture itself says
    return Condition(told.y, {**told.more, **words.more})


def _label(word: object) -> int:
    if not str(word).isdecimal():
        raise Problem(
            Text(en="A class is told by its number, from 0.", hi="क्लास उसके नंबर से बताई जाती है, 0 से।"),
            code="unknown_class", field="label",
        )  # fmt: skip
    return int(str(word))


def _share(noise: object) -> float:
    try:
        share = float(str(noise)) / 100
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise Problem(
            Text(en="The noise level is a number from 0 to 100, in per cent of all noise steps.", hi="नॉइज़ का स्तर 0 से 100 तक की संख्या है, सभी नॉइज़ स्टेप के प्रतिशत में।"),
            code="wrong_noise_step", field="noise",
        )  # fmt: skip
    return share


def _homes(whole: int, part: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Of each of `whole` pixels along a side, which of `part` cells it lies in."""
    return np.arange(whole) * part // whole


def _middles(whole: int, part: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Of each of `part` cells along a side, the pixel in its middle."""
    return (2 * np.arange(part) + 1) * whole // (2 * part)


def distance(difference: Tensor) -> Worth:
    """Root mean squares of differences [n, *shape]: [n]."""
    found: Worth = difference.flatten(1).double().square().mean(dim=1).sqrt().cpu().numpy()
    return found
