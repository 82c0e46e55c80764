"""What a denoiser is trained to say: translations, sizes of losses, weights, preconditioning."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from data.datasets import eight_gaussians
from data.points import PointsConfig
from lightning_modules.diffusion.edm import EDM as EDMMethod
from lightning_modules.diffusion.edm import EDMConfig
from lightning_modules.diffusion.process.objectives import EDM, OBJECTIVES, Objective
from lightning_modules.diffusion.process.weighting import loss_weight
from lightning_modules.options import TrainingOptions
from lightning_modules.truths.truth import Find, Found, Subject, apart, normal

_objectives = Subject("objectives")
_ALL: dict[str, Objective] = {**OBJECTIVES, "edm": EDM(0.5)}
_SHARES = (0.9, 0.5, 0.01)


def factors(name: str, ab: float) -> tuple[Tensor, Tensor]:
    """Signal and level of that share of signal; on the straight path for "flow"."""
    signal, level = math.sqrt(ab), math.sqrt(1 - ab)
    scale = signal + level if name == "flow" else 1.0
    return torch.tensor(signal / scale, dtype=torch.float64), torch.tensor(level / scale, dtype=torch.float64)


def _round_trip(name: str) -> Find:
    def find() -> Found:
        x0, noise, worst = normal(1, 64), normal(2, 64), 0.0
        for ab in _SHARES:
            signal, level = factors(name, ab)
            output = _ALL[name].target(x0, noise, signal, level)
            said = _ALL[name].interpret(output, signal * x0 + level * noise, signal, level)
            worst = max(worst, float((said.x0 - x0).abs().max()), float((said.eps - noise).abs().max()))
        return Found(worst, 0, 1e-9)

    return find


for _name in _ALL:
    _objectives.says(
        f"round_trip_{_name}",
        f"What “{_name}” says of data and noise translates back to both.",
        f"“{_name}” डेटा और नॉइज़ के बारे में जो कहता है, उससे दोनों वापस मिलते हैं।",
        "arXiv:2202.00512, arXiv:2206.00364",
    )(_round_trip(_name))


@_objectives.says("v_half", "Where signal and noise are equal, v = (ε − x₀) / √2.", "जहाँ सिग्नल और नॉइज़ बराबर हैं, v = (ε − x₀) / √2।",
                  "arXiv:2202.00512")  # fmt: skip
def _v_half() -> Found:
    half, x0, noise = torch.tensor(0.5, dtype=torch.float64).sqrt(), normal(1, 64), normal(2, 64)
    return apart(OBJECTIVES["v"].target(x0, noise, half, half), (noise - x0) / math.sqrt(2), 1e-12)


@_objectives.says("flow_slope", "The velocity of flow is the slope of the path from data to noise.",
                  "फ़्लो का वेग डेटा से नॉइज़ तक के रास्ते की ढाल है।", "arXiv:2210.02747")  # fmt: skip
def _flow_slope() -> Found:
    x0, noise, h = normal(1, 64), normal(2, 64), 1e-6
    ahead, behind = ((1 - tau) * x0 + tau * noise for tau in (0.4 + h, 0.4 - h))
    said = OBJECTIVES["flow"].target(x0, noise, torch.tensor(0.6), torch.tensor(0.4))
    return apart(said, (ahead - behind) / (2 * h), 1e-8)


def _loss_ratio(name: str, ab: float) -> float:
    """Squared error of the output over that in x_0, for one and the same guess."""
    x0, noise, guess = normal(1, 64), normal(2, 64), normal(3, 64)
    signal, level = factors(name, ab)
    said = _ALL[name].target(guess, (signal * x0 + level * noise - signal * guess) / level, signal, level)
    true = _ALL[name].target(x0, noise, signal, level)
    return float((said - true).square().mean() / (guess - x0).square().mean())


@_objectives.says(
    "loss_eps",
    "At ᾱ = 0.9 the squared error in ε is SNR = 9 times that in x₀.",
    "ᾱ = 0.9 पर ε का वर्ग-अंतर x₀ वाले का SNR = 9 गुना है।",
)
def _loss_eps() -> Found:
    return Found(_loss_ratio("eps", 0.9), 9, 1e-9)


@_objectives.says(
    "loss_v",
    "At ᾱ = 0.9 the squared error in v is SNR + 1 = 10 times that in x₀.",
    "ᾱ = 0.9 पर v का वर्ग-अंतर x₀ वाले का SNR + 1 = 10 गुना है।",
)
def _loss_v() -> Found:
    return Found(_loss_ratio("v", 0.9), 10, 1e-9)


@_objectives.says(
    "loss_flow",
    "At ᾱ = 1/2 the squared error in the velocity is 4 times that in x₀.",
    "ᾱ = 1/2 पर वेग का वर्ग-अंतर x₀ वाले का 4 गुना है।",
)
def _loss_flow() -> Found:
    return Found(_loss_ratio("flow", 0.5), 4, 1e-9)


def _min_snr(ab: float, expected: float) -> Find:
    def find() -> Found:
        costs = []
        for name in ("eps", "x0", "v", "edm"):
            weight = loss_weight("min_snr", _ALL[name], *factors(name, ab))
            costs.append(math.nan if weight is None else 0.37 * float(weight) * _loss_ratio(name, ab))
        worst = max(costs, key=lambda cost: abs(cost - expected))
        return Found(worst, expected, 1e-3 * expected)

    return find


for _ab, _cost in ((0.9, 1.85), (0.5, 0.37), (0.01, 0.003737)):
    _objectives.says(
        f"min_snr_{_ab}",
        f"Min-SNR: at ᾱ = {_ab} one guess with an error of 0.37 in x₀ costs {_cost} said in ε, x₀, v or F (the furthest).",
        f"Min-SNR: ᾱ = {_ab} पर x₀ में 0.37 की ग़लती वाला अनुमान ε, x₀, v या F में कहने पर {_cost} पड़ता है (सबसे दूर वाला)।",
        "arXiv:2303.09556, section 3.4",
    )(_min_snr(_ab, _cost))


@_objectives.says("edm_constants", "EDM at σ = 1/2: c_skip, c_out, c_in = 0.5, 0.353553, 1.414214 (largest difference).",
                  "EDM, σ = 1/2 पर: c_skip, c_out, c_in = 0.5, 0.353553, 1.414214 (सबसे बड़ा अंतर)।", "arXiv:2206.00364, table 1")  # fmt: skip
def _edm_constants() -> Found:
    half, edm = torch.tensor(0.5, dtype=torch.float64), EDM(0.5)
    found = torch.stack([edm.c_skip(half), edm.c_out(half), edm.c_in(half)])
    return apart(found, torch.tensor([0.5, 0.353553, 1.414214], dtype=torch.float64), 1e-6)


@_objectives.says("edm_weight", "EDM: λ(σ) c_out(σ)² = 1 at every σ (largest difference).", "EDM: हर σ पर λ(σ) c_out(σ)² = 1 (सबसे बड़ा अंतर)।",
                  "arXiv:2206.00364, table 1")  # fmt: skip
def _edm_weight() -> Found:
    one, edm = torch.tensor(1.0, dtype=torch.float64), EDM(0.5)
    weights = [loss_weight("edm", edm, one, one * sigma, sigma_data=0.5) for sigma in (0.002, 0.3, 1.0, 80.0)]
    return apart(torch.stack([w for w in weights if w is not None]), torch.ones(4, dtype=torch.float64), 1e-9)


@_objectives.says("edm_median", "EDM trains around σ = e^(−1.2) = 0.3012.", "EDM की ट्रेनिंग σ = e^(−1.2) = 0.3012 के आसपास होती है।",
                  "arXiv:2206.00364, table 1")  # fmt: skip
def _edm_median() -> Found:
    dataset = eight_gaussians.load(PointsConfig(items=200))
    model = EDMMethod(EDMConfig(width=8), dataset, TrainingOptions())
    _, level = model.noising.signal_and_noise(model.times_at(torch.tensor([0.5])), torch.empty(1, dtype=torch.float64))
    return Found(float(level), 0.3012, 2e-4)


TRUTHS = tuple(_objectives.truths)
