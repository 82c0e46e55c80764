"""Starting, steering and cleaning up runs from the command line."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safetensors import safe_open

from lightning_modules.blocks.unet import UNetShape
from tests.cli.conftest import SHORT
from tests.cli.samajh import Samajh

LONG = ("--dataset", "digits", "--preset", "tiny", "--set", "steps=100000", "--set", "checkpoint_every=1000000")


def until(
    look: Callable[[], dict[str, Any]], reached: Callable[[dict[str, Any]], bool], limit_s: float = 60
) -> dict[str, Any]:
    """Look again and again until the run is where it should be."""
    end = time.monotonic() + limit_s
    while not reached(shown := look()):
        assert time.monotonic() < end, shown
        time.sleep(0.2)
    return shown


def test_waiting_for_a_run_ends_with_its_state_and_metrics(studio: Samajh, finished: str) -> None:
    said = studio("train", "ddpm", *SHORT, "--seed", "3", "--wait", "--json")
    assert said.code == 0
    assert said.json["state"] == "finished"
    assert said.json["seed"] == 3
    assert said.json["metrics"]["loss"] > 0


def test_the_same_seed_gives_the_same_weights_and_another_gives_others(studio: Samajh, finished: str) -> None:
    first = studio("runs", "show", finished, "--json").json["weights_sha256"]
    again = studio("train", "ddpm", *SHORT, "--wait", "--json").json["weights_sha256"]
    other = studio("train", "ddpm", *SHORT, "--seed", "1", "--wait", "--json").json["weights_sha256"]
    assert again == first
    assert other != first


def test_repeats_are_one_group_of_consecutive_seeds(studio: Samajh, finished: str) -> None:
    said = studio("train", "ddpm", *SHORT, "--set", "steps=3", "--repeat", "2", "--seed", "5", "--wait", "--json").json
    assert [run["seed"] for run in said["runs"]] == [5, 6]
    assert {run["group"] for run in said["runs"]} == {said["group"]}


def test_one_token_starts_one_run(studio: Samajh, finished: str) -> None:
    order = ("train", "ddpm", *SHORT, "--set", "steps=2", "--token", "pressed twice", "--json")
    assert studio(*order).json["run_id"] == studio(*order).json["run_id"]


def test_stop_resume_pause_and_prolong(studio: Samajh, finished: str) -> None:
    run = studio("train", "ddpm", *LONG, "--json").json["run_id"]

    def look() -> dict[str, Any]:
        return studio("runs", "show", run, "--json").json

    running = until(look, lambda shown: shown["step"] > 3)
    assert running["state"] == "running"
    assert running["pid"] is not None

    stopped = studio("runs", "stop", run, "--wait", "--json").json
    assert stopped["state"] == "stopped"
    assert stopped["pid"] is None
    assert look()["checkpoints"][-1]["step"] == look()["step"]

    assert studio("runs", "resume", run, "--json").json["state"] == "queued"
    resumed = until(look, lambda shown: shown["attempt"] == 2 and shown["step"] > stopped["step"])
    assert resumed["state"] == "running"
    assert studio("runs", "pause", run, "--wait", "--json").json["state"] == "paused"
    assert studio("runs", "list", "--state", "paused", "--json").json["total"] == 1
    assert studio("runs", "delete", run, "--json").json["runs"][0]["deleted"] is True


def test_a_finished_run_can_be_prolonged(studio: Samajh, finished: str) -> None:
    run = studio("train", "ddpm", *SHORT, "--set", "steps=4", "--wait", "--json").json["run_id"]
    studio("runs", "prolong", run, "--steps", "3", "--json")
    shown = until(lambda: studio("runs", "show", run, "--json").json, lambda shown: shown["state"] == "finished")
    assert (shown["step"], shown["attempt"]) == (7, 2)


def test_a_clone_keeps_the_order_and_takes_the_changes(studio: Samajh, finished: str) -> None:
    clone = studio("runs", "clone", finished, "--set", "steps=5", "--wait", "--json").json
    assert (clone["parent"], clone["total_steps"], clone["state"]) == (finished, 5, "finished")
    differences = studio("runs", "compare", finished, clone["run_id"], "--json").json["config_differences"]
    assert list(differences) == ["training.steps"]


def test_a_run_can_begin_with_the_weights_of_another(studio: Samajh, finished: str) -> None:
    said = studio("train", "ddpm", *SHORT, "--set", "steps=1", "--start-from", f"{finished}@4", "--wait", "--json").json
    assert said["state"] == "finished"
    assert studio("runs", "show", said["run_id"], "--json").json["config"]["start_from"] == f"{finished}@4"


def test_deleting_goes_to_a_trash_that_can_be_undone_or_emptied(studio: Samajh, finished: str) -> None:
    run = studio("train", "ddpm", *SHORT, "--set", "steps=1", "--wait", "--json").json["run_id"]
    assert studio("runs", "purge", run, "--json").error["code"] == "not_in_trash"
    studio("runs", "delete", run)
    assert run not in {found["run_id"] for found in studio("runs", "list", "--json").json["runs"]}
    studio("runs", "undelete", run)
    assert run in {found["run_id"] for found in studio("runs", "list", "--json").json["runs"]}
    studio("runs", "delete", run)
    assert studio("runs", "purge", run, "--json").json["purged"] == [run]
    assert studio("runs", "show", run, "--json").error["code"] == "unknown_run"


def test_an_active_run_cannot_be_deleted(studio: Samajh, finished: str) -> None:
    run = studio("train", "ddpm", *LONG, "--json").json["run_id"]
    try:
        assert studio("runs", "delete", finished, run, "--json").error["code"] == "run_active"
        assert studio("runs", "show", finished, "--json").json["deleted"] is False
    finally:
        studio("runs", "stop", run, "--wait")


def test_name_tags_and_notes_can_be_edited(studio: Samajh, finished: str) -> None:
    run = studio("train", "ddpm", *SHORT, "--set", "steps=1", "--wait", "--json").json["run_id"]
    edited = studio("runs", "edit", run, "--name", "नाम", "--tag", "a", "--tag", "b", "--notes", "*why*", "--json").json
    assert (edited["name"], edited["tags"], edited["notes"]) == ("नाम", ["a", "b"], "*why*")
    assert studio("runs", "edit", run, "--no-tags", "--json").json["tags"] == []


def test_a_dry_run_estimates_and_starts_nothing(studio: Samajh, finished: str) -> None:
    before = studio("runs", "list", "--json").json["total"]
    said = studio("train", "ddpm", *SHORT, "--dry-run", "--json").json
    assert said["estimate"]["seconds"] > 0
    assert said["spec"]["training"]["steps"] == 12
    assert studio("runs", "list", "--json").json["total"] == before


def test_a_failed_run_ends_the_waiting_with_a_plain_sentence_and_code_1(studio: Samajh, finished: str) -> None:
    said = studio("train", "ddpm", *SHORT, "--memory-limit", "64", "--wait", "--json")
    assert said.code == 1
    assert said.json["state"] == "failed"
    assert said.json["reason"]["message"].endswith(".")


def test_weights_go_out_as_one_file_and_another_run_begins_with_them(
    studio: Samajh, finished: str, tmp_path: Path
) -> None:
    file = tmp_path / "mine.safetensors"
    assert studio("runs", "export", finished, "--out", str(file), "--json").json["format"] == "safetensors"
    with safe_open(file, "numpy") as opened:
        about = json.loads(opened.metadata()["samajh"])
        assert "network.enter.weight" in opened.keys()  # noqa: SIM118  (it is no mapping)
    assert about["spec"]["method"] == "ddpm" and about["weights"] == "average"
    sizes: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in about["network"].items()}
    assert UNetShape(**sizes).channels == 16
    said = studio("train", "ddpm", *SHORT, "--set", "steps=2", "--start-from", str(file), "--wait", "--json").json
    assert said["state"] == "finished" and said["parent"] is None
    first, begun = (
        studio("runs", "metrics", run, "--metric", "loss", "--json").json["metrics"]["loss"]["means"][0]
        for run in (finished, said["run_id"])
    )
    assert begun < first, "no better than fresh weights"
    wrong = studio("train", "ddpm", *SHORT, "--set", "channels=8", "--start-from", str(file), "--wait", "--json")
    assert wrong.error["field"] == "start_from" and "another architecture" in wrong.error["message"]


def test_a_folder_for_diffusers_is_written_where_the_network_has_its_equal(
    studio: Samajh, finished: str, tmp_path: Path
) -> None:
    told = studio("runs", "export", finished, "--format", "diffusers", "--out", str(tmp_path / "d"), "--json").error
    assert told["code"] == "no_diffusers_layout"
    equal = ("--set", "channels=32", "--set", "norm_groups=8", "--set", "steps=1", "--wait", "--json")
    run = studio("train", "ddpm", *SHORT, *equal).json["run_id"]
    studio("runs", "export", run, "--format", "diffusers", "--out", str(tmp_path / "d"), "--json")
    config = json.loads((tmp_path / "d/unet/config.json").read_text())
    assert (config["_class_name"], config["norm_num_groups"]) == ("UNet2DModel", 8)
    weights = tmp_path / "d/unet/diffusion_pytorch_model.safetensors"
    assert studio("train", "ddpm", *SHORT, *equal, "--start-from", str(weights)).json["state"] == "finished"
