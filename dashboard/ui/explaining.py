"""What every face of Explain shares: an explanation asked of a worker, drawn anew as it sharpens, and its evidence in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from typing import Any

import numpy.typing as npt
import streamlit as st

from dashboard.compute.client import stream
from dashboard.compute.framing import Message
from dashboard.explain.contract import Explanation, Finding, from_parts
from dashboard.ui import answers, explanation_kept, studio
from dashboard.ui.lab_parts import sorry
from dashboard.ui.language import t
from dashboard.ui.page import guarded
from dashboard.ui.quantities import number
from dashboard.ui.snapshots import Latest, Snapshots

_TIMEOUT_S = 180.0
_LOOK_EVERY_S = 0.3
_MARKS = {True: ":green[:material/check_circle:]", False: ":red[:material/cancel:]", None: ":gray[:material/info:]"}
_LIGHTS = {
    True: ":green[:material/check_circle: {}]",
    False: ":red[:material/cancel: {}]",
    None: ":orange[:material/help: {}]",
}


def explained(
    values: Mapping[str, Any],
    draw: Callable[[Explanation], None],
    *,
    arrays: Mapping[str, npt.NDArray[Any]] | None = None,
    height: int = 360,
    evidence: bool = True,
) -> None:
    """Ask for an explanation and draw each snapshot in the same place, with its evidence below.

    Args:
        values: The request "explain": kind, method, config and what the kind's subject needs.
        draw: Draws one snapshot; called again with each sharper one.
        arrays: Arrays of the request.
        height: Of the place while nothing is there yet.
        evidence: Also look for evidence, once the method is done.
    """
    here, asked, given = studio.settings(), {**values, "evidence": evidence}, dict(arrays or {})
    key = answers.key_of("explain", asked, given)

    def open_() -> Generator[Message, None, None]:
        return stream(here, "explain", asked, given, timeout_s=_TIMEOUT_S)

    running = not _kept().ask(key, open_).done

    def show() -> None:
        latest = _kept().ask(key, open_)
        _draw(latest, draw, height=height, evidence=evidence)
        if latest.done and running:
            st.rerun()  # the last time without a clock

    st.fragment(guarded(show), run_every=_LOOK_EVERY_S if running else None)()


def explained_beside(
    values: Mapping[str, Any], draws: Mapping[str, Callable[[Explanation], None]], *, height: int = 360
) -> None:
    """Several ways at once, in turns: each has a card of its own and something to show before any of them is done.

    Args:
        values: As of `explained`, without a method.
        draws: By method, in the order of the cards; the last has its turn first.
        height: Of a card while nothing is there yet.
    """
    here, asked = studio.settings(), {**values, "methods": [*draws][::-1], "evidence": False}
    key = answers.key_of("explain_beside", asked, {})

    def open_() -> Generator[dict[str, Message], None, None]:
        latest: dict[str, Message] = {}
        for one in stream(here, "explain_beside", asked, {}, timeout_s=_TIMEOUT_S):
            latest = {**latest, str(one.values["method"]): one}
            yield latest

    running = not _beside_kept().ask(key, open_).done

    def show() -> None:
        latest = _beside_kept().ask(key, open_)
        for name, draw in draws.items():
            one = (latest.value or {}).get(name)
            done = latest.done or (one is not None and bool(one.values["converged"]))
            with st.container(border=True):
                _draw(Latest(one, latest.problem, done), draw, height=height, evidence=False)
        if latest.done and running:
            st.rerun()  # the last time without a clock

    st.fragment(guarded(show), run_every=_LOOK_EVERY_S if running else None)()


def busy() -> bool:
    """Whether an explanation is still being worked out."""
    return _kept().busy or _beside_kept().busy


def _draw(latest: Latest[Message], draw: Callable[[Explanation], None], *, height: int, evidence: bool) -> None:
    if latest.value is None:
        if latest.problem is None:
            st.caption(f":material/hourglass_top: {t('explain.working')}")
            st.skeleton(height=height)
        else:
            sorry(latest.problem)
        return
    one = from_parts(latest.value.values, latest.value.arrays)
    draw(one)
    if latest.problem is not None:
        sorry(latest.problem)
    state = (
        "explain.state.done"
        if latest.done
        else "explain.state.sharpening"
        if not one.converged
        else "explain.state.checking"
    )
    facts = t("explain.cost", calls=number(one.model_calls), seconds=number(one.seconds, 2))
    st.caption(f"{t(state)} · {facts}")
    if evidence:
        shown_evidence(one.evidence, done=latest.done)
    if evidence and latest.done and latest.problem is None and "id" in one.details:
        explanation_kept.render(str(one.details["id"]))


def shown_evidence(found: Mapping[str, Finding], *, done: bool) -> None:
    """The traffic light first, then what it is made of."""
    light = found.get("light")
    with st.container(border=True, key="evidence"):
        if light is not None:
            mark = _LIGHTS[light.speaks_for].format(t(light.title))
            st.markdown(f"**{mark}** · {t(light.text)}")
        else:
            st.markdown(
                f"**{t('explain.evidence')}** · {t('explain.evidence.none' if done else 'explain.evidence.looking')}"
            )
        rest = {name: one for name, one in found.items() if name != "light"}
        if rest:
            with st.expander(t("explain.evidence.parts", count=len(rest)), icon=":material/fact_check:"):
                for one in rest.values():
                    st.markdown(f"{_MARKS[one.speaks_for]} **{t(one.title)}** · {t(one.text)}")


@st.cache_resource(show_spinner=False, max_entries=1)
def _kept() -> Snapshots[Message]:
    return Snapshots()


@st.cache_resource(show_spinner=False, max_entries=1)
def _beside_kept() -> Snapshots[dict[str, Message]]:
    return Snapshots()


def as_json(values: Mapping[str, Any]) -> str:
    """Values as a stable text, for keys of widgets."""
    return json.dumps(dict(values), sort_keys=True, ensure_ascii=False)
