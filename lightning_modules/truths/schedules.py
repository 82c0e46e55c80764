"""The forward process: schedules, what they leave, and how noised data is spread."""

from __future__ import annotations

import math

import torch

from data.text import Problem
from lightning_modules.diffusion.process.schedule import (
    NoiseSchedule,
    ScheduleName,
    edm_sigmas,
    exploding,
    noise_schedule,
    rectified_flow,
)
from lightning_modules.truths.truth import Found, Subject, apart, normal

_schedules = Subject("schedules")
_TABLE = "hojonathanho/diffusion, worked out independently in numpy"
_LINEAR = {0: 0.9999, 249: 0.524085, 499: 0.078587, 749: 0.003351, 999: 4.036e-5}
_COSINE = {0: 0.999959, 249: 0.847012, 499: 0.493844, 749: 0.144272, 999: 2.43e-9}


def _every() -> tuple[NoiseSchedule, ...]:
    named = (noise_schedule("linear", 1000), noise_schedule("cosine", 1000), noise_schedule("sigmoid", 1000))
    return (*named, rectified_flow(), exploding(edm_sigmas(1000)))


def _off(name: ScheduleName, known: dict[int, float]) -> Found:
    found = noise_schedule(name, 1000).alphas_cumprod
    return Found(max(abs(float(found[t]) / value - 1) for t, value in known.items()), 0, 2e-3)


@_schedules.says("linear", "The linear schedule has the known ᾱ at five steps (largest relative difference).",
                 "सीधे शेड्यूल का ᾱ पाँच स्टेप पर ज्ञात मान है (सबसे बड़ा सापेक्ष अंतर)।", _TABLE)  # fmt: skip
def _linear() -> Found:
    return _off("linear", _LINEAR)


@_schedules.says("cosine", "The cosine schedule has the known ᾱ at five steps (largest relative difference).",
                 "कोसाइन शेड्यूल का ᾱ पाँच स्टेप पर ज्ञात मान है (सबसे बड़ा सापेक्ष अंतर)।", "arXiv:2102.09672")  # fmt: skip
def _cosine() -> Found:
    return _off("cosine", _COSINE)


@_schedules.says("sigmoid", "The sigmoid schedule has ᾱ = 1/2 in its middle.", "सिग्मॉइड शेड्यूल के बीच में ᾱ = 1/2 है।",
                 "arXiv:2212.11972, algorithm 1")  # fmt: skip
def _sigmoid() -> Found:
    return Found(float(noise_schedule("sigmoid", 1000).alphas_cumprod[499]), 0.5, 1e-9)


@_schedules.says("prior", "At the last linear step data of size 1 is 2.02·10⁻⁵ nats a dimension away from pure noise.",
                 "सीधे शेड्यूल के आख़िरी स्टेप पर आकार 1 का डेटा पूरे नॉइज़ से प्रति आयाम 2.02·10⁻⁵ nats दूर है।", _TABLE)  # fmt: skip
def _prior() -> Found:
    left = float(noise_schedule("linear", 1000).alphas_cumprod[-1])
    return Found(0.5 * (1 - left + left - 1 - math.log(1 - left)), 2.02e-5, 1e-7)


@_schedules.says("trap", "A linear schedule of 50 steps that is not rescaled would leave 78 % of the signal and is refused.",
                 "50 स्टेप का सीधा शेड्यूल, बिना पैमाना बदले, 78 % सिग्नल छोड़ता और इसलिए मना होता है।", "arXiv:2305.08891")  # fmt: skip
def _trap() -> Found:
    betas = torch.linspace(1e-4, 0.02, 50, dtype=torch.float64)
    try:
        NoiseSchedule.from_betas(betas)
    except Problem as problem:
        if problem.code == "schedule_leaves_signal" and "78%" in problem.text.en:
            return Found(math.sqrt(float(torch.cumprod(1 - betas, 0)[-1])), 0.7765, 1e-4)
    return Found(math.nan, 0.7765, 0)


@_schedules.says("rescaled_50", "Rescaled, the linear schedule of 50 steps leaves 0.28 % of the signal.",
                 "पैमाना बदलने पर 50 स्टेप का सीधा शेड्यूल 0.28 % सिग्नल छोड़ता है।", _TABLE)  # fmt: skip
def _rescaled_50() -> Found:
    return Found(math.sqrt(float(noise_schedule("linear", 50).alphas_cumprod[-1])), 2.8e-3, 6e-5)


@_schedules.says("rescaled_200", "Rescaled, the linear schedule of 200 steps leaves 0.55 % of the signal.",
                 "पैमाना बदलने पर 200 स्टेप का सीधा शेड्यूल 0.55 % सिग्नल छोड़ता है।", _TABLE)  # fmt: skip
def _rescaled_200() -> Found:
    return Found(math.sqrt(float(noise_schedule("linear", 200).alphas_cumprod[-1])), 5.5e-3, 1e-4)


@_schedules.says("never_left", "No schedule of 10 to 4,000 steps leaves more than 5 % of the signal (the most left, above 5 %).",
                 "10 से 4,000 स्टेप का कोई शेड्यूल 5 % से ज़्यादा सिग्नल नहीं छोड़ता (5 % से ऊपर सबसे ज़्यादा)।", "arXiv:2305.08891")  # fmt: skip
