"""Shapley values of tables beside `shap` and Captum: error at equal model calls, whether intervals hold, seconds to the first and the last
answer, memory over many explanations, and what our code costs on top of bare Captum.

All three play the same game: one background row (Captum's KernelShap knows no more), random smooth functions of 10 and 14 columns, the truth by
asking every coalition. `shap` is run with `l1_reg=False`, else it forces values beyond the tenth to 0.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil
import shap
import torch
from captum.attr import IntegratedGradients, KernelShap

from dashboard.explain.games.exact import exact
from dashboard.explain.games.leverage import LeverageShap
from dashboard.explain.table import kernel_shap, lime, path_gradients
from dashboard.explain.table.gradients import as_design, network_of, of_features
from dashboard.explain.table.subject import Asked, TableSubject
from dashboard.tables.recipe import LearnerName
from tests.explain.tables import held_out, made, trained

Array = npt.NDArray[np.float64]

_MIB = 2**20
_LEARNERS: tuple[LearnerName, ...] = ("forest", "boosting", "network", "linear")
_CALLS = 16
"""Model calls a column."""


def game(d: int, seed: int) -> tuple[TableSubject, Callable[[Array], Array]]:
    """A random network of one hidden layer before one row and one background row."""
    rng = np.random.default_rng(seed)
    w, v = rng.normal(size=(d, 12)) / np.sqrt(d), rng.normal(size=12)

    def predict(rows: Array) -> Array:
        found: Array = np.tanh(1.5 * rows @ w) @ v
        return found

    return made(predict, rng.normal(size=d), rng.normal(size=(1, d))), predict


def errors(games: int) -> dict[str, Any]:
    """Relative L2 errors at 16 calls a column: medians, and ratios of ours to theirs."""
    found: dict[str, list[float]] = {"ours": [], "shap": [], "captum": []}
    for seed in range(games):
        d = 10 if seed % 2 else 14
        subject, predict = game(d, seed)
        truth = exact(Asked(subject).worth, d)
        ours = LeverageShap(Asked(subject).worth, d, np.random.default_rng(seed))
        ours.grow((_CALLS * d - 2) // 2)  # the two ends are asked besides
        np.random.seed(seed)
        explainer = shap.KernelExplainer(predict, subject.background)
        theirs = explainer.shap_values(subject.x[None], nsamples=_CALLS * d, l1_reg=False, silent=True)[0]
        torch.manual_seed(seed)
        captum = KernelShap(lambda z: torch.from_numpy(predict(z.double().numpy())))  # noqa: B023
        drawn = captum.attribute(
            torch.from_numpy(subject.x[None]), torch.from_numpy(subject.background), n_samples=_CALLS * d, perturbations_per_eval=64
        )[0].numpy()  # fmt: skip
        size = np.linalg.norm(truth)
        for name, phi in (("ours", ours.shares().phi), ("shap", theirs), ("captum", drawn)):
            found[name].append(float(np.linalg.norm(phi - truth) / size))
    medians = {name: statistics.median(values) for name, values in found.items()}
    return {
        **medians, "games": games, "to_shap": medians["ours"] / medians["shap"], "to_captum": medians["ours"] / medians["captum"]
    }  # fmt: skip


def coverage(games: int) -> dict[str, float]:
    """How often the 95 % intervals hold the truth, by model calls a column."""
    inside: dict[str, list[float]] = {"8d": [], "16d": [], "32d": []}
    for seed in range(games):
        d = 14
        subject, _ = game(d, 10_000 + seed)
        truth = exact(Asked(subject).worth, d)
        ours = LeverageShap(Asked(subject).worth, d, np.random.default_rng(seed))
        for name, calls in (("8d", 8), ("16d", 16), ("32d", 32)):
            ours.grow(calls * d // 2)
            shares = ours.shares()
            inside[name].append(float((np.abs(shares.phi - truth) <= shares.half_width).mean()))
    return {name: statistics.mean(values) for name, values in inside.items()}


def answers(rows: int) -> dict[str, Any]:
    """Seconds to the first and the last snapshot of Kernel SHAP, by learner, of German credit (20 columns, 64 background rows)."""
    found: dict[str, Any] = {}
    for learner in _LEARNERS:
        first, last = [], []
        for row in range(rows):
            subject = held_out("credit_german", learner, row)
            began = time.perf_counter()
            stages = kernel_shap.EXPLAINER.explain(subject, kernel_shap.KernelShapConfig())
            next(stages)
            first.append(time.perf_counter() - began)
            for _ in stages:
                pass
            last.append(time.perf_counter() - began)
        found[learner] = {"first_p50_s": statistics.median(first), "last_p50_s": statistics.median(last)}
    return found


def growth(count: int) -> float:
    """MiB that this process grows over so many explanations, after a few to warm up."""
    here = psutil.Process()

    def some(k: int) -> None:
        for row in range(k):
            subject = held_out("credit_german", "network", row % 200)
            for card in (kernel_shap.EXPLAINER, path_gradients.EXPLAINER, lime.EXPLAINER)[row % 3 : row % 3 + 1]:
                for _ in card.explain(subject, card.config()):
                    pass

    some(30)
    gc.collect()
    before = here.memory_info().rss
    some(count)
    gc.collect()
    return (here.memory_info().rss - before) / _MIB


def over_captum(rounds: int) -> float:
    """Our integrated gradients over bare Captum at the same steps, medians of interleaved rounds of processor time."""
    subject = held_out("credit_german", "network", 3)
    score, design = network_of(subject)
    ours, theirs = [], []
    for _ in range(rounds):
        began = time.process_time()
        for _ in path_gradients.explain(subject, path_gradients.PathGradientsConfig()):
            pass
        between = time.process_time()
        end = float(subject.predict(subject.x[None])[0])
        x = as_design(design, subject.x[None])
        start = as_design(design, subject.background).mean(dim=0, keepdim=True)
        base = float(score(start)[0].detach())
        columns = IntegratedGradients(score).attribute(
            x, start, n_steps=path_gradients.FIRST_STEPS, method="gausslegendre", return_convergence_delta=True
        )[0]
        assert abs(of_features(design, columns[0]).sum() - (end - base)) < 1e-3
        ours.append(between - began)
        theirs.append(time.process_time() - between)
    return statistics.median(ours) / statistics.median(theirs)


def main() -> None:
    """Print a table and one JSON line."""
    parser = argparse.ArgumentParser(description="Shapley values beside shap and Captum.")
    parser.add_argument("--quick", action="store_true", help="few games: shows that it runs")
    quick = parser.parse_args().quick
    torch.set_num_threads(1)
    for learner in _LEARNERS:
        trained("credit_german", learner)
    found: dict[str, Any] = {
        "error": errors(6 if quick else 100),
        "coverage": coverage(6 if quick else 200),
        "answers": answers(3 if quick else 40),
        "growth_mib": growth(20 if quick else 500),
        "over_captum": over_captum(5 if quick else 100),
    }
    error, held = found["error"], found["coverage"]
    print(
        f"relative error at {_CALLS} calls a column: ours {error['ours']:.4f}, shap {error['shap']:.4f}, Captum {error['captum']:.4f}"
    )
    print(f"  of shap's {error['to_shap']:.2f} (aim 0.6), of Captum's {error['to_captum']:.2f} (aim 0.4)")
    print(f"95 % intervals hold: {held} (aim 0.93-0.97)")
    for learner, seconds in found["answers"].items():
        print(
            f"{learner}: first answer p50 {seconds['first_p50_s'] * 1e3:.0f} ms (aim 200), last {seconds['last_p50_s']:.2f} s (aim 1)"
        )
    print(
        f"growth over explanations: {found['growth_mib']:.1f} MiB (aim 20); over bare Captum {found['over_captum']:.3f} (aim 1.05)"
    )
    print(json.dumps({"shapley": found}))


if __name__ == "__main__":
    main()
