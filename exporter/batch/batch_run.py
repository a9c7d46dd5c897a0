"""Running what there is to do, and keeping account of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

from exporter.batch.executors.executor import Executor, JobEvent, JobFinished
from exporter.batch.job import FAILED, SKIPPED, Job, JobResult
from exporter.batch.plan.work import Work
from exporter.publish import remove_leftovers
from exporter.storage.places import is_remote, local_path

_INTERRUPTED = JobResult(SKIPPED, problem="interrupted", advice="Run it again.")
_FAILED_FAST = JobResult(SKIPPED, problem="another job failed before (--fail_fast)", advice="Run it again.")


class BatchRun:
    """The jobs of a batch and what has become of them so far.

    Args:
        work: what there is to do.
        executor: runs the jobs.
        fail_fast: whether the executor starts no job after the first one that fails; then none is, where one has already.
    """

    def __init__(self, work: Work, executor: Executor, fail_fast: bool = False) -> None:
        self._work = work
        self._executor = executor
        self._fail_fast = fail_fast
        self._results = dict(work.known)

    def run(self, show: Callable[[JobEvent], None]) -> None:
        """Runs the jobs; ``show`` is told of each that starts and ends. What ended before an exception is kept."""
        if self._has_stopped():
            return
        with closing(self._executor.run(self._work.to_run)) as events:
            for event in events:
                show(event)
                if isinstance(event, JobFinished):
                    self._results[event.job.name] = event.result
                    _clean_up_after(event.job, event.result)

    def results(self) -> Iterator[tuple[Job, JobResult]]:
        """Yields every job of the batch, in the order of the configuration, with its result: those without were skipped."""
        missing = _FAILED_FAST if self._has_stopped() else _INTERRUPTED
        for job in self._work.jobs:
            yield job, self._results.get(job.name, missing)

    def _has_stopped(self) -> bool:
        return self._fail_fast and any(result.status == FAILED for result in self._results.values())


def _clean_up_after(job: Job, result: JobResult) -> None:
    """A process that crashed or was killed could not do it itself."""
    output = job.options.output_directory
    if result.status == FAILED and output and not is_remote(output):
        remove_leftovers(Path(local_path(output)))


def report_directory(jobs: Iterable[Job]) -> str:
    """Returns the directory that holds all local outputs: the place for what is said of all of them.

    The current directory where there are none, or where nothing but the root holds them all.
    """
    outputs = {local_path(place) for job in jobs if (place := job.options.output_directory) and not is_remote(place)}
    if not outputs:
        return os.curdir
    common = os.path.commonpath([os.path.dirname(os.path.abspath(output)) for output in outputs])
    return os.curdir if common == os.path.dirname(common) else os.path.relpath(common)
