"""The program that has a Ray cluster run tasks; its arguments are a file descriptor and the command's process id.

It is a process of its own because Ray prints, handles signals and starts threads as it likes.
"""

from __future__ import annotations

import importlib
import os
import pickle
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from exporter.batch.executors.supervisor import CLOSE, READY, SECONDS_TO_CLEAN_UP
from exporter.batch.executors.task import Limits, Surroundings, Task, TaskEvent, TaskFinished, TaskStarted
from exporter.batch.job import FAILED, JobResult
from exporter.errors import ExportError, UsageError, reason
from exporter.verification.worker import end_with_parent, outlive_parent

_SECONDS_TO_CONNECT = 60
_LOOK_AROUND = 0.1  # seconds between two looks at what the command wants


@dataclass(frozen=True)
class RayRequest:
    """Tasks to run; the answers are their events, then None.

    Attributes:
        limits: `workers` are tasks at a time, 0 for as many as the cluster has processors; `memory` is unused.
        address: ``host:port`` of a cluster; None for the one of this machine, or a new one that ends with the run.
        retries: how often a task is tried again whose node was lost.
    """

    tasks: list[Task]
    limits: Limits
    surroundings: Surroundings
    address: str | None
    retries: int


@dataclass
class _Running:
    task: Task
    has_started: bool = False


def main() -> None:
    """Connects to the cluster and runs the tasks of one request."""
    end_with_parent(int(sys.argv[2]))
    connection: Any = Connection(int(sys.argv[1]))
    with suppress(EOFError, OSError):
        connection.send(READY)
        request = connection.recv()
        try:
            with _time_limit(connection):
                ray = _connect(request.address)
            outlive_parent()  # from now on, this process notices, and cancels what runs
            try:
                with closing(_run(ray, request, connection)) as events:
                    for event in events:
                        connection.send(event)
            finally:
                ray.shutdown()
            connection.send(None)
        except ExportError as error:
            connection.send(error)
    os._exit(0)


@contextmanager
def _time_limit(connection: Any) -> Iterator[None]:
    """Ends the program where Ray waits for a cluster that is gone, or can't be reached from here."""
    def give_up() -> None:
        connection.send(UsageError(f"The Ray cluster did not answer within {_SECONDS_TO_CONNECT} s.",
                                   "See whether `ray status` works on this machine."))
        os._exit(1)

    timer = threading.Timer(_SECONDS_TO_CONNECT, give_up)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _connect(address: str | None) -> Any:
    """Returns the module, connected.

    Raises:
        UsageError: there is no cluster at the address.
    """
    ray: Any = importlib.import_module("ray")
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    try:
        ray.init(address=address or "auto", **quiet)
    except Exception as error:
        if address is not None:
            raise UsageError(f"No Ray cluster can be reached at {address}: {reason(error)}",
                             "Give the address that `ray start --head` has printed, host:port.") from error
        ray.init(address="local", include_dashboard=False, _node_ip_address="127.0.0.1", **quiet)
    return ray


def _run(ray: Any, request: RayRequest, control: Any) -> Generator[TaskEvent, None, None]:
    waiting = deque(request.tasks)
    running: dict[Any, _Running] = {}
    submit = _submitter(ray, request)
    gently = False
    try:
        while waiting or running:
            while waiting and len(running) < _most_at_a_time(ray, request.limits):
                task = waiting.popleft()
                running[submit(task)] = _Running(task)
            ready, _ = ray.wait([*running], num_returns=1, timeout=_LOOK_AROUND)
            for stream in ready:
                for event in _news(ray, stream, running, request.retries):
                    if request.limits.fail_fast and isinstance(event, TaskFinished) and event.result.status == FAILED:
                        waiting.clear()
                    yield event
            if control.poll():
                gently = control.recv() == CLOSE  # EOFError: the command is gone
                return
    finally:
        _cancel(ray, [*running], gently)


def _most_at_a_time(ray: Any, limits: Limits) -> int:
    return limits.workers or max(1, int(ray.cluster_resources().get("CPU", 1)))


def _submitter(ray: Any, request: RayRequest) -> Callable[[Task], Any]:
    """Returns what hands a task to the cluster, and returns the stream of its events."""
    packages = request.surroundings.packages

    def run_on_node(content: bytes) -> Iterator[bytes]:  # Ray pickles a nested function by its code, not by its name
        """Runs a packed task on the node; yields its events, pickled."""
        import sys

        sys.path += [path for path in packages if path not in sys.path]
        from exporter.batch.executors.ray_node import run

        yield from run(content)

    largest = max((node["Resources"].get("memory", 0) for node in ray.nodes() if node["Alive"]), default=0)
    remote = ray.remote(num_returns="streaming", num_cpus=1, max_retries=request.retries)(run_on_node)

    def submit(task: Task) -> Any:
        content = pickle.dumps((task, request.limits.timeout, request.surroundings))
        return remote.options(memory=min(task.memory, largest)).remote(content)

    return submit


def _news(ray: Any, stream: Any, running: dict[Any, _Running], retries: int) -> Iterator[TaskEvent]:
    """Yields the next event of a task; one that is lost gets events that say why."""
    run = running[stream]
    try:
        event: TaskEvent = pickle.loads(ray.get(next(stream)))
    except StopIteration:
        event = TaskFinished(run.task.number, _lost("it ended without a result", retries))
    except ray.exceptions.RayError as error:
        event = TaskFinished(run.task.number, _lost(reason(error), retries))
    if isinstance(event, TaskFinished):
        if not run.has_started:
            yield TaskStarted(run.task.number, "no node")
        del running[stream]
    run.has_started = True
    yield event


def _lost(cause: str, retries: int) -> JobResult:
    return JobResult(FAILED, problem=f"Ray lost the job, after {retries} further attempts: {cause}",
                     advice="Run the batch again.", exit_code=ExportError.exit_code)


def _cancel(ray: Any, streams: list[Any], gently: bool) -> None:
    """Ends what runs, which may clean up before, where ``gently``."""
    for stream in streams if gently else ():
        ray.cancel(stream, force=False)
    end = time.monotonic() + SECONDS_TO_CLEAN_UP
    while gently and streams and time.monotonic() < end:
        ready, _ = ray.wait(streams, num_returns=1, timeout=_LOOK_AROUND)
        streams = [stream for stream in streams if stream not in ready or not _is_over(ray, stream)]
    for stream in streams:
        ray.cancel(stream, force=True)


def _is_over(ray: Any, stream: Any) -> bool:
    try:
        ray.get(next(stream))
    except StopIteration:
        return True
    except ray.exceptions.RayError:
        return True
    return False
