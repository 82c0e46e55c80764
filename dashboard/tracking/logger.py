"""The run logger: a Lightning `Logger` that appends to the journal of a run, from a job or from anyone's own script.

One call is one line and one system call, about 10 microseconds, and what was logged is safe from `kill -9`. No
database is touched and no supervisor is needed: whoever looks at the runs next finds this one. In ten lines:

    import pytorch_lightning as pl
    from pytorch_lightning.demos.boring_classes import BoringModel
    from dashboard.tracking.logger import RunLogger

    class Model(BoringModel):
        def training_step(self, batch, batch_idx):
            self.log("loss", self.loss(batch))
            return super().training_step(batch, batch_idx)

    pl.Trainer(max_steps=50, log_every_n_steps=1, logger=RunLogger("my first run")).fit(Model())
"""

from __future__ import annotations

import atexit
import io
import os
import time
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from PIL import Image
from pytorch_lightning.callbacks import ModelCheckpoint
from pytorch_lightning.loggers import Logger
from pytorch_lightning.utilities import rank_zero_only

from dashboard.settings import Settings
from dashboard.settings import settings as read_settings
from dashboard.tracking import durable, environment, folder, lock
from dashboard.tracking.journal import Journal
from dashboard.tracking.media import scene_bytes, wav_bytes
from dashboard.tracking.records import NewRun, State
from dashboard.tracking.sampling import SystemSampler
from data.durable import sha256_of
from data.text import Text

_ENDINGS = {
    "success": (State.FINISHED, "finished", Text(en="Finished.", hi="पूरा हुआ।")),
    "finished": (State.FINISHED, "finished", Text(en="Finished.", hi="पूरा हुआ।")),
    "aborted": (State.STOPPED, "stopped", Text(en="Stopped.", hi="रोका गया।")),
}
_FAILED = (State.FAILED, "failed", Text(en="Ended with an error.", hi="एक त्रुटि के साथ बंद हुआ।"))


