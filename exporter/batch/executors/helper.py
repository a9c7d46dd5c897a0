"""A program that runs tasks for the command, in a process of its own: the command's side.

The command itself imports neither TensorFlow nor Ray, and what these print reaches nobody.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from multiprocessing import Pipe
from typing import Any

from exporter.batch.executors.output import Output
from exporter.batch.executors.supervisor import CLOSE, READY, SECONDS_TO_CLEAN_UP
from exporter.batch.executors.task import TaskEvent
from exporter.errors import ExportError
from exporter.verification.process import program_of

_STEP = 0.2  # seconds; Ray's interruption is no signal, and would not end a system call
_PATIENCE = SECONDS_TO_CLEAN_UP + 3.0


class HelperDied(Exception):  # noqa: N818 (its user decides what it means)
    """The helper is gone.

    Attributes:
        lines: the last ones that it printed.
    """

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Helper:
    """A running program.

    Args:
        module: its ``main`` finds a file descriptor and this process' id in ``sys.argv``. It says READY, is sent requests,
            and CLOSE (end all); it answers a request by events, then None, or by an ExportError.
        environment: variables that it needs.
    """

    def __init__(self, module: str, environment: Mapping[str, str]) -> None:
        self._connection, theirs = Pipe()
        self._output = Output()
        self._process = subprocess.Popen(
            program_of(module, str(theirs.fileno()), str(os.getpid())),
            pass_fds=[theirs.fileno()], env={**os.environ, **environment},
            stdin=subprocess.DEVNULL, stdout=self._output.fileno(), stderr=self._output.fileno(),
            start_new_session=True)  # the terminal's Ctrl-C is for the command, which ends this one
        theirs.close()
        self._is_ready = False
        self._is_busy = False

    def run(self, request: object) -> Generator[TaskEvent, None, None]:
        """Has tasks run, and yields what happens. A run that is closed ends the helper as well.

        Raises:
            HelperDied: what ran has ended with it.
            ExportError: the tasks can't be run.
            KeyboardInterrupt: the run was interrupted; what was done nevertheless has been yielded before.
        """
        try:
            self._wait_until_ready()
            self._is_busy = True
            self._send(request)
            while (event := self._receive()) is not None:
                yield event
            self._is_busy = False
        except KeyboardInterrupt:
            yield from self._last_events()
            self.close()
            raise
        finally:
            if self._is_busy:
                self.close()

    def close(self) -> None:
        """Ends the helper and all that it runs, which may clean up; one that has no task yet at once."""
        try:
            if self._is_busy:
                with suppress(OSError):
                    self._connection.send(CLOSE)
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(_PATIENCE)
        finally:  # its jobs end with it, whatever interrupts this
            self._process.kill()
            self._process.wait()
            self._connection.close()
            self._output.close()
            self._is_busy = False

    def _wait_until_ready(self) -> None:
        """Only then is a request sent: a large one would not go through, and could not be taken back."""
        if not self._is_ready:
            message = self._receive()
            assert message == READY
            self._is_ready = True

    def _last_events(self) -> Iterator[TaskEvent]:
        """Lets all that runs clean up and end; yields what comes until then."""
        if not self._is_busy:
            return
        end = time.monotonic() + _PATIENCE
        with suppress(HelperDied, ExportError):
            self._send(CLOSE)
            while self._connection.poll(max(0.0, end - time.monotonic())) and (event := self._receive()) is not None:
                yield event
        self._is_busy = False

    def _send(self, message: Any) -> None:
        try:
            self._connection.send(message)
        except OSError as error:
            raise self._died() from error

    def _receive(self) -> Any:
        try:
            while not self._connection.poll(_STEP):
                pass
            event = self._connection.recv()
        except (EOFError, OSError) as error:
            raise self._died() from error
        if isinstance(event, ExportError):
            raise event
        return event

    def _died(self) -> HelperDied:
        self._process.kill()
        self._process.wait()
        return HelperDied(self._output.last_lines())
