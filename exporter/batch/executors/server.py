"""The server of job processes: it imports TensorFlow once, uses nothing of it, and is forked for every job.

A fork takes ten milliseconds, and has nothing of the jobs before it. The server is a program of its own, not the
``forkserver`` of Python's multiprocessing, because it has to be the head of its jobs: whatever becomes of the command, it
ends them and all that they have started; and it takes neither its environment, nor its folder, nor its output from the
command. Its arguments are a file descriptor and the command's process id.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
import warnings
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any

from exporter.batch.executors.process import JobProcess
from exporter.batch.executors.supervisor import READY, Closed, Supervisor
from exporter.batch.executors.task import Limits, Surroundings, Task
from exporter.batch.executors.worker import Inherited, run_in_fork
from exporter.tensorflow_import import import_tensorflow
from exporter.verification.process import signals_held_back
from exporter.verification.worker import end_with_parent, outlive_parent

# What most jobs import, models aside: those are their users' code.
_IMPORTED = ("exporter.batch.running", "tensorflow.compat.v1", "tf_slim", "tf_keras.legacy_tf_layers.normalization",
             "filelock", "jinja2", "numpy.random", "exporter.formats.inference_graph_text",
             "tensorflow.python.keras.engine.base_layer_v1")


@dataclass(frozen=True)
class Request:
    """Tasks to run; the answers are their events, then None."""

    tasks: list[Task]
    limits: Limits
    surroundings: Surroundings


def main() -> None:
    """Imports TensorFlow, then serves until the command closes or dies."""
    end_with_parent(int(sys.argv[2]))
    connection: Any = Connection(int(sys.argv[1]))
    with signals_held_back():  # the threads that begin here never take any: this one may hold them back around forks
        import_tensorflow()
        for module in _IMPORTED:
            importlib.import_module(module)
    outlive_parent()  # from now on, this process notices, and ends its jobs before itself
    signal.signal(signal.SIGTERM, _end)
    warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)  # OpenBLAS' threads rest
    with suppress(EOFError, OSError, Closed):
        connection.send(READY)
        serve(connection)
    os._exit(0)


def serve(connection: Any) -> None:
    """Answers requests.

    Raises:
        Closed: the command has closed, or died.
        EOFError, OSError: the same, between two requests.
    """
    inherited = Inherited(os.getpid(), connection, os.pipe())
    while True:
        request: Request | str = connection.recv()
        if isinstance(request, str):  # CLOSE, which has crossed the last answer
            raise Closed(in_a_hurry=False)
        start = partial(JobProcess, multiprocessing.get_context("fork"), run_in_fork, request.surroundings, inherited)
        events = Supervisor(request.limits, start, reuse=False, control=connection).run(request.tasks)
        try:
            for event in events:
                connection.send(event)
        finally:
            events.close()
        connection.send(None)


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
