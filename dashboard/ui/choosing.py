"""What to train on what, and how large: method cards, the data set, the preset."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.catalogue import BrokenEntry, Catalogue, DatasetEntry, MethodEntry
from dashboard.ui import links, previews
from dashboard.ui.language import t
from dashboard.ui.passage import passage

CARD_PX = 250
PICTURE_PX = 160
METHOD, DATASET, PRESET, SHELF = "new_run.method", "new_run.dataset", "new_run.preset", "new_run.shelf"
SHELVES = {
    "diffusion": "diffusion",
    "prompts": "prompts",
    "repair": "repair",
    "sound_space": "sound_space",
    "adversarial": "rivals",
    "variational": "rivals",
    "self_supervised": "self_supervised",
    "supervised": "supervised",
}
"""The shelf of each family of methods, in order; all other families share the last one."""
OTHERS = "other"
USUAL_PRESET = "small"
OWN_IMAGES = "image_folder"
"""The data set of a person's own images."""
OWN_TEXTS = "text_file"
"""The data set of a person's own text."""


@dataclass(frozen=True)
class Choice:
    """The three names an order begins with."""

    method: str
    dataset: str
    preset: str

    @property
    def key(self) -> str:
        """Beginning of the widget keys of this choice: each choice keeps a draft of its own."""
        return f"new_run.{self.method}.{self.dataset}.{self.preset}"


def preselect(method: str | None = None, dataset: str | None = None, preset: str | None = None) -> None:
    """Choose before the page is drawn; None leaves a choice as it is."""
    for key, value in ((METHOD, method), (DATASET, dataset), (PRESET, preset)):
        if value is not None:
            st.session_state[key] = value
    if method is not None:
        st.session_state.pop(SHELF, None)  # the one this method stands on


def fitting_method(catalogue: Catalogue, dataset: str) -> str | None:
    """The method for a way that names data alone: the one in view where it takes them, else the first on the shelves that does."""
    fitting = {method.name for method in catalogue.methods_for(dataset)}
    standing = [method.name for methods in _shelves(catalogue).values() for method in methods]
    in_view = st.session_state.get(METHOD) or next(iter(standing), None)
    return in_view if in_view in fitting else next((name for name in standing if name in fitting), None)


def choose(catalogue: Catalogue) -> Choice | None:
    """Draw the three choices; None when there is no method that works."""
    method = _method(catalogue)
    if method is None:
        return None
    with st.container(border=True):
        left, right = st.columns([3, 2], gap="medium")
        with left:
            dataset = _dataset(catalogue, method)
        with right:
            preset = _preset(catalogue, method, dataset)
    return Choice(method.name, dataset.name, preset)


def _method(catalogue: Catalogue) -> MethodEntry | None:
    shelves = _shelves(catalogue)
    if not shelves:
        st.warning(t("new_run.method.none"), icon=":material/warning:")
    chosen = catalogue.methods.get(str(st.session_state.get(METHOD)))
    if chosen is None and shelves:
        chosen = next(iter(shelves.values()))[0]
    shown = _shelf(shelves, chosen)
    if chosen is not None and chosen not in shown:
        chosen = shown[0]
    st.session_state[METHOD] = chosen.name if chosen is not None else None
    grid = st.grid(3, min_column_width=CARD_PX, border=True)
    for method in shown:
        with grid.cell():
            _card(method, chosen=method is chosen)
    for broken in catalogue.broken:
        with grid.cell():
            _broken_card(broken)
    return chosen


def _shelves(catalogue: Catalogue) -> dict[str, list[MethodEntry]]:
    """The methods by shelf, in the order of the shelves, empty ones left out."""
    found: dict[str, list[MethodEntry]] = {name: [] for name in (*SHELVES.values(), OTHERS)}
    for method in catalogue.methods.values():
        found[SHELVES.get(method.family, OTHERS)].append(method)
    return {name: methods for name, methods in found.items() if methods}


def _shelf(shelves: dict[str, list[MethodEntry]], chosen: MethodEntry | None) -> list[MethodEntry]:
    """The methods on the shelf in view: the one of the chosen method, until a person looks at another."""
    if chosen is None or len(shelves) < 2:
        return [method for methods in shelves.values() for method in methods]
    if st.session_state.get(SHELF) not in shelves:
        st.session_state[SHELF] = next(name for name, methods in shelves.items() if chosen in methods)
    name = st.segmented_control(
        t("new_run.shelf"),
        list(shelves),
        format_func=lambda one: t(f"new_run.shelf.{one}"),
        key=SHELF,
        required=True,
        wrap=True,
        persist_state="session",
        label_visibility="collapsed",
    )
    return shelves[str(name)]


def _card(method: MethodEntry, *, chosen: bool) -> None:
    st.markdown(f"**{t(method.title)}**")
    st.caption(t(method.summary))
    st.button(
        t("new_run.method.chosen") if chosen else t("new_run.method.choose"),
        key=f"new_run.choose.{method.name}",
        icon=":material/check_circle:" if chosen else ":material/radio_button_unchecked:",
        type="tertiary",
        help=t("new_run.method.source", source=method.source) if method.source else None,
        on_click=preselect,
        args=(method.name,),
    )


def _broken_card(broken: BrokenEntry) -> None:
    st.markdown(f"**{broken.name}**")
    st.caption(t("new_run.method.broken", reason=broken.reason))
    st.button(
        t("new_run.method.unusable"),
        key=f"new_run.broken.{broken.where}.{broken.name}",
        icon=":material/block:",
        type="tertiary",
        disabled=True,
    )


def _dataset(catalogue: Catalogue, method: MethodEntry) -> DatasetEntry:
    fitting = {one.name: one for one in catalogue.datasets_for(method.name)}
    if st.session_state.get(DATASET) not in fitting:
        ready = (name for name, one in fitting.items() if not any(field.required for field in one.fields))
        st.session_state[DATASET] = next(ready, next(iter(fitting)))
    name = st.selectbox(
        t("new_run.dataset"),
        list(fitting),
        format_func=lambda one: t(fitting[one].title),
        key=DATASET,
        persist_state="session",
    )
    _about(fitting[name])
    return fitting[name]


def _preset(catalogue: Catalogue, method: MethodEntry, dataset: DatasetEntry) -> str:
    names = catalogue.presets_for(method.name, dataset.name)
    if st.session_state.get(PRESET) not in names:
        st.session_state[PRESET] = USUAL_PRESET if USUAL_PRESET in names else names[0]
    preset = st.segmented_control(
        t("new_run.preset"),
        names,
        format_func=lambda one: t(f"new_run.preset.{one}"),
        key=PRESET,
        required=True,
        wrap=True,
        persist_state="session",
    )
    st.caption(t(f"new_run.preset.{preset}.about"))
    return str(preset)


def _about(dataset: DatasetEntry) -> None:
    required = any(field.required for field in dataset.fields)
    outcome = None if required else previews.preview(dataset.name)
    with st.container(horizontal=True, gap="small", wrap=False):
        if outcome is not None and outcome.value is not None and outcome.value.png:
            st.image(outcome.value.png, width=PICTURE_PX, alt=t("new_run.dataset.alt", title=t(dataset.title)))
        st.caption(t(dataset.summary))
    if outcome is not None and outcome.value is not None and outcome.value.passage:
        passage(outcome.value.passage, key=dataset.name, height=PICTURE_PX)
    if dataset.name in (OWN_IMAGES, OWN_TEXTS):
        word = "new_run.dataset.upload" if dataset.name == OWN_IMAGES else "new_run.dataset.upload_text"
        links.link("data", t(word), icon=":material/upload:")
