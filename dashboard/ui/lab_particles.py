"""The lab's face "Particles": points in the plane carried by the score field that a trained model has learned."""

from __future__ import annotations

import json

import numpy as np
import streamlit as st

from dashboard.compute.framing import Message
from dashboard.figures.particles import Flow, Words, particles
from dashboard.figures.score_error import Words as ErrorWords
from dashboard.figures.score_error import score_error
from dashboard.lab import field
from dashboard.lab.densities import Mixture, known_density
from dashboard.lab.field import Array, Stages
from dashboard.ui import address, answers, lab_models, lab_parts
from dashboard.ui.face import Face
from dashboard.ui.lab_models import Facts
from dashboard.ui.lab_steps import sampler_name
from dashboard.ui.language import t
from data.text import Text
from lightning_modules.diffusion.samplers import SAMPLERS

FACE = Face(
    name="particles",
    title=Text(en="Particles", hi="कण"),
    about=Text(
        en="Points in the plane carried by the learned score field: at each noise level the arrows point to where data is likelier.",
        hi="तल के बिंदु, जिन्हें सीखा हुआ स्कोर-क्षेत्र ले चलता है: हर नॉइज़ स्तर पर तीर वहाँ इशारा करते हैं जहाँ डेटा होने की संभावना ज़्यादा है।",
    ),
    order=2,
)

USUAL = "example-eight-gaussians"
_STEPS = (10, 20, 40)
_STAGES = 20
_COUNT = 400
_REAL = 256
_MARGIN = 1.12
_SMALLEST_SIGMA, _LARGEST_SIGMA = 5e-3, 200.0
"""Below there is no noise to speak of, beyond nothing else."""


def render() -> None:
    """Draw the face."""
    with st.container(border=True, key="lab-model"), st.grid(4, min_column_width=150):
        run = lab_models.choose(("points",), parameter="points", usual=USUAL)
        if run is None:
            return
        scope = run.id
        sampler = address.pick(
            t("lab_particles.sampler"), _short(), parameter="psampler", scope=scope, show=sampler_name
        )
        steps = address.level(t("lab_particles.steps"), _STEPS, parameter="psteps", scope=scope, default=20)
        seed = address.whole(t("lab_particles.seed"), 0, 2**31 - 1, parameter="seed", scope=scope, default=0)
    found = lab_models.facts(run)
    if found is None:
        return
    if found.shape != (2,):
        st.info(t("lab_particles.not_flat", n=found.shape[0]), icon=":material/3d_rotation:")
        return
    walked = lab_models.asked(
        run, "trace", {"count": _COUNT, "sampler": sampler, "steps": steps, "seed": seed, "stages": _STAGES}
    )
    if not lab_models.settled(walked, height=640):
        return
    assert walked is not None and walked.value is not None
    density = density_of(run.dataset, json.dumps(run.config["dataset_config"], sort_keys=True))
    _draw(found, walked.value, density)


def _short() -> list[str]:
    """Samplers that can take few steps."""
    return [name for name, sampler in SAMPLERS.items() if not sampler.every_level]


@st.cache_data(show_spinner=False, max_entries=16)
def density_of(dataset: str, config: str) -> Mixture | None:
    """The exact density of a point set, where it is known; `config` is JSON."""
    return known_density(dataset, json.loads(config))


def _draw(found: Facts, walked: Message, density: Mixture | None) -> None:
    stages = Stages(*(walked.arrays[name].astype(np.float64) for name in ("t", "signal", "level")))
    real = _real(found, density)
    if real is None:
        lab_parts.waiting(t("lab.asking"), height=640)
        return
    clouds = np.concatenate([walked.arrays["xt"] / stages.scale[:, None, None], walked.arrays["x"][-1:]]).astype(
        np.float64
    )
    reach = max(field.SMALLEST_REACH, float(np.abs(real).max()) * _MARGIN)
    learned = lab_models.asked(found.run, "predict", {"add_noise": False}, field.grid_request(stages, reach))
    noisy = field.noisy_points(stages, density) if density is not None else None
    tested = (
        None
        if noisy is None
        else lab_models.asked(found.run, "predict", {"add_noise": False}, field.noisy_request(stages, noisy))
    )
    left, right = st.columns([3, 2], gap="large")
    with left, st.container(border=True):
        if lab_models.settled(learned, height=640):
            assert learned is not None and learned.value is not None
            flow = _flow(stages, clouds, real, reach, learned.value.arrays["eps"], density)
            lab_parts.chart(particles(flow, _words(len(clouds)), dark=lab_parts.dark()), key="particles")
    with right, st.container(border=True):
        st.markdown(f"**{t('lab_particles.error')}**")
        if density is None or noisy is None:
            st.caption(t("lab_particles.unknown"))
        elif lab_models.settled(tested, height=320):
            assert tested is not None and tested.value is not None
            _error(found, stages, field.errors(stages, noisy, tested.value.arrays["eps"], density))
    st.caption(t("lab_particles.how"))


def _real(found: Facts, density: Mixture | None) -> Array | None:
    """Points of the data to draw on the ground; None while they are on their way."""
    if density is not None:
        return density.draw(_REAL, np.random.default_rng(0))
    sent = {"dataset": found.run.dataset, "config": found.run.config["dataset_config"], "count": _REAL}
    outcome = answers.answer("preview", sent)
    if outcome is None or outcome.value is None:
        return None
    return outcome.value.arrays["x"].astype(np.float64)


def _flow(stages: Stages, clouds: Array, real: Array, reach: float, eps: Array, density: Mixture | None) -> Flow:
    """Everything in the steady frame; the last frame keeps the field of the last level."""
    corners = field.grid(reach)
    count = len(stages.t)
    learned = eps.reshape(count, len(corners), 2).astype(np.float64)
    exact = None
    if density is not None:
        exact = field.exact_eps(stages, corners[None] * stages.scale[:, None, None], density)
        exact = np.concatenate([exact, exact[-1:]])
    times = [f"{step:g}" for step in stages.t] + [t("lab_particles.clean")]
    return Flow(times, real, clouds, corners, np.concatenate([learned, learned[-1:]]), exact, reach)


def _error(found: Facts, stages: Stages, errors: Array) -> None:
    sigma = stages.level / stages.signal
    shown = (sigma > _SMALLEST_SIGMA) & (sigma < _LARGEST_SIGMA)
    middle = float(np.median(errors))
    words = ErrorWords(
        sigma=t("lab_particles.sigma"),
        error=t("lab_particles.relative"),
        blind=t("lab_particles.blind"),
        alt=t("lab_particles.error.alt", low=f"{errors.min():.0%}", high=f"{errors.max():.0%}"),
    )
    lab_parts.chart(
        score_error({found.run.name: (sigma[shown], errors[shown])}, words, dark=lab_parts.dark()), key="score-error"
    )
    st.markdown(t("lab_particles.error.told", middle=f"{middle:.0%}"))


def _words(frames: int) -> Words:
    return Words(
        data=t("lab_particles.data"),
        particles=t("lab_particles.particles"),
        learned=t("lab_particles.learned"),
        exact=t("lab_particles.exact"),
        play=t("lab_particles.play"),
        pause=t("lab_particles.pause"),
        step=t("lab_particles.t"),
        alt=t("lab_particles.alt", count=_COUNT, frames=frames),
        table=(t("lab_particles.t"), t("lab_particles.spread"), t("lab_particles.gap")),
    )
