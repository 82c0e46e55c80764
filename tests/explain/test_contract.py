"""The contract of explanations: they travel whole, and cards are found, published and refused like those of methods."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from dashboard.explain.contract import Explanation, Finding, from_parts, to_parts
from dashboard.publishing import catalogue_of
from data.discovery import discover
from data.text import Problem, Text

PLUGIN = """
import numpy as np
from dashboard.explain.contract import Explanation
from data.catalog import Config, ExplainerCard, option
from data.text import Text


class Own(Config):
    seed: int = option(3, ge=0, title=Text(en="Seed", hi="सीड"), help=Text(en="Seed.", hi="सीड।"))


def explain(subject, config):
    yield Explanation(np.zeros(2), 0.0, "y")


EXPLAINER = ExplainerCard("own", Text(en="Own", hi="अपना"), Text(en="Own.", hi="अपना।"), "a test", "table", Own, explain)
"""


def _explanation() -> Explanation:
    said = Finding(Text(en="Error", hi="गलती"), Text(en="It adds up.", hi="जोड़ सही है।"), 1e-9, True)
    return Explanation(
        np.array([0.1, -0.3]), 0.8, "refused", base_value=1.0, half_width=np.array([0.01, np.inf]), seconds=0.2,
        model_calls=64, converged=False, details={"names": ["age", "आयु"]}, arrays={"curve": np.arange(6).reshape(2, 3)},
    ).with_evidence(additivity=said)  # fmt: skip


def test_an_explanation_travels_whole() -> None:
    sent = _explanation()
    came = from_parts(*to_parts(sent))
    np.testing.assert_array_equal(came.attributions, sent.attributions)
    assert came.half_width is not None and sent.half_width is not None
    np.testing.assert_array_equal(came.half_width, sent.half_width)
    np.testing.assert_array_equal(came.arrays["curve"], sent.arrays["curve"])
    plain = ("prediction", "target", "base_value", "seconds", "model_calls", "converged", "evidence", "details")
    assert [getattr(came, name) for name in plain] == [getattr(sent, name) for name in plain]


def test_what_an_explanation_misses_of_the_prediction_is_its_additivity_error() -> None:
    assert _explanation().additivity_error == pytest.approx(0.0, abs=1e-15)
    assert Explanation(np.array([0.5]), 0.8, "y", base_value=0.2).additivity_error == pytest.approx(0.1)
    assert Explanation(np.array([0.5]), 0.8, "y").additivity_error is None


def test_attributions_of_another_precision_or_shape_are_refused() -> None:
    with pytest.raises(TypeError, match="float64"):
        Explanation(np.zeros(2, dtype=np.float32), 0.0, "y")
    with pytest.raises(ValueError, match="half width"):
        Explanation(np.zeros(2), 0.0, "y", half_width=np.zeros(3))


@pytest.fixture
def plugins(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "own.py").write_text(PLUGIN, "utf-8")
    yield tmp_path


def test_a_plug_in_s_explainer_is_found_and_published_with_its_settings(plugins: Path) -> None:
    catalogue = catalogue_of(discover(plugins))
    entry = catalogue.explainer("own", "table")
    assert entry.scope == "local" and [field.name for field in entry.fields] == ["seed"]
    with pytest.raises(Problem, match="no explanation method"):
        catalogue.explainer("own", "image")


def test_an_explainer_of_a_name_that_is_taken_is_broken(plugins: Path) -> None:
    (plugins / "two.py").write_text(PLUGIN, "utf-8")
    [broken] = discover(plugins).broken
    assert "taken" in broken.reason
