"""Every listing under "same in code" of a picture and a text is run as it stands, and gives the number that stands beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.explain.image import same_code as of_pictures
from dashboard.explain.image.subject import ImageSubject
from dashboard.explain.image.subject import subject_of as picture
from dashboard.explain.text import same_code as of_texts
from dashboard.explain.text.subject import subject_of as text
from data.discovery import discover
from tests.import_graph import ROOT

CARDS = discover().explainers
TEXT = "A dull plot, but wonderful actors."
FEW = {"cut": "grid", "pieces": 4, "seed": 1}
"""Four pieces have 16 coalitions: shap and we ask about all of them."""
WITHIN = 2.5
"""Half widths of our interval that another draw of the same number stays within: 3.5 standard errors of the difference of two draws."""


@cache
def _china() -> ImageSubject:
    return picture({"sample": "china"}, {})


@pytest.mark.parametrize(
    ("method", "config", "near"),
    [
        ("saliency", {}, 1e-5),
        ("grad_cam", {}, 1e-4),
        ("integrated_gradients", {"steps": 10}, 1e-3),
        ("smoothgrad", {"copies": 8}, None),
        ("superpixel_shap", {**FEW, "most_questions": 64}, 1e-5),
        ("superpixel_lime", {**FEW, "pieces": 6, "samples": 48}, None),
    ],
)
def test_the_listing_of_a_picture_gives_the_same_number(
    method: str, config: dict[str, Any], near: float | None
) -> None:
    card = CARDS[method]
    *_, one = card.explain(_china(), card.config.model_validate(config))
    told = of_pictures.Told("imagenet", "china", _china().target, one.target, one.details, config)
    code = of_pictures.same_code(method, told)
    assert code is not None
    names: dict[str, Any] = {}
    exec(compile(code, method, "exec"), names)
    ours = one.arrays.get("shares", one.attributions)
    theirs = np.asarray(names["values"])
    assert theirs.shape == ours.shape
    if near is None:
        half = one.arrays.get("share_half_width", one.half_width)
        assert half is not None and (np.abs(theirs - ours) <= WITHIN * half).mean() > 0.9
    else:
        np.testing.assert_allclose(theirs, ours, atol=near * np.abs(ours).max())


@cache
def _run() -> dict[str, list[float]]:
    """All listings of texts, in a process of their own: transformers leaves a thread behind."""
    pytest.importorskip("transformers")
    listings = {f"{told.model}.{method}": of_texts.same_code(method, told) for told, method in _asked()}
    script = (
        "import contextlib, io, json, sys\nfound = {}\n"
        "for name, code in json.load(sys.stdin).items():\n    names = {}\n"
        "    with contextlib.redirect_stdout(io.StringIO()):\n        exec(compile(code, name, 'exec'), names)\n"
        "    found[name] = [float(v) for v in names['values']]\nprint(json.dumps(found))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(listings),
        capture_output=True,
        text=True,
        timeout=240,
        cwd=Path(ROOT),
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


_CONFIGS: dict[str, dict[str, Any]] = {"word_lime": {"samples": 150}, "word_gradients": {"steps": 30}}


def _asked() -> list[tuple[of_texts.Told, str]]:
    review = of_texts.Told("sentiment", TEXT, positive=False, details={"steps": 30})
    alike = of_texts.Told("minilm", "A small red heart", "love", details={"steps": 30})
    return [
        *(
            (of_texts.Told(review.model, TEXT, positive=False, details=review.details, config=_CONFIGS.get(m, {})), m)
            for m in of_texts._LINES
        ),
        *((alike, m) for m in ("leave_one_out", "word_gradients")),
    ]


@pytest.mark.parametrize(
    ("told", "method"), _asked(), ids=lambda value: value if isinstance(value, str) else value.model
)
def test_the_listing_of_a_text_gives_the_same_number(told: of_texts.Told, method: str) -> None:
    target = "negative" if told.model == "sentiment" else ""
    card = CARDS[method]
    config = card.config.model_validate(_CONFIGS.get(method, {}))
    subject = text({"model": told.model, "text": told.text, "other": told.other, "target": target}, {})
    *_, one = card.explain(subject, config)
    if method == "word_gradients":
        assert one.details["steps"] == 30
    theirs, size = np.asarray(_run()[f"{told.model}.{method}"]), np.abs(one.attributions).max()
    half = 0.0 if one.half_width is None else WITHIN * one.half_width
    assert (np.abs(theirs - one.attributions) <= half + 2e-3 * size).all(), (theirs, one.attributions)


def test_where_no_library_gives_the_number_there_is_no_listing() -> None:
    assert of_pictures.same_code("occlusion", of_pictures.Told("imagenet", "china", 0, "tench")) is None
    assert of_texts.same_code("word_shap", of_texts.Told("english_hindi", "लाल दिल", "red heart")) is None


def test_a_listing_of_an_own_picture_and_a_run_reads_them() -> None:
    code = of_pictures.same_code("saliency", of_pictures.Told("abc123defg", "", 3, 'a "three"'))
    assert code is not None and 'Image.open("picture.png")' in code and "find('abc123defg')" in code
    compile(code, "listing", "exec")
