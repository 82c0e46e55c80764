"""What can be read from the command line, in words and as JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.samajh import Samajh

NEVER_FOR_LISTINGS = ("torch", "pytorch_lightning", "streamlit", "alembic", "pandas", "pyarrow", "plotly", "sklearn")


def test_a_finished_run_shows_everything_about_itself(studio: Samajh, finished: str) -> None:
    shown = studio("runs", "show", finished, "--json").json
    assert (shown["state"], shown["reason"]["code"]) == ("finished", "finished")
    assert (shown["step"], shown["total_steps"], shown["attempt"], shown["pid"]) == (12, 12, 1, None)
    assert shown["tags"] == ["kept"]
    assert shown["metrics"]["loss"] > 0
    assert shown["config"]["training"]["steps"] == 12
    assert [checkpoint["step"] for checkpoint in shown["checkpoints"]][-1] == 12


def test_the_weight_hash_can_be_recomputed_from_the_checkpoint(studio: Samajh, finished: str) -> None:
    from lightning_modules.checkpoints import load
    from lightning_modules.exact import weights_sha256

    shown = studio("runs", "show", finished, "--json").json
    content = load(Path(shown["checkpoints"][-1]["path"]))
    assert weights_sha256(content["state_dict"]) == shown["weights_sha256"]


def test_a_run_is_found_by_the_beginning_of_its_id(studio: Samajh, finished: str) -> None:
    assert studio("runs", "show", finished[:6], "--json").json["run_id"] == finished


def test_the_curve_holds_every_step_once(studio: Samajh, finished: str) -> None:
    curves = studio("runs", "metrics", finished, "--metric", "loss", "--json").json["metrics"]
    assert curves["loss"]["points"] == 12
    assert curves["loss"]["steps"] == list(range(1, 13))
    assert curves["loss"]["exact"] is True


def test_listing_filters_and_counts(studio: Samajh, finished: str) -> None:
    asked = ("runs", "list", "--tag", "kept", "--state", "finished", "--json")
    found = studio(*asked).json
    assert finished in [run["run_id"] for run in found["runs"]]  # clones that other tests made of it bear the tag too
    assert all(run["state"] == "finished" and "kept" in run["tags"] for run in found["runs"])
    first = studio(*asked, "--limit", "1").json
    assert first["runs"] == found["runs"][:1] and first["total"] == found["total"] == len(found["runs"])
    assert studio("runs", "list", "--search", "no such words", "--json").json == {"runs": [], "total": 0}


def test_the_log_and_the_events_of_a_run_can_be_read(studio: Samajh, finished: str) -> None:
    assert any("ddpm" in line for line in studio("runs", "logs", finished, "--json").json["lines"])
    assert studio("runs", "events", finished).code == 0


def test_methods_and_data_sets_are_listed_with_every_setting(studio: Samajh, finished: str) -> None:
    names = [model["name"] for model in studio("models", "--json").json["models"]]
    assert "ddpm" in names
    told = studio("models", "ddpm").out
    assert all(word in told for word in ("learning_rate", "batch_size", "steps"))
    assert "digits" in [dataset["name"] for dataset in studio("datasets", "--json").json["datasets"]]


@pytest.mark.parametrize(
    "listing", [["runs", "list"], ["models"], ["datasets"], ["status"], ["runs", "list", "--json"]]
)
def test_listings_import_neither_torch_nor_anything_as_slow(studio: Samajh, finished: str, listing: list[str]) -> None:
    code = (
        "import json, sys; from dashboard.cli import main; code = main(sys.argv[1:]);"
        f"print(json.dumps([name for name in {NEVER_FOR_LISTINGS!r} if name in sys.modules]), file=sys.stderr);"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, *listing], env=studio.variables(), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stderr.splitlines()[-1]) == []


def test_the_same_is_said_in_hindi(studio: Samajh, finished: str) -> None:
    assert "पूरा हुआ" in studio("runs", "list", lang="hi").out
    assert "finished" in studio("runs", "list", "--lang", "en", lang="hi").out
    assert "रन" in studio("runs", "--help", lang="hi").out


def test_a_pipe_that_closes_early_is_no_error_message(studio: Samajh, finished: str) -> None:
    done = subprocess.run(
        f"{sys.executable} -P -m dashboard.cli models ddpm | head -1",
        shell=True, env=studio.variables(), capture_output=True, text=True,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
