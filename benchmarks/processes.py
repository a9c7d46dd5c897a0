"""Measuring a command as a whole process.

    python -m benchmarks.processes COMMAND ...

prints its figures as JSON. Linux counts the memory of whoever starts a process towards its peak: a large one, such as a test
run, measures by this command.
"""

from __future__ import annotations

import ctypes
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36  # linux/include/uapi/linux/prctl.h


@dataclass(frozen=True)
class Usage:
    """What one process, or the median of several, took: seconds of wall and processor time, bytes of peak memory."""

    wall: float
    cpu: float
    peak_memory: int


def measure(command: Sequence[str]) -> Usage:
    """Runs ``command`` and returns what the operating system accounts for it (its largest single process for memory).

    Processes that it leaves behind are waited for, lest they disturb the next command: their processor time counts, but the
    wall time ends with the command's own process.

    Raises:
        RuntimeError: it failed; the message has its output.
    """
    with tempfile.TemporaryFile() as output, _adopting_orphans():
        others = _children()
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        cpu = usage.ru_utime + usage.ru_stime + _wait_for_orphans(others)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            raise RuntimeError(f"{' '.join(command)}\n{output.read().decode(errors='replace')[-2000:]}")
    return Usage(wall, cpu, usage.ru_maxrss * 1024)


@contextmanager
def _adopting_orphans() -> Iterator[None]:
    """Makes this process the parent of what its children leave behind, where the system can (Linux)."""
    prctl = getattr(ctypes.CDLL(None), "prctl", lambda option, value: None)
    prctl(_PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        prctl(_PR_SET_CHILD_SUBREAPER, 0)


def _children() -> set[int]:
    """Returns this process' children; none where the system doesn't list them."""
    return {int(child) for file in Path("/proc/self/task").glob("*/children") for child in file.read_text().split()}


def _wait_for_orphans(others: set[int]) -> float:
    """Waits for all children but ``others``, and for those that they leave in turn; returns their processor time."""
    seconds = 0.0
    while orphans := _children() - others:
        _, _, usage = os.wait4(orphans.pop(), 0)
        seconds += usage.ru_utime + usage.ru_stime
    return seconds


def median(usages: Sequence[Usage]) -> Usage:
    """Returns the median of each figure."""
    return Usage(statistics.median(usage.wall for usage in usages), statistics.median(usage.cpu for usage in usages),
                 int(statistics.median(usage.peak_memory for usage in usages)))


if __name__ == "__main__":
    print(json.dumps(asdict(measure(sys.argv[1:]))))
