"""One export at a time to one place."""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from exporter.errors import OutputError, UsageError
from exporter.publishing.names import lock_file

DEFAULT_LOCK_TIMEOUT = 600.0
"""Seconds to wait for another export to the same place."""

_POLL_INTERVAL = 0.1
_logger = logging.getLogger(__name__)


def check_lock_timeout(seconds: float) -> None:
    """Raises UsageError where ``seconds`` is no time to wait."""
    if not 0 <= seconds < float("inf"):
        raise UsageError(f"The lock timeout {seconds} is no number of seconds.", "Give 0 to fail at once, or more.")


@contextmanager
def output_lock(target: Path, timeout: float = DEFAULT_LOCK_TIMEOUT) -> Iterator[None]:
    """Holds the lock of an output path.

    The system frees the lock when its holder dies. The lock file is removed by its holder, while it is held: whoever has
    opened it meanwhile finds that it has no name any more, and tries again with a new one.

    Args:
        target: where the export is to appear; its parent exists.
        timeout: seconds to wait for another export to the same place; 0 fails at once.

    Raises:
        OutputError: another export holds it for longer than that.
        OSError: the lock file can't be written.
    """
    from filelock import FileLock, Timeout

    place = lock_file(target)
    lock = FileLock(place, thread_local=False)
    try:
        _acquire(lock, target, timeout)
    except Timeout:
        raise OutputError(f"Another export to {target} is running{_holder(place)}.",
                          "Wait for it, give another directory, or wait longer with --lock_timeout SECONDS.") from None
    try:
        place.write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname()}))
        yield
    finally:
        if sys.platform != "win32":  # there, FileLock removes it
            place.unlink(missing_ok=True)
        lock.release()


def refuse_locked_output(target: Path) -> None:
    """Raises OutputError if another export to ``target`` is running. Nothing is written."""
    if lock_file(target).exists():
        with output_lock(target, timeout=0):
            pass


def _acquire(lock: Any, target: Path, timeout: float) -> None:
    from filelock import Timeout

    try:
        lock.acquire(timeout=0)
    except Timeout:
        if not timeout:
            raise
        _logger.warning("Another export to %s is running%s; waiting up to %g s for it.", target, _holder(lock_file(target)),
                        timeout)
        lock.acquire(timeout=timeout, poll_interval=_POLL_INTERVAL)


def _holder(place: Path) -> str:
    """Names the holder by what it wrote into the lock file, if that can be read."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        holder = json.loads(place.read_text())
        return f" (process {holder['pid']} on {holder['host']})"
    return ""
