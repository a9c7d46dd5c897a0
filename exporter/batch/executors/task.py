"""A job on its way into a process, and the news of it on the way back."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from exporter.batch.executors.memory import estimate
from exporter.batch.job import Job, JobResult
from exporter.errors import ExportError
from exporter.options.loading import code_arguments
from exporter.tensorflow_1_code import find_tensorflow_1_code

RunJob = Callable[[Job, bool], JobResult]
"""Runs a job; the second argument says whether its process is a fresh fork, which may be forked again."""


@dataclass(frozen=True)
class Task:
    """A job as its process gets it.

    Attributes:
        number: of the job, within one run.
        content: function and job, pickled: nothing that they name is imported but in the job's own process.
        memory: the estimated peak, in bytes.
        own_process: whether it gets a process that no other job has run in, or will.
    """

    number: int
    content: bytes
    memory: int
    own_process: bool = False


@dataclass(frozen=True)
class TaskStarted:
    """A task has begun, in a process that is called ``worker``."""

    number: int
    worker: str


@dataclass(frozen=True)
class TaskFinished:
    """A task has ended, one way or the other."""

    number: int
    result: JobResult


TaskEvent = TaskStarted | TaskFinished


@dataclass(frozen=True)
class Limits:
    """What tasks may use.

    Attributes:
        workers: how many run at a time.
        timeout: seconds for one of them; None for as long as it takes.
        memory: bytes for all that run; None for what is available when the first one starts.
        fail_fast: start none after the first one that fails.
    """

    workers: int
    timeout: float | None = None
    memory: int | None = None
    fail_fast: bool = False


@dataclass(frozen=True)
class Surroundings:
    """What relative paths and names of modules mean: the current directory, and where Python looks for packages."""

    directory: str
    packages: tuple[str, ...]

    @classmethod
    def here(cls) -> Surroundings:
        """Returns this process' own."""
        return cls(os.getcwd(), tuple(sys.path))

    def enter(self) -> None:
        """Makes them this process' own; a directory that is gone is left to whatever needs it."""
        with suppress(OSError):
            os.chdir(self.directory)
        sys.path[:] = self.packages


def tasks_for(jobs: Sequence[Job], run: RunJob) -> list[Task]:
    """Returns the jobs as tasks, which have their indices as numbers."""
    is_tensorflow_1 = cache(_is_tensorflow_1)
    return [Task(number, pack(run, job), estimate(job), is_tensorflow_1(*code_arguments(job.options)))
            for number, job in enumerate(jobs)]


def _is_tensorflow_1(*arguments: Any) -> bool:
    """Whether code switches the process that it is imported in to TensorFlow 1, see `exporter.tf1.surface`."""
    try:
        return find_tensorflow_1_code(*arguments) is not None
    except ExportError:
        return True  # the job will say so


def pack(run: RunJob, job: Job) -> bytes:
    """Returns the content of a task."""
    return pickle.dumps((run, job))
