"""Ctrl-C, and a polite end from outside: the command cleans up, says so in one line, and exits with 128 + the signal."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_LEAVE_AT_ONCE = 3


class Interruption(KeyboardInterrupt):
    """A signal asked the command to end.

    Attributes:
        exit_code: 128 + the signal's number, as shells have it.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"signal {number}")
        self.exit_code = 128 + number


class Interruptions:
    """Raises an Interruption where the process stands when a signal comes. Signals that are ignored stay so (``nohup``).

    Another signal is ignored while the first one cleans up; it raises again where code swallowed the first; the third
    leaves at once, and the next export removes what is left.
    """

    def __init__(self) -> None:
        self._count = 0
        for number in _SIGNALS:
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                signal.signal(number, self._interrupt)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._count += 1
        if self._count == _LEAVE_AT_ONCE:
            os._exit(128 + number)
        if interruption(sys.exc_info()[1]) is None:
            raise Interruption(number)


def interruption(error: BaseException | None) -> KeyboardInterrupt | None:
    """Returns the interruption that ``error`` is or came from, if any: imports may turn it into an ImportError."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return error
        error = error.__cause__ or error.__context__
    return None