def _never_left() -> Found:
    names: tuple[ScheduleName, ...] = ("linear", "cosine", "sigmoid")
    left = [
        float(noise_schedule(name, steps).alphas_cumprod[-1].sqrt()) for name in names for steps in (10, 50, 200, 4000)
    ]
    return Found(max(0.0, max(left) - 0.05), 0, 0)


@_schedules.says("posterior_487", "The posterior variance at step 487 is 0.00979.", "स्टेप 487 पर पोस्टीरियर वेरिएंस 0.00979 है।",
                 "diffusers, tests/schedulers/test_scheduler_ddpm.py")  # fmt: skip
def _posterior_487() -> Found:
    return Found(float(noise_schedule("linear", 1000).posterior_variance[487]), 0.00979, 1e-5)


@_schedules.says("posterior_999", "The posterior variance at step 999 is 0.02.", "स्टेप 999 पर पोस्टीरियर वेरिएंस 0.02 है।",
                 "diffusers, tests/schedulers/test_scheduler_ddpm.py")  # fmt: skip
def _posterior_999() -> Found:
    return Found(float(noise_schedule("linear", 1000).posterior_variance[999]), 0.02, 1e-5)


@_schedules.says("falls", "The signal-to-noise ratio falls at every step of every schedule (steps where it does not).",
                 "हर शेड्यूल के हर स्टेप पर सिग्नल-नॉइज़ अनुपात घटता है (जहाँ नहीं घटता, उतने स्टेप)।")  # fmt: skip
def _falls() -> Found:
    return Found(float(sum(int((one.snr.diff() >= 0).sum()) for one in _every())), 0, 0)


@_schedules.says("betas", "ᾱ(t) / ᾱ(t−1) = 1 − β(t).", "ᾱ(t) / ᾱ(t−1) = 1 − β(t)।", "arXiv:2006.11239, equation 4")
def _betas() -> Found:
    linear = noise_schedule("linear", 1000)
    written = torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)
    ratio = linear.alphas_cumprod[1:] / linear.alphas_cumprod[:-1]
    return apart(ratio, 1 - written[1:], 1e-12)


@_schedules.says("covariance", "Cov(x_t, x_s) = √(ᾱ_t ᾱ_s) Var x₀ + √(ᾱ_t / ᾱ_s)(1 − ᾱ_s), by 200,000 draws.",
                 "Cov(x_t, x_s) = √(ᾱ_t ᾱ_s) Var x₀ + √(ᾱ_t / ᾱ_s)(1 − ᾱ_s), 2,00,000 ड्रॉ से।", "arXiv:2006.11239, equation 2")  # fmt: skip
def _covariance() -> Found:
    schedule, count = noise_schedule("cosine", 1000), 200_000
    ab_s, ab_t = (float(schedule.alphas_cumprod[t]) for t in (300, 600))
    at_s = schedule.diffuse(0.5 + 0.3 * normal(0, count, 1), torch.full((count,), 300), normal(1, count, 1))
    at_t = math.sqrt(ab_t / ab_s) * at_s + math.sqrt(1 - ab_t / ab_s) * normal(2, count, 1)
    expected = math.sqrt(ab_s * ab_t) * 0.09 + math.sqrt(ab_t / ab_s) * (1 - ab_s)
    return Found(float(torch.cov(torch.cat([at_s, at_t], 1).T)[0, 1]), expected, 0.01)


@_schedules.says("ladder", "EDM's ladder of 18 levels begins 80, 57.586, 40.7856, 28.3746 (largest relative difference).",
                 "EDM की 18 लेवल की सीढ़ी 80, 57.586, 40.7856, 28.3746 से शुरू होती है (सबसे बड़ा सापेक्ष अंतर)।",
                 "arXiv:2206.00364, equation 5")  # fmt: skip
def _ladder() -> Found:
    known = torch.tensor([80, 57.586, 40.7856, 28.3746], dtype=torch.float64)
    return apart(edm_sigmas(18)[:4] / known, torch.ones(4, dtype=torch.float64), 1e-5)


@_schedules.says("straight", "On the straight path signal and noise add to 1.", "सीधे रास्ते पर सिग्नल और नॉइज़ का जोड़ 1 है।",
                 "arXiv:2209.03003")  # fmt: skip
def _straight() -> Found:
    flow = rectified_flow()
    return apart(flow.signals + flow.levels, torch.ones(1000, dtype=torch.float64), 1e-12)


@_schedules.says("between", "Between two levels log-SNR is interpolated: at 400.5 it is their mean.",
                 "दो लेवल के बीच log-SNR का इंटरपोलेशन होता है: 400.5 पर दोनों का औसत।")  # fmt: skip
def _between() -> Found:
    schedule = noise_schedule("cosine", 1000)
    signal, level = schedule.factors(400.5)
    return Found(2 * math.log(signal / level), float(schedule.snr.log()[400:402].mean()), 1e-9)


TRUTHS = tuple(_schedules.truths)
