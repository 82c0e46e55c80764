"""Journals and manifests may come from anywhere: whatever is in them, the collector goes on and the store stays sound."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dashboard.settings import Settings
from dashboard.tracking import folder
from dashboard.tracking.ingest import collect
from dashboard.tracking.records import NewRun, RunFilter
from dashboard.tracking.store import Store

MANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([10**30, -(10**30), 2**63, 2**31])
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["image", "finished", "running", "../../x", "a\x00b", "\ud800", "x" * 300]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
kinds = st.sampled_from(["start", "m", "media", "event", "ckpt", "info", "end", "other"])
keys = ("s", "v", "n", "p", "kind", "c", "i", "l", "code", "text", "sha", "wsha", "size", "from", "env", "pid", "state")
good: dict[str, Any] = {
    "s": 1, "v": {"loss": 1.0}, "n": "x", "p": "a.png", "kind": "image", "c": None, "i": {}, "l": "info", "code": "c",
    "text": {"en": "a", "hi": "b"}, "sha": "a", "wsha": "b", "size": 1, "from": 0, "env": {}, "pid": 1,
    "state": "finished",
}  # fmt: skip


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    """A good record in which some entries were replaced by anything, or left out."""
    record = {"k": draw(kinds), "a": 1, "t": 1e9, **good}
    for key in draw(st.lists(st.sampled_from(["k", "a", "t", *keys]), max_size=4)):
        if draw(st.booleans()):
            record[key] = draw(anything)
        else:
            record.pop(key, None)
    return record


@given(st.lists(records(), min_size=1, max_size=8))
@MANY
def test_any_records_are_taken_or_left_and_the_next_good_one_is_taken(
    store: Store, settings: Settings, found: list[dict[str, Any]]
) -> None:
    path = settings.runs / folder.new_id()
    path.mkdir()
    last = {"k": "m", "a": 2**31 - 1, "t": 1.0, "s": 7, "v": {"the last word": 1.0}}
    lines = [json.dumps(record).encode("utf-8", "replace") for record in [*found, last]]
    (path / "journal.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    collect(store, settings, path.name)
    collect(store, settings)
    assert store.latest([path.name], ["the last word"]) == {path.name: {"the last word": 1.0}}
    for look in (store.run, store.summaries, store.events, store.media, store.checkpoints, store.info):
        look(path.name)
    for summary in store.summaries(path.name):
        store.envelope(path.name, summary.name)
    store.runs(RunFilter(search="x", metric="loss"))


@example({"name": None, "method": None, "token": "\ud800", "parent": "\ud800\x00"})
@given(st.dictionaries(st.sampled_from([*NewRun.__dataclass_fields__, "created_at", "example"]), anything))
@MANY
def test_any_manifest_makes_a_run_that_can_be_listed(store: Store, settings: Settings, told: dict[str, Any]) -> None:
    path = settings.runs / folder.new_id()
    path.mkdir()
    (path / "run.json").write_bytes(json.dumps(told).encode("utf-8", "replace"))
    (path / "journal.jsonl").write_text('{"k":"m","a":1,"t":1,"s":1,"v":{"loss":1}}\n')
    collect(store, settings, path.name)
    assert store.run(path.name).name
    assert store.summaries(path.name)[0].count == 1


@pytest.mark.parametrize("content", [b"", b"[1]", b"\xff", b"[" * 100_000, b'{"name": 5, "tags": "abc"}'])
def test_a_manifest_that_is_none_leaves_the_run_named_after_its_folder(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "run.json").write_bytes(content)
    new, _ = folder.read_manifest(tmp_path)
    assert (new.name, new.tags) == (tmp_path.name, ())


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", "link/x"])
def test_names_that_lead_out_of_the_run_folder_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "link").symlink_to(tmp_path)
    assert folder.inside(tmp_path / "run", name) is None
    assert folder.inside(tmp_path / "run", "media/a.png") == (tmp_path / "run" / "media" / "a.png").resolve()
