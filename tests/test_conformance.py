"""Every method and data set there is, shipped or dropped into the plug-in folder, does what all must do."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.datasets.image_folder import ImageFolderConfig
from data.datasets.text_file import TextFileConfig
from data.discovery import Discovered, discover
from lightning_modules.options import TrainingOptions
from tests.conformance import check_config, check_dataset, check_method
from tests.hostile import files

SHIPPED = discover()

OWN_DATASET = """
import numpy as np
from data.arrays import make_dataset
from data.catalog import Config, DatasetCard, Split
from data.text import Text

def load(config):
    x = np.random.default_rng(0).uniform(-1, 1, (30, 1, 8, 8)).astype(np.float32)
    return make_dataset("image", Split(x[:20]), Split(x[20:]))

DATASET = DatasetCard("own_images", Text(en="Own", hi="अपना"), Text(en="Noise.", hi="नॉइज़।"), "image",
                      Text(en="own", hi="अपना"), "me", Config, load)
"""

OWN_METHOD = """
import pytorch_lightning as pl
import torch
from data.catalog import Config, MethodCard, option
from data.text import Text

class OwnConfig(Config):
    width: int = option(4, ge=1, le=64, title=Text(en="Width", hi="चौड़ाई"), help=Text(en="Units.", hi="इकाइयाँ।"))

class Own(pl.LightningModule):
    def __init__(self, config, dataset, options):
        super().__init__()
        self.net = torch.nn.Linear(dataset.train.x[0].size, config.width)
    def training_step(self, batch, batch_idx):
        loss = (self.net(batch[0].flatten(1)) - 1).square().mean()
        self.log("loss", loss)
        return loss
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.1)

METHOD = MethodCard("own_method", Text(en="Own method", hi="अपना तरीका"), Text(en="A line.", hi="एक रेखा।"), "own", "me",
                    OwnConfig, Own, ("image", "points"))
"""


@pytest.fixture(scope="module")
def with_plugins(tmp_path_factory: pytest.TempPathFactory) -> Discovered:
    folder = tmp_path_factory.mktemp("plugins")
    (folder / "own_images.py").write_text(OWN_DATASET)
    (folder / "own_method.py").write_text(OWN_METHOD)
    (folder / "falls_over.py").write_text("1 / 0")
    (folder / "again.py").write_text(OWN_DATASET)
    return discover(folder)


def test_nothing_that_ships_is_broken() -> None:
    assert SHIPPED.broken == []
    assert {"digits", "mnist", "eight_gaussians", "two_moons", "swiss_roll", "image_folder"} <= set(SHIPPED.datasets)


@pytest.mark.parametrize("name", sorted(set(SHIPPED.datasets) - {"image_folder", "text_file"}))
def test_a_shipped_data_set_conforms(name: str) -> None:
    check_dataset(SHIPPED.datasets[name])


def test_a_folder_of_own_images_conforms(tmp_path: Path) -> None:
    for k in range(20):
        (tmp_path / f"{k:02d}.png").write_bytes(files.picture(size=(8 + k, 30 - k)))
    check_dataset(SHIPPED.datasets["image_folder"], ImageFolderConfig(images=str(tmp_path), size=8))


def test_an_own_text_conforms(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("एक दो तीन, one two three.\n" * 100, "utf-8")
    check_config(TextFileConfig, "text_file")
    own = SHIPPED.datasets["text_file"].load(TextFileConfig(file=str(tmp_path / "mine.txt"), window=64))
    assert own.kind == "text" and len(own.train) > len(own.test) > 0


@pytest.mark.parametrize("name", sorted(SHIPPED.methods))
def test_a_shipped_method_conforms(name: str) -> None:
    fields = SHIPPED.methods[name].config.model_fields
    small = {"channels": 8, "width": 16, "quality_samples": 20, "preview_steps": 3}
    check_method(SHIPPED.methods[name], **{key: value for key, value in small.items() if key in fields})


def test_the_training_options_are_told_in_both_languages() -> None:
    check_config(TrainingOptions, "training options")


def test_a_method_and_a_data_set_dropped_into_the_folder_conform(with_plugins: Discovered) -> None:
    check_dataset(with_plugins.datasets["own_images"])
    check_method(with_plugins.methods["own_method"])


def test_a_plug_in_that_falls_over_or_takes_a_name_that_is_taken_is_named_with_its_reason(
    with_plugins: Discovered,
) -> None:
    reasons = {broken.name: broken.reason for broken in with_plugins.broken}
    assert reasons.keys() == {"falls_over", "own_images"}
    assert "ZeroDivisionError" in reasons["falls_over"] and "taken" in reasons["own_images"]
