"""The contract of `DenoisingMethod`: a conditional method on another kind of data, and flow matching and EDM as trained."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from data.arrays import make_dataset
from data.catalog import Dataset, Kind, Split
from data.datasets import eight_gaussians
from data.discovery import discover
from data.points import PointsConfig
from lightning_modules.base import Picture
from lightning_modules.diffusion import ddpm, edm, flow_matching
from lightning_modules.diffusion.asking.requests import SampleRequest
from lightning_modules.diffusion.denoising import Arrays, DenoisingMethod
from lightning_modules.diffusion.process.condition import Condition
from lightning_modules.diffusion.process.objectives import OBJECTIVES
from lightning_modules.diffusion.process.schedule import rectified_flow
from lightning_modules.diffusion.samplers import SAMPLERS
from lightning_modules.options import TrainingOptions
from tests.conformance import captioned, fitting, settled, small_data
from tests.lightning_modules.training import tiny_images, train


def _items(kind: Kind) -> Dataset:
    shape = {"audio": (1, 64), "cloud": (20, 3)}[kind]
    x = np.random.default_rng(0).uniform(-1, 1, (24, *shape)).astype(np.float32)
    return make_dataset(kind, Split(x[:16]), Split(x[16:]), rate_hz=8000)


class _Continue(DenoisingMethod):
    """Told the first half of an item, denoises the whole, in a space scaled by a half."""

    def __init__(self, dataset: Dataset) -> None:
        super().__init__(
            dataset, TrainingOptions(), objective=OBJECTIVES["flow"], noising=rectified_flow(), preview_steps=3
        )
        self.size = int(np.prod(dataset.shape))
        self.adopt(nn.Linear(2 * self.size, self.size))
        self.given: list[Tensor] = []

    def respond(self, network: nn.Module, x: Tensor, time: Tensor, condition: Condition) -> Tensor:
        self.given.append(condition.more["start"])
        both = torch.cat([x.flatten(1), condition.more["start"].flatten(1)], dim=1)
        output: Tensor = network(both).reshape(x.shape)
        return output

    def told(self, items: Tensor, y: Tensor) -> Condition:
        start = items.clone()
        start.flatten(1)[:, self.size // 2 :] = 0
        return Condition(more={"start": start})

    def untold(self, condition: Condition) -> Condition:
        return Condition(more={"start": torch.zeros_like(condition.more["start"])})

    def asked(self, request: SampleRequest, arrays: Arrays, first: int, count: int) -> Condition:
        start = torch.zeros(count, *self.data_shape) if "start" not in arrays else torch.tensor(arrays["start"][first : first + count])  # fmt: skip
        return Condition(more={"start": start})

    def encode(self, items: Tensor) -> Tensor:
        return items / 2

    def decode(self, x: Tensor) -> Tensor:
        return x * 2


@pytest.mark.parametrize("kind", ["audio", "cloud"])
def test_a_conditional_method_on_any_kind_of_data_draws_and_is_watched_and_measured(kind: Any) -> None:
    dataset = _items(kind)
    model = _Continue(dataset).eval()
    model.log = lambda *_: None  # type: ignore[method-assign]
    assert torch.isfinite(model.training_step((torch.from_numpy(dataset.train.x), torch.zeros(16).long()), 0))
    with torch.no_grad():
        for picture in model.pictures():
            assert isinstance(picture, Picture)
            assert picture.pixels.dtype == np.uint8 and picture.pixels.shape[2] == 3 and picture.pixels.std() > 0
        found = model.evaluate(dataset)
        assert {"eps_mse", "train_eps_mse", "eps_mse_ratio"} <= set(found)
        assert all(np.isfinite(line.value) for line in model.reference_lines(dataset))
        starts = dataset.test.x[:3]
        values = {"count": 3, "steps": 4, "sampler": "dpmpp_2m"}
        one = model.answer("sample", values, {"start": starts}).arrays["x"]
        again = model.answer("sample", values, {"start": starts[::-1].copy()}).arrays["x"]
        assert one.shape == starts.shape and not np.allclose(one, again)
        assert model.answer("trace", values, {"start": starts}).arrays["x0"].shape == (4, *starts.shape)


def test_guidance_compares_with_what_the_method_calls_untold() -> None:
    model = _Continue(_items("audio")).eval()
    x, t, told = torch.randn(2, 1, 64), torch.tensor([10, 900]), Condition(more={"start": torch.ones(2, 1, 64)})
    with torch.no_grad():
        said = {s: model.says(x, t, told, s).x0 for s in (0.0, 1.0, 3.0)}
        assert torch.equal(said[0.0], model.says(x, t, model.untold(told), 1.0).x0)
    assert torch.equal(model.given[-2], torch.cat([torch.zeros(2, 1, 64), torch.ones(2, 1, 64)]))  # one call for both
    assert torch.allclose(said[3.0], said[0.0] + 3 * (said[1.0] - said[0.0]), atol=1e-5)


@pytest.mark.parametrize("method", [flow_matching, edm])
def test_flow_matching_and_edm_learn_the_ring_and_every_sampler_draws_from_them(method: Any) -> None:
    dataset = eight_gaussians.load(PointsConfig(items=2000))
    options, chosen = settled(method.METHOD, "tiny", "points")
    module = train(
        method.METHOD, dataset, TrainingOptions(**{**options, "steps": 300}), {**chosen, "quality_samples": 500}
    )
    model = module.module.eval()
    with torch.no_grad():
        found = model.evaluate(dataset)
        assert found["classes"] == 1 and found["eps_mse_ratio"] < 0.95 and found["sliced_w2"] < 0.35
        paths = {name: model.draw(SampleRequest(count=8, steps=100, sampler=name)) for name in SAMPLERS}
    exact = paths["heun"]
    for name in ("ddim", "euler", "dpmpp_2m"):
        assert np.median(np.abs(paths[name] - exact)) < 0.1, name


def test_edm_trains_around_its_median_sigma_and_tells_the_network_ln_sigma() -> None:
    dataset = eight_gaussians.load(PointsConfig(items=200))
    model = edm.EDM(edm.EDMConfig(width=8), dataset, TrainingOptions())
    t = model.times_at(torch.tensor([0.5, 0.8413447]))
    _, level = model.noising.signal_and_noise(t, torch.empty(1, dtype=torch.float64))
    assert level.tolist() == pytest.approx([0.3012, 1.0], abs=2e-4)  # e^-1.2 and e^0
    told = model.time_of(model.noising.t_of(torch.tensor([0.002, 0.4, 80.0]).double()))
    assert told.tolist() == pytest.approx([0, 500, 1000], abs=0.05)


def test_samples_are_guided_as_the_run_says_where_the_request_does_not() -> None:
    module = train(
        ddpm.METHOD, tiny_images(), TrainingOptions(steps=5, batch_size=4), {"channels": 8, "preview_guidance": 1.5}
    ).module
    assert module.pictures()[0].info["guidance"] == 1.5
    with torch.no_grad():
        unsaid = module.answer("sample", {"count": 4}, {})
        said, plain = (module.answer("sample", {"count": 4, "guidance": s}, {}) for s in (1.5, 1.0))
    assert (unsaid.values["guidance"], plain.values["guidance"]) == (1.5, 1.0)
    assert (unsaid.arrays["x"] == said.arrays["x"]).all()
    assert (unsaid.arrays["x"] != plain.arrays["x"]).any()


CHOOSING = sorted(name for name, card in discover().methods.items() if "optimizer" in card.config.model_fields)


@pytest.mark.parametrize("name", CHOOSING)
def test_muon_moves_the_matrices_inside_and_adamw_all_that_is_left_and_each_weight_is_moved_by_one(name: str) -> None:
    card = discover().methods[name]
    data, config = small_data(card.accepts[0]), {"optimizer": "muon"}
    data = captioned(data) if card.needs_captions else fitting(card, data, config)
    module: Any = card.build(card.config.model_validate(config), data, TrainingOptions())
    inside, left = (group["params"] for group in module.optimizer().param_groups)
    moved = {id(one) for one in module.parameters() if one.requires_grad}
    assert len(inside) + len(left) == len(moved) and {id(one) for one in [*inside, *left]} == moved
    assert all(one.ndim > 1 for one in inside)
    assert sum(one.numel() for one in inside) > 0.4 * sum(one.numel() for one in [*inside, *left])
