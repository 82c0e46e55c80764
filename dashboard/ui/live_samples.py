"""What a run shows over its steps: pictures, sounds with a player, shapes that can be turned, texts; one slider follows the newest."""

from __future__ import annotations

import streamlit as st

from dashboard.figures.scenes import scene
from dashboard.tracking.media import read_scene
from dashboard.tracking.records import Media, Run
from dashboard.ui import address
from dashboard.ui.language import current, t
from dashboard.ui.live_curves import dark
from dashboard.ui.live_data import Snapshot
from dashboard.ui.live_names import class_title
from dashboard.ui.passage import passage
from dashboard.ui.quantities import number

FIRST = ("samples", "sounds", "scene", "denoising")
KINDS = ("image", "audio", "cloud", "text")


def pictures(snapshot: Snapshot) -> None:
    """The card of samples; nothing is drawn for a run that makes none and is over."""
    images = [media for media in snapshot.media if media.kind in KINDS]
    with st.container(border=True, key="samples"):
        if not images:
            st.markdown(f"**{t('run.samples')}**")
            st.caption(t("run.samples.waiting" if snapshot.run.state.active else "run.samples.none"))
            if snapshot.run.state.active:
                st.skeleton(height=240)
            return
        steps = sorted({media.step for media in images})
        step = _chosen(snapshot.run.id, steps)
        st.markdown(f"**{t('run.samples.at', step=number(step))}**")
        for name in sorted({media.name for media in images}, key=_rank):
            _shown([media for media in images if media.name == name], step, snapshot.run)
        _slider(snapshot.run.id, steps)


def _rank(name: str) -> tuple[int, str]:
    return (FIRST.index(name) if name in FIRST else len(FIRST), name)


def _shown(series: list[Media], step: int, run: Run) -> None:
    """What one name shows at the step, or the newest before it."""
    before = [media for media in series if media.step <= step]
    media = before[-1] if before else series[0]
    caption = t(media.caption)
    if not media.path.is_file():
        st.caption(t("run.samples.gone", name=caption))
        return
    if media.kind == "audio":
        _sound(media, run.dataset)
    elif media.kind == "cloud":
        _scene(media, run)
    elif media.kind == "text":
        passage(media.path.read_text("utf-8"), key=media.name)
        st.caption(t(media.caption))
    else:
        _picture(media)


def _picture(media: Media) -> None:
    caption = t(media.caption)
    st.image(
        str(media.path),
        caption=caption,
        width="stretch",
        alt=t("run.samples.alt", name=caption, step=number(media.step)),
    )


def _sound(media: Media, dataset: str) -> None:
    """A player, and under it what is heard, in order."""
    st.audio(str(media.path), format="audio/wav")
    names = _names(media, dataset)
    st.caption(f"{t(media.caption)}: {', '.join(names)}" if names else t(media.caption))


def _scene(media: Media, run: Run) -> None:
    """Shapes on a floor, to be turned with the mouse; off at first while the run goes on, since each refresh sends it anew."""
    key = f"scene-on:{run.id}"
    if not st.toggle(t("run.samples.scene"), value=not run.state.active, key=key):
        return
    points = read_scene(media.path)
    names = _names(media, run.dataset) or [str(k + 1) for k in range(points.shape[1])]
    drawing = scene(points, names, dark=dark(), language=current())
    st.plotly_chart(
        drawing.spec,
        key=f"scene:{media.run}:{media.name}:{media.step}",
        theme=None,
        config={"displaylogo": False, "displayModeBar": False, "scrollZoom": False},
    )
    st.caption(t(media.caption))


def _names(media: Media, dataset: str) -> list[str]:
    """The classes of what is shown, in the language on screen."""
    return [class_title(dataset, str(name)) for name in media.info.get("names") or ()]


def _chosen(run: str, steps: list[int]) -> int:
    """The step in view: the newest while a person has not chosen an earlier one, then theirs."""
    held = st.session_state.get(f"held:{run}")
    if held is None:
        held = address.counted(st.query_params.get("at") or "")
        st.session_state[f"held:{run}"] = held
    if held is None:
        return steps[-1]
    return max((step for step in steps if step <= held), default=steps[0])


def _slider(run: str, steps: list[int]) -> None:
    if len(steps) < 2:
        return
    key = f"samples-step:{run}"
    st.session_state[key] = _chosen(run, steps)
    st.select_slider(
        t("run.samples.step"),
        steps,
        key=key,
        format_func=number,
        label_visibility="collapsed",
        on_change=_hold,
        args=(run, key, steps[-1]),
    )


def _hold(run: str, key: str, newest: int) -> None:
    chosen = int(st.session_state[key])
    held = None if chosen >= newest else chosen
    st.session_state[f"held:{run}"] = held
    address.put("at", None if held is None else str(held))
