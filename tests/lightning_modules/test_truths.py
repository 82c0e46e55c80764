"""The truths hold on this code, and each subject notices when the code it speaks of is spoilt."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch

from lightning_modules import averages, truths
from lightning_modules.diffusion import denoising
from lightning_modules.diffusion.process import closed_form, repaint, schedule
from lightning_modules.diffusion.process.objectives import EDM, Eps, Flow, Prediction, V
from lightning_modules.diffusion.process.stages import Stage
from lightning_modules.diffusion.samplers import SAMPLERS
from lightning_modules.truths import guidance as of_guidance
from lightning_modules.truths import repaint as of_repaint
from lightning_modules.truths import samplers as of_samplers
from lightning_modules.truths.truth import Found, Truth

TRUTHS = {truth.name: truth for truth in truths.discover()}


@pytest.mark.parametrize("name", TRUTHS)
def test_the_truth(name: str) -> None:
    outcome = TRUTHS[name].check()
    assert outcome.holds, (outcome.found, outcome.trouble)


def test_there_are_enough_of_them_and_each_has_a_name_of_its_own() -> None:
    assert len(truths.discover()) == len(TRUTHS) >= 40
    assert {name.split(".")[0] for name in TRUTHS} >= {"schedules", "objectives", "samplers", "denoisers", "guidance"}
    for truth in TRUTHS.values():
        assert truth.claim.en.endswith((".", ")")) and any("\u0900" <= c <= "\u097f" for c in truth.claim.hi), (
            truth.name
        )


def test_what_is_no_number_or_breaks_off_does_not_hold() -> None:
    assert not Found(math.nan, 0, 1).holds and not Found(math.inf, math.inf, 1).holds
    assert Found(1.1, 1, 0.2).holds and not Found(1.3, 1, 0.2).holds
    broken = Truth("a.b", TRUTHS["averages.decay"].claim, "", lambda: Found(1 / 0, 0, 0))
    assert not broken.check().holds and "ZeroDivisionError" in broken.check().trouble


def test_checking_leaves_the_random_state_as_it_was() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    TRUTHS["denoisers.one_item"].check()
    assert torch.equal(torch.rand(3), expected)


def _without_correction(walk: Any) -> Any:
    """Heun's sampler without its second half: Euler under a finer name."""
    return SAMPLERS["euler"].walk(walk)


def _stops_early(walk: Any) -> Any:
    for stage in SAMPLERS["ddim"].walk(walk):
        yield stage if stage.after is not None else Stage(stage.t, stage.xt, stage.x0, stage.eps, stage.xt, None)


SPOILT: dict[str, tuple[Callable[[pytest.MonkeyPatch], object], tuple[str, ...]]] = {
    "another offset of the cosine": (
        lambda m: m.setattr(schedule, "_COSINE_OFFSET", 0.02), ("schedules.cosine",)),
    "signal may be left": (lambda m: m.setattr(schedule, "LARGEST_SIGNAL_LEFT", 0.9), ("schedules.trap",)),
    "another rho": (lambda m: m.setattr(schedule.edm_sigmas, "__kwdefaults__", {
        "smallest": 0.002, "largest": 80.0, "rho": 5.0}), ("schedules.ladder",)),
    "v with the sign turned": (
        lambda m: m.setattr(V, "target", lambda _, x0, noise, a, s: s * x0 - a * noise),
        ("objectives.round_trip_v", "objectives.v_half")),
    "flow towards the data": (
        lambda m: m.setattr(Flow, "target", lambda _, x0, noise, a, s: x0 - noise), ("objectives.flow_slope",)),
    "min-SNR for v as for eps, the bug others shipped for a year": (
        lambda m: m.setattr(V, "gain", lambda _, a, s: (a / s) ** 2), ("objectives.min_snr_0.5",)),
    "a variance in the place of a deviation": (
        lambda m: m.setattr(Eps, "interpret", lambda _, out, xt, a, s: Prediction((xt - s**2 * out) / a, out)),
        ("objectives.round_trip_eps",)),
    "c_in for c_out": (lambda m: m.setattr(EDM, "c_out", EDM.c_in), ("objectives.edm_constants",)),
    "Heun without its correction": (
        lambda m: m.setitem(SAMPLERS, "heun", dataclasses.replace(SAMPLERS["heun"], walk=_without_correction)),
        ("samplers.order_heun", "samplers.heun_looks")),
    "noise left at the end": (
        lambda m: m.setitem(SAMPLERS, "ddim", dataclasses.replace(SAMPLERS["ddim"], walk=_stops_early)),
        ("samplers.last_step", "samplers.path_ddim")),
    "the ancestral sampler without noise": (
        lambda m: m.setitem(SAMPLERS, "ancestral", dataclasses.replace(
            SAMPLERS["ancestral"], walk=lambda walk: SAMPLERS["ddim"].walk(dataclasses.replace(walk, eta=0.0)))),
        ("samplers.golden_variance", "samplers.ddim_ancestral")),
    "a memoriser that is too soft": (
        lambda m: m.setattr(closed_form, "memorised_x0", lambda items, xt, a, s: torch.softmax(
            -torch.cdist(xt, a * items).square() / (8 * s**2), dim=1) @ items), ("denoisers.memoriser",)),
    "a mixture without its spread": (
        lambda m: m.setattr(closed_form.MixtureDenoiser, "__call__", lambda self, x, t: Prediction(
            torch.softmax(-torch.cdist(x, self.means).square(), 1) @ self.means, x)), ("denoisers.mixture_score",)),
    "guidance that doubles": (
        lambda m: m.setattr(denoising.DenoisingMethod, "_guided", _doubled(denoising.DenoisingMethod._guided)),
        ("guidance.linear", "guidance.conventions")),
    "an average without a warm-up": (
        lambda m: m.setattr("lightning_modules.truths.averages.decay_at", lambda step, decay: decay),
        ("averages.warm_up",)),
    "an average of the wrong half": (
        lambda m: m.setattr("lightning_modules.truths.averages.decay_at",
                            lambda step, decay: 1 - averages.decay_at(step, decay)), ("averages.decay",)),
    "RePaint that never goes back": (
        lambda m: m.setattr(repaint, "places", lambda levels, jump, resamplings: list(range(levels + 1))),
        ("repaint.conditional", "repaint.looks")),
}  # fmt: skip


def _doubled(guided: Any) -> Any:
    def twice(self: Any, x: Any, time: Any, condition: Any, guidance: float) -> Any:
        return guided(self, x, time, condition, guidance if guidance in (0, 1) else 2 * guidance)

    return twice


@pytest.mark.parametrize("how", SPOILT)
def test_spoilt_code_is_noticed(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil, names = SPOILT[how]
    kept = (of_samplers._of_the_ring, of_repaint._filled, of_guidance._model)
    for one in kept:
        one.cache_clear()
    spoil(monkeypatch)
    noticed = [name for name in names if not TRUTHS[name].check().holds]
    for one in kept:
        one.cache_clear()
    assert noticed == list(names)
