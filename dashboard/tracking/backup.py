"""A whole home folder in one file, made also while jobs run, and back again.

The store is copied first, by SQLite's own online backup, then the run folders. A journal that grew meanwhile is longer
than the store knows, never shorter, and the next collector brings the store up to date: the file is consistent.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import sqlite3
import tarfile
import tempfile
import time
import zlib
from pathlib import Path

from dashboard.settings import Settings
from dashboard.tracking import folder, problems
from dashboard.tracking.ingest import collect
from dashboard.tracking.records import Reason, RunFilter, State
from dashboard.tracking.schema import HEAD
from dashboard.tracking.store import Store
from data.text import Problem, Text

ABOUT = "samajh-backup.json"
STORE = "store.sqlite"
_PIECE = 2**20
_FOLDERS = ("runs", "uploads", "drawings", "weights", "plugins")

RESTORED = Reason(
    "restored",
    Text(
        en="It was active when the backup was made; resume it to go on.",
        hi="बैकअप बनते समय यह चल रहा था; आगे बढ़ाने के लिए जारी रखें।",
    ),
)


def backup(settings: Settings, target: Path) -> Path:
    """Write the whole home folder to the one file `target` (a `.tar.gz`), also while jobs run.

    Raises:
        Problem: The store is a server's, the disk is full, or the place cannot be written.
    """
    with Store.open(settings) as store:
        source = store.database.file
    if source is None:
        raise _not_a_file()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as place:
            copy, part = Path(place) / STORE, Path(place) / "part"
            _copy_store(source, copy)
            with tarfile.open(part, "w:gz", compresslevel=1) as archive:
                about = {"revision": HEAD, "time": time.time(), "home": str(settings.home)}
                _add_bytes(archive, ABOUT, json.dumps(about).encode())
                archive.add(copy, STORE)
                for name in _FOLDERS:
                    _add_folder(archive, settings.home, name)
            with part.open("rb") as written:
                os.fsync(written.fileno())
            part.replace(target)
    except OSError as error:
        raise problems.of_file(error, target) from error
    return target


def restore(settings: Settings, source: Path) -> int:
    """Make the home folder from a backup; it must not exist yet, or be empty.

    Runs that were active are stopped and can be resumed.

    Returns:
        The number of runs.

    Raises:
        Problem: The home has something in it, the file is no backup or damaged, or the disk is full.
    """
    home = settings.home
    if home.exists() and any(home.iterdir()):
        raise _home_not_empty(home)
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent, prefix=".restore-") as place:
            _unpack(source, Path(place))
            made = Path(place) / "home"
            if home.exists():
                home.rmdir()
            made.replace(home)
        home.chmod(0o700)
    except OSError as error:
        raise problems.of_file(error, home) from error
    with Store.open(settings) as store:
        collect(store, settings)
        for run in store.runs(RunFilter(deleted=None)):
            if run.state.active:
                store.set_state(run.id, State.STOPPED, RESTORED, pid=None, ended_at=run.updated_at)
        return store.count(RunFilter(deleted=None))


def _copy_store(source: Path, copy: Path) -> None:
    """SQLite's online backup: one consistent state of a store that is being written."""
    with sqlite3.connect(source) as live, sqlite3.connect(copy) as made:
        live.backup(made)
        made.execute("PRAGMA journal_mode=delete")  # one file, without a log beside it
    live.close()
    made.close()


def _add_folder(archive: tarfile.TarFile, home: Path, name: str) -> None:
    for path in sorted((home / name).rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(home).parts)
        if hidden or path.name == folder.LOCK or not path.is_file() or path.is_symlink():
            continue  # locks, sockets, and files that are being written
        try:
            with path.open("rb") as file:
                entry = archive.gettarinfo(arcname=str(path.relative_to(home)), fileobj=file)
                archive.addfile(entry, _Part(file, entry.size))
        except FileNotFoundError:
            continue  # a checkpoint that the job thinned out meanwhile


class _Part(io.RawIOBase):
    """The first `size` bytes of a file that may be growing."""

    def __init__(self, file: io.BufferedReader, size: int) -> None:
        self._file = file
        self._left = size

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes of what is left."""
        wanted = self._left if size < 0 else min(size, self._left)
        found = self._file.read(wanted)
        self._left -= len(found)
        return found


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    entry.mtime = int(time.time())
    archive.addfile(entry, io.BytesIO(content))


def _unpack(source: Path, place: Path) -> None:
    """Unpack and check a backup into `place`/home."""
    try:
        with gzip.open(source) as whole, tarfile.open(fileobj=whole, mode="r:") as archive:
            archive.extractall(place / "home", filter="data")
            while whole.read(_PIECE):  # to the checksum, which stands behind all that tar wants to see
                pass
        about = json.loads((place / "home" / ABOUT).read_bytes())
        revision = str(about["revision"])
        with sqlite3.connect(place / "home" / STORE) as connection:
            sound = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()
    except (tarfile.TarError, zlib.error, EOFError, ValueError, KeyError, TypeError, sqlite3.Error) as error:
        raise _no_backup(source) from error
    except FileNotFoundError as error:
        raise _no_backup(source) from error
    except OSError as error:
        if error.errno is None:  # gzip says "not a gzipped file" and "CRC check failed" in this way
            raise _no_backup(source) from error
        raise
    if not sound:
        raise _no_backup(source)
    if revision > HEAD:
        raise problems.store_newer(source)
    (place / "home" / ABOUT).unlink()


def _not_a_file() -> Problem:
    return Problem(
        Text(
            en="The store is on a database server; back it up with the server's own tool, such as pg_dump.",
            hi="स्टोर डेटाबेस सर्वर पर है; उसका बैकअप सर्वर के अपने टूल से लें, जैसे pg_dump।",
        ),
        code="store_on_server",
    )


def _home_not_empty(home: Path) -> Problem:
    return Problem(
        Text(
            en="The folder {home} is not empty; restore into a new one by setting SAMAJH_HOME.",
            hi="फ़ोल्डर {home} खाली नहीं है; SAMAJH_HOME में नया फ़ोल्डर देकर वहाँ बैकअप लौटाएँ।",
        ).format(home=home),
        code="home_not_empty",
    )


def _no_backup(source: Path) -> Problem:
    return Problem(
        Text(
            en="{source} is not a backup of Samajh, or it is damaged; nothing was changed.",
            hi="{source} समझ का बैकअप नहीं है, या ख़राब है; कुछ भी नहीं बदला गया।",
        ).format(source=source),
        code="no_backup",
    )
