"""The bundled example runs: brought in once, whole, free of private facts, and made by the command in their notes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dashboard import publishing
from dashboard.cli.training import pairs
from dashboard.jobs.spec import RunSpec
from dashboard.settings import Settings
from dashboard.tracking.examples import BUNDLED, bring_in
from dashboard.tracking.ingest import collect
from dashboard.tracking.records import RunFilter, State
from dashboard.tracking.store import Store
from data.discovery import discover
from lightning_modules.checkpoints import load
from lightning_modules.exact import weights_sha256
from lightning_modules.options import TrainingOptions
from tests.make_examples import EXAMPLES, Example

LARGEST_TOTAL = 48 * 2**20
FOLDERS = [BUNDLED / example.id for example in EXAMPLES]


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def test_a_new_home_opens_with_finished_examples(home: Settings) -> None:
    with Store.open(home) as store:
        assert bring_in(home) == sorted(example.id for example in EXAMPLES)
        collect(store, home)
        runs = store.runs(RunFilter(example=True))
        assert {run.id for run in runs} == {example.id for example in EXAMPLES}
        for run in runs:
            assert (run.state, run.step, run.example) == (State.FINISHED, run.total_steps, True)
            assert store.points(run.id, "loss")[0].tolist() == list(range(1, run.total_steps + 1))
            assert all(media.path.is_file() for media in store.media(run.id))
            assert run.total_steps in {media.step for media in store.media(run.id)}


def test_a_deleted_example_stays_deleted(home: Settings) -> None:
    with Store.open(home) as store:
        first = bring_in(home)[0]
        collect(store, home)
        store.delete(first)
        store.purge(first)
        assert bring_in(home) == []
        collect(store, home)
        assert first not in {run.id for run in store.runs(RunFilter(deleted=None))}


def test_no_example_is_brought_in_where_none_is_wanted(tmp_path: Path) -> None:
    assert bring_in(Settings(home=tmp_path, examples=False)) == []
    assert not (tmp_path / "runs").exists()


def test_another_process_bringing_them_in_at_once_is_no_harm(home: Settings) -> None:
    taken = home.runs / EXAMPLES[0].id
    taken.mkdir(parents=True)
    (taken / "mine").touch()
    bring_in(home)
    assert [path.name for path in taken.iterdir()] == ["mine"]
    assert [path.name for path in home.runs.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_checkpoints_of_an_example_hold_the_weights_they_name(folder: Path) -> None:
    records = [json.loads(line) for line in (folder / "journal.jsonl").read_text("utf-8").splitlines()]
    told = [record for record in records if record["k"] == "ckpt"]
    for record in told:
        assert weights_sha256(load(folder / record["p"])["state_dict"]) == record["wsha"]
    assert told[-1]["wsha"] == records[-1]["wsha"]
    assert {Path(record["p"]).name for record in told} == {path.name for path in (folder / "checkpoints").iterdir()}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_the_command_of_an_example_still_makes_its_order_and_its_model(example: Example) -> None:
    """Fails when a preset or an architecture changes: then `python -m tests.make_examples` trains them anew."""
    manifest = json.loads((BUNDLED / example.id / "run.json").read_text("utf-8"))
    assert manifest["notes"] == f"`{example.command}`"
    found = discover()
    words = list(example.order)
    named = dict(zip(words[1::2], words[2::2], strict=True))
    changes = pairs([value for key, value in zip(words[1::2], words[2::2], strict=True) if key == "--set"])
    spec = publishing.catalogue_of(found).resolve(words[0], named["--dataset"], named["--preset"], changes)
    card, source = found.methods[spec.method], found.datasets[spec.dataset]
    config = card.config.model_validate(spec.method_config)
    made = RunSpec.model_validate(manifest["config"])
    chosen = source.config.model_validate(spec.dataset_config)
    assert config == card.config.model_validate(made.method_config)  # options that came later stand at their defaults
    assert chosen == source.config.model_validate(made.dataset_config)
    as_now = {"method_config": spec.method_config, "dataset_config": spec.dataset_config}
    assert spec == made.model_copy(update=as_now)

    data = source.load(chosen)
    module = card.build(config, data, TrainingOptions.model_validate(spec.training))
    checkpoints = list((BUNDLED / example.id / "checkpoints").iterdir())
    assert len(checkpoints) == example.checkpoints
    for checkpoint in checkpoints:
        assert set(module.state_dict()) == set(load(checkpoint)["state_dict"])


def test_examples_are_small_and_tell_nothing_of_the_machine_they_were_made_on() -> None:
    files = [path for path in BUNDLED.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < LARGEST_TOTAL
    told = "\n".join(path.read_text("utf-8") for path in files if path.suffix in (".json", ".jsonl"))
    assert re.search(r"/(root|home|work|tmp|Users)/|\"host\"|\"user\": \"[^\"]", told) is None
