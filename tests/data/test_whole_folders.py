"""What people gave is kept whole or not at all, and what a killed process left of it is swept away."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from data.whole_folders import all_in, appearing, identity_of, is_identity, one_in, remove


def content(folder: Path) -> str:
    return (folder / "it").read_text()


def keep(place: Path, text: str) -> str:
    identity = identity_of(text.encode())
    with appearing(place / identity, "it") as work:
        (work / "it").write_text(text)
    return identity


def test_a_folder_is_found_by_its_contents_hash_and_nothing_else_becomes_a_path(tmp_path: Path) -> None:
    first, second = keep(tmp_path, "one"), keep(tmp_path, "two")
    assert sorted(all_in(tmp_path, content)) == ["one", "two"] and one_in(tmp_path, first, content) == "one"
    assert is_identity(first) and not any(map(is_identity, ("", "..", "../" + first[3:], first.upper() + "G")))
    assert one_in(tmp_path, f"../{tmp_path.name}/{first}", content) is None
    remove(tmp_path / second)
    assert all_in(tmp_path, content) == ["one"] and all_in(tmp_path / "nowhere", content) == []


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_works_on_is_not(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left, worked_on = tmp_path / f".old-abc-{gone.pid}", tmp_path / f".old-abc-{os.getpid()}"
    half, making = tmp_path / ".new-half", tmp_path / ".new-making"
    for one in (left, worked_on, half, making):
        one.mkdir()
        (one / "it").write_text("private")
    long_ago = time.time() - 2 * 86_400
    os.utime(half, (long_ago, long_ago))
    keep(tmp_path, "one")
    assert {one.name for one in tmp_path.glob(".*")} == {worked_on.name, making.name}
    assert all_in(tmp_path, content) == ["one"]
