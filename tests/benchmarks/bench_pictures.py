"""Pictures explained, beside the libraries that do it: LIME on superpixels against `lime`, integrated gradients against Captum, what a
Grad-CAM costs in passes, and what is left behind after many explanations.

Both sides run interleaved on one thread. `lime` is given our pieces, since its own loop never hides the last of what SLIC gives today.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import psutil
import torch
from captum.attr import IntegratedGradients
from lime.lime_image import LimeImageExplainer
from scipy.stats import kendalltau
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
from torch import nn

from dashboard.explain.image import grad_cam, integrated_gradients, superpixel_lime
from dashboard.explain.image.blanks import blank_of
from dashboard.explain.image.subject import ImageSubject, softmax, subject_of
from dashboard.explain.image.superpixels import Hiding, SuperpixelConfig
from dashboard.explain.path import new_places
from tests.explain.image.planted import answer, subject_before

_MIB = 2**20


def small_model(side: int) -> ImageSubject:
    """A picture of blobs before a small network of random weights: hiding costs as much as asking."""
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 8, 7, stride=4),
        nn.ReLU(),
        nn.Conv2d(8, 16, 5, stride=3),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(4),
        nn.Flatten(),
        nn.Linear(256, 2),
    )
    nn.init.normal_(network[6].weight, std=1.0)  # type: ignore[arg-type]
    rng = np.random.default_rng(0)
    seen = np.kron(rng.integers(0, 255, (side // 16, side // 16, 3)), np.ones((16, 16, 1))).astype(np.uint8)
    x = torch.from_numpy(seen.astype(np.float32) / 127.5 - 1).permute(2, 0, 1).contiguous()
    subject = subject_before(network, x, target=1)
    subject.seen = seen
    return subject


def ours(subject: ImageSubject, samples: int, seed: int) -> np.ndarray:
    """Weights of the pieces."""
    config = superpixel_lime.SuperpixelLimeConfig(samples=samples, seed=seed, blank="mean", cut="grid", pieces=49)
    found: np.ndarray = answer(superpixel_lime.superpixel_lime, subject, config).arrays["shares"]
    return found


def theirs(subject: ImageSubject, samples: int, seed: int) -> np.ndarray:
    """The same by `lime`: same pieces, same replacement, same number of samples, its own batch of ten."""
    hiding = Hiding(subject, SuperpixelConfig(blank="mean", cut="grid", pieces=49))
    covered = blank_of(subject.x, "mean").permute(1, 2, 0).numpy().astype(np.float64)
    image = subject.x.permute(1, 2, 0).numpy().astype(np.float64)

    def predict(pictures: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            x = torch.from_numpy(pictures.astype(np.float32)).permute(0, 3, 1, 2)
            return softmax(subject.network(x).double().numpy())

    explainer = LimeImageExplainer(random_state=seed)
    data, labels = explainer.data_labels(image, covered, hiding.labels, predict, samples, batch_size=10)
    distances = _cosine(data)
    _, local, _, _ = explainer.base.explain_instance_with_data(
        data, labels, distances, 1, 10_000, model_regressor=None, feature_selection="none"
    )
    weights = np.zeros(hiding.pieces)
    for piece, weight in local:
        weights[piece] = weight
    return weights


def _cosine(data: np.ndarray) -> np.ndarray:
    from sklearn.metrics import pairwise_distances

    return np.asarray(pairwise_distances(data, data[0].reshape(1, -1), metric="cosine").ravel())


def interleaved(one: Callable[[int], Any], other: Callable[[int], Any], times: int) -> tuple[float, float]:
    """Median seconds of both."""
    took: tuple[list[float], list[float]] = ([], [])
    for k in range(times):
        for work, list_ in ((one, took[0]), (other, took[1])):
            began = time.process_time()
            work(k)
            list_.append(time.process_time() - began)
    return statistics.median(took[0]), statistics.median(took[1])


def times_as_long(one: Callable[[int], Any], other: Callable[[int], Any], rounds: int) -> tuple[float, float, float]:
    """How many times as long one takes as the other, in processor time: the median of the rounds' ratios, and its 95 % interval by
    resampling the rounds. Who begins alternates."""
    ratios = []
    for k in range(rounds):
        took = {}
        for name, work in (("one", one), ("other", other))[:: 1 if k % 2 else -1]:
            began = time.process_time()
            work(k)
            took[name] = time.process_time() - began
        ratios.append(took["one"] / took["other"])
    drawn = np.random.default_rng(0).choice(ratios, (2000, rounds))
    low, high = np.percentile(np.median(drawn, axis=1), [2.5, 97.5])
    return statistics.median(ratios), float(low), float(high)


def agreement(maps: list[np.ndarray]) -> float:
    """Mean Kendall's tau between seeds."""
    return float(np.mean([kendalltau(a, b).statistic for a, b in combinations(maps, 2)]))


