"""`samajh contest`: what cannot be held or shown is told, in both languages, and nothing is started."""

from __future__ import annotations

import pytest

from tests.cli.samajh import Samajh


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        (("nobody",), "unknown_contest", "CONTEST"),
        (("--methods", "gan:r1"), "bad_pair", "methods"),
        (("--methods", "gan"), "bad_entrants", "methods"),
    ],
)
def test_a_contest_that_cannot_be_is_told(studio: Samajh, arguments: tuple[str, ...], code: str, field: str) -> None:
    error = studio("contest", *arguments, "--json").error
    assert (error["code"], error["field"]) == (code, field)


def test_the_help_is_told_in_hindi(fresh: Samajh) -> None:
    assert "तुलना" in fresh("contest", "--help", lang="hi").out


def test_a_contest_is_started_once_awaited_and_shown(studio: Samajh, finished: str) -> None:
    order = (
        "contest", "--dataset", "eight_gaussians", "--methods", "gan,point_vae", "--seeds", "1", "--preset", "tiny", "--steps",
        "8", "--batch-size", "32", "--set", "data.items=400", "--set", "method.quality_samples=50", "--token", "once", "--json",
    )  # fmt: skip
    started = studio(*order, "--wait").json
    assert [one["label"] for one in started["entrants"]] == ["gan", "point_vae"]
    assert all(one["ended"] == 1 and one["sampling_s"]["mean"] > 0 for one in started["entrants"])
    assert studio(*order).json["contest"] == started["contest"]
    lines = studio("contest", started["contest"], lang="hi").out
    assert "दस्तावेज़" in lines and "point_vae" in lines
