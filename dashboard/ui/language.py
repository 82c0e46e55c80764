"""One language on a screen at a time: texts by key from the `.po` catalogues, or both languages in a `Text`.

A key is `"<domain>.<rest>"` and stands in `dashboard/locales/<language>/<domain>.po`, one domain a page. Placeholders
are named; a plural entry is chosen by `count` with gettext's rule. The chosen language lives in the URL (`?lang=hi`)
and in the session; without a choice the browser's own language decides.
"""

from __future__ import annotations

import gettext
import io
import logging
import os
from functools import lru_cache
from pathlib import Path

import streamlit as st
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from streamlit.runtime.scriptrunner import get_script_run_ctx

from data.text import LANGUAGES, Language, Text

LOCALES = Path(__file__).resolve().parent.parent / "locales"
PARAMETER = "lang"
NAMES: dict[Language, str] = {"en": "English", "hi": "हिन्दी"}
"""Each language in its own words; these are the only texts that are never translated."""

_CHOSEN = "frame.language"
_STRICT = "SAMAJH_STRICT_TEXTS"
_log = logging.getLogger(__name__)


def t(text: str | Text, **values: object) -> str:
    """The text of a key, or a `Text`, in the language on screen, with its `{name}` placeholders filled.

    A missing key is shown as it stands and logged; with `SAMAJH_STRICT_TEXTS` set (the tests) it is a `KeyError`.
    """
    return translate(text, current(), **values)


def translate(text: str | Text, language: Language, **values: object) -> str:
    """As `t`, in a given language."""
    if isinstance(text, Text):
        found = text.to(language)
        return found.format(**values) if values else found
    catalogue = _catalogue(text.partition(".")[0], language)
    count = values.get("count")
    found = catalogue.ngettext(text, text, count) if isinstance(count, int) else catalogue.gettext(text)
    if found == text:
        if os.environ.get(_STRICT):
            raise KeyError(f"no text for {text!r} in {language}")
        _log.error("no text for %r in %s", text, language)
        return text
    return found.format(**values) if values else found


def known(key: str) -> bool:
    """Whether there is a text for `key` in the language on screen."""
    return _catalogue(key.partition(".")[0], current()).gettext(key) != key


def current() -> Language:
    """The language on screen."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return "en"
    chosen = st.session_state.get(_CHOSEN)
    return chosen if chosen in LANGUAGES else _of_browser()


def settle() -> Language:
    """Called once a run by the frame: URL first, then the session, then the browser; writes both back."""
    asked = st.query_params.get(PARAMETER)
    language: Language = next((known for known in LANGUAGES if known == asked), current())
    st.session_state[_CHOSEN] = language
    if asked != language and (asked is not None or language != _of_browser()):
        st.query_params[PARAMETER] = language
    return language


def chooser() -> None:
    """The language choice of the frame."""
    key = "frame.language.choice"
    st.session_state[key] = current()
    st.segmented_control(
        t("frame.language"),
        LANGUAGES,
        format_func=NAMES.__getitem__,
        key=key,
        required=True,
        label_visibility="collapsed",
        on_change=_choose,
        args=(key,),
    )


def _choose(key: str) -> None:
    chosen = st.session_state[key]
    st.session_state[_CHOSEN] = chosen
    st.query_params[PARAMETER] = chosen


def _of_browser() -> Language:
    locale = st.context.locale or ""
    return "hi" if locale.split("-")[0] == "hi" else "en"


@lru_cache(maxsize=64)
def _catalogue(domain: str, language: Language) -> gettext.NullTranslations:
    path = LOCALES / language / f"{domain}.po"
    if not path.is_file():
        return gettext.NullTranslations()
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language, domain=domain)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
