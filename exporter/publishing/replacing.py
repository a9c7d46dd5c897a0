"""Putting a directory in the place of another in one step, and mending what a killed export left."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
from pathlib import Path

from exporter.publishing.names import previous_directory, staging_directories

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def put_in_place(staging: Path, target: Path) -> None:
    """Renames ``staging`` to ``target``; an export that is there changes places with it, in a single step where it can.

    Where the system can't exchange directories, the old one steps aside for an instant; `recover` puts it back.

    Raises:
        OSError: the system refuses.
    """
    if not _holds_something(target):
        os.rename(staging, target)
    elif not _exchange(staging, target):
        previous = previous_directory(target)
        os.rename(target, previous)
        os.rename(staging, target)
        shutil.rmtree(previous, ignore_errors=True)


def recover(target: Path) -> None:
    """Removes what dead exports to ``target`` left; called with its lock held, so none of them is alive."""
    previous = previous_directory(target)
    if previous.is_dir():
        if _holds_something(target):
            shutil.rmtree(previous, ignore_errors=True)
        else:
            os.rename(previous, target)
    for staging in staging_directories(target):
        shutil.rmtree(staging, ignore_errors=True)


def _holds_something(directory: Path) -> bool:
    return directory.is_dir() and any(directory.iterdir())


def _exchange(first: Path, second: Path) -> bool:
    """Exchanges two directories atomically (Linux: renameat2); returns False where the system has no such call."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    if renameat2(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL):
        return False
    raise OSError(code, os.strerror(code), str(second))
