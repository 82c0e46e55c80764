"""The lab's face "Step through": the way back from noise, stage by stage; forks, samplers and guidance from the same noise."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from dashboard.compute.framing import Message
from dashboard.lab.pictures import pixels_of, png
from dashboard.ui import address, lab_guidance, lab_models, lab_parts, lab_samplers
from dashboard.ui.face import Face
from dashboard.ui.lab_models import Facts
from dashboard.ui.language import t
from dashboard.ui.page import guarded
from data.catalog import Kind
from data.text import Text
from lightning_modules.diffusion.samplers import SAMPLERS

FACE = Face(
    name="steps",
    title=Text(en="Step through", hi="स्टेप-दर-स्टेप"),
    about=Text(
        en="The way back: a trained model turns pure noise into a sample. Stop at any stage, look, and go on differently.",
        hi="वापसी का रास्ता: ट्रेनिंग पाया मॉडल पूरे नॉइज़ को सैंपल बनाता है। किसी भी पड़ाव पर रुकें, देखें, और दूसरी राह लें।",
    ),
    order=1,
)

KINDS: tuple[Kind, ...] = ("image", "points", "audio", "cloud")
USUAL = "example-digits-v"
GUIDANCES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0)
VIEWS = ("stages", "samplers", "guidance")
_STEPS = (5, 10, 15, 25, 50, 100)
_COUNTS = {"image": 8, "points": 500, "audio": 4, "cloud": 4}
_STAGES = 50
_SHOWN_PX = 340
_COLUMNS = 4
_LOOKS = ("xt", "x0", "eps")
_FORK_GUIDANCE = 3.0
"""A branch begins with enough guidance to show that it wants something else."""


@dataclass(frozen=True)
class Way:
    """How the noise is walked back."""

    label: int
    guidance: float
    sampler: str
    steps: int


def render() -> None:
    """Draw the face."""
    with st.container(border=True, key="lab-model"):
        left, right = st.columns([3, 2], vertical_alignment="bottom")
        with left:
            run = lab_models.choose(KINDS, parameter="model", usual=USUAL)
        if run is None:
            return
        with right:
            view = address.choice(
                t("lab_steps.view"), VIEWS, parameter="view", show=lambda word: t(f"lab_steps.view.{word}")
            )
    found = lab_models.facts(run)
    if found is None:
        return
    if view == "samplers":
        lab_samplers.render(found)
    elif view == "guidance":
        lab_guidance.render(found)
    else:
        _stages(found)


def _stages(found: Facts) -> None:
    with st.container(border=True, key="lab-way"):
        way, seed = _way(found)
    outcome = lab_models.asked(
        found.run, "trace", {**asdict(way), "seed": seed, "count": _COUNTS[found.kind], "stages": _STAGES}
    )
    if not lab_models.settled(outcome, height=420):
        return
    assert outcome is not None and outcome.value is not None
    main = outcome.value
    branch = _branch(found, way, seed, main)
    st.fragment(guarded(_look))(found, way, main, branch)


@dataclass(frozen=True)
class Branch:
    """Another way on from stage `fork` of the main one; `told` is None while it is being walked."""

    fork: int
    way: Way
    told: Message | None


def _way(found: Facts) -> tuple[Way, int]:
    """The choices of the main way."""
    scope = found.run.id
    with st.grid(5, min_column_width=150):
        label = lab_models.class_choice(found, t("lab_steps.class"), parameter="class", scope=scope)
        usual = min(GUIDANCES, key=lambda one: abs(one - found.guidance))
        guidance = _guidance(found, "s", scope, default=usual)
        sampler = address.pick(
            t("lab_steps.sampler"), list(SAMPLERS), parameter="sampler", scope=scope, show=sampler_name
        )
        steps = address.level(
            t("lab_steps.steps"), _STEPS, parameter="steps", scope=scope, default=25, help=t("lab_steps.steps.help")
        )
        seed = address.whole(t("lab_steps.seed"), 0, 2**31 - 1, parameter="seed", scope=scope, default=0)
    if SAMPLERS[sampler].every_level:
        st.caption(t("lab_steps.every_level", n=found.levels))
    return Way(label, guidance, sampler, steps), seed


def _branch(found: Facts, way: Way, seed: int, main: Message) -> Branch | None:
    """The branch of the URL: its choices, and its walk."""
    asked, last = address.counted(st.query_params.get("fork", "")), len(main.arrays["t"]) - 1
    if asked is None:
        return None
    fork = min(asked, last)
    scope = f"{found.run.id}:fork"
    with st.container(border=True, key="lab-branch"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f":material/fork_right: **{t('lab_steps.branch', t=_level(main, fork))}**")
            st.button(
                t("lab_steps.branch.close"),
                icon=":material/close:",
                type="tertiary",
                key="lab-unfork",
                on_click=address.put,
                args=("fork", None),
            )
        with st.grid(3, min_column_width=150):
            other = (way.label + 1) % len(found.classes) if found.classes else -1
            label = lab_models.class_choice(found, t("lab_steps.class"), parameter="fclass", scope=scope, default=other)
            guidance = _guidance(found, "fs", scope, default=max(way.guidance, _FORK_GUIDANCE))
            sampler = address.pick(
                t("lab_steps.sampler"),
                list(SAMPLERS),
                parameter="fsampler",
                scope=scope,
                default=way.sampler,
                show=sampler_name,
            )
        left = max(1, round(way.steps * (last - fork + 1) / (last + 1)))
        new = Way(label, guidance, sampler, left)
        values = {
            **asdict(new),
            "seed": seed,
            "count": _COUNTS[found.kind],
            "stages": _STAGES,
            "start": float(main.arrays["t"][fork]),
        }
        outcome = lab_models.asked(found.run, "trace", values, {"x": main.arrays["xt"][fork]})
        if outcome is not None and outcome.problem is not None:
            lab_parts.sorry(outcome.problem)
    return Branch(fork, new, outcome.value if outcome is not None else None)


def _look(found: Facts, way: Way, main: Message, branch: Branch | None) -> None:
    """The stage on screen; drawn alone while the slider moves."""
    count = len(main.arrays["t"])
    last = count - 1
    stage = (
        address.slide(
            t("lab_steps.stage"),
            0,
            last,
            parameter="stage",
            scope=f"{found.run.id}:{count}",
            default=count // 2,
            help=t("lab_steps.stage.help"),
        )
        if last
        else 0
    )
    reach = float(np.abs(main.arrays["x"][-1]).max()) * 1.3
    _facts(main, stage)
    _row(found, main, stage, reach, t("lab_steps.way.first") if branch else None)
    if branch is None:
        _fork_button(found, stage)
    elif branch.told is None:
        lab_parts.waiting(t("lab_steps.branch.waiting"), height=240)
    elif stage < branch.fork:
        st.caption(t("lab_steps.branch.before"))
    else:
        nearest = int(np.abs(branch.told.arrays["t"] - main.arrays["t"][stage]).argmin())
        _row(found, branch.told, nearest, reach, t("lab_steps.way.second"))
    _ends(found, main, branch, reach)


def _facts(main: Message, stage: int) -> None:
    signal, level = float(main.arrays["signal"][stage]), float(main.arrays["level"][stage])
    share = signal**2 / (signal**2 + level**2)
    lab_parts.facts(
        [
            (t("lab_steps.t"), _level(main, stage), t("lab_steps.t.help")),
            (t("lab_steps.signal"), f"{share:.1%}", None),
            (t("lab_steps.moved"), f"{_moved(main, stage):.3f}", t("lab_steps.moved.help")),
            (t("lab_steps.evaluations"), str(main.values["evaluations"]), t("lab_steps.evaluations.help")),
        ]
    )


def _row(found: Facts, told: Message, stage: int, reach: float, name: str | None) -> None:
    """x_t, predicted x_0 and predicted ε side by side."""
    if name is not None:
        st.markdown(f"**{name}**")
    for place, look in zip(st.columns(3), _LOOKS, strict=True):
        with place, st.container(border=True):
            lab_parts.picture(
                _png(found, told, look, stage, reach),
                t(f"lab_steps.{look}"),
                t("lab_steps.alt", what=t(f"lab_steps.{look}"), t=_level(told, stage)),
            )


def _png(found: Facts, told: Message, look: str, stage: int, reach: float) -> bytes:
    items = told.arrays[look][stage]
    if look != "x0" and found.kind == "image":
        spread = 1.0 if look == "eps" else float(told.arrays["signal"][stage] + 2 * told.arrays["level"][stage])
        items = items / (2.0 if look == "eps" else spread)
    span = reach if look == "x0" else max(reach, float(np.abs(told.arrays["xt"][0]).max())) if look == "xt" else 3.5
    return png(pixels_of(items, found.kind, columns=_COLUMNS, reach=span), width=_SHOWN_PX)


def _fork_button(found: Facts, stage: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            t("lab_steps.fork"), icon=":material/fork_right:", type="primary", key="lab-fork", on_click=address.put, args=("fork", str(stage)),
        )  # fmt: skip
        st.caption(t("lab_steps.fork.about"))
    if st.query_params.get("fork") is not None:
        st.rerun()  # the branch has choices of its own, outside this part of the page


def _ends(found: Facts, main: Message, branch: Branch | None, reach: float) -> None:
    """Where the ways lead."""
    shown: list[tuple[str, npt.NDArray[Any]]] = [(t("lab_steps.end"), main.arrays["x"][-1])]
    if branch is not None and branch.told is not None:
        shown.append((t("lab_steps.end.branch"), branch.told.arrays["x"][-1]))
    columns = _COUNTS[found.kind] if found.kind == "image" and len(shown) == 1 else _COLUMNS
    for place, (name, items) in zip(st.columns(len(shown)), shown, strict=True):
        with place, st.container(border=True):
            pixels = pixels_of(items, found.kind, columns=columns, reach=reach)
            lab_parts.picture(png(pixels, width=_SHOWN_PX), name, name)


def _guidance(found: Facts, parameter: str, scope: str, default: float) -> float:
    if not found.classes:
        return 1.0
    return address.level(
        t("lab_steps.guidance"),
        GUIDANCES,
        parameter=parameter,
        scope=scope,
        default=default,
        show=lambda s: f"{s:g}",
        help=t("lab_steps.guidance.help"),
    )


def sampler_name(name: str) -> str:
    """What a sampler is called."""
    return t(SAMPLERS[name].title)


def _level(told: Message, stage: int) -> str:
    return f"{float(told.arrays['t'][stage]):g}"


def _moved(told: Message, stage: int) -> float:
    """How far the predicted end result has moved since the stage before, root mean square."""
    x0 = told.arrays["x0"]
    return float(np.sqrt(np.mean((x0[stage] - x0[max(0, stage - 1)]) ** 2)))
