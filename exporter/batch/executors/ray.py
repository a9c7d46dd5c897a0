"""Jobs on a Ray cluster."""

from __future__ import annotations

import importlib.util
import socket
from collections.abc import Generator, Sequence
from contextlib import closing

from exporter.batch.executors.executor import JobEvent
from exporter.batch.executors.helper import Helper, HelperDied
from exporter.batch.executors.local import check_limits, job_events
from exporter.batch.executors.ray_driver import RayRequest
from exporter.batch.executors.task import Limits, RunJob, Surroundings, Task, TaskEvent, tasks_for
from exporter.batch.job import Job
from exporter.batch.running import run_job
from exporter.errors import ExportError, UsageError

_DRIVER = "exporter.batch.executors.ray_driver"
_ENVIRONMENT = {"RAY_USAGE_STATS_ENABLED": "0"}
_SECONDS_TO_CONNECT = 5.0


class RayExecutor:
    """Runs jobs on the nodes of a Ray cluster, with the same events and results as `LocalExecutor`.

    Every job runs in a process of its own on its node. A crash or a timeout costs the job; the jobs of a lost node are run
    again on another. Nodes have this package, at the same version, and a file system in common with this machine: relative
    paths, and names of modules, mean there what they mean here.

    Args:
        address: ``host:port`` of the cluster; None for the one that runs on this machine, else a new one that ends with the
            run.
        workers: jobs at a time; None for as many as the cluster has processors.
        timeout: seconds for one job; None for as long as it takes.
        retries: how often a job is run again whose node was lost.
        run: runs one job; its module is imported in the job's process.
        fail_fast: start no job after the first one that fails.

    Raises:
        UsageError: Ray is not installed, nothing answers at the address, or a number is out of its range.
    """

    def __init__(self, address: str | None = None, workers: int | None = None, timeout: float | None = None,
                 retries: int = 3, run: RunJob = run_job, fail_fast: bool = False) -> None:
        check_limits(1 if workers is None else workers, timeout)
        if importlib.util.find_spec("ray") is None:
            raise UsageError("Ray is not installed.", "pip install 'tensorflow-exporter[ray]'")
        if address is not None:
            _check_address(address)
        self._address = address
        self._limits = Limits(workers or 0, timeout, fail_fast=fail_fast)
        self._retries = retries
        self._run = run
        self._driver: Helper | None = None

    def run(self, jobs: Sequence[Job]) -> Generator[JobEvent, None, None]:
        """Runs the jobs, see `exporter.batch.executors.executor.Executor`.

        Raises:
            UsageError: there is no cluster at the address.
            ExportError: the connection to it broke.
        """
        if not jobs:
            return
        tasks = tasks_for(jobs, self._run)
        with closing(self._events(tasks)) as events:
            yield from job_events(events, jobs)

    def _events(self, tasks: list[Task]) -> Generator[TaskEvent, None, None]:
        self._driver = Helper(_DRIVER, _ENVIRONMENT)
        try:
            yield from self._driver.run(RayRequest(tasks, self._limits, Surroundings.here(), self._address, self._retries))
        except HelperDied as died:
            said = f": {died.lines[-1]}" if died.lines else "."
            raise ExportError(f"The connection to the Ray cluster broke{said}", "Run the batch again.") from died
        finally:
            self._driver.close()
            self._driver = None


def _check_address(address: str) -> None:
    """Raises UsageError where nothing answers, within seconds: Ray itself takes minutes."""
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdigit():
        raise UsageError(f"The Ray address {address!r} is not of the form host:port.",
                         "Run the command on a machine of the cluster, with the address of `ray start --head`.")
    try:
        socket.create_connection((host, int(port)), _SECONDS_TO_CONNECT).close()
    except (OSError, OverflowError) as error:
        raise UsageError(f"Nothing answers at the Ray address {address}: {error}.",
                         "Give the address that `ray start --head` has printed, host:port.") from error
