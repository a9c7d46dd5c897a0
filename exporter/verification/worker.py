"""The program of the verification process; its arguments are a file descriptor, then "quiet" or "debug"."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import Any

from exporter.tensorflow_import import import_tensorflow
from exporter.verification.memory import keep_freed_memory
from exporter.verification.process import let_signals_through, serve

_PR_SET_PDEATHSIG = 1  # linux/include/uapi/linux/prctl.h


def main() -> None:
    """Imports TensorFlow, then serves."""
    keep_freed_memory()
    connection = Connection(int(sys.argv[1]))
    _end_with_the_exporter(connection)
    import_tensorflow(quiet=sys.argv[2] == "quiet")
    serve(connection)


def serve_in_fork(connection: Any, others: Any, parent: int) -> None:
    """Serves in a fork of the exporting process.

    Args:
        connection: this side's end.
        others: the exporting process' end, which was inherited.
        parent: the exporting process' id.
    """
    others.close()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the exporting process may have a handler, to clean up
    let_signals_through()
    end_with_parent(parent)
    keep_freed_memory()
    _end_with_the_exporter(connection)
    serve(connection)


def end_with_parent(parent: int) -> None:
    """Lets the system kill this process when its parent ends, whose id is ``parent``. Linux only: elsewhere nothing."""
    _set_signal_at_parents_end(signal.SIGKILL)
    if os.getppid() != parent:  # it was gone already
        os._exit(1)


def outlive_parent() -> None:
    """Undoes `end_with_parent`."""
    _set_signal_at_parents_end(0)


def _set_signal_at_parents_end(number: int) -> None:
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, int(number))


def _end_with_the_exporter(connection: Any) -> None:
    """Ends the process, whatever it is busy with, when the exporting one is gone: killed, it can't end this one itself."""
    threading.Thread(target=_wait_for_hang_up, args=[connection.fileno()], daemon=True).start()


def _wait_for_hang_up(descriptor: int) -> None:
    poll = select.poll()
    poll.register(descriptor, 0)  # a hang-up is reported in any case
    poll.poll()
    os._exit(1)
