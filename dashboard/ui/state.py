"""What a session holds, and nowhere else: ids and drafts. Keys are constants; access is typed."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

RUN_ID = re.compile(r"[a-z0-9-]{8,64}")


def run_in_url(parameter: str = "run") -> str | None:
    """The run id in the URL, or None; what is no id counts as none, so that nothing is built from it."""
    return _run_id(st.query_params.get(parameter))


def runs_in_url(parameter: str = "compare") -> tuple[str, ...]:
    """The run ids listed in the URL, separated by commas; what is no id is left out."""
    listed = (st.query_params.get(parameter) or "").split(",")
    return tuple(run for run in map(_run_id, listed) if run is not None)


def put_runs_in_url(runs: Sequence[str], parameter: str = "compare") -> None:
    """Write run ids into the URL, or take the parameter out when there are none."""
    if runs:
        st.query_params[parameter] = ",".join(runs)
    elif parameter in st.query_params:
        del st.query_params[parameter]


def _run_id(value: str | None) -> str | None:
    return value if value is not None and RUN_ID.fullmatch(value) else None
