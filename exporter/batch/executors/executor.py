"""What every executor does: take jobs, tell what happens to them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

from exporter.batch.job import Job, JobResult


@dataclass(frozen=True)
class JobStarted:
    """A job has begun, on a worker that is called ``worker``."""

    job: Job
    worker: str


@dataclass(frozen=True)
class JobFinished:
    """A job has ended, one way or the other."""

    job: Job
    result: JobResult


JobEvent = JobStarted | JobFinished


class Executor(Protocol):
    """Runs jobs. A job that fails, crashes its process or takes too long costs itself only."""

    def run(self, jobs: Sequence[Job]) -> Generator[JobEvent, None, None]:
        """Runs the jobs, in their order as far as workers are free; yields events as they come.

        Every job finishes exactly once; where the executor is to fail fast, those do not that had not started at the first
        failure. Closing the generator, or an exception in it (Ctrl-C), ends the running jobs and everything that they have
        started.
        """
