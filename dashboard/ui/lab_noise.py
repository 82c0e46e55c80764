"""The lab's face "Noise": the forward process on a picture of your own, and what each schedule leaves of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard.figures.schedules import Words, decibel, schedules
from dashboard.lab.noising import PATHS, NoisePath, noise_path
from dashboard.lab.pictures import Array, finest_surviving, pixels_of, png, visible
from dashboard.ui import address, answers, lab_parts, studio
from dashboard.ui.choosing import OWN_IMAGES
from dashboard.ui.face import Face
from dashboard.ui.language import t
from dashboard.ui.page import guarded
from dashboard.ui.quantities import number
from data.images import SUFFIXES, decode_image, square
from data.text import Problem, Text

FACE = Face(
    name="noise",
    title=Text(en="Noise", hi="नॉइज़"),
    about=Text(
        en="The forward process: noise drowns a picture step by step. A diffusion model learns the way back.",
        hi="आगे की प्रक्रिया: नॉइज़ तस्वीर को स्टेप-दर-स्टेप ढकता है। डिफ़्यूज़न मॉडल वापसी का रास्ता सीखता है।",
    ),
    order=0,
)

OWN_SIDE_PX = 96
"""An uploaded picture is brought to this size: large enough to know it again, small enough to scrub."""
_SHOWN_PX = 420
_STRIP = 8
_SAMPLES = 64
_TOTALS = (50, 100, 250, 1000)
_MIB = 2**20
_MOST_MIB = 10
_FORMULAS = {
    "linear": r"\beta_t = \beta_1 + (\beta_T-\beta_1)\,\tfrac{t-1}{T-1},\quad \bar\alpha_t=\prod_{s\le t}(1-\beta_s)",
    "cosine": r"\bar\alpha_t=\frac{f(t)}{f(0)},\quad f(t)=\cos^2\!\left(\frac{t/T+0.008}{1.008}\cdot\frac{\pi}{2}\right)",
    "sigmoid": r"\bar\alpha_t=\frac{\sigma(3)-\sigma(6t/T-3)}{\sigma(3)-\sigma(-3)}",
    "edm": r"x_t = x_0+\sigma_t\,\epsilon,\quad \sigma_t=\left(\sigma_{\min}^{1/7}+\tfrac{t}{T-1}(\sigma_{\max}^{1/7}-\sigma_{\min}^{1/7})\right)^{7}",
    "flow": r"x_\tau=(1-\tau)\,x_0+\tau\,\epsilon,\quad 0<\tau<1",
}
_PRESERVING = r"x_t=\sqrt{\bar\alpha_t}\;x_0+\sqrt{1-\bar\alpha_t}\;\epsilon,\quad \epsilon\sim\mathcal N(0,I)"


@dataclass(frozen=True)
class Scene:
    """A clean picture with its noise, both [channels, height, width]."""

    clean: Array
    noise: Array


def render() -> None:
    """Draw the face."""
    scene = _scene()
    st.fragment(guarded(_scrub))(scene)


def _scrub(scene: Scene | None) -> None:
    """Everything that follows schedule and slider; drawn alone, without a worker, while they move."""
    left, right = st.columns([2, 3], gap="large")
    with right, st.container(border=True):
        name = address.choice(t("lab_noise.path"), PATHS, parameter="path", default="cosine", show=_name)
        place = st.container()
        total = address.level(
            t("lab_noise.total"), _TOTALS, parameter="levels", default=1000, show=number, help=t("lab_noise.total.help")
        )
        _formula(name)
    path = noise_path(name, total)
    with left:
        above = st.container()
        at = address.slide(
            t("lab_noise.t"),
            0,
            total - 1,
            parameter="t",
            scope=str(total),
            default=int(0.4 * total),
            help=t("lab_noise.t.help"),
        )
        if scene is None:
            with above:
                lab_parts.waiting(t("lab_noise.waiting"), height=_SHOWN_PX)
        else:
            with above:
                _picture(scene, path, at)
            _numbers(scene, path, at)
    with place:
        lab_parts.chart(schedules(_paths(total), name, at, _words(path, at), dark=lab_parts.dark()), key="schedules")


def _picture(scene: Scene, path: NoisePath, at: int) -> None:
    signal, level = float(path.signals[at]), float(path.levels[at])
    drawn = visible(path.noisy(scene.clean, scene.noise, at), signal, level)
    pixels = pixels_of(drawn[None], "image", columns=1)
    st.image(png(pixels, width=_SHOWN_PX), width="stretch", alt=t("lab_noise.alt", t=at))


def _numbers(scene: Scene, path: NoisePath, at: int) -> None:
    """What the noise has left, in figures and as a strip of all levels."""
    signal, level = float(path.signals[at]), float(path.levels[at])
    share = path.alphas_cumprod[at]
    lab_parts.facts(
        [
            (t("lab_noise.signal"), f"{share:.1%}", t("lab_noise.signal.help")),
            (t("lab_noise.noise"), f"{1 - share:.1%}", None),
            (t("lab_noise.snr"), f"{decibel(path.snr[at]):.1f} dB", t("lab_noise.snr.help")),
        ]
    )
    finest = finest_surviving(scene.clean, signal, level)
    if finest is None:
        st.caption(t("lab_noise.drowned"))
    else:
        st.caption(t("lab_noise.survives", size=f"{finest:.1f}", side=scene.clean.shape[-1]))
    st.image(_strip(scene, path), width="stretch", caption=t("lab_noise.strip"), alt=t("lab_noise.strip"))


def _strip(scene: Scene, path: NoisePath) -> bytes:
    ends = np.linspace(0, path.steps - 1, _STRIP).round().astype(int)
    rows = [visible(path.noisy(scene.clean, scene.noise, k), path.signals[k], path.levels[k]) for k in ends]
    return png(pixels_of(np.stack(rows), "image", columns=_STRIP), width=_SHOWN_PX)


def _scene() -> Scene | None:
    """The chosen picture with its noise; None while it is on its way."""
    with st.container(border=True, key="lab-source"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            source = address.choice(
                t("lab_noise.source"),
                ("sample", "own"),
                parameter="from",
                show=lambda word: t(f"lab_noise.source.{word}"),
            )
            seed = address.whole(
                t("lab_noise.seed"), 0, 2**31 - 1, parameter="seed", default=0, help=t("lab_noise.seed.help")
            )
            sample = _sample(shown=source == "sample")
        clean = _own() if source == "own" else None
    clean = sample if clean is None else clean
    if clean is None:
        return None
    return Scene(clean, np.random.default_rng(seed).standard_normal(clean.shape))


def _own() -> Array | None:
    """An uploaded picture; what cannot be used is said at its place, and a sample stands in for it."""
    st.caption(t("lab_noise.upload.rule", limit=_MOST_MIB))
    sent = st.file_uploader(
        t("lab_noise.upload"),
        type=[suffix.removeprefix(".") for suffix in sorted(SUFFIXES)],
        max_upload_size=_MOST_MIB,
        key="lab.upload",
        label_visibility="collapsed",
    )
    if sent is None:
        return None
    try:
        image = decode_image(sent.getvalue(), sent.name)
    except Problem as problem:
        lab_parts.sorry(problem)
        return None
    pixels = square(image, OWN_SIDE_PX, grey=image.mode == "L")
    return pixels.transpose(2, 0, 1).astype(np.float64) / 127.5 - 1


def _sample(*, shown: bool) -> Array | None:
    """A picture of a data set, chosen by the person when `shown`."""
    catalogue = studio.catalogue()
    if catalogue is None:
        return None
    sets = [
        one.name
        for one in catalogue.datasets.values()
        if one.kind == "image" and one.name != OWN_IMAGES and not any(field.required for field in one.fields)
    ]
    usual = "mnist" if "mnist" in sets else sets[0]
    name, item = usual, 0
    if shown:
        name = address.pick(
            t("lab_noise.dataset"),
            sets,
            parameter="data",
            default=usual,
            show=lambda one: t(catalogue.datasets[one].title),
        )
        item = address.whole(t("lab_noise.item"), 0, _SAMPLES - 1, parameter="item", default=0)
    outcome = answers.answer("preview", {"dataset": name, "count": _SAMPLES})
    if outcome is None:
        return None
    if outcome.value is None:
        if outcome.problem is not None:
            lab_parts.sorry(outcome.problem)
        return None
    items = outcome.value.arrays["x"]
    return np.asarray(items[item % len(items)], dtype=np.float64)


def _formula(name: str) -> None:
    if name in ("linear", "cosine", "sigmoid"):
        st.latex(_PRESERVING)
    st.latex(_FORMULAS[name])
    st.markdown(t(f"lab_noise.about.{name}"))


def _paths(total: int) -> list[NoisePath]:
    return [noise_path(name, total) for name in PATHS]


def _name(path: str) -> str:
    return t(f"lab_noise.path.{path}")


def _words(path: NoisePath, at: int) -> Words:
    return Words(
        time=t("lab_noise.axis.time"),
        share=t("lab_noise.axis.share"),
        decibel=t("lab_noise.axis.decibel"),
        alt=t("lab_noise.chart.alt", name=_name(path.name), t=at, share=f"{path.alphas_cumprod[at]:.0%}"),
        names={name: _name(name) for name in PATHS},
        table=(t("lab_noise.column.t"), t("lab_noise.axis.share"), t("lab_noise.axis.decibel")),
    )
