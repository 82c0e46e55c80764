"""Where this studio lives and its limits, read from the environment (`SAMAJH_*`)."""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import lru_cache
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting, its unit and its default; each is an environment variable with the prefix `SAMAJH_`."""

    model_config = SettingsConfigDict(env_prefix="SAMAJH_", frozen=True, extra="ignore")

    home: Path = Field(Path("~/.samajh"), description="Folder that holds runs, the store, uploads and plug-ins.")
    store_url: str = Field("", description="SQLAlchemy URL of the store; empty: SQLite inside the home folder.")
    port: int = Field(8501, ge=1, le=65535, description="Port of the web page.")
    address: str = Field("127.0.0.1", description="Address the web page listens on.")
    slots: int = Field(
        0, ge=0, le=64, description="Jobs that run at the same time; 0: half the processors, at least 1."
    )
    threads_per_job: int = Field(
        0, ge=0, le=64, description="Threads of a job; 0: what the slots leave, one processor kept for the page."
    )
    memory_limit_mib: int = Field(0, ge=0, description="Memory limit of a job in MiB; 0: 80 % of the machine.")
    disk_budget_mib: int = Field(10_240, ge=1, description="Disk the home folder should stay under, in MiB.")
    keep_checkpoints: int = Field(
        3, ge=1, le=1000, description="Newest checkpoints kept for each run, besides the best."
    )
    max_restarts: int = Field(
        5, ge=0, le=100, description="Automatic restarts of a crashed job before it counts as failed."
    )
    start: str = Field(
        "warm", pattern="^(warm|cold)$", description="How jobs start: `warm` (fork) or `cold` (fresh process)."
    )
    compute_workers: int = Field(
        1, ge=1, le=16, description="Warm workers that answer short requests (sample, estimate)."
    )

    examples: bool = Field(True, description="Bring the bundled example runs into a new home.")

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def runs(self) -> Path:
        """Folder with one folder a run."""
        return self.home / "runs"

    @property
    def plugins(self) -> Path:
        """Folder of a person's own methods and data sets, one `.py` file each."""
        return self.home / "plugins"

    @property
    def uploads(self) -> Path:
        """Folder of uploaded data, by content hash."""
        return self.home / "uploads"

    @property
    def tables(self) -> Path:
        """Folder of uploaded tables, by content hash."""
        return self.home / "tables"

    @property
    def explanations(self) -> Path:
        """Folder of explanations that are kept, by id."""
        return self.home / "explanations"

    @property
    def models(self) -> Path:
        """Folder of models of tables that were brought, by content hash."""
        return self.home / "models"

    @property
    def recipes(self) -> Path:
        """Folder of models of tables that are kept by their recipe, one file each."""
        return self.home / "recipes"

    @property
    def drawings(self) -> Path:
        """Folder of drawings that points are made of, by content hash."""
        return self.home / "drawings"

    @property
    def weights(self) -> Path:
        """Folder of weight files that runs begin with, by content hash."""
        return self.home / "weights"

    @property
    def exports(self) -> Path:
        """Folder where workers leave what is exported, until it is taken away."""
        return self.home / "exports"

    @property
    def catalogue(self) -> Path:
        """Folder of cached catalogues."""
        return self.home / "catalogue"

    @property
    def sockets(self) -> Path:
        """Private folder for sockets; outside the home, since a Unix socket path holds about 100 bytes only."""
        key = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        user = os.getuid() if hasattr(os, "getuid") else 0
        return Path(tempfile.gettempdir()) / f"samajh-{user}-{key}"

    @property
    def url(self) -> str:
        """SQLAlchemy URL of the store."""
        return self.store_url or f"sqlite:///{self.home / 'store.sqlite'}"

    @property
    def job_slots(self) -> int:
        """Jobs that may run at the same time."""
        return self.slots or max(1, (os.cpu_count() or 2) // 2)

    @property
    def job_threads(self) -> int:
        """Threads each job may use; one processor is left for the page, whose reads a second thread would only fight."""
        return self.threads_per_job or max(1, ((os.cpu_count() or 2) - 1) // self.job_slots)


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
