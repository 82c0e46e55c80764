"""Part of Explain, image: several ways side by side, and how far they agree."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from dashboard.explain.contract import Explanation
from dashboard.explain.entry import ExplainerEntry
from dashboard.figures.overlay import alt, overlay
from dashboard.ui import address, explaining
from dashboard.ui.explain_image_source import Asked
from dashboard.ui.language import current, t

_USUAL = ("grad_cam", "grad_cam_plus", "smoothgrad", "occlusion", "superpixel_lime")
_MOST = 6
_OPACITY = 0.8


def render(asked: Asked, ways: dict[str, ExplainerEntry]) -> None:
    """Draw the ways that are chosen."""
    chosen = address.several(
        t("explain_image.compare.which"),
        list(ways),
        parameter="ways",
        default=_USUAL,
        show=lambda name: t(ways[name].title),
        most=_MOST,
    )
    regions: dict[str, npt.NDArray[Any]] = {}

    def draw(one: Explanation, name: str) -> None:
        region = one.arrays.get("region")
        if region is not None:
            regions[name] = region.astype(bool)
        covered = overlay(one.arrays["seen"], one.attributions, opacity=_OPACITY, outline=region)
        st.image(covered, width="stretch", alt=alt(one.attributions, one.target, current()))

    grid = st.grid(3, min_column_width=250, border=True)
    for name in chosen:
        with grid.cell():
            st.markdown(f"**{t(ways[name].title)}**")
            explaining.explained(
                asked.request(name), partial(draw, name=name), arrays=asked.arrays, height=250, evidence=False
            )
    if len(regions) > 1:
        _agreement(
            {name: regions[name] for name in chosen if name in regions}, {name: t(ways[name].title) for name in chosen}
        )


def _agreement(regions: dict[str, npt.NDArray[Any]], titles: dict[str, str]) -> None:
    """How much of what two ways mark is marked by both."""
    shared = {
        (a, b): float((regions[a] & regions[b]).sum() / max(1, (regions[a] | regions[b]).sum()))
        for a, b in itertools.product(regions, repeat=2)
    }
    pairs = list(itertools.combinations(regions, 2))
    mean = float(np.mean([shared[pair] for pair in pairs]))
    st.markdown(f"**{t('explain_image.agreement')}** · {t('explain_image.agreement.mean', share=f'{mean:.0%}')}")
    st.caption(t("explain_image.agreement.about"))
    rows = {titles[a]: [f"{shared[a, b]:.0%}" for b in regions] for a in regions}
    table = pd.DataFrame(rows, index=[titles[b] for b in regions])
    st.dataframe(table, alt=t("explain_image.agreement.mean", share=f"{mean:.0%}"))
