"""What can go wrong with the store and its files, each in one plain sentence in both languages."""

from __future__ import annotations

import errno
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from data.text import Problem, Text


def unknown_run(run: str) -> Problem:
    """No run has this id."""
    return Problem(
        Text(
            en="There is no run “{run}”; see the list of runs for the ids.",
            hi="“{run}” नाम का कोई रन नहीं है; सही आईडी रन की सूची में देखें।",
        ).format(run=run),
        code="unknown_run",
    )


def run_active(run: str) -> Problem:
    """The run is being worked on and cannot be deleted."""
    return Problem(
        Text(
            en="Run “{run}” is still active; stop it before you delete it.",
            hi="रन “{run}” अभी चल रहा है; हटाने से पहले उसे रोकें।",
        ).format(run=run),
        code="run_active",
    )


def unknown_metric(run: str, metric: str) -> Problem:
    """The run has logged nothing under this name."""
    return Problem(
        Text(
            en="Run “{run}” has no metric “{metric}”.",
            hi="रन “{run}” में “{metric}” नाम का कोई मेट्रिक नहीं है।",
        ).format(run=run, metric=metric),
        code="unknown_metric",
    )


def disk_full(path: Path | str) -> Problem:
    """No space is left where the store or a run writes."""
    return Problem(
        Text(
            en="The disk is full at {path}; free some space and try again. Nothing that was saved is lost.",
            hi="{path} पर डिस्क भर गई है; थोड़ी जगह खाली करके फिर कोशिश करें। जो सहेजा जा चुका है वह सुरक्षित है।",
        ).format(path=path),
        code="disk_full",
    )


def home_read_only(path: Path | str) -> Problem:
    """The home folder cannot be written."""
    return Problem(
        Text(
            en="The folder {path} cannot be written; change its permissions or set SAMAJH_HOME to another folder.",
            hi="फ़ोल्डर {path} में लिखा नहीं जा सकता; उसकी अनुमति बदलें या SAMAJH_HOME में दूसरा फ़ोल्डर दें।",
        ).format(path=path),
        code="home_read_only",
    )


def store_busy(path: Path | str) -> Problem:
    """Another process holds the write lock for too long."""
    return Problem(
        Text(
            en="Another program is holding the store {path}; nothing is lost, try again in a moment.",
            hi="कोई दूसरा प्रोग्राम स्टोर {path} को रोके हुए है; कुछ खोया नहीं है, थोड़ी देर में फिर कोशिश करें।",
        ).format(path=path),
        code="store_busy",
    )


def store_damaged(path: Path | str) -> Problem:
    """The database file is not readable as one."""
    return Problem(
        Text(
            en="The store {path} is damaged; move that file away and it is made again from the runs, or restore a backup.",
            hi="स्टोर {path} ख़राब हो गया है; वह फ़ाइल हटा दें, वह रन से फिर बन जाएगा, या बैकअप लौटाएँ।",
        ).format(path=path),
        code="store_damaged",
    )


def store_newer(path: Path | str) -> Problem:
    """A later version of the program made this store."""
    return Problem(
        Text(
            en="The store {path} was made by a newer version of Samajh; update Samajh, or set SAMAJH_HOME to another folder.",
            hi="स्टोर {path} समझ के नए संस्करण से बना है; समझ को अपडेट करें, या SAMAJH_HOME में दूसरा फ़ोल्डर दें।",
        ).format(path=path),
        code="store_newer",
    )


def store_failed(path: Path | str, reason: str) -> Problem:
    """Anything else the database refuses."""
    return Problem(
        Text(
            en="The store {path} could not be used: {reason}.",
            hi="स्टोर {path} का उपयोग नहीं हो सका: {reason}।",
        ).format(path=path, reason=reason),
        code="store_failed",
    )


def place(url: str) -> str:
    """The file of a SQLite URL; of a server's URL what follows the password."""
    return url.removeprefix("sqlite:///") if url.startswith("sqlite") else url.rsplit("@", 1)[-1]


def of_database(error: DBAPIError, url: str) -> Problem:
    """The sentence for an error of the database driver."""
    where = place(url)
    said = str(error.orig).lower()
    if "locked" in said or "busy" in said:
        return store_busy(where)
    if "full" in said:
        return disk_full(where)
    if "readonly" in said or "read-only" in said or "unable to open" in said:
        return home_read_only(where)
    if "malformed" in said or "not a database" in said or "disk i/o error" in said:
        return store_damaged(where)
    return store_failed(where, str(error.orig))


def of_file(error: OSError, path: Path) -> Problem:
    """The sentence for an error while writing a file of the home folder."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(path)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return home_read_only(path)
    return store_failed(path, error.strerror or str(error))
