"""`samajh tables`: what is kept, what models are worth, beside what."""

from __future__ import annotations

from pathlib import Path

import pytest

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
    wrong = studio("explain", "table", "diabetes", "--method", "path_gradients", "--json")
    assert wrong.error["code"] == "no_gradients"


def test_tables_are_listed_and_deleted(fresh: Samajh, tmp_path: Path) -> None:
    assert fresh("tables", "list", "--json").json == {"tables": []}
    assert fresh("tables", "delete", "0123456789abcdef", "--json").error["code"] == "unknown_table"
