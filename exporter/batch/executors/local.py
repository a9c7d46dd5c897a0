"""Jobs in processes of this machine."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial

from exporter.batch.executors import endings
from exporter.batch.executors.executor import JobEvent, JobFinished, JobStarted
from exporter.batch.executors.helper import Helper, HelperDied
from exporter.batch.executors.memory import estimate
from exporter.batch.executors.process import JobProcess
from exporter.batch.executors.server import Request
from exporter.batch.executors.supervisor import Supervisor
from exporter.batch.executors.task import Limits, RunJob, Surroundings, Task, TaskEvent, TaskFinished, TaskStarted, pack
from exporter.batch.executors.worker import run_spawned
from exporter.batch.job import Job
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
        tasks = [Task(number, pack(self._run, job), estimate(job)) for number, job in enumerate(jobs)]
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
        unfinished = {task.number: task for task in tasks}
        try:
            has_died = True
            while unfinished and has_died:
                has_died = yield from self._served(unfinished, surroundings)
        finally:
            if unfinished or not self._keep_warm:
                self.close()

    def _served(self, unfinished: dict[int, Task], surroundings: Surroundings) -> Generator[TaskEvent, None, bool]:
        """Runs tasks by one server, and removes those that finish. One that dies costs the tasks that ran.

        Returns:
            Whether it died.

        Raises:
            ExportError: it died before it ran any.
        """
        self._server = self._server or Helper(_SERVER, ENVIRONMENT)
        started: dict[int, Task] = {}
        has_served = False
        try:
            for event in self._server.run(Request([*unfinished.values()], self._limits, surroundings)):
                has_served = True
                if isinstance(event, TaskStarted):
                    started[event.number] = unfinished[event.number]
                else:
                    del started[event.number], unfinished[event.number]
                yield event
        except HelperDied as died:
            self.close()
            if not has_served:
                raise _no_server(died) from died
            for number, task in started.items():
                del unfinished[number]
                yield TaskFinished(number, endings.crashed(-signal.SIGKILL, task.memory, died.lines))
            return not (self._limits.fail_fast and started)
        return False


def job_events(events: Iterable[TaskEvent], jobs: Sequence[Job]) -> Iterator[JobEvent]:
    """Turns events of tasks into those of the jobs that have their numbers."""
    for event in events:
        job = jobs[event.number]
        yield JobStarted(job, event.worker) if isinstance(event, TaskStarted) else JobFinished(job, event.result)


def check_limits(workers: int, timeout: float | None) -> None:
    """Raises UsageError where nothing could run."""
    if workers < 1:
        raise UsageError(f"{workers} jobs at a time are none.", "Give --jobs 1 or more.")
    if timeout is not None and not 0 < timeout < float("inf"):
        raise UsageError(f"The timeout {timeout:g} is no number of seconds.", "Give --timeout more than 0.")


def _no_server(died: HelperDied) -> ExportError:
    said = f": {died.lines[-1]}" if died.lines else "."
    return ExportError(f"The process that imports TensorFlow for the jobs died{said}",
                       f"See whether this works: {sys.executable} -c 'import tensorflow'")
