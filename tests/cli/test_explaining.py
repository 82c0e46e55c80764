"""`samajh explain table`: one sentence and its evidence, the same as JSON, and bad input in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.samajh import Samajh


def test_a_row_of_a_shipped_table_is_explained_with_its_evidence(studio: Samajh) -> None:
    said = studio("explain", "table", "diabetes", "--model", "linear", "--line", "10", "--json")
    assert said.code == 0, said
    found = said.json
    assert found["line"] == 10 and found["method"] == "kernel_shap" and found["converged"]
    assert found["sentences"][0].startswith("The model predicts progression ") and "मॉडल" in found["sentences_hi"][0]
    shares = sum(one["share"] for one in found["shares"])
    assert found["base_value"] + shares == pytest.approx(found["prediction"], abs=1e-9)
    assert found["evidence"]["light"]["speaks_for"] is True
    again = studio("explain", "table", "diabetes", "--model", "linear", "--line", "10", "--json").json
    assert again["shares"] == found["shares"] and again["model_id"] == found["model_id"]


def test_an_own_csv_gives_a_counterfactual_in_hindi(studio: Samajh, tmp_path: Path) -> None:
    rows = "\n".join(f"{k % 50},{'Pune' if k % 3 else 'दिल्ली'},{'हाँ' if k % 50 > 25 else 'नहीं'}" for k in range(300))
    (tmp_path / "own.csv").write_text(f"उम्र,city,ok\n{rows}", "utf-8")
    options = ("--method", "counterfactual", "--line", "12", "--keep", "city")
    said = studio("explain", "table", str(tmp_path / "own.csv"), *options, lang="hi")
    assert said.code == 0, said
    assert said.out.startswith("अगर उम्र का मान 10 की जगह 2") and "तो मॉडल का अनुमान “हाँ” होता।" in said.out


def test_bad_input_is_told_in_words(studio: Samajh, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("a,b\n" + "1,2\n" * 30 + "1,2,3\n")
    for arguments, code in (
        ((str(tmp_path / "none.csv"),), "no_file"),
        ((str(tmp_path / "bad.csv"),), "ragged_row"),
        (("0123456789abcdef",), "unknown_table"),
        (("diabetes", "--keep", "x"), "unknown_column"),
    ):
        assert studio("explain", "table", *arguments, "--json").error["code"] == code
