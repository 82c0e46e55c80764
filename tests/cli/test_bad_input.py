"""Whatever is wrong ends as one plain sentence in the person's language, one error object as JSON, and a code."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

import pytest

from tests.cli.samajh import Samajh

TRAIN = ("train", "ddpm", "--dataset", "digits", "--preset", "tiny")


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        ((*TRAIN, "--set", "steps=0"), "too_small", "steps"),
        ((*TRAIN, "--set", "learning_rate=nan"), "not_a_number", "learning_rate"),
        ((*TRAIN, "--set", "batch_size=1e12"), "too_large", "batch_size"),
        ((*TRAIN, "--set", "objective=nope"), "not_a_choice", "objective"),
        ((*TRAIN, "--set", "stepz=4"), "unknown_key", "stepz"),
        ((*TRAIN, "--set", "steps"), "bad_pair", "--set"),
        ((*TRAIN, "--repeat", "1000"), "bad_repeat", "repeat"),
        ((*TRAIN, "--start-from", "zzzz"), "unknown_run", None),
        (("train", "no such", "--dataset", "digits"), "unknown_method", "method"),
        (("train", "ddpm", "--dataset", "no such"), "unknown_dataset", "dataset"),
        (("train", "ddpm", "--dataset", "digits", "--preset", "huge"), "unknown_preset", "preset"),
        (("runs", "show", "../../etc/passwd"), "unknown_run", None),
        (("runs", "metrics", "{finished}", "--metric", "nope"), "unknown_metric", "--metric"),
        (("runs", "prolong", "{finished}", "--steps", "0"), "bad_steps", "steps"),
        (("runs", "resume", "{finished}"), "not_resumable", None),
        (("runs", "export", "{finished}", "--out", "x.doc"), "bad_file", "--out"),
        (("sample", "{finished}", "--out", "x.doc"), "bad_file", "--out"),
        (("models", "nope"), "unknown_method", "MODEL"),
        (("datasets", "nope"), "unknown_dataset", "DATASET"),
        (("data", "upload", "/no/such/file"), "no_file", "FILE"),
        (("data", "delete", "../runs"), "unknown_upload", None),
        (("restore", "/no/such/file"), "home_not_empty", None),
    ],
    ids=lambda value: " ".join(value)[:50] if isinstance(value, tuple) else str(value),
)
def test_one_error_object_says_what_is_wrong_and_where(
    studio: Samajh, finished: str, arguments: tuple[str, ...], code: str, field: str | None
) -> None:
    said = studio(*(word.format(finished=finished) for word in arguments), "--json")
    assert said.code == 1
    assert (said.error["code"], said.error["field"]) == (code, field)
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("runs", "list", "--limit", "many"), "bad_value"),
        (("runs", "list", "--nope"), "unknown_option"),
        (("runs", "show"), "missing"),
        (("runs", "shw"), "usage"),
        (("frobnicate",), "usage"),
        (("runs", "list", "--state", "dancing"), "bad_value"),
    ],
)
def test_a_wrong_command_line_is_told_in_both_forms_and_languages(
    fresh: Samajh, arguments: tuple[str, ...], code: str
) -> None:
    said = fresh(*arguments, "--json")
    assert said.code == 2
    assert said.error["code"] == code
    told = fresh(*arguments, lang="hi")
    assert (told.code, told.out, told.err.count("\n")) == (2, "", 1)
    assert re.search(r"[ऀ-ॿ]", told.err)


def test_the_sentence_is_one_line_on_standard_error(studio: Samajh, finished: str) -> None:
    said = studio(*TRAIN, "--set", "steps=0")
    assert (said.code, said.out) == (1, "")
    assert said.err == "samajh: steps: Steps must be at least 1.\n"


def test_a_data_set_that_was_removed_is_told_before_a_run_is_made(
    studio: Samajh, finished: str, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    shutil.copytree(Path(__file__).parent.parent.parent / "dashboard" / "static", folder)
    before = studio("runs", "list", "--json").json["total"]
    shutil.rmtree(folder)
    said = studio(
        "train", "ddpm", "--dataset", "image_folder", "--preset", "tiny", "--set", f"images={folder}", "--json"
    )
    assert said.code == 1
    assert said.error["field"] == "images"
    assert studio("runs", "list", "--json").json["total"] == before


@pytest.mark.parametrize(
    "members", [{"note.txt": b"no pictures"}, {"../../evil.png": b"x"}, {}], ids=["no images", "leads out", "empty"]
)
def test_a_zip_that_is_no_use_is_refused_in_one_sentence(
    fresh: Samajh, tmp_path: Path, members: dict[str, bytes]
) -> None:
    path = tmp_path / "sent.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    said = fresh("data", "upload", str(path), "--json")
    assert said.code == 1
    assert said.error["message"].endswith(".")
    assert fresh("data", "list", "--json").json == {"uploads": [], "texts": []}


def test_a_home_that_is_a_file_is_told_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("not a folder")
    said = Samajh(tmp_path / "home")("runs", "list", "--json")
    assert said.code == 1
    assert "SAMAJH_HOME" in said.error["message"]


def test_a_read_only_home_is_told_with_the_way_out() -> None:
    """/proc takes no folder from anyone, root included, whom file modes do not stop."""
    if not Path("/proc/self").exists():
        pytest.skip("needs a file system that nobody can write to")
    said = Samajh(Path("/proc/samajh"))("runs", "list", "--json")
    assert said.code == 1
    assert "SAMAJH_HOME" in said.error["message"]


def test_a_setting_that_is_no_value_names_its_variable(fresh: Samajh) -> None:
    said = fresh("runs", "list", "--json", SAMAJH_PORT="none")
    assert said.code == 1
    assert (said.error["code"], said.error["field"]) == ("bad_setting", "SAMAJH_PORT")


def test_a_foreign_package_that_hides_ours_is_named(fresh: Samajh, tmp_path: Path) -> None:
    foreign = tmp_path / "elsewhere" / "data"
    foreign.mkdir(parents=True)
    (foreign / "__init__.py").touch()
    path = f"{foreign.parent}:{fresh.variables()['PYTHONPATH']}"
    for lang, word in (("en", "hides"), ("hi", "ढक")):
        said = fresh("runs", "list", lang=lang, PYTHONPATH=path)
        assert (said.code, said.out) == (1, "")
        assert str(foreign) in said.err and word in said.err
    assert fresh("doctor", "--json", PYTHONPATH=path).error["code"] == "shadowed_package"
