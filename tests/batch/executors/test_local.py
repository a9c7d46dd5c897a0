"""Jobs in processes of this machine: each costs itself only, whatever it does."""

import os
import subprocess
import sys
from contextlib import closing

import psutil
import pytest

from exporter.batch.executors.executor import JobFinished, JobStarted
from exporter.batch.executors.local import FORKSERVER, SPAWN, LocalExecutor
from exporter.batch.job import EXPORTED, FAILED
from exporter.errors import ExportError, UsageError
from tests.batch.executors import jobs
from tests.batch.executors.conftest import descendants, finished, is_gone, wait_until
from tests.checkpoints import write_checkpoint
from tests.goldens import SlimClassifier

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
BOTH = pytest.mark.parametrize("start_method", [FORKSERVER, SPAWN])


def executor(workers=2, start_method=FORKSERVER, **arguments):
    return LocalExecutor(workers, run=jobs.run, start_method=start_method, **arguments)


@BOTH
def test_whatever_a_job_does_costs_itself_only(start_method):
    results = finished(executor(start_method=start_method), "return:1", "fail:no", "raise:no", "nothing:", "exhaust:",
                       "sys_exit:3", "interrupt:", "exit:0", "kill:SIGSEGV", "abort:", "kill:SIGKILL", "kill:SIGTERM",
                       "return:2")
    told = {name: (result.status, result.exit_code, result.problem) for name, result in results.items()}
    memory = "(its estimate is 125.8 MB)"
    assert told == {
        "return:1": (EXPORTED, 0, "1"),
        "fail:no": (FAILED, 4, "no"),
        "raise:no": (FAILED, 70, "This is a bug in exporter: ArithmeticError: no"),
        "nothing:": (FAILED, 70, "This is a bug in exporter: TypeError: a job gave None in place of a JobResult"),
        "exhaust:": (FAILED, 1, f"The job ran out of memory {memory}."),
        "sys_exit:3": (FAILED, 3, "The model's code ended the job by sys.exit(3)."),
        "interrupt:": (FAILED, 3, "The model's code raised KeyboardInterrupt."),
        "exit:0": (FAILED, 3, "The job's process ended by itself, with exit code 0 and no result."),
        "kill:SIGSEGV": (FAILED, 3, "The job's process was killed by signal 11 (SIGSEGV). Its last output: the last words"),
        "abort:": (FAILED, 3, "The job's process was killed by signal 6 (SIGABRT). Its last output: the last words"),
        "kill:SIGKILL": (FAILED, 1, "The job's process was killed by SIGKILL; likely there was too little memory "
                                    f"{memory}. Its last output: the last words"),
        "kill:SIGTERM": (FAILED, 1, "The job's process was ended by SIGTERM, from outside."),
        "return:2": (EXPORTED, 0, "2"),
    }
    assert all(result.seconds > 0 for result in results.values())
    assert results["raise:no"].output.splitlines()[-1] == "ArithmeticError: no"
    assert results["fail:no"].output == "before it failed"
    assert results["return:1"].output == ""


@BOTH
def test_the_output_of_a_crash_ends_with_the_model_s_innermost_calls(start_method):
    lines = finished(executor(start_method=start_method), "kill:SIGSEGV")["kill:SIGSEGV"].output.splitlines()
    assert lines[:2] == ["the last words", "Fatal Python error: Segmentation fault"]
    assert "in _kill" in lines[3]
    assert lines[-1].endswith("in run")


@BOTH
def test_what_jobs_print_is_told_where_they_fail_and_reaches_nobody_else(start_method, capfd):
    result = finished(executor(start_method=start_method), "print:")["print:"]
    assert set(result.output.splitlines()) == {
        "from Python, to stdout", "from Python, to stderr", "from a child", "from a child to stderr", "from below",
        "before it failed"}
    assert capfd.readouterr() == ("", "")


def test_the_last_lines_are_told_of_a_job_that_prints_much_and_the_disk_is_spared():
    result = finished(executor(), "print_much:100000")["print_much:100000"]
    assert result.output.splitlines()[-1] == "the end"
    assert len(result.output.splitlines()) == 20


def test_a_job_that_prints_more_than_is_kept_loses_what_came_first(monkeypatch):
    from exporter.batch.executors.output import Output

    monkeypatch.setattr("exporter.batch.executors.output._LARGEST_FILE", 100)
    with closing(Output()) as output:
        for text, expected in ((b"short\n", ["short"]), (b"x" * 200, []), (b"then\n", ["then"])):
            os.write(output.fileno(), text)
            output.limit()
            assert output.last_lines() == expected


@BOTH
def test_jobs_have_nothing_to_read(start_method):
    assert finished(executor(start_method=start_method), "read:")["read:"].problem == "''"


