"""Lightning's own loggers, switched on beside ours when an order asks for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytorch_lightning.loggers import Logger

from dashboard.jobs import words
from dashboard.jobs.folder import Order
from data.text import Problem


def extra_loggers(order: Order, home: Path, folder: Path) -> list[Logger]:
    """The loggers an order names.

    Raises:
        Problem: A logger is unknown, or its package is not installed.
    """
    made = []
    for name in order.spec.loggers:
        make = _MAKERS.get(name)
        if make is None:
            raise Problem(words.filled(words.LOGGER_UNKNOWN, name=name), code="unknown_logger", field="loggers")
        try:
            made.append(make(order, home, folder))
        except ImportError as error:  # Lightning checks for the package when a logger is made
            missing = words.filled(words.LOGGER_MISSING, name=name)
            raise Problem(missing, code="logger_missing", field="loggers") from error
    return made


def _tensorboard(order: Order, home: Path, folder: Path) -> Logger:
    from pytorch_lightning.loggers import TensorBoardLogger

    return TensorBoardLogger(save_dir=folder / "tensorboard", name="", version=f"attempt-{order.attempt}")


def _mlflow(order: Order, home: Path, folder: Path) -> Logger:
    import os

    from pytorch_lightning.loggers import MLFlowLogger

    uri = os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{home / 'mlflow.sqlite'}"
    return MLFlowLogger(
        experiment_name="samajh", run_name=order.name, tracking_uri=uri, tags={"samajh_run": order.run},
        artifact_location=None if os.environ.get("MLFLOW_TRACKING_URI") else (home / "mlflow").as_uri(),
    )  # fmt: skip


def _wandb(order: Order, home: Path, folder: Path) -> Logger:
    import os

    from pytorch_lightning.loggers import WandbLogger

    offline = not os.environ.get("WANDB_API_KEY")  # nothing leaves the machine unless the person has signed in
    return WandbLogger(
        name=order.name, id=order.run, project="samajh", save_dir=folder, offline=offline, resume="allow"
    )


_MAKERS: dict[str, Callable[[Order, Path, Path], Logger]] = {
    "tensorboard": _tensorboard,
    "mlflow": _mlflow,
    "wandb": _wandb,
}
