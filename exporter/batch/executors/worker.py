"""What happens in a process that runs jobs."""

from __future__ import annotations

import faulthandler
import gc
import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from multiprocessing.connection import wait
from types import FrameType
from typing import Any

from exporter.batch.executors import endings
from exporter.batch.executors.output import Output
from exporter.batch.executors.task import Surroundings
from exporter.batch.job import JobResult
from exporter.tensorflow_import import import_tensorflow
from exporter.verification.process import ENVIRONMENT
from exporter.verification.worker import end_with_parent


def run_in_fork(connection: Any, output: Output, surroundings: Surroundings, control: Any,
                server: int) -> None:
    """Runs one job, in a fork of the server that has imported TensorFlow.

    Args:
        connection: brings the job, takes the result.
        output: takes what is printed.
        surroundings: of the command.
        control: the server's connection to the command, which was inherited.
        server: the server's id.
    """
    _separate(output)
    end_with_parent(server)
    control.close()
    gc.freeze()  # a collection would copy the pages of all that was inherited
    _serve_one(connection, surroundings, is_fresh_fork=True)
    os._exit(0)  # the result is sent; TensorFlow would take a third of a second to be torn down


def run_spawned(connection: Any, output: Output, surroundings: Surroundings) -> None:
    """Imports TensorFlow, then runs jobs until the other side closes. Arguments as above."""
    _separate(output)
    threading.Thread(target=_end_with_the_command, daemon=True).start()
    os.environ.update(ENVIRONMENT)
    import_tensorflow()
    while True:
        try:
            _serve_one(connection, surroundings, is_fresh_fork=False)
        except (EOFError, OSError):
            os._exit(0)


def _separate(output: Output) -> None:
    """Makes the process the head of its own group, which can be ended as a whole; the terminal's Ctrl-C isn't for it."""
    os.setsid()
    output.take()
    faulthandler.enable(all_threads=False)
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _end_with_the_command() -> None:
    """Ends the process and all that it has started when the command is gone."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os.killpg(0, signal.SIGKILL)


def _serve_one(connection: Any, surroundings: Surroundings, is_fresh_fork: bool) -> None:
    content, memory = connection.recv()
    try:
        surroundings.enter()
        connection.send_bytes(_run(content, memory, is_fresh_fork))
    except KeyboardInterrupt:  # all that was begun is cleaned up
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)


def _run(content: bytes, memory: int, is_fresh_fork: bool) -> bytes:
    """Runs the job and returns its result, pickled; the edge where everything that its code may raise is caught."""
    try:
        run, job = pickle.loads(content)
        result: JobResult = run(job, is_fresh_fork)
        if not isinstance(result, JobResult):
            raise TypeError(f"a job gave {result!r:.80} in place of a JobResult")
        return pickle.dumps(result)
    except MemoryError:
        return pickle.dumps(endings.out_of_memory(memory))
    except SystemExit as error:
        return pickle.dumps(endings.left(error.code))
    except Exception as error:
        traceback.print_exc()
        return pickle.dumps(endings.bug(error))
