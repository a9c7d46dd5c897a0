"""Staging directories in the system's temporary directory. Those of killed processes are removed by the next one."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "exporter-staging-"
_LOCK_SUFFIX = ".lock"


@contextmanager
def staging_directory() -> Iterator[Path]:
    """Yields a new directory below ``TMPDIR``, and removes it with all that is in it; those of dead processes as well.

    A lock, which the system frees when its holder dies, tells who is alive. It is held before the directory exists.

    Raises:
        OSError: the directory can't be made.
    """
    from filelock import FileLock

    temporary = Path(tempfile.gettempdir())
    _remove_abandoned(temporary)
    staging = temporary / f"{_PREFIX}{secrets.token_hex(8)}"
    lock = FileLock(_lock_file(staging), thread_local=False)
    with lock:
        staging.mkdir(mode=0o700)
        try:
            yield staging
        finally:
            _remove(staging)


def _remove_abandoned(temporary: Path) -> None:
    from filelock import FileLock, Timeout

    for staging in temporary.glob(f"{_PREFIX}*"):
        try:
            if staging.suffix != _LOCK_SUFFIX:
                with FileLock(_lock_file(staging), timeout=0, thread_local=False):
                    _remove(staging)
        except (OSError, Timeout):
            continue  # it is alive, another process has just removed it, or it is another user's


def _remove(staging: Path) -> None:
    shutil.rmtree(staging, ignore_errors=True)
    _lock_file(staging).unlink(missing_ok=True)


def _lock_file(staging: Path) -> Path:
    return staging.with_name(f"{staging.name}{_LOCK_SUFFIX}")
