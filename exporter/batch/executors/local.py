"""Jobs in processes of this machine."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial

from exporter.batch.executors import endings
from exporter.batch.executors.executor import JobEvent, JobFinished, JobStarted
from exporter.batch.executors.helper import Helper, HelperDied
from exporter.batch.executors.process import JobProcess
from exporter.batch.executors.server import Request
from exporter.batch.executors.supervisor import Supervisor
from exporter.batch.executors.task import (
    Limits,
    RunJob,
    Surroundings,
    Task,
    TaskEvent,
    TaskFinished,
    TaskStarted,
    tasks_for,
)
from exporter.batch.executors.worker import run_spawned
from exporter.batch.job import FAILED, Job
from exporter.batch.running import run_job
from exporter.errors import ExportError, UsageError
from exporter.verification.process import ENVIRONMENT

_SERVER = "exporter.batch.executors.server"
FORKSERVER, SPAWN = "forkserver", "spawn"


class LocalExecutor:
    """Runs jobs in processes of their own, each the head of a session of its own.

    This process never imports TensorFlow. On Linux, one server imports it and is forked for every job, so that a job costs
    little and has nothing of the jobs before it. Elsewhere, every worker imports it once and serves many jobs.

    Args:
        workers: how many jobs run at a time.
        timeout: seconds for one job; None for as long as it takes.
        memory: bytes for all jobs that run; None for what is available when the first one starts. A job whose estimate is
            larger runs alone.
        run: runs one job; its module is imported in the job's process.
        start_method: "forkserver" or "spawn"; None for the first where it is safe.
        keep_warm: keep the server for the next run; `close` ends it.
        fail_fast: start no job after the first one that fails.

    Raises:
        UsageError: a number is out of its range.
    """

    def __init__(self, workers: int, timeout: float | None = None, memory: int | None = None, run: RunJob = run_job,
                 start_method: str | None = None, keep_warm: bool = False, fail_fast: bool = False) -> None:
        check_limits(workers, timeout)
        self._limits = Limits(workers, timeout, memory, fail_fast)
        self._run = run
        self._start_method = start_method or (FORKSERVER if sys.platform == "linux" else SPAWN)
        self._keep_warm = keep_warm
        self._server: Helper | None = None

    def run(self, jobs: Sequence[Job]) -> Generator[JobEvent, None, None]:
        """Runs the jobs, see `exporter.batch.executors.executor.Executor`.

        Raises:
            ExportError: TensorFlow can't be imported.
        """
        tasks = tasks_for(jobs, self._run)
        with closing(self.run_tasks(tasks, Surroundings.here())) as events:
            yield from job_events(events, jobs)

    def run_tasks(self, tasks: list[Task], surroundings: Surroundings) -> Generator[TaskEvent, None, None]:
        """The same for jobs that are packed already.

        Args:
            tasks: their numbers differ.
            surroundings: what relative paths and names of modules mean to them.

        Raises:
            ExportError: TensorFlow can't be imported.
        """
        return (self._forked if self._start_method == FORKSERVER else self._spawned)(tasks, surroundings)

    def close(self) -> None:
        """Ends the server that was kept, if any."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def _spawned(self, tasks: list[Task], surroundings: Surroundings) -> Generator[TaskEvent, None, None]:
        start = partial(JobProcess, multiprocessing.get_context("spawn"), run_spawned, surroundings)
        yield from Supervisor(self._limits, start, reuse=True).run(tasks)

    def _forked(self, tasks: list[Task], surroundings: Surroundings) -> Generator[TaskEvent, None, None]:
        """Runs tasks by a server. Those that ran when it died are tried once more: any of them may be what has killed it."""
        account = _Account(tasks)
        is_done = False
        try:
            while account.waiting and not (self._limits.fail_fast and account.has_failed):
                try:
                    yield from account.noted(self._served([*account.waiting.values()], surroundings))
                    break
                except HelperDied:
                    lost = [*account.running.values()]
                for task in lost:
                    yield from account.noted(self._again(task, surroundings))
            is_done = True
        finally:
            if not (is_done and self._keep_warm):
                self.close()

    def _again(self, task: Task, surroundings: Surroundings) -> Iterator[TaskEvent]:
        """Runs a task alone, so that it costs itself only where the server dies again; its start has been told before."""
        has_finished = False
        try:
            for event in self._served([task], surroundings):
                if isinstance(event, TaskFinished):
                    has_finished = True
                    yield event
        except HelperDied as died:
            if not has_finished:
                yield TaskFinished(task.number, endings.server_died(task.memory, died.lines))

    def _served(self, tasks: list[Task], surroundings: Surroundings) -> Generator[TaskEvent, None, None]:
        """Runs tasks by one server.

        Raises:
            HelperDied: it died.
            ExportError: it died before it ran any.
        """
        self._server = self._server or Helper(_SERVER, ENVIRONMENT)
        has_served = False
        try:
            for event in self._server.run(Request(tasks, self._limits, surroundings)):
                has_served = True
                yield event
        except HelperDied as died:
            self.close()
            if not has_served:
                raise _no_server(died) from died
            raise


class _Account:
    """What has become of tasks so far.

    Attributes:
        waiting: those that have not begun, by number, in their order.
        running: those that have begun and not finished.
        has_failed: whether one of those that finished did.
    """

    def __init__(self, tasks: Iterable[Task]) -> None:
        self.waiting = {task.number: task for task in tasks}
        self.running: dict[int, Task] = {}
        self.has_failed = False

    def noted(self, events: Iterable[TaskEvent]) -> Iterator[TaskEvent]:
        """Yields the events, after each was noted."""
        for event in events:
            if isinstance(event, TaskStarted):
                self.running[event.number] = self.waiting.pop(event.number)
            else:
                del self.running[event.number]
                self.has_failed |= event.result.status == FAILED
            yield event


def job_events(events: Iterable[TaskEvent], jobs: Sequence[Job]) -> Iterator[JobEvent]:
    """Turns events of tasks into those of the jobs that have their numbers."""
    for event in events:
        job = jobs[event.number]
        yield JobStarted(job, event.worker) if isinstance(event, TaskStarted) else JobFinished(job, event.result)


def check_limits(workers: int, timeout: float | None) -> None:
    """Raises UsageError where nothing could run."""
    if workers < 1:
        raise UsageError(f"--jobs {workers} is no number of jobs.", "Give 1 or more.")
    if timeout is not None and not 0 < timeout < float("inf"):
        raise UsageError(f"--timeout {timeout:g} is no time to wait.", "Give a number of seconds above 0.")


def _no_server(died: HelperDied) -> ExportError:
    said = f": {died.lines[-1]}" if died.lines else "."
    return ExportError(f"The process that imports TensorFlow for the jobs died{said}",
                       f"See whether this works: {sys.executable} -c 'import tensorflow'")
