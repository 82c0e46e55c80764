"""What pages share: settings, store, catalogue, supervisor. Cached, bounded, and free of torch."""

from __future__ import annotations

import streamlit as st

from dashboard import catalogue as catalogues
from dashboard.catalogue import Catalogue
from dashboard.jobs import control
from dashboard.jobs.control import SupervisorStatus
from dashboard.settings import Settings
from dashboard.settings import settings as read_settings
from dashboard.tracking.examples import bring_in
from dashboard.tracking.ingest import collect
from dashboard.tracking.store import Store
from dashboard.ui.background import Background

_WAKE = "supervisor"


def settings() -> Settings:
    """The settings of this process."""
    return read_settings()


@st.cache_resource(show_spinner=False, max_entries=1, on_release=Store.close)
def store() -> Store:
    """The run store; one for all sessions of this process."""
    opened = Store.open(settings())
    bring_in(settings())
    collect(opened, settings())  # so that a first visit finds the examples, whether or not a supervisor is up yet
    return opened


def catalogue() -> Catalogue | None:
    """All that can be chosen; None until the process that has torch has published it."""
    found = _catalogue(catalogues.key(settings()))
    if found is None:
        _catalogue.clear()  # look again next time
    return found


@st.cache_resource(show_spinner=False, max_entries=2)
def _catalogue(key: str) -> Catalogue | None:
    return catalogues.read(settings())


def supervisor() -> SupervisorStatus:
    """How the supervisor stands; one is started, without waiting for it, when none lives.

    Raises:
        Problem: It cannot be started.
    """
    waking, here = _waking(), settings()
    status = control.supervisor_status(here)
    if status.alive:
        waking.forget(_WAKE)
        return status
    outcome = waking.ask(_WAKE, lambda: control.ensure_supervisor(here))
    if outcome is not None:
        waking.forget(_WAKE)  # it came and went, or could not come: try again next time
        if outcome.problem is not None:
            raise outcome.problem
    return status


@st.cache_resource(show_spinner=False, max_entries=1)
def _waking() -> Background[None]:
    return Background(keep=1, waiting=1)
