"""What there is to do: the jobs of a plan that have to run, and those of which the result is known already."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from exporter.batch.failing import failed_result
from exporter.batch.job import Job, JobResult
from exporter.batch.plan.obstacles import ObstacleCheck
from exporter.batch.plan.planning import Plan
from exporter.batch.plan.up_to_date import UpToDateCheck
from exporter.errors import ExportError, UsageError
from exporter.formats.format import DEFAULT_FORMATS, find_format

FORCED = "--force"
_CHECKS_AT_A_TIME = 8
_CHECKED_IN_A_GO = 50
_MOST_NAMED = 8


@dataclass(frozen=True)
class Work:
    """The jobs of a batch.

    Attributes:
        jobs: all of them, in the order of the configuration; those that have to run with their reasons.
        known: by name, the results of those that have not: up to date, or failed already.
    """

    jobs: tuple[Job, ...]
    known: Mapping[str, JobResult]

    @property
    def to_run(self) -> tuple[Job, ...]:
        """The jobs that have to run."""
        return tuple(job for job in self.jobs if job.name not in self.known)


def find_work(plan: Plan, only: Sequence[str] = (), force: bool = False, with_reports: bool = False) -> Work:
    """Compares the plan with the exports that are there.

    Args:
        plan: the jobs of all configurations.
        only: patterns (``*``, ``?``, ``[...]``) of names; empty for all.
        force: run every job, whatever is there.
        with_reports: ask every job for ``report.html``.

    Raises:
        UsageError: a pattern matches no job.
    """
    jobs = _chosen(plan.jobs, only)
    if with_reports:
        jobs = [replace(job, options=replace(job.options, report=True)) for job in jobs]
    check, obstacles = UpToDateCheck(), ObstacleCheck()

    def check_all(some: Sequence[Job]) -> list[tuple[str, ...] | JobResult]:
        return [plan.failed.get(job.name) or _checked(job, check, obstacles, force) for job in some]

    groups = [jobs[start:start + _CHECKED_IN_A_GO] for start in range(0, len(jobs), _CHECKED_IN_A_GO)]
    with ThreadPoolExecutor(_CHECKS_AT_A_TIME) as pool:
        checked = itertools.chain.from_iterable(pool.map(check_all, groups))
        outcomes = dict(zip((job.name for job in jobs), checked, strict=True))
    known = {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, JobResult)}
    return Work(tuple(replace(job, reasons=reasons) if isinstance(reasons := outcomes[job.name], tuple) else job
                      for job in jobs), known)


def most_bytes(job: Job) -> int:
    """Returns the bytes of weights that an export will have at most: a checkpoint's optimizer slots are left out of it."""
    formats = set(job.options.formats or DEFAULT_FORMATS)
    if job.options.optimize_for_inference:
        formats.add("optimized_graph")
    return job.checkpoint_size * sum(find_format(name).is_runnable for name in formats)


def _chosen(jobs: Sequence[Job], only: Sequence[str]) -> list[Job]:
    for pattern in only:
        if not any(_matches(job.name, pattern) for job in jobs):
            names = ", ".join(job.name for job in jobs[:_MOST_NAMED])
            more = f" and {len(jobs) - _MOST_NAMED} more" if len(jobs) > _MOST_NAMED else ""
            raise UsageError(f"--only {pattern!r} matches no job.", f"Their names: {names}{more}.")
    return [job for job in jobs if not only or any(_matches(job.name, pattern) for pattern in only)]


def _matches(name: str, pattern: str) -> bool:
    return name == pattern or fnmatchcase(name, pattern)


def _checked(job: Job, check: UpToDateCheck, obstacles: ObstacleCheck, force: bool) -> tuple[str, ...] | JobResult:
    """The reasons to run a job, or its result: up to date, or failed where it can be seen that it would."""
    try:
        comparison = check.compare(job)
        if comparison.result is not None and not force:
            return comparison.result
        obstacles.check(job)
    except ExportError as error:
        return failed_result(error)
    return comparison.reasons or (FORCED,)
