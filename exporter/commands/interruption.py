"""Ctrl-C, and a polite end from outside: the command cleans up, says so in one line, and exits with 128 + the signal."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import Counter
from types import FrameType

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_LEAVE_AT_ONCE = 3
_PATIENCE = 0.1


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

    The system may hand a signal to any thread of the process, one of TensorFlow's own too. Python then only notes it, and
    a main thread that waits in a system call would go on waiting. So a thread reads the notes (`signal.set_wakeup_fd`) and
    passes a signal that was not raised in time on to the main thread.
    """

    def __init__(self) -> None:
        self._raised: Counter[int] = Counter()
        notes, write = os.pipe()
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        threading.Thread(target=self._pass_on, args=(notes, threading.get_ident()), daemon=True).start()
        for number in _SIGNALS:
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                signal.signal(number, self._interrupt)

    def _pass_on(self, notes: int, main_thread: int) -> None:
        noted: Counter[int] = Counter()
        while True:
            number = os.read(notes, 1)[0]
            noted[number] += 1
            time.sleep(_PATIENCE)
            if self._raised[number] < noted[number] and signal.getsignal(number) == self._interrupt:
                noted[number] -= 1  # it will be noted again
                signal.pthread_kill(main_thread, number)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._raised[number] += 1
        if self._raised.total() == _LEAVE_AT_ONCE:
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