def test_a_job_sees_nothing_of_those_before_it():
    results = finished(executor(workers=1), "change:somewhere", "state:somewhere")
    assert results["state:somewhere"].problem == str(([], None, os.getcwd(), False))


def test_a_job_has_tensorflow_from_the_start_and_its_last_bits_are_the_verification_s():
    results = finished(executor(), "tensorflow:", "session:", "modules:tests.batch.executors.conftest")
    assert results["tensorflow:"].problem == str((True, False, "3", "-1")), "there, without oneDNN, quiet, on the CPU"
    assert results["session:"].problem == "42"
    assert results["modules:tests.batch.executors.conftest"].problem == "False"


def test_the_environment_of_this_process_stays_as_it_is():
    before = dict(os.environ)
    finished(executor(), "return:")
    assert dict(os.environ) == before


@BOTH
def test_jobs_start_in_order_and_no_more_at_a_time_than_there_are_workers(start_method, tmp_path):
    batch = [jobs.job(f"together:{tmp_path},0.{number}") for number in (3, 2, 1, 2, 3, 1)]
    running, most, started, results = set(), 0, [], []
    for event in executor(start_method=start_method).run(batch):
        if isinstance(event, JobStarted):
            assert event.worker.startswith("process ")
            started.append(event.job)
            running.add(id(event.job))
        else:
            running.remove(id(event.job))
            results.append(int(event.result.problem))
        most = max(most, len(running))
    assert started == batch
    assert most == 2
    assert max(results) == 2
    assert len(results) == 6


@pytest.mark.parametrize(("sizes", "at_a_time"), [([1, 1, 1, 1], 3), ([1, 90, 1, 1], 2), ([90, 90], 1)])
def test_jobs_are_admitted_as_memory_allows_first_come_first_served(sizes, at_a_time, tmp_path):
    """Of 1,000 MB, a job takes 120 MB and seven times its checkpoint; one with 90 MB takes 750 MB. Counted while a
    largest one runs: when it has ended, there is room for more.
    """
    batch = [jobs.job(f"together:{tmp_path},0.3", size << 20) for size in sizes]
    largest = {id(job) for job, size in zip(batch, sizes, strict=True) if size == max(sizes)}
    running, most, started = set(), 0, []
    for event in executor(workers=3, memory=900 << 20).run(batch):
        running ^= {id(event.job)}
        most = max(most, len(running) if running & largest else 0)
        started += [event.job] if isinstance(event, JobStarted) else []
    assert most == at_a_time
    assert started == batch


def test_a_job_larger_than_the_memory_runs_alone(tmp_path):
    batch = [jobs.job(f"together:{tmp_path},0.2", size) for size in (1 << 40, 0, 1 << 40)]
    results = [event.result.problem for event in executor(memory=1 << 30).run(batch) if isinstance(event, JobFinished)]
    assert results == ["1", "1", "1"]


@pytest.mark.parametrize(("start_method", "timeout"), [(FORKSERVER, 1), (SPAWN, 10)])  # a spawned one imports TensorFlow
def test_a_job_that_takes_too_long_is_ended_with_all_that_it_has_started(start_method, timeout, tmp_path):
    name = f"hang:{tmp_path / 'pids'}"
    results = finished(executor(start_method=start_method, timeout=timeout), name, "return:1", "return:2")
    assert results[name].problem == f"The job took longer than {timeout} s (--timeout)."
    assert (results[name].status, results[name].exit_code) == (FAILED, 1)
    assert results["return:2"].status == EXPORTED
    for pid in map(int, (tmp_path / "pids").read_text().split()):
        wait_until(lambda pid=pid: is_gone(pid))


def test_a_job_that_takes_too_long_may_clean_up(tmp_path):
    name = f"clean_up:{tmp_path / 'file'}"
    assert "longer than 1 s" in finished(executor(timeout=1), name)[name].problem
    assert os.listdir(tmp_path) == []


@BOTH
def test_closing_the_generator_ends_all_jobs_which_may_clean_up(start_method, tmp_path):
    names = [f"clean_up:{tmp_path / 'one'}", f"clean_up:{tmp_path / 'two'}", "return:"]
    with closing(executor(3, start_method).run([jobs.job(name) for name in names])) as events:
        assert [type(next(events)) for _ in range(3)] == 3 * [JobStarted]  # a job begins once its start is told
        wait_until(lambda: set(os.listdir(tmp_path)) >= {"one", "two"})
        pids = [int((tmp_path / name).read_text()) for name in ("one", "two")]
    assert all(map(is_gone, pids))
    assert os.listdir(tmp_path) == []


