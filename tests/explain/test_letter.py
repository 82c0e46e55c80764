"""The letter: few reasons, sure ones, in the words of the code table, nothing barred, no jargon, both languages, and markup stays text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dashboard.explain.contract import Explanation, Finding
from dashboard.explain.table import counterfactual, kernel_shap
from dashboard.explain.table.letter import letter
from dashboard.explain.table.subject import Limits
from dashboard.explain.telling import Row
from dashboard.tables.reason_codes import ReasonCode, codes_of, completed, keep, parsed
from data import tables
from data.example_tables import EXAMPLES
from data.table import Column
from data.text import LANGUAGES, Problem, Text
from tests.explain.tables import held_out, last, trained, with_limits

FEATURES = tuple(Column(name=f"c{k}", kind="number", rows=9, whole=True) for k in range(7))
CODES = [ReasonCode(column=f"c{k}", en=f"point {k}", hi=f"बात {k}", barred=k == 1) for k in range(7)]
JARGON = ("probab", "shap", "feature", "model", "counterfactual", "attribution", "शैप", "फ़ीचर", "मॉडल", "काउंटर")


def _row(says: str = "refused") -> Row:
    return Row(FEATURES, np.array([11816.0, 2, 3, 4, 5, 6, np.nan]), 0.7, says=says)


def _one(*phi: float, half: float = 0.0) -> Explanation:
    return Explanation(np.array(phi), 0.7, "refused", half_width=np.full(len(phi), half))


def test_at_most_four_sure_reasons_are_named_and_none_that_is_barred() -> None:
    written = letter(_one(0.5, 0.4, 0.3, 0.2, 0.19, 0.18, -0.3, half=0.15), _row(), CODES, [])
    english = written.plain("en")
    assert english.count("- point") == 4 and "point 1" not in english and "point 5" not in english
    assert "point 0: 11,816" in english and "point 6: no entry" in english and "no small change" in english
    assert len(written.warnings) == 1 and "“c1”" in written.warnings[0].en
    unsure = letter(_one(0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, half=0.2), _row(), CODES, [])
    assert "No single point" in unsure.plain("en") and not unsure.warnings


def test_what_would_have_changed_it_is_told_unless_it_goes_through_a_barred_column() -> None:
    barred, free = ([{"column": f"c{k}", "from": "11816", "to": "950000"}] for k in (1, 2))
    written = letter(_one(0.5, 0, 0, 0, 0, 0, 0), _row(), CODES, [barred, free], wanted="granted")
    assert "- point 2: 950,000 instead of 11,816: then the outcome would have been “granted”." in written.plain("en")
    assert "- बात 2: 11,816 की जगह 9,50,000: तब नतीजा “granted” होता।" in written.plain("hi")


def test_a_doubtful_light_warns_the_sender_and_not_the_customer() -> None:
    light = Finding(Text(en="Do not rely on this", hi="इस पर भरोसा न करें"), Text(en="Why.", hi="क्यों।"), 0.0, False)
    written = letter(_one(0.5, 0, 0, 0, 0, 0, 0).with_evidence(light=light), _row(), CODES, [])
    assert "Do not rely" in written.warnings[0].en and "rely" not in written.plain("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_has_no_jargon_and_what_people_wrote_is_no_markup(language: str) -> None:
    evil = "<script>alert(1)</script>"
    codes = [ReasonCode(column=f"c{k}", en=evil, hi=evil) for k in range(7)]
    written = letter(_one(0.5, 0, 0, 0, 0, 0, 0), _row(evil), codes, [], name=evil, sender=evil)
    page = written.page(language)  # type: ignore[arg-type]
    assert "<script>" not in page and page.count("&lt;script&gt;") == 4 and f'lang="{language}"' in page
    plain = letter(_one(0.5, -0.4, 0, 0, 0, 0, 0), _row(), CODES, []).plain(language)  # type: ignore[arg-type]
    assert not [word for word in JARGON if word in plain.lower()]


def test_the_letter_of_a_rejected_applicant_names_real_reasons_and_a_change_that_turns_the_model() -> None:
    fitted = trained("credit_german", "forest")
    about = EXAMPLES["credit_german"]
    scores = fitted.scores(fitted.data.x[fitted.held_out])
    row = int(np.flatnonzero(scores[:, 1] > 0.55)[0])
    limits = {name: Limits(fixed=True) for name in (*about.kept_fixed, *about.barred)}
    subject = with_limits(held_out("credit_german", "forest", row), **limits)
    one, other = last(kernel_shap.EXPLAINER, subject), last(counterfactual.EXPLAINER, subject)
    assert fitted.class_of(other.arrays["rows"][0]) == "good"
    codes = [
        ReasonCode(column=f.name, en=about.reasons.get(f.name, Text(en=f.name, hi=f.name)).en, hi="", barred=f.name in about.barred)
        for f in fitted.features
    ]  # fmt: skip
    told = Row(fitted.features, subject.x, float(scores[row, 1]), says="bad")
    text = letter(one, told, codes, other.details["ways"], wanted="good").plain("en")
    assert "Its outcome is: “bad”" in text and "then the outcome would have been “good”" in text
    assert not [name for name in about.barred if name in text]


def test_words_are_kept_beside_the_table_and_go_with_it(tmp_path: Path) -> None:
    kept = tables.accept(b"a,b\n" + b"1,x\n2,y\n" * 15, "t.csv", tmp_path)
    usual = codes_of(kept, kept.columns)
    assert [one.en for one in usual] == ["a", "b"] and not usual[0].barred
    changed = [usual[0].model_copy(update={"hi": "अ", "barred": True}), usual[1]]
    keep(kept, changed)
    assert codes_of(kept, kept.columns) == changed and completed(changed[:1], kept, kept.columns) == changed
    tables.delete(kept.id, tmp_path)
    assert not list(tmp_path.iterdir())
    for bad in (b"{}", b"[1]", b'[{"column": "a"}]', b"\xff", b"[" * 200_000):
        with pytest.raises(Problem) as raised:
            parsed(bad)
        assert raised.value.code == "bad_reasons"


def test_the_shipped_words_are_of_columns_that_exist(tmp_path: Path) -> None:
    for name, example in EXAMPLES.items():
        columns = {one.name for one in tables.find(name, tmp_path).columns}
        assert {*example.reasons, *example.barred, *example.kept_fixed} <= columns
