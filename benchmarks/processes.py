"""Measuring a command as a whole process."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Usage:
    """What one process, or the median of several, took: seconds of wall and processor time, bytes of peak memory."""

    wall: float
    cpu: float
    peak_memory: int


def measure(command: Sequence[str]) -> Usage:
    """Runs ``command`` and returns what the operating system accounts for it (its largest single process for memory).

    Raises:
        RuntimeError: it failed; the message has its output.
    """
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            raise RuntimeError(f"{' '.join(command)}\n{output.read().decode(errors='replace')[-2000:]}")
    return Usage(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def median(usages: Sequence[Usage]) -> Usage:
    """Returns the median of each figure."""
    return Usage(statistics.median(usage.wall for usage in usages), statistics.median(usage.cpu for usage in usages),
                 int(statistics.median(usage.peak_memory for usage in usages)))