def test_closing_the_generator_ends_jobs_that_ignore_it(tmp_path):
    with closing(executor().run([jobs.job(f"hang:{tmp_path / 'pids'}")])) as events:
        next(events)
        pids = wait_until(lambda: (tmp_path / "pids").exists() and (tmp_path / "pids").read_text()).split()
    for pid in map(int, pids):
        wait_until(lambda pid=pid: is_gone(pid))


@BOTH
def test_after_a_failure_no_job_starts_where_that_is_asked_for(start_method):
    runner = executor(1, start_method=start_method, fail_fast=True)
    events = list(runner.run([jobs.job(name) for name in ("return:1", "fail:", "return:2", "return:3")]))
    assert [event.job.name for event in events if isinstance(event, JobStarted)] == ["return:1", "fail:"]
    assert [event.result.status for event in events if isinstance(event, JobFinished)] == [EXPORTED, FAILED]


@pytest.mark.parametrize("number", [1, 2])
def test_a_process_that_a_job_leaves_behind_holds_nothing_up_and_is_ended(number, tmp_path):
    name = ("daemon:", f"crash_with_daemon:{tmp_path / 'pid'}")[number - 1]
    result = finished(executor(), name)[name]
    pid = int(result.problem if number == 1 else (tmp_path / "pid").read_text())
    assert result.status == (EXPORTED if number == 1 else FAILED)
    wait_until(lambda: is_gone(pid))


PARENT = """
import sys
from exporter.batch.executors.local import LocalExecutor
from tests.batch.executors import jobs
if __name__ == "__main__":
    executor = LocalExecutor(2, run=jobs.run, start_method=sys.argv[1])
    for event in executor.run([jobs.job(f"hang:{path}") for path in sys.argv[2:]]):
        pass
"""


@BOTH
def test_a_killed_command_takes_all_its_processes_along(start_method, tmp_path):
    script, files = tmp_path / "parent.py", [tmp_path / "one", tmp_path / "two"]
    script.write_text(PARENT)
    process = subprocess.Popen([sys.executable, script, start_method, *files], env={**os.environ, "PYTHONPATH": os.getcwd()})
    try:
        wait_until(lambda: all(file.exists() for file in files))
        family = [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
        assert len(family) >= 4, "two jobs, each with a child that ignores SIGTERM"
    finally:
        process.kill()
        process.wait()
    wait_until(lambda: all(map(is_gone, family)), 5)


def test_a_command_that_is_killed_while_its_server_starts_leaves_nothing(tmp_path):
    (tmp_path / "parent.py").write_text(PARENT)
    process = subprocess.Popen([sys.executable, tmp_path / "parent.py", FORKSERVER, tmp_path / "one"],
                               env={**os.environ, "PYTHONPATH": os.getcwd()})
    try:
        family = wait_until(lambda: [child.pid for child in descendants(process.pid)])
    finally:
        process.kill()
        process.wait()
    wait_until(lambda: all(map(is_gone, family)), 5)
    assert not (tmp_path / "one").exists()


def test_many_jobs_leave_no_files_open_and_take_no_memory():
    me, count, memory = psutil.Process(), 0, []
    events = executor().run([jobs.job(f"return:{number}") for number in range(300)])
    for event in events:
        if count in (20, 599):
            server = next(child for child in descendants()
                          if child.ppid() == me.pid and "executors.server" in " ".join(child.cmdline()))
            memory.append((me.num_fds(), server.num_fds() - 7 * len(server.children()), me.memory_info().rss >> 22))
        count += 1
        del event
    assert count == 600
    assert memory[1][0] == memory[0][0]
    assert memory[1][1] <= memory[0][1] + 7, "one job more or less may be on its way"
    assert memory[1][2] <= memory[0][2] + 1


def test_this_process_needs_no_tensorflow():
    code = ("import sys; from exporter.batch.executors.local import LocalExecutor; from tests.batch.executors import jobs\n"
            "print([event.result.problem for event in LocalExecutor(1, run=jobs.run).run([jobs.job('session:')]) "
            "if hasattr(event, 'result')], 'tensorflow' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['42'] False\n"
    assert done.stderr == ""


def test_files_named_like_python_s_own_modules_do_no_harm(tmp_path, monkeypatch):
    for name in ("json.py", "select.py", "numpy.py"):
        (tmp_path / name).write_text("raise AssertionError('the wrong module was imported')")
    root = os.getcwd()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path, root])
    assert finished(executor(), "session:")["session:"].problem == "42"


