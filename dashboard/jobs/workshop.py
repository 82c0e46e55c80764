"""From an order to the things Lightning needs: method, data, stream, trainer. Shared by training and estimating."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pydantic import ValidationError
from pytorch_lightning.loggers import Logger
from torch.utils.data import DataLoader

from dashboard.jobs import words
from dashboard.jobs.attempt import die_with_parent
from dashboard.jobs.spec import RunSpec
from dashboard.settings import settings
from data.catalog import Config, Dataset, DatasetCard, MethodCard, misfit
from data.discovery import Discovered, discover
from data.fields import fields_of
from data.text import Problem, Text
from lightning_modules.exact import Batch, StepStream, batches_per_step, loop_arguments, reseed, step_loader
from lightning_modules.options import TrainingOptions


@lru_cache(maxsize=4)
def declared(plugins: Path) -> Discovered:
    """Every method and data set, imported once a process; forked children inherit it."""
    return discover(plugins)


@dataclass(frozen=True)
class Checked:
    """An order whose every part is known and valid."""

    spec: RunSpec
    method: MethodCard
    dataset: DatasetCard
    method_config: Config
    dataset_config: Config
    options: TrainingOptions


@dataclass
class Workpiece:
    """What is trained, and on what."""

    checked: Checked
    data: Dataset
    module: pl.LightningModule
    stream: StepStream
    loader: DataLoader[Batch]

    @property
    def batches_per_step(self) -> int:
        """Batches that make one step of this run."""
        return batches_per_step(self.module, self.checked.options)

    @property
    def items_per_step(self) -> int:
        """Items the model sees in one step."""
        return self.checked.options.batch_size * self.batches_per_step


class Invalid(Exception):
    """The order has errors; `errors` maps each field to what is wrong with it."""

    def __init__(self, errors: Mapping[str, Text]) -> None:
        super().__init__("; ".join(f"{field}: {text.en}" for field, text in errors.items()))
        self.errors = dict(errors)


def check(spec: RunSpec) -> Checked:
    """Validate an order completely.

    Raises:
        Invalid: Some field is wrong.
    """
    found = declared(settings().plugins)
    method, dataset = found.methods.get(spec.method), found.datasets.get(spec.dataset)
    if method is None:
        raise Invalid({"method": _missing(found, spec.method, words.UNKNOWN_METHOD)})
    if dataset is None:
        raise Invalid({"dataset": _missing(found, spec.dataset, words.UNKNOWN_DATASET)})
    if (unfit := misfit(method, dataset)) is not None:
        raise Invalid({"dataset": unfit.text})
    errors: dict[str, Text] = {}
    method_config = _valid(method.config, spec.method_config, errors)
    dataset_config = _valid(dataset.config, spec.dataset_config, errors)
    options = _valid(TrainingOptions, spec.training, errors)
    if isinstance(options, TrainingOptions) and options.precision == "16-mixed" and not torch.cuda.is_available():
        errors["precision"] = words.NEEDS_GPU
    if errors or method_config is None or dataset_config is None or not isinstance(options, TrainingOptions):
        raise Invalid(errors)
    full = spec.model_copy(
        update={
            "method_config": method_config.model_dump(mode="json"),
            "dataset_config": dataset_config.model_dump(mode="json"),
            "training": options.model_dump(mode="json"),
        }
    )
    return Checked(full, method, dataset, method_config, dataset_config, options)


def build(checked: Checked) -> Workpiece:
    """Load the data, build the module with weights that depend on the seed alone, and address the batches.

    Raises:
        Problem: The data set cannot be loaded, or method and data do not go together.
    """
    options = checked.options
    data = checked.dataset.load(checked.dataset_config)
    reseed(options.seed, 0, "weights")
    module = checked.method.build(checked.method_config, data, options)
    stream = StepStream(len(data.train), options.batch_size, options.seed)
    loader = step_loader(data.train, stream, num_workers=options.num_workers)
    loader.worker_init_fn = die_with_parent
    return Workpiece(checked, data, module, stream, loader)


def trainer_for(
    piece: Workpiece, callbacks: Sequence[pl.Callback], loggers: Sequence[Logger] = (), *, root: Path | None = None
) -> pl.Trainer:
    """A Lightning trainer that leaves checkpoints, progress and summaries to the studio."""
    options = piece.checked.options
    quiet()
    return pl.Trainer(
        accelerator="auto",
        devices=1,
        precision="32-true" if options.precision == "32" else options.precision,
        **loop_arguments(piece.module, options),
        deterministic="warn",
        logger=list(loggers) or False,
        log_every_n_steps=1,
        callbacks=list(callbacks),
        default_root_dir=root,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
    )


def quiet() -> None:
    """Hints about worker counts and the like, which nobody can act on from the studio."""
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    logging.getLogger("lightning").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message=".*isinstance\\(treespec, LeafSpec\\).*")
    warnings.filterwarnings("ignore", message=".*in eval mode at the start of training.*")
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    warnings.filterwarnings("ignore", message=".*max_epochs.*")
    warnings.filterwarnings("ignore", message=".*`val_dataloaders`.*")


def _valid(config: type[Config], values: Mapping[str, Any], errors: dict[str, Text]) -> Config | None:
    """The config of these values; what is wrong is put into `errors`, in the words the form uses."""
    known = {field.name: field for field in fields_of(config.model_json_schema())}
    typed: dict[str, Any] = {}
    for name, value in values.items():
        try:
            typed[name] = known[name].parse(value) if value is not None else None
        except KeyError:
            errors[name] = words.filled(words.UNKNOWN_FIELD, name=name)
        except Problem as problem:
            errors[name] = problem.text
    if errors:
        return None
    try:
        return config.model_validate(typed)
    except ValidationError as error:  # a rule of the config that its fields do not tell
        for one in error.errors():
            errors[str(one["loc"][0]) if one["loc"] else "method"] = words.filled(words.BAD_VALUE, detail=one["msg"])
    except Problem as problem:
        errors[problem.field or "method"] = problem.text
    return None


def _missing(found: Discovered, name: str, template: Text) -> Text:
    broken = next((b for b in found.broken if b.name in (name, f"{name}.py")), None)
    if broken is not None:
        return words.filled(words.BROKEN_METHOD, name=name, error=broken.reason)
    return words.filled(template, name=name)
