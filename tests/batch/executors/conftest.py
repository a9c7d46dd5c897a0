"""What the tests of executors share."""

import time

import psutil
import pytest

from exporter.batch.executors.executor import JobFinished
from tests.batch.executors import jobs


def finished(executor, *names):
    """Runs jobs of these names; returns their results by name, each of which came once."""
    events = [event for event in executor.run([jobs.job(name) for name in names]) if isinstance(event, JobFinished)]
    assert sorted(event.job.name for event in events) == sorted(names)
    return {event.job.name: event.result for event in events}


def wait_until(condition, seconds=30):
    """Waits until ``condition`` holds and returns what it gives."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
    return found


def is_gone(pid):
    """Tells whether a process has ended; one that its parent has not asked about yet is a zombie."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def descendants(pid=None):
    """The processes that one has started, and those that these have; the helper of multiprocessing lives as long as it."""
    return [process for process in psutil.Process(pid).children(recursive=True) if _counts(process)]


def _counts(process):
    try:
        return "resource_tracker" not in " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # a zombie too
        return False


@pytest.fixture(autouse=True)
def no_process_is_left():
    before = {process.pid for process in descendants()}
    yield
    wait_until(lambda: {process.pid for process in descendants() if not is_gone(process.pid)} <= before)
