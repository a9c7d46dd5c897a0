"""Getting bytes to the disk before a rename makes them visible, so that a power cut can't publish empty files.

A rename may reach the disk before the contents of what it names: so files are synchronized first, then their directories,
then comes the rename, then the parent directory. Files are begun as soon as they are written, in threads, so that the disk
works while the export is verified.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

_THREADS = 4
_NO_DIRECTORIES = (errno.EACCES, errno.EINVAL, errno.ENOTSUP)  # a folder without read permission; file systems without


class Synchronizer:
    """Synchronizes files with the disk in threads of its own; a context manager.

    Args:
        enabled: False for exports that a power cut may take: then nothing is done.
    """

    def __init__(self, enabled: bool = True) -> None:
        self._enabled = enabled
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="fsync")
        self._begun: dict[Path, Future[None]] = {}

    def begin(self, paths: Iterable[str], directory: Path) -> None:
        """Begins with files and folders within ``directory`` that are complete; returns at once."""
        for path in paths if self._enabled else ():
            for file in (directory / path).rglob("*") if (directory / path).is_dir() else [directory / path]:
                if file.is_file() and file not in self._begun:
                    self._begun[file] = self._pool.submit(_synchronize, file)

    def finish(self, directory: Path) -> None:
        """Returns when everything in ``directory``, and the directories themselves, are on the disk.

        Raises:
            OSError: the disk did not take it.
        """
        if not self._enabled:
            return
        self.begin([""], directory)
        for future in self._begun.values():
            future.result()
        for folder, _, _ in os.walk(directory, topdown=False):
            self.directory(Path(folder))

    def directory(self, directory: Path) -> None:
        """Synchronizes the entries of one directory, where the system lets it be opened for that."""
        if not self._enabled:
            return
        try:
            _synchronize(directory)
        except OSError as error:
            if error.errno not in _NO_DIRECTORIES:
                raise

    def __enter__(self) -> Synchronizer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _synchronize(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
