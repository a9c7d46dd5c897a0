"""What becomes of jobs in processes of this machine when the command is interrupted."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from multiprocessing import Pipe

import pytest

from exporter.batch.executors.executor import JobFinished
from exporter.batch.executors.supervisor import CLOSE, Closed, Supervisor
from exporter.batch.executors.task import Limits, Task
from tests.batch.executors import jobs
from tests.batch.executors.conftest import descendants, wait_until
from tests.batch.executors.test_local import BOTH, executor

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")


class Interrupted(KeyboardInterrupt):
    pass


@contextmanager
def interrupted(until):
    """Raises Interrupted in this thread, as Ctrl-C does, as soon as ``until`` holds."""
    def interrupt():
        wait_until(until)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)

    def handler(number, frame):
        raise Interrupted

    before, thread = signal.signal(signal.SIGUSR1, handler), threading.Thread(target=interrupt)
    thread.start()
    try:
        with pytest.raises(Interrupted):
            yield
    finally:
        thread.join()
        signal.signal(signal.SIGUSR1, before)


@BOTH
def test_a_job_that_can_no_more_be_interrupted_finishes_before_the_interruption_is_told(start_method, tmp_path):
    names, told = [f"finish:{tmp_path / 'one'}", f"clean_up:{tmp_path / 'two'}", "return:"], []
    with interrupted(until=lambda: set(os.listdir(tmp_path)) >= {"one", "two"}):
        for event in executor(start_method=start_method).run([jobs.job(name) for name in names]):
            told += [(event.job.name, event.result.problem)] if isinstance(event, JobFinished) else []
    assert told == [(names[0], "done")]
    assert os.listdir(tmp_path) == ["one"]


def test_no_job_starts_after_an_interruption_while_the_server_imports_tensorflow(tmp_path):
    def is_importing():
        return any("executors.server" in " ".join(process.cmdline()) and process.memory_info().rss > 64 << 20
                   for process in descendants())

    with interrupted(until=is_importing):
        for event in executor().run([jobs.job(f"record:{tmp_path},1")]):
            raise AssertionError(event)
    assert descendants() == []
    assert os.listdir(tmp_path) == []


def test_no_job_starts_once_the_command_has_closed():
    ours, theirs = Pipe()
    ours.send(CLOSE)
    events = Supervisor(Limits(1), start=lambda: pytest.fail("a job was started"), reuse=False, control=theirs).run(
        [Task(0, b"", 0)])
    with closing(ours), closing(theirs), pytest.raises(Closed):
        next(events)


AT_ONCE = """
import multiprocessing, os, signal, sys, time
from functools import partial
from exporter.batch.executors.process import JobProcess
from exporter.batch.executors.supervisor import Supervisor
from exporter.batch.executors.task import Limits, Surroundings, Task, pack
from exporter.batch.executors.worker import Inherited, run_in_fork
from tests.batch.executors import jobs

os.register_at_fork(after_in_child=lambda: time.sleep(0.02))  # the first signals come here
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # as in the server
inherited = Inherited(os.getpid(), multiprocessing.Pipe()[0], os.pipe())
start = partial(JobProcess, multiprocessing.get_context("fork"), run_in_fork, Surroundings.here(), inherited)
for number in range(5):
    supervisor = Supervisor(Limits(1), start, reuse=False)
    events = supervisor.run([Task(number, pack(jobs.run, jobs.job("return:")), 0)])
    next(events)
    process, = multiprocessing.active_children()
    os.kill(process.pid, signal.SIGTERM)
    process.join(5)
    print(process.exitcode)
    events.close()
"""


def test_a_job_that_is_asked_to_end_at_once_ends_at_once(tmp_path):
    """The signal may come before the new process has a handler for it, or while Python's hooks around forks run."""
    script = tmp_path / "script.py"
    script.write_text(AT_ONCE)
    done = subprocess.run([sys.executable, script], env={**os.environ, "PYTHONPATH": os.getcwd()}, capture_output=True,
                          text=True, check=True)
    assert done.stdout.split() == 5 * ["-15"]