def test_spawned_workers_serve_many_jobs_and_crashed_ones_are_replaced():
    results = finished(executor(workers=1, start_method=SPAWN), "process:1", "process:2", "abort:", "process:3", "process:4")
    pids = [results[f"process:{number}"].problem for number in (1, 2, 3, 4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_a_server_that_dies_costs_no_job_and_ends_what_they_have_started(tmp_path):
    """What it ran is tried once more, by the next server."""
    names, told = [f"kill_server:{tmp_path},0,0", f"hang_once:{tmp_path / 'file'}", "return:2"], []
    for event in executor(workers=1).run([jobs.job(name) for name in names]):
        told.append((type(event), event.job.name))
        if isinstance(event, JobFinished):
            assert event.result.status == EXPORTED
        elif event.job.name == names[1]:
            pids = wait_until(lambda: (tmp_path / "file").exists() and (tmp_path / "file").read_text()).split()
            psutil.Process(int(pids[0])).parent().kill()
    assert told == [(kind, name) for name in names for kind in (JobStarted, JobFinished)], "each starts and ends once"
    wait_until(lambda: all(is_gone(int(pid)) for pid in pids))


def test_a_job_that_kills_the_server_costs_itself_only(tmp_path):
    killer, other = f"kill_server:{tmp_path},9,1", f"companion:{tmp_path}"
    results = finished(executor(), killer, other, "return:1")
    assert (results[killer].status, results[killer].exit_code) == (FAILED, 3)
    assert results[killer].problem == ("The process that starts the jobs died while this job ran, and again while it ran "
                                       "alone.")
    assert [results[name].problem for name in (other, "return:1")] == ["survived", "1"]
    assert len(list(tmp_path.glob("kill-*"))) == 2


def test_a_job_that_fails_after_the_server_died_is_the_last_one_where_the_first_failure_ends_all(tmp_path):
    batch = [jobs.job(f"kill_server:{tmp_path},9,0"), jobs.job("return:1")]
    events = [*executor(workers=1, fail_fast=True).run(batch)]
    assert [event.job for event in events] == [batch[0], batch[0]]


def test_a_server_that_can_t_import_tensorflow_is_one_clear_error(tmp_path, monkeypatch):
    (tmp_path / "tensorflow").mkdir()
    (tmp_path / "tensorflow" / "__init__.py").write_text("raise ImportError('no AVX on this machine')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(ExportError, match="no AVX on this machine"):
        finished(executor(), "return:")


@BOTH
def test_jobs_export_and_verify_to_the_bit(start_method, tmp_path):
    checkpoint = write_checkpoint(SlimClassifier(), tmp_path / "model.ckpt")
    batch = [jobs.job(name, model=f"tests.goldens:{model}", trained_checkpoint_prefix=checkpoint, fsync=False,
                      output_directory=str(tmp_path / name))
             for name, model in (("one", "SlimClassifier"), ("two", "Detector"))]
    runner = LocalExecutor(2, start_method=start_method)
    results = {event.job.name: event.result for event in runner.run(batch) if isinstance(event, JobFinished)}
    assert (results["one"].status, results["one"].verification) == (EXPORTED, "verified"), results["one"].problem
    assert results["one"].largest_difference == 0
    assert (tmp_path / "one" / "saved_model").is_dir()
    assert (results["two"].status, results["two"].exit_code) == (FAILED, 4), "the checkpoint is another model's"
    assert not (tmp_path / "two").exists()


def test_a_server_that_is_kept_warm_serves_again():
    runner = executor(keep_warm=True)
    try:
        finished(runner, "return:1")
        server = [process.pid for process in descendants()]
        assert finished(runner, "exit:0", "return:2")["return:2"].status == EXPORTED
        assert [process.pid for process in descendants()] == server
    finally:
        runner.close()


def test_numbers_that_make_no_sense_are_refused():
    with pytest.raises(UsageError, match="--jobs"):
        LocalExecutor(0)
    with pytest.raises(UsageError, match="--timeout"):
        LocalExecutor(1, timeout=0)


def test_a_job_with_tensorflow_1_code_has_a_process_of_its_own(tmp_path):
    """A spawned process runs one job after the other; such code has switched it to TensorFlow 1 for good."""
    (tmp_path / "old.py").write_text("import tensorflow as tf\n\nnetwork = tf.contrib.layers.flatten\n")
    old = {"model": f"{tmp_path / 'old.py'}:network"}
    tasks = [jobs.job("process:1"), jobs.job("process:2", **old), jobs.job("process:3"),
             jobs.job("process:4", model="elsewhere:network", tf1_root=[str(tmp_path)]), jobs.job("process:5")]
    events = executor(workers=1, start_method=SPAWN).run(tasks)
    found = {event.job.name: event.result.problem for event in events if isinstance(event, JobFinished)}
    assert len({found["process:1"], found["process:2"], found["process:3"], found["process:4"]}) == 4
    assert found["process:5"] not in (found["process:2"], found["process:4"])
