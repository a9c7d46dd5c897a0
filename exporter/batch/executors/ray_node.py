"""What happens on a node of a Ray cluster: a job runs in a process of its own, as on a single machine.

So a crash of the model, or a timeout, is a result, which Ray does not try again; a lost node gives none.
"""

from __future__ import annotations

import functools
import importlib
import pickle
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from exporter.batch.executors.local import LocalExecutor
from exporter.batch.executors.task import Surroundings, Task, TaskFinished, TaskStarted
from exporter.batch.job import FAILED, JobResult
from exporter.errors import ExportError


def run(content: bytes) -> Iterator[bytes]:
    """Runs one task; yields when it starts, and how it finished.

    Args:
        content: Task, timeout and Surroundings, pickled; so are the events.
    """
    task, timeout, surroundings = pickle.loads(content)
    for event in _events(task, timeout, surroundings):
        yield pickle.dumps(event)


def _events(task: Task, timeout: float | None, surroundings: Surroundings) -> Iterator[TaskStarted | TaskFinished]:
    has_started = False
    try:
        with closing(_executor(timeout).run_tasks([task], surroundings)) as events:
            for event in events:
                has_started = True
                yield TaskStarted(event.number, _node_name()) if isinstance(event, TaskStarted) else event
    except ExportError as error:
        if not has_started:
            yield TaskStarted(task.number, _node_name())
        yield TaskFinished(task.number, JobResult(
            FAILED, problem=f"On the node {_node_name()}: {error.problem}", advice=error.advice, exit_code=error.exit_code))


@functools.cache
def _executor(timeout: float | None) -> LocalExecutor:
    """One for each of Ray's processes, which run many tasks; it ends with them."""
    return LocalExecutor(1, timeout, keep_warm=True)


@functools.cache
def _node_name() -> str:
    ray: Any = importlib.import_module("ray")
    return f"{socket.gethostname()} ({ray.util.get_node_ip_address()})"
