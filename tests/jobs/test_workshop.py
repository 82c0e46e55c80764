"""Before anything is trained, the order is checked where the cards themselves are."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.jobs import workshop
from dashboard.jobs.spec import RunSpec
from dashboard.settings import Settings

READER = """
from dataclasses import replace
from lightning_modules.diffusion import ddpm
METHOD = replace(ddpm.METHOD, name="reader", needs_captions=True)
"""


def test_a_method_that_needs_captions_is_refused_data_without_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "reader.py").write_text(READER)
    monkeypatch.setattr(workshop, "settings", lambda: Settings(home=tmp_path))
    with pytest.raises(workshop.Invalid) as caught:
        workshop.check(RunSpec(method="reader", dataset="digits", preset="tiny"))
    said = caught.value.errors["dataset"]
    assert "captions" in said.en and "कैप्शन" in said.hi
    accepted = workshop.check(RunSpec(method="reader", dataset="mnist_captions", preset="tiny"))
    assert accepted.dataset.captioned and accepted.method.needs_captions
