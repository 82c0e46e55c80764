"""The DDPM as a whole: its loss, its samples, its answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from data.catalog import Dataset
from data.datasets import eight_gaussians
from data.points import PointsConfig
from data.text import Problem
from lightning_modules.base import Picture
from lightning_modules.diffusion.asking.requests import SampleRequest
from lightning_modules.diffusion.ddpm import DDPM, METHOD, DDPMConfig
from lightning_modules.diffusion.process.condition import Condition
from lightning_modules.diffusion.samplers import SAMPLERS
from lightning_modules.exact import reseed
from lightning_modules.options import TrainingOptions
from tests.conformance import settled
from tests.lightning_modules.training import tiny_images, train


def _built(dataset: Dataset, **config: Any) -> DDPM:
    """A DDPM whose zero-initialised layers have been woken, as by some steps of training."""
    reseed(0, 0)
    built = DDPM(DDPMConfig(**{"channels": 8, "preview_steps": 4, **config}), dataset, TrainingOptions()).eval()
    with torch.no_grad():
        for parameter in built.best_network.parameters():
            if not parameter.any():
                parameter.normal_(0, 0.05)
    return built


@pytest.fixture(scope="module")
def model() -> DDPM:
    return _built(tiny_images())


@pytest.fixture(autouse=True)
def _no_gradients() -> Any:
    with torch.no_grad():
        yield


@pytest.mark.parametrize("objective", ["eps", "v"])
def test_the_loss_of_a_silent_network_is_the_power_of_its_target(objective: Any) -> None:
    """A new network outputs 0, so its loss is E|eps|² = 1, or E|v|² = ab·1 + (1 - ab)·E|x_0|²."""
    dataset = tiny_images(400)
    reseed(0, 0)
    built = DDPM(DDPMConfig(objective=objective, channels=8), dataset, TrainingOptions())
    built.log = lambda *_: None  # type: ignore[method-assign]
    batch = (torch.from_numpy(dataset.train.x), torch.zeros(len(dataset.train), dtype=torch.long))
    loss = float(built.training_step(batch, 0))
    share = float(built.noising.alphas_cumprod.mean())
    power = float(np.square(dataset.train.x).mean())
    assert loss == pytest.approx(1.0 if objective == "eps" else share + (1 - share) * power, rel=0.02)


def test_noise_levels_are_spread_evenly_over_a_batch(model: DDPM) -> None:
    levels = model._spread_times(100, torch.device("cpu"))
    assert sorted((levels // 10).tolist()) == list(range(100)) or levels.sort().values.diff().max() <= 11
    assert int(levels.min()) < 20 and int(levels.max()) >= 980


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_samples_do_not_depend_on_how_they_are_batched(sampler: Any) -> None:
    model = _built(tiny_images(), noise_steps=12)
    request = SampleRequest(count=7, sampler=sampler, steps=5, eta=0.7, seed=3)
    whole = model.draw(request)
    for batch in (1, 3):
        assert np.allclose(model.draw(request, batch=batch), whole, atol=1e-4)
    assert np.array_equal(model.draw(request), whole)


def test_the_first_samples_do_not_depend_on_how_many_follow(model: DDPM) -> None:
    few, many = (model.draw(SampleRequest(count=count, steps=3)) for count in (2, 9))
    assert np.allclose(many[:2], few, atol=1e-4)


def test_another_seed_draws_other_samples(model: DDPM) -> None:
    assert not np.allclose(model.draw(SampleRequest(seed=1, steps=3)), model.draw(SampleRequest(seed=2, steps=3)))


def test_guidance_of_zero_ignores_the_class_one_follows_it_and_it_is_linear_between_and_beyond(model: DDPM) -> None:
    x, t, y = torch.randn(4, 1, 8, 8), torch.tensor([5, 200, 500, 900]), Condition(torch.tensor([0, 1, 2, 0]))
    said = {s: model.says(x, t, y, s).eps for s in (0.0, 1.0, 2.0, 3.5)}
    assert torch.equal(said[0.0], model.says(x, t).eps)
    time = model.time_of(t)
    assert torch.equal(model._guided(x, time, y, 0.0), model.best_network(x, time, None))
    assert torch.equal(model._guided(x, time, y, 1.0), model.best_network(x, time, y.y))
    assert not torch.allclose(said[0.0], said[1.0])
    for s in (2.0, 3.5):
        assert torch.allclose(said[s], said[0.0] + s * (said[1.0] - said[0.0]), atol=1e-4)


def test_a_model_of_points_learns_where_they_lie() -> None:
    dataset = eight_gaussians.load(PointsConfig(items=2000))
    options, chosen = settled(METHOD, "tiny", "points")
    options = {**options, "steps": 250}
    with torch.enable_grad():
        module = train(METHOD, dataset, TrainingOptions(**options), chosen).module.eval()
    found = module.evaluate(dataset)
    assert found["classes"] == 1 and found["on_data"] > 0.4 and found["eps_mse_ratio"] < 0.8
    assert found["sliced_w2"] < 0.3


def test_labels_the_data_has_are_ignored_when_asked() -> None:
    plain = _built(tiny_images(), use_labels=False)
    assert plain.classes == () and "class_accuracy" not in plain.evaluate(tiny_images())
    with pytest.raises(Problem, match="knows no class 1"):
        plain.answer("sample", {"label": 1}, {})


def test_pictures_are_a_grid_and_a_strip_and_always_of_the_same_noise(model: DDPM) -> None:
    grid, strip = model.pictures()
    assert (grid.name, strip.name) == ("samples", "denoising")
    again, _ = model.pictures()
    assert isinstance(grid, Picture) and isinstance(again, Picture)
    assert np.array_equal(grid.pixels, again.pixels)
    assert min(grid.pixels.shape) >= 6 * 32


def test_a_sample_request_is_answered_with_samples(model: DDPM) -> None:
    answer = model.answer("sample", {"count": 3, "steps": 2, "label": 1, "guidance": 2.0}, {})
    assert answer.arrays["x"].shape == (3, 1, 8, 8) and answer.values["classes"] == ["0", "1", "2"]
    assert np.abs(answer.arrays["x"]).max() <= 1


def test_a_trace_tells_every_stage_and_may_be_taken_up_at_any_of_them(model: DDPM) -> None:
    told = model.answer("trace", {"count": 2, "steps": 6, "seed": 5, "label": 1}, {})
    found = told.arrays
    assert found["xt"].shape == (6, 2, 1, 8, 8) and told.values["evaluations"] == 6
    assert np.array_equal(found["xt"][1:], found["x"][:-1]) and found["t"].tolist()[0] == 999
    signal, level = model.noising.factors(found["t"][3])
    assert np.allclose(signal * found["x0"][3] + level * found["eps"][3], found["xt"][3], atol=1e-4)
    again = {"count": 2, "steps": 3, "start": found["t"][3], "label": 1}
    on = model.answer("trace", again, {"x": found["xt"][3]}).arrays
    assert np.array_equal(on["xt"][0], found["xt"][3]) and np.allclose(on["x"][-1], found["x"][-1], atol=1e-4)
    forked = model.answer("sample", {**again, "label": 2, "sampler": "heun", "guidance": 3.0}, {"x": found["xt"][3]})
    assert not np.allclose(forked.arrays["x"], on["x"][-1], atol=1e-3)


def test_a_walk_may_begin_at_a_clean_item_with_noise_added(model: DDPM) -> None:
    """With hardly any noise added the item comes back; with much it is another one."""
    x = tiny_images().test.x[:1]
    small, large = (
        model.answer("sample", {"count": 3, "start": start, "add_noise": True, "steps": 5}, {"x": x}).arrays["x"]
        for start in (0, 950.5)
    )
    assert np.abs(small - x).max() < 0.15 < np.abs(large - x).max()


def test_a_predict_request_is_answered_with_noise_and_clean_image_that_agree(model: DDPM) -> None:
    x = tiny_images().test.x[:3]
    arrays = {"x": x, "t": np.array([10, 400, 900])}
    found = model.answer("predict", {"seed": 4, "label": 2}, arrays).arrays
    ab = model.noising.alphas_cumprod[[10, 400, 900]].numpy()[:, None, None, None]
    assert np.allclose(np.sqrt(ab) * found["x0"] + np.sqrt(1 - ab) * found["eps"], found["xt"], atol=1e-4)
    given = model.answer("predict", {"add_noise": False}, {"x": found["xt"], "t": np.array([400])}).arrays
    assert np.array_equal(given["xt"], found["xt"])


@pytest.mark.parametrize(
    ("request_name", "values", "arrays", "field"),
    [
        ("sample", {"count": 0}, {}, "count"),
        ("sample", {"count": 10**9}, {}, "count"),
        ("sample", {"sampler": "nobody"}, {}, "sampler"),
        ("sample", {"eta": float("nan")}, {}, "eta"),
        ("sample", {"label": 3}, {}, "label"),
        ("sample", {"steps": "many"}, {}, "steps"),
        ("sample", {"colour": "red"}, {}, "colour"),
        ("sample", {"start": 1000}, {"x": np.zeros((1, 1, 8, 8))}, "start"),
        ("sample", {"start": 300}, {}, "x"),
        ("sample", {"count": 3, "start": 300}, {"x": np.zeros((2, 1, 8, 8))}, "x"),
        ("trace", {"count": 2001}, {}, "count"),
        ("trace", {"sampler": "nobody"}, {}, "sampler"),
        ("predict", {}, {}, "x"),
        ("predict", {}, {"x": np.zeros((2, 1, 9, 8)), "t": np.array([1])}, "x"),
        ("predict", {}, {"x": np.full((1, 1, 8, 8), np.inf), "t": np.array([1])}, "x"),
        ("predict", {}, {"x": np.zeros((2, 1, 8, 8))}, "t"),
        ("predict", {}, {"x": np.zeros((2, 1, 8, 8)), "t": np.array([1, 2, 3])}, "t"),
        ("predict", {}, {"x": np.zeros((1, 1, 8, 8)), "t": np.array([1000])}, "t"),
        ("predict", {}, {"x": np.zeros((1, 1, 8, 8)), "t": np.array([-1])}, "t"),
    ],
)
def test_a_request_that_cannot_be_met_is_told_at_its_field(
    model: DDPM, request_name: str, values: dict[str, Any], arrays: dict[str, Any], field: str
) -> None:
    with pytest.raises(Problem) as caught:
        model.answer(request_name, values, arrays)
    assert caught.value.field == field and caught.value.text.hi != caught.value.text.en


def test_a_patch_that_does_not_divide_the_image_is_told_at_its_field() -> None:
    with pytest.raises(Problem) as caught:
        _built(tiny_images(), patch=3)
    assert caught.value.field == "patch" and "8×8" in caught.value.text.en
