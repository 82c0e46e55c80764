"""Diffusion and likeness on the page Explain, without a browser: real explanations are drawn in both languages, and words can be chosen."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

DENOISER = """
import streamlit as st
from dashboard.explain.denoiser.{way} import EXPLAINER
from dashboard.ui import explain_denoiser
from dashboard.explain.entry import entry_of
from tests.explain.denoiser.denoisers import before, last, upper_left

st.session_state['frame.language'] = '{language}'
explain_denoiser._draw(last(EXPLAINER, before(upper_left(), noise=20)), entry_of(EXPLAINER), "here")
"""
LIKENESS = """
import streamlit as st
from dashboard.explain.embedding.alike_hiding import EXPLAINER
from dashboard.ui import explain_embedding
from tests.explain.denoiser.denoisers import last
from tests.explain.embedding.test_likeness import Linear, quarter, two

st.session_state['frame.language'] = '{language}'
explain_embedding._draw(last(EXPLAINER, two(Linear(quarter())), blank="black"))
"""
SAID = {"en": ("At noise step", "The model finds the two pictures"), "hi": ("नॉइज़ स्टेप", "मॉडल को दोनों तस्वीरें")}


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("way", ["driving_pixels", "loss_map"])
def test_a_denoiser_is_drawn_with_its_three_pictures(way: str, language: str) -> None:
    app = AppTest.from_string(DENOISER.format(way=way, language=language), default_timeout=60).run()
    assert not app.exception, app.exception
    assert SAID[language][0] in app.markdown[0].value
    assert len(app.get("image")) == 3


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_likeness_is_drawn_with_both_pictures(language: str) -> None:
    app = AppTest.from_string(LIKENESS.format(language=language), default_timeout=60).run()
    assert not app.exception, app.exception
    assert SAID[language][1] in app.markdown[0].value
    assert len(app.get("image")) == 2
