"""What happens in a process that runs jobs."""

from __future__ import annotations

import faulthandler
import fcntl
import gc
import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from types import FrameType
from typing import Any

from exporter.batch.executors import endings
from exporter.batch.executors.output import Output
from exporter.batch.executors.task import Surroundings
from exporter.batch.job import JobResult
from exporter.tensorflow_import import import_tensorflow
from exporter.verification.process import ENVIRONMENT, let_signals_through
from exporter.verification.worker import end_with_parent


@dataclass(frozen=True)
class Inherited:
    """What a fork has of the server.

    Attributes:
        server: the server's process id.
        control: the server's connection to the command.
        lifeline: descriptors of a pipe, to read and to write, that nobody writes to: it closes when the server ends.
    """

    server: int
    control: Any
    lifeline: tuple[int, int]


_OBJECTS_BETWEEN_COLLECTIONS = 100_000
"""Graphs are made of objects that stay: looking among them for garbage as often as Python does takes 5 % of a small job."""


def run_in_fork(connection: Any, output: Output, surroundings: Surroundings, inherited: Inherited) -> None:
    """Runs one job, in a fork of the server that has imported TensorFlow.

    Args:
        connection: brings the job, takes the result.
        output: takes what is printed.
        surroundings: of the command.
        inherited: what the server has open.
    """
    with _ended_by_sigterm():
        _separate(output)
        inherited.control.close()
        _end_group_with_server(*inherited.lifeline)
        end_with_parent(inherited.server)
        gc.freeze()  # a collection would copy the pages of all that was inherited
        gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
        _serve_one(connection, surroundings, is_fresh_fork=True)
    os._exit(0)  # the result is sent; TensorFlow would take a third of a second to be torn down


def _end_group_with_server(lifeline: int, servers_end: int) -> None:
    """Lets the system kill this process and all that it starts when the server is killed, which can't end them then.

    A pipe sends the signal of its choice when its last writer is gone (fcntl(2), F_SETSIG).
    """
    os.close(servers_end)
    with suppress(OSError):  # some systems that run Linux programs have no such signals
        own = os.open(f"/proc/self/fd/{lifeline}", os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(own, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(own, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(own, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)


def run_spawned(connection: Any, output: Output, surroundings: Surroundings) -> None:
    """Imports TensorFlow, then runs jobs until the other side closes. Arguments as above."""
    with _ended_by_sigterm():
        _separate(output)
        threading.Thread(target=_end_with_the_command, daemon=True).start()
        os.environ.update(ENVIRONMENT)
        import_tensorflow()
        while True:
            try:
                _serve_one(connection, surroundings, is_fresh_fork=False)
            except (EOFError, OSError):
                os._exit(0)


class _Interrupted(KeyboardInterrupt):
    """SIGTERM has come, not what a model's code may raise itself."""


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Ends the process as SIGTERM does by default, but after all that was begun is cleaned up."""
    try:
        yield
    except _Interrupted:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)


def _separate(output: Output) -> None:
    """Makes the process the head of its own group, which can be ended as a whole; the terminal's Ctrl-C isn't for it."""
    os.setsid()
    output.take()
    faulthandler.enable(all_threads=False)
    signal.signal(signal.SIGTERM, _interrupt)
    let_signals_through()


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)
    raise _Interrupted


def _end_with_the_command() -> None:
    """Ends the process and all that it has started when the command is gone."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os.killpg(0, signal.SIGKILL)


def _serve_one(connection: Any, surroundings: Surroundings, is_fresh_fork: bool) -> None:
    content, memory = connection.recv()
    surroundings.enter()
    connection.send_bytes(_run(content, memory, is_fresh_fork))


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
    except _Interrupted:
        raise
    except KeyboardInterrupt:
        return pickle.dumps(endings.interrupted_itself())
    except Exception as error:
        traceback.print_exc()
        return pickle.dumps(endings.bug(error))
