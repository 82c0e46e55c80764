"""How a training can end before its last step, as an exception that passes through Lightning untouched."""

from __future__ import annotations

import errno

from dashboard.jobs import words
from dashboard.tracking.records import Reason, State

_DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EROFS}


class Halt(Exception):
    """The training ends here, in this state, for this reason."""

    def __init__(self, state: State, reason: Reason) -> None:
        super().__init__(reason.text.en)
        self.state = state
        self.reason = reason


def is_disk_trouble(error: BaseException) -> bool:
    """Whether the disk is full or does not take what is written."""
    return isinstance(error, OSError) and error.errno in _DISK_ERRORS


def disk_halt(error: OSError) -> Halt:
    """The run pauses: nothing is wrong with it, and its last checkpoint is whole."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    if full:
        return Halt(State.PAUSED, DISK_FULL)
    text = words.filled(words.DISK_ERROR, error=error.strerror or str(error))
    return Halt(State.PAUSED, Reason("disk_error", text))


DISK_FULL = Reason("disk_full", words.DISK_FULL)
