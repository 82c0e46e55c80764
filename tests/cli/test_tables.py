"""`samajh tables`: what is kept, what models are worth, beside what."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LinearRegression

from data.example_tables import content_of
from tests.cli.samajh import Samajh


def test_what_a_model_is_worth_and_what_a_simpler_one_would_cost(studio: Samajh) -> None:
    found = studio("tables", "worth", "credit_german", "--model", "linear", "--class", "bad", "--json").json
    assert (
        found["target"] == "credit"
        and found["class"] == "bad"
        and len(found["cut_offs"]) == 101
        and found["figures"]["auc"]["low"] > 0.5
    )
    at_half = found["cut_offs"][50]
    assert at_half["true_positive"] + at_half["false_negative"] == found["positive"] == 75
    assert sum(map(sum, found["confusion"])) == found["rows"] == 250
    said = studio("tables", "rivals", "diabetes", "--model", "linear", lang="hi")
    assert said.code == 0 and "छोटा डिसीज़न ट्री" in said.out and "8 नियम" in said.out
    numbers = studio("tables", "worth", "diabetes", "--model", "linear", "--json").json
    assert numbers["quantiles"][0] < numbers["quantiles"][1] < numbers["quantiles"][2]


def test_groups_are_compared_and_many_rows_explained(studio: Samajh) -> None:
    options = ("--model", "linear", "--by", "foreign worker", "--class", "good")
    found = studio("tables", "fairness", "credit_german", *options, "--json").json
    assert sum(one["rows"] for one in found["groups"]) == 250 and found["outcome"] == "good" and found["sentences"]
    assert studio("tables", "fairness", "credit_german", "--by", "x", "--json").error["code"] == "unknown_column"
    many = ("--model", "linear", "--method", "beeswarm", "--set", "rows=10", "--json")
    said = studio("explain", "table", "diabetes", *many).json
    assert said["sentences"][0].startswith("Over all rows the model leans most on") and said["details"]["rows"] == 10


def test_a_network_is_explained_by_its_gradients(studio: Samajh) -> None:
    options = ("--model", "network", "--method", "gradient_shap", "--no-evidence", "--json")
    found = studio("explain", "table", "diabetes", *options).json
    total = found["base_value"] + sum(one["share"] for one in found["shares"])
    assert total == pytest.approx(found["prediction"], abs=1e-5)
    assert "GradientShap" in studio("explain", "table", "diabetes", *options, "--code").json["code"]
    wrong = studio("explain", "table", "diabetes", "--method", "path_gradients", "--json")
    assert wrong.error["code"] == "no_gradients"


def test_a_model_of_one_s_own_is_explained_listed_and_removed(studio: Samajh, tmp_path: Path) -> None:
    frame = pd.read_csv(io.BytesIO(content_of("diabetes")))
    model = LinearRegression().fit(frame[["body mass index", "age"]], frame["progression"])
    (tmp_path / "own.skops").write_bytes(skops.io.dumps(model))
    found = studio(
        "explain", "table", "diabetes", "--model", str(tmp_path / "own.skops"), "--no-evidence", "--json"
    ).json
    assert found["model"] == "foreign" and {one["column"] for one in found["shares"]} == {"body mass index", "age"}
    [kept] = studio("tables", "models", "--json").json["models"]
    assert kept["about"] == "LinearRegression" and studio("tables", "forget", kept["id"]).code == 0
    (tmp_path / "own.pkl").write_bytes(pickle.dumps(model))
    assert (
        studio("explain", "table", "diabetes", "--model", str(tmp_path / "own.pkl"), "--json").error["code"]
        == "runs_code"
    )
    assert studio("tables", "worth", "diabetes", "--model", "oracle", "--json").error["code"] == "unknown_model"


def test_a_model_trained_here_is_kept_under_a_name_used_again_and_forgotten(studio: Samajh) -> None:
    one = studio("tables", "keep", "diabetes", "--model", "linear", "--name", " my  <b>model</b>", "--json").json[
        "kept"
    ]
    assert one["recipe"]["learner"] == "linear" and one["figures"]["r2"] > 0.3
    found = studio("tables", "models", "--json").json["kept"]
    assert [kept["id"] for kept in found] == [one["id"]]
    again = studio("explain", "table", "diabetes", "--model", one["id"], "--no-evidence", "--json").json
    assert again["model_id"] == one["id"]
    assert studio("tables", "forget", one["id"]).code == 0 and studio("tables", "models", "--json").json["kept"] == []


def test_a_letter_is_written_in_both_languages(studio: Samajh, tmp_path: Path) -> None:
    out = tmp_path / "letter.html"
    options = ("--model", "linear", "--name", "A. Kumar", "--out", str(out))
    found = studio("tables", "letter", "credit_german", *options, "--json", lang="hi").json
    assert "Dear A. Kumar," in found["letter"]["en"] and "प्रिय A. Kumar," in found["letter"]["hi"]
    assert 'lang="hi"' in out.read_text("utf-8")
    (tmp_path / "codes.json").write_text("{}")
    bad = studio(
        "tables", "letter", "credit_german", "--model", "linear", "--codes", str(tmp_path / "codes.json"), "--json"
    )
    assert bad.error["code"] == "bad_reasons"


def test_tables_are_listed_and_deleted(fresh: Samajh, tmp_path: Path) -> None:
    assert fresh("tables", "list", "--json").json == {"tables": []}
    assert fresh("tables", "delete", "0123456789abcdef", "--json").error["code"] == "unknown_table"