class RunLogger(Logger):
    """Logs a training to the studio.

    Args:
        name: Name of the run.
        config: What the run was made with; shown and compared.
        method, dataset: Names to file the run under.
        tags, notes, group: As in the studio.
        seed: The seed, if there is one.
        total_steps: Steps to come, for the progress bar.
        settings: Where the home folder is; by default `SAMAJH_HOME`.

    Raises:
        Problem: The home folder cannot be written, or the disk is full.
    """

    def __init__(
        self,
        name: str = "run",
        *,
        config: Mapping[str, Any] | None = None,
        method: str = "",
        dataset: str = "",
        tags: Sequence[str] = (),
        notes: str = "",
        group: str | None = None,
        seed: int = 0,
        total_steps: int = 0,
        settings: Settings | None = None,
    ) -> None:
        super().__init__()
        home = settings or read_settings()
        run = folder.new_id()
        path = folder.make(home, run)
        captured = environment.capture(seed=seed)
        new = NewRun(
            name=name, method=method, dataset=dataset, preset="", config=_plain(config or {}), seed=seed,
            total_steps=total_steps, group=group, tags=tuple(tags), notes=notes, external=True, environment=captured,
        )  # fmt: skip
        folder.write_manifest(path, new, created_at=time.time())
        lock.acquire(path / folder.LOCK)
        self._attach(path, 1, owner=True, name=name)
        self._begin(0, captured)
        atexit.register(self.close)

    @classmethod
    def inside(cls, path: Path, attempt: int, *, system: bool = True) -> Self:
        """The logger of a job: the run folder is there, and the job writes `start` and `end` through `journal`."""
        made = cls.__new__(cls)
        Logger.__init__(made)
        made._attach(path, attempt, owner=False, name=path.name, system=system)
        return made

    def _attach(self, path: Path, attempt: int, *, owner: bool, name: str, system: bool = True) -> None:
        self.folder = path
        self.journal = Journal(path, attempt)
        self.step = 0
        """The largest step logged so far."""
        self._name = name
        self._owner = owner
        self._open = True
        self._pid = os.getpid()
        self._sampler = SystemSampler() if system else None
        self._saved: set[tuple[Path, int]] = set()

    @property
    def name(self) -> str:
        """The name given to the run."""
        return self._name

    @property
    def version(self) -> str:
        """The id of the run."""
        return self.folder.name

    @property
    def save_dir(self) -> str:
        """The folder of the run; Lightning puts its checkpoints here."""
        return str(self.folder)

    @property
    def log_dir(self) -> str:
        """The folder of the run."""
        return str(self.folder)

    @property
    def root_dir(self) -> str:
        """The folder of the run."""
        return str(self.folder)

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """Append the metrics of one step (numbers or one-element tensors); without a step, the latest."""
        step = self.step if step is None else int(step)
        values = {name: float(value) for name, value in metrics.items()}
        self._reopen()
        if self._sampler is not None:
            values |= self._sampler.sample()
        self.journal.metrics(step, values)
        self.step = max(self.step, step)

    @rank_zero_only
    def log_hyperparams(self, params: Mapping[str, Any] | Namespace | None = None, *args: Any, **kwargs: Any) -> None:
        """Store hyper-parameters with the run."""
        if params is None:
            return
        self._reopen()
        given = vars(params) if isinstance(params, Namespace) else params
        self.journal.write("info", v={"hyperparameters": _plain(given)})

    @rank_zero_only
    def log_image(
        self,
        name: str,
        image: npt.NDArray[Any] | Image.Image | Path,
        step: int | None = None,
        *,
        caption: Text | str = "",
        info: Mapping[str, Any] | None = None,
    ) -> Path:
        """Store a picture of one step.

        Args:
            name: The series it belongs to, such as "samples".
            image: [height, width] or [height, width, 3 or 4]: uint8, or float in [0, 1]; a PIL image; or a PNG file.
            step: The step; by default the latest.
            caption: What is to be seen.
            info: Further facts, plain values.

        Returns:
            The stored PNG file.
        """
        return self._store("image", name, ".png", _png(image), step, caption, info)

    @rank_zero_only
    def log_sound(
        self,
        name: str,
        samples: npt.NDArray[Any],
        rate_hz: int,
        step: int | None = None,
        *,
        caption: Text | str = "",
        info: Mapping[str, Any] | None = None,
    ) -> Path:
        """Store a sound of one step as a WAV file of 16 bits.

        Args:
            name: The series it belongs to; another one than a picture's.
            samples: [samples] in [-1, 1]; what is beyond is cut off.
            rate_hz: Samples in a second.
            step: The step; by default the latest.
            caption: What is to be heard.
            info: Further facts, plain values.
        """
        return self._store("audio", name, ".wav", wav_bytes(samples, rate_hz), step, caption, info)

    @rank_zero_only
    def log_scene(
        self,
        name: str,
        points: npt.NDArray[Any],
        step: int | None = None,
        *,
        caption: Text | str = "",
        info: Mapping[str, Any] | None = None,
    ) -> Path:
        """Store clouds of points of one step, [stages, clouds, points, 3], in half precision.

        Args:
            name: The series it belongs to; another one than a picture's.
            points: Stages of a walk, of which the last is shown first; one stage is enough.
            step: The step; by default the latest.
            caption: What is to be seen.
            info: Further facts, plain values; `titles`, one text a cloud, names them.
        """
        return self._store("cloud", name, ".npz", scene_bytes(points), step, caption, info)

    @rank_zero_only
    def log_text(
        self,
        name: str,
        text: str,
        step: int | None = None,
        *,
        caption: Text | str = "",
        info: Mapping[str, Any] | None = None,
    ) -> Path:
        """Store a text of one step, as UTF-8.

        Args:
            name: The series it belongs to; another one than a picture's.
            text: What was written.
            step: The step; by default the latest.
            caption: What is to be read.
            info: Further facts, plain values.
        """
        return self._store("text", name, ".txt", text.encode("utf-8", "replace"), step, caption, info)

    def _store(
        self,
        kind: str,
        name: str,
        suffix: str,
        content: bytes,
        step: int | None,
        caption: Text | str,
        info: Mapping[str, Any] | None,
    ) -> Path:
        """Write a file of a series and tell the journal; returns the file."""
        step = self.step if step is None else int(step)
        self._reopen()
        place = self.folder / folder.MEDIA / _file_name(name)
        place.mkdir(parents=True, exist_ok=True)
        target = place / f"{step:09d}{suffix}"
        durable.write(target, content)
        text = Text(en=caption, hi=caption) if isinstance(caption, str) else caption
        self.journal.write(
            "media", s=step, n=name, kind=kind, p=str(target.relative_to(self.folder)), c=text.model_dump(),
            i=_plain(info or {}),
        )  # fmt: skip
        return target

    @rank_zero_only
    def log_event(self, code: str, text: Text, *, level: str = "info", step: int | None = None) -> None:
        """Store something that happened, in a sentence."""
        self._reopen()
        self.journal.write("event", s=step, l=level, code=code, text=text.model_dump())

    @rank_zero_only
    def log_info(self, values: Mapping[str, Any]) -> None:
        """Store facts about the run by key, such as `reference_lines` or `total_steps`."""
        self._reopen()
        self.journal.write("info", v=_plain(values))

    @rank_zero_only
    def after_save_checkpoint(self, checkpoint_callback: ModelCheckpoint) -> None:
        """Store what Lightning's own checkpoint callback has saved in the run's folder, with its checksum."""
        if not self._owner:
            return  # a job seals and records its checkpoints itself
        for name in {*checkpoint_callback.best_k_models, checkpoint_callback.last_model_path} - {""}:
            path = Path(name)
            if (
                path.is_file()
                and path.is_relative_to(self.folder)
                and (path, path.stat().st_mtime_ns) not in self._saved
            ):
                self._saved.add((path, path.stat().st_mtime_ns))
                self._reopen()
                self.journal.write(
                    "ckpt", s=self.step, p=str(path.relative_to(self.folder)), sha=sha256_of(path), wsha="",
                    size=path.stat().st_size, v=_scores(checkpoint_callback, name),
                )  # fmt: skip

    def finalize(self, status: str) -> None:
        """Lightning's word that a training ended; what is logged afterwards opens the run again."""
        if not self._owner or not self._open or self._pid != os.getpid():
            return
        state, code, text = _ENDINGS.get(status, _FAILED)
        self.journal.write("end", durable=True, s=self.step, state=str(state), code=code, text=text.model_dump())
        self._open = False

    def close(self) -> None:
        """End the run if it has not ended; a script that logs without Lightning's Trainer calls this, or just exits."""
        if self._pid != os.getpid() or not self._owner:
            return
        atexit.unregister(self.close)
        self.finalize("success")
        self._owner = False
        self.journal.close()
        lock.release(self.folder / folder.LOCK)

    def _begin(self, resumed_from: int, captured: dict[str, Any]) -> None:
        self.journal.write("start", durable=True, pid=os.getpid(), env=captured, **{"from": resumed_from})

    def _reopen(self) -> None:
        """A second `fit` or a `test` with the same logger goes on where the first ended."""
        if not self._open and self._owner:
            self.journal.attempt += 1
            self._begin(self.step, {})
            self._open = True


def _scores(callback: ModelCheckpoint, path: str) -> dict[str, float]:
    """The value of the watched metric that a checkpoint was kept for."""
    score = callback.best_k_models.get(path)
    return {callback.monitor: float(score)} if callback.monitor and score is not None else {}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values that JSON can hold; anything else as its text."""
    return {str(key): _plain_value(value) for key, value in values.items()}


def _plain_value(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return _plain(value)
    if isinstance(value, list | tuple | set):
        return [_plain_value(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    return str(value)


def _file_name(name: str) -> str:
    """A series name as a folder name; `/` and what file systems refuse become `-`."""
    kept = "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in name)
    return kept.lstrip(".")[:100] or "image"


def _png(image: npt.NDArray[Any] | Image.Image | Path) -> bytes:
    if isinstance(image, Path):
        return image.read_bytes()
    if not isinstance(image, Image.Image):
        pixels = np.asarray(image)
        if pixels.dtype != np.uint8:
            pixels = np.round(np.clip(np.nan_to_num(pixels), 0, 1) * 255).astype(np.uint8)
        image = Image.fromarray(pixels)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
