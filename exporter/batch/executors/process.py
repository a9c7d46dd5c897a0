"""A process that runs jobs, seen from the one that has started it."""

from __future__ import annotations

import os
import pickle
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.process import BaseProcess
from typing import Any

from exporter.batch.executors.output import Output
from exporter.batch.executors.task import Surroundings, Task
from exporter.batch.job import JobResult

_SECONDS_TO_EXIT = 1.0  # once the connection is cut
_SECONDS_TO_DIE = 5.0  # of SIGKILL; a process that waits for a dead disk may not
_STEP = 0.1


class ProcessEnded(Exception):  # noqa: N818 (not an error of the program: it is what the caller waits for)
    """The process is gone, or has cut its connection, without a result."""


class JobProcess:
    """A process in a session and process group of its own.

    Args:
        context: of multiprocessing.
        target: runs in the process, with the connection, the output, ``surroundings`` and ``arguments``.

    Raises:
        OSError: the system gives no process.
    """

    def __init__(self, context: ForkContext | SpawnContext, target: Callable[..., None], surroundings: Surroundings,
                 *arguments: Any) -> None:
        self.output = Output()
        self._connection, theirs = Pipe()
        self._process: BaseProcess = context.Process(
            target=target, args=(theirs, self.output, surroundings, *arguments))
        try:
            self._process.start()
        except OSError:
            self._connection.close()
            self.output.close()
            raise
        finally:
            theirs.close()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def waitables(self) -> list[Any]:
        """What becomes ready when there is news: a result, or the end of the process."""
        return [self._connection, self.sentinel]

    @property
    def sentinel(self) -> int:
        """Becomes ready when the process ends."""
        return self._process.sentinel

    def is_alive(self) -> bool:
        """Tells whether the process has not ended yet."""
        return self._process.is_alive()

    def send(self, task: Task) -> None:
        """Gives the process a task; if it is gone already, `result` tells."""
        self.output.clear()
        with suppress(OSError):
            self._connection.send((task.content, task.memory))

    def result(self) -> JobResult | None:
        """Returns the result; None where there is no news.

        Raises:
            ProcessEnded: there will be none.
        """
        was_alive = self._process.is_alive()
        try:
            if self._connection.poll():
                result = pickle.loads(self._connection.recv_bytes())
                assert isinstance(result, JobResult)
                return result
        except (EOFError, OSError) as error:
            raise ProcessEnded from error
        if not was_alive:
            raise ProcessEnded
        return None

    def ask_to_end(self) -> None:
        """Lets the process clean up and end."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)

    def exit_code(self) -> int | None:
        """Returns the exit code of a process that has ended, negative for a signal; None where it still lives."""
        self._wait(_SECONDS_TO_EXIT)
        return self._process.exitcode

    def end(self) -> None:
        """Ends the process, and everything that it has started."""
        self._connection.close()
        with suppress(ProcessLookupError, PermissionError):  # macOS: for a group of which only the dead are left
            os.killpg(self.pid, signal.SIGKILL)
        self._process.kill()  # it may not have a group of its own yet
        self._wait(_SECONDS_TO_DIE)
        if self._process.exitcode is not None:
            self._process.close()
        self.output.close()

    def _wait(self, seconds: float) -> None:
        """In steps: what the process has started may hold the sentinel open, though the process is gone."""
        end = time.monotonic() + seconds
        while self._process.exitcode is None and time.monotonic() < end:
            self._process.join(_STEP)
