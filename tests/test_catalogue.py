"""The catalogue: what is published, when it is stale, and how flat changes become a training order."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard import catalogue, publishing
from dashboard.catalogue import Catalogue
from dashboard.settings import Settings
from data.text import Problem

PLUGIN = """
from data.catalog import Config, DatasetCard, option
from data.text import Text

class StarsConfig(Config):
    stars: int = option(5, ge=1, le=9, title=Text(en="Stars", hi="तारे"), help=Text(en="How many.", hi="कितने।"))
    seed: int = option(0, title=Text(en="Sky", hi="आकाश"), help=Text(en="Which sky.", hi="कौन सा आकाश।"))
    source_name: str = option(..., title=Text(en="Name", hi="नाम"), help=Text(en="A name.", hi="कोई नाम।"))

def load(config):
    raise NotImplementedError

DATASET = DatasetCard("stars", Text(en="Stars", hi="तारे"), Text(en="s", hi="s"), "points",
                      Text(en="own", hi="अपना"), "me", StarsConfig, load)
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("home")
    (home / "plugins").mkdir()
    (home / "plugins" / "stars.py").write_text(PLUGIN)
    (home / "plugins" / "broken.py").write_text("import a_package_nobody_has")
    (home / "plugins" / "quits.py").write_text("raise SystemExit(3)")
    return Settings(home=home)


@pytest.fixture(scope="module")
def published(settings: Settings) -> Catalogue:
    assert catalogue.read(settings) is None
    return publishing.publish(settings)


def _problem(published: Catalogue, changes: dict[str, object], dataset: str = "digits") -> Problem:
    with pytest.raises(Problem) as caught:
        published.resolve("ddpm", dataset, "tiny", changes)
    assert caught.value.text.hi != caught.value.text.en
    return caught.value


def test_what_is_read_is_what_was_published(settings: Settings, published: Catalogue) -> None:
    assert catalogue.read(settings) == published


def test_reading_the_catalogue_imports_no_torch(settings: Settings, published: Catalogue) -> None:
    code = (
        "import sys; from dashboard import catalogue; from dashboard.settings import Settings;"
        "found = catalogue.read(Settings()); found.resolve('ddpm', 'digits', 'tiny', {'steps': '3'});"
        "sys.exit(sum(name in sys.modules for name in ('torch', 'streamlit', 'pytorch_lightning')))"
    )
    assert subprocess.run([sys.executable, "-c", code], env=_environment(settings)).returncode == 0


def test_a_file_dropped_into_the_plugin_folder_is_found(published: Catalogue) -> None:
    assert published.datasets["stars"].title.hi == "तारे"


def test_what_fails_to_import_is_a_disabled_card_with_its_reason(published: Catalogue) -> None:
    reasons = {entry.name: entry.reason for entry in published.broken}
    assert "a_package_nobody_has" in reasons["broken"]
    assert "SystemExit" in reasons["quits"]


def test_a_changed_plugin_makes_the_catalogue_stale(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.plugins.mkdir()
    before = catalogue.key(settings)
    plugin = settings.plugins / "stars.py"
    plugin.write_text(PLUGIN)
    with_plugin = catalogue.key(settings)
    plugin.write_text(PLUGIN.replace("stars: int", "moons: int"))
    assert len({before, with_plugin, catalogue.key(settings)}) == 3


def test_a_damaged_catalogue_reads_as_none(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.catalogue.mkdir()
    (settings.catalogue / f"{catalogue.key(settings)}.json").write_text('{"key": ')
    assert catalogue.read(settings) is None


def test_a_preset_that_names_no_field_breaks_its_card_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "own.py").write_text(
        "from dataclasses import replace\nfrom data.catalog import Preset\nfrom lightning_modules.diffusion import ddpm\n"
        "METHOD = replace(ddpm.METHOD, name='own', presets=(Preset('tiny', {'stpes': 3}),))\n"
    )
    found = publishing.publish(Settings(home=tmp_path))
    assert "own" not in found.methods and "ddpm" in found.methods
    assert any(entry.name == "own" and "stpes" in entry.reason for entry in found.broken)


def test_changes_come_over_the_preset_and_the_preset_over_the_defaults(published: Catalogue) -> None:
    plain = published.resolve("ddpm", "digits", "tiny")
    changed = published.resolve("ddpm", "digits", "tiny", {"steps": "7", "method.objective": "eps", "use_labels": "no"})
    preset = published.preset_values("ddpm", "digits", "tiny")
    assert plain.training["steps"] == preset["steps"]
    assert changed.training == {**plain.training, "steps": 7}
    assert changed.method_config == {**plain.method_config, "objective": "eps", "use_labels": False}


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("steps", "many", "not_a_number"),
        ("steps", "1.5", "not_a_number"),
        ("steps", "1e999", "not_a_number"),
        ("steps", True, "not_a_number"),
        ("steps", "0", "too_small"),
        ("learning_rate", "nan", "not_a_number"),
        ("learning_rate", "0", "too_small"),
        ("dropout", "1", "too_large"),
        ("objective", "y0", "not_a_choice"),
        ("use_labels", "perhaps", "not_a_truth"),
        ("attention", "four", "wrong_form"),
        ("early_stop", "x" * 101, "too_long"),
    ],
)
def test_an_impossible_value_is_told_at_its_field(published: Catalogue, key: str, value: object, code: str) -> None:
    problem = _problem(published, {key: value})
    assert (problem.code, problem.field) == (code, key)