def lime_figures(quick: bool) -> dict[str, float]:
    """Time and stability of LIME at 1,000 samples."""
    subject, samples = small_model(224), 200 if quick else 1000
    own, lime = interleaved(
        lambda k: ours(subject, samples, k), lambda k: theirs(subject, samples, k), 2 if quick else 5
    )
    seeds = range(3 if quick else 6)
    return {
        "samples": samples, "lime_s": round(lime, 3), "ours_s": round(own, 3), "times_faster": round(lime / own, 2),
        "kendall_lime": round(agreement([theirs(subject, samples, s) for s in seeds]), 3),
        "kendall_ours": round(agreement([ours(subject, samples, s) for s in seeds]), 3),
    }  # fmt: skip


def photograph_figures(quick: bool) -> dict[str, float]:
    """Stability of LIME on china.jpg before EfficientNet-Lite0 at 1,000 model calls, ours and `lime` with its own masks."""
    subject, samples = subject_of({"sample": "china"}, {}), 200 if quick else 1000
    seeds = range(2 if quick else 4)
    return {
        "photograph_kendall_lime": round(agreement([theirs(subject, samples, s) for s in seeds]), 3),
        "photograph_kendall_ours": round(agreement([ours(subject, samples, s) for s in seeds]), 3),
    }


def pass_figures(quick: bool) -> dict[str, float]:
    """Grad-CAM in units of one forward and backward pass, and integrated gradients against Captum's, on EfficientNet-Lite0."""
    subject = subject_of({"sample": "china"}, {})
    times = 5 if quick else 15
    layer = grad_cam.GradCAMConfig(layer="head")
    cam, both = interleaved(
        lambda _: answer(grad_cam.grad_cam, subject, layer), lambda _: subject.gradient(subject.x[None]), times
    )
    base = blank_of(subject.x, "blur")[None]
    steps = integrated_gradients.IntegratedGradientsConfig(steps=30)
    captum = IntegratedGradients(subject.network)

    def peer(_: int) -> None:
        captum.attribute(
            subject.x[None], base, target=subject.target, n_steps=30, method="riemann_middle", internal_batch_size=4
        )

    ratio = times_as_long(
        lambda _: answer(integrated_gradients.integrated_gradients, subject, steps), peer, 3 if quick else 20
    )
    over, low, high = (round(one, 3) for one in ratio)
    return {
        "grad_cam_in_passes": round(cam / both, 2), "integrated_gradients_over_captum": over,
        "integrated_gradients_over_captum_low": low, "integrated_gradients_over_captum_high": high,
    }  # fmt: skip


def memory_figures(quick: bool) -> dict[str, float]:
    """Peak memory from 30 to 810 steps, and what is left after many explanations."""
    subject = small_model(224)

    def integrate(steps: int) -> None:
        way, config = (
            integrated_gradients.integrated_gradients,
            integrated_gradients.IntegratedGradientsConfig(steps=steps),
        )
        config = config.model_copy(update={"blank": "mean"})
        total = torch.zeros_like(subject.x, dtype=torch.float64)
        base = blank_of(subject.x, "mean")
        total += integrated_gradients._gradients(subject, base, subject.x - base, new_places(steps, first=True))
        answer(way, subject, config)

    integrate(30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    integrate(810)
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    count = 100 if quick else 500
    for _ in range(20):
        answer(grad_cam.grad_cam, subject, grad_cam.GradCAMConfig())
    start = psutil.Process().memory_info().rss
    for _ in range(count):
        answer(grad_cam.grad_cam, subject, grad_cam.GradCAMConfig())
    grown = (psutil.Process().memory_info().rss - start) / _MIB
    hooks = sum(len(module._forward_hooks) + len(module._backward_hooks) for module in subject.network.modules())
    return {
        "peak_growth_30_to_810_steps_mib": round(peak, 1),
        "explanations": count,
        "growth_mib": round(grown, 1),
        "hooks_left": hooks,
    }


def main() -> int:
    """Measure, print a table, and the figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer samples and times")
    quick = parser.parse_args().quick
    torch.set_num_threads(1)
    threadpool_limits(1)  # as a compute worker has it; with two, waiting for each other counts as work
    figures = {**lime_figures(quick), **photograph_figures(quick), **pass_figures(quick), **memory_figures(quick)}
    for name, value in figures.items():
        sys.stdout.write(f"{name:<36}{value}\n")
    sys.stdout.write(json.dumps({"pictures": figures}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
