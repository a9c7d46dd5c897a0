"""What a job prints: kept in a file without a name, and told where the job fails."""

from __future__ import annotations

import fcntl
import os
import sys
import tempfile
from multiprocessing import reduction
from typing import Any

_STDIN, _STDOUT, _STDERR = 0, 1, 2
_LARGEST_FILE = 16 << 20
_TAIL = 64 << 10
_LINES = 20
_LINE_LENGTH = 300
_CRASH = "Fatal Python error"  # begins what faulthandler prints; the innermost calls come first
_LINES_BEFORE_CRASH = 5
_OURS = os.path.dirname(__file__)  # whatever calls the job says nothing of the crash
_NOISE = ("Extension modules:",)


class Output:
    """The output of one process; it can be given to a process that is started."""

    def __init__(self, descriptor: int | None = None) -> None:
        self._file = _nameless_file() if descriptor is None else open(descriptor, "ab", 0)  # noqa: SIM115 (closed by `close`)

    def __reduce__(self) -> Any:
        return _inherited, (reduction.DupFd(self.fileno()),)

    def fileno(self) -> int:
        """Returns the file's descriptor."""
        return self._file.fileno()

    def take(self) -> None:
        """Lets all that this process prints go here, and gives it nothing to read."""
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, _STDIN)
        os.close(null)
        for stream, descriptor in ((sys.stdout, _STDOUT), (sys.stderr, _STDERR)):
            stream.flush()
            os.dup2(self.fileno(), descriptor)
            stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]

    def clear(self) -> None:
        """Forgets what was printed."""
        os.ftruncate(self.fileno(), 0)

    def limit(self) -> None:
        """Forgets what was printed where it is very much: a job that prints forever must not fill the disk."""
        if os.fstat(self.fileno()).st_size > _LARGEST_FILE:
            self.clear()

    def last_lines(self) -> list[str]:
        """Returns the last lines, 20 at most; of a crash, what was printed before it and its innermost calls."""
        size = os.fstat(self.fileno()).st_size
        text = os.pread(self.fileno(), _TAIL, max(0, size - _TAIL)).decode(errors="replace")
        return telling_lines(text)

    def close(self) -> None:
        """Closes the file, which is then gone."""
        self._file.close()


def telling_lines(text: str) -> list[str]:
    """Returns the lines of an output that tell most, 20 at most."""
    lines = [line.rstrip()[:_LINE_LENGTH] for line in text.splitlines()
             if line.strip() and not line.startswith(_NOISE)]
    crash = next((number for number, line in enumerate(lines) if line.startswith(_CRASH)), None)
    if crash is None:
        return lines[-_LINES:]
    first = max(0, crash - _LINES_BEFORE_CRASH)
    ours = next((number for number, line in enumerate(lines) if number > crash and _OURS in line), len(lines))
    return lines[first:min(ours, first + _LINES)]


def last_words(lines: list[str]) -> str:
    """Returns the last line that a process printed itself, before it crashed; "" for none."""
    crash = next((number for number, line in enumerate(lines) if line.startswith(_CRASH)), len(lines))
    return lines[crash - 1] if crash else ""


def _nameless_file() -> Any:
    file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (closed by `Output.close`)
    # What several processes print does not overwrite each other, and goes to the beginning after `clear`.
    fcntl.fcntl(file, fcntl.F_SETFL, fcntl.fcntl(file, fcntl.F_GETFL) | os.O_APPEND)
    return file


def _inherited(descriptor: Any) -> Output:
    return Output(descriptor.detach())