def test_an_unknown_key_suggests_the_nearest(published: Catalogue) -> None:
    problem = _problem(published, {"stesp": "7"})
    assert problem.code == "unknown_key" and "“steps”" in problem.text.en and "“steps”" in problem.text.hi


def test_a_key_of_two_sections_must_say_which(published: Catalogue) -> None:
    problem = _problem(published, {"seed": "1", "source_name": "x"}, "stars")
    assert problem.code == "ambiguous_key" and "data.seed" in problem.text.en
    spec = published.resolve("ddpm", "stars", "tiny", {"data.seed": "4", "training.seed": "5", "source_name": "x"})
    assert (spec.dataset_config["seed"], spec.training["seed"]) == (4, 5)


def test_a_needed_value_that_is_missing_is_told(published: Catalogue) -> None:
    assert _problem(published, {}, "stars").field == "source_name"


def test_a_form_is_told_every_problem_at_once(published: Catalogue) -> None:
    spec, problems = published.examine("ddpm", "digits", "tiny", {"steps": "0", "dropout": "2", "channels": "16"})
    assert spec is None and [problem.field for problem in problems] == ["steps", "dropout"]


@pytest.mark.parametrize(
    ("names", "field", "word"),
    [
        (("ddmp", "digits", "tiny"), "method", "ddpm"),
        (("ddpm", "digit", "tiny"), "dataset", "digits"),
        (("ddpm", "digits", "huge"), "preset", "small"),
        (("ddpm", "broken", "tiny"), "dataset", "a_package_nobody_has"),
    ],
)
def test_an_unknown_name_is_told_with_what_there_is(
    published: Catalogue, names: tuple[str, str, str], field: str, word: str
) -> None:
    with pytest.raises(Problem) as caught:
        published.resolve(*names)
    assert caught.value.field == field and word in caught.value.text.en and word in caught.value.text.hi


def test_a_method_refuses_data_of_a_kind_it_cannot_take(published: Catalogue) -> None:
    images_only = published.methods["ddpm"].model_copy(update={"accepts": ("image",)})
    changed = published.model_copy(update={"methods": {"ddpm": images_only}})
    with pytest.raises(Problem) as caught:
        changed.resolve("ddpm", "stars", "tiny", {"source_name": "x"})
    assert (caught.value.code, caught.value.field) == ("kind_mismatch", "dataset")


def test_a_method_that_learns_from_captions_is_offered_for_captioned_data_alone(published: Catalogue) -> None:
    reader = published.methods["ddpm"].model_copy(update={"name": "reader", "needs_captions": True})
    found = published.model_copy(update={"methods": {**published.methods, "reader": reader}})
    offered, every = ({one.name for one in found.datasets_for(method)} for method in ("reader", "ddpm"))
    assert {"emoji", "mnist_captions"} <= offered < every and not {"digits", "mnist", "stars"} & offered
    assert all(found.datasets[name].captioned for name in offered)
    assert {"reader", "ddpm"} <= {one.name for one in found.methods_for("emoji")}
    assert "reader" not in {one.name for one in found.methods_for("digits")}
    found.resolve("reader", "mnist_captions", "tiny")
    with pytest.raises(Problem) as caught:
        found.resolve("reader", "digits", "tiny")
    assert (caught.value.code, caught.value.field) == ("captions_needed", "dataset")
    assert "captions" in caught.value.text.en and "कैप्शन" in caught.value.text.hi


def _environment(settings: Settings) -> dict[str, str]:
    return {**os.environ, "SAMAJH_HOME": str(settings.home)}
