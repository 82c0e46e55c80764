"""The buttons that save a run: as one HTML file, and its weights for other programs."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.compute.exported import as_download
from dashboard.figures.report import report
from dashboard.jobs.spec import RunSpec
from dashboard.tracking.records import Run
from dashboard.ui import studio
from dashboard.ui.language import current, t
from data.text import Language


def save_as_html(run: str) -> None:
    """The file is made only when somebody clicks."""
    st.download_button(
        t("run.do.save"),
        partial(_page, run, current()),
        file_name=f"samajh-{run}.html",
        mime="text/html",
        icon=":material/save_alt:",
        on_click="ignore",
        key="do-save",
    )


def save_weights(run: Run) -> None:
    """As safetensors, and for diffusers where the network has its equal there: asked of a worker when somebody clicks."""
    kinds = {"safetensors": ".safetensors", **({"diffusers": "-diffusers.zip"} if _has_an_equal(run) else {})}
    for kind, ending in kinds.items():
        st.download_button(
            t(f"run.do.weights.{kind}"),
            partial(_weights, run.id, kind),
            file_name=f"samajh-{run.id}{ending}",
            mime="application/octet-stream" if kind == "safetensors" else "application/zip",
            icon=":material/deployed_code:",
            help=t(f"run.do.weights.{kind}.help"),
            on_click="ignore",
            key=f"do-weights-{kind}",
        )


def _has_an_equal(run: Run) -> bool:
    """Whether the network is one that diffusers has, as far as its options tell (`blocks.diffusers_layout` knows)."""
    config = RunSpec.model_validate(run.config).method_config
    channels = int(config.get("channels", 0))
    one_number = bool(config.get("norm_groups")) or channels >= 256
    return one_number and config.get("patch", 0) == 1 and channels % 32 == 0


def _weights(run: str, kind: str) -> bytes:
    return as_download(studio.settings(), run, kind)


def _page(run: str, language: Language) -> bytes:
    return report(studio.store(), run, catalogue=studio.catalogue(), language=language).encode()
