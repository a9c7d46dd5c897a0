"""Jobs on a real Ray cluster of two nodes on this machine."""

import os
import socket
import subprocess
import sys
import time
from contextlib import closing

import psutil
import pytest

from exporter.batch.executors.executor import JobFinished, JobStarted
from exporter.batch.executors.ray import RayExecutor
from exporter.batch.job import EXPORTED, FAILED
from exporter.errors import UsageError
from tests.batch.executors import jobs
from tests.batch.executors.conftest import finished, is_gone, wait_until

pytest.importorskip("ray")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux",
                                                   reason="the nodes have loopback addresses of their own")]
HEAD, SECOND = "127.0.0.2", "127.0.0.3"  # Ray takes 127.0.0.1 for this machine's address in its network


@pytest.fixture(scope="module")
def cluster():
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        node = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": 80 << 20}
        cluster = Cluster(initialize_head=True, head_node_args={**node, "node_ip_address": HEAD})
        cluster.second_node = lambda: cluster.add_node(**node, node_ip_address=SECOND)
        yield cluster
        cluster.shutdown()


@pytest.fixture
def second_node(cluster):
    node = cluster.second_node()
    yield node
    if node in cluster.list_all_nodes():
        cluster.remove_node(node)


def executor(cluster, **arguments):
    return RayExecutor(cluster.address, run=jobs.run, **arguments)


def processes_of(node):
    """The processes of a node: its raylet, and what that has started."""
    raylet = psutil.Process(node.all_processes["raylet"][0].process.pid)
    return [raylet, *raylet.children(recursive=True)]


def test_jobs_have_the_same_results_as_on_one_machine(cluster, second_node, tmp_path, capfd):
    hang = f"hang:{tmp_path / 'pids'}"
    results = finished(executor(cluster, timeout=5), "return:1", "fail:no", "raise:no", "abort:", "exit:0", hang, "print:",
                       "session:", "tensorflow:", "state:somewhere")
    assert results["return:1"].problem == "1"
    assert (results["fail:no"].problem, results["fail:no"].exit_code) == ("no", 4)
    assert "ArithmeticError" in results["raise:no"].output
    assert "SIGABRT" in results["abort:"].problem
    assert "exit code 0 and no result" in results["exit:0"].problem
    assert results[hang].problem == "The job took longer than 5 s (--timeout)."
    assert results["session:"].problem == "42"
    assert results["tensorflow:"].problem == str((True, False, "3", "-1"))
    assert results["state:somewhere"].problem == str(([], None, os.getcwd(), False)), "relative paths mean the same"
    assert capfd.readouterr() == ("", "")


def test_both_nodes_take_part_and_jobs_are_told_by_node(cluster, second_node, tmp_path):
    events = list(executor(cluster).run([jobs.job(f"together:{tmp_path},1") for _ in range(4)]))
    workers = {event.worker for event in events if isinstance(event, JobStarted)}
    assert workers == {f"{socket.gethostname()} ({address})" for address in (HEAD, SECOND)}
    assert max(int(event.result.problem) for event in events if isinstance(event, JobFinished)) == 2


def test_no_more_jobs_run_at_a_time_than_asked_for(cluster, second_node, tmp_path):
    results = finished(executor(cluster, workers=1), *(f"together:{tmp_path},0.{number}" for number in (1, 2, 3)))
    assert {result.problem for result in results.values()} == {"1"}


def test_jobs_of_a_lost_node_run_again_and_every_job_ends_once(cluster, second_node, tmp_path):
    batch = [jobs.job(f"record:{tmp_path},{number}") for number in range(6)]
    results, killed = {}, []
    for event in executor(cluster).run(batch):
        if isinstance(event, JobFinished):
            assert event.job.name not in results
            results[event.job.name] = (event.result.status, event.result.problem)
        elif event.job is batch[2]:
            wait_until(lambda: len(os.listdir(tmp_path)) >= 4)  # both nodes are at work
            killed = processes_of(second_node)
            for process in killed:
                process.kill()
    assert killed
    assert results == {job.name: (EXPORTED, job.name.rpartition(",")[2]) for job in batch}
    begun = [name.partition("-")[0] for name in os.listdir(tmp_path)]
    assert sorted(set(begun)) == [str(number) for number in range(6)]
    assert len(begun) == 7, "one job began twice"


def test_a_job_that_was_lost_too_often_fails_and_the_others_go_on(cluster, second_node, tmp_path):
    batch, results = [jobs.job(f"record:{tmp_path},{number}") for number in range(4)], []
    is_killed = False
    for event in executor(cluster, retries=0).run(batch):
        if isinstance(event, JobFinished):
            results.append(event.result)
        elif not is_killed and event.job is not batch[0]:
            wait_until(lambda: len(os.listdir(tmp_path)) >= 2)
            for process in processes_of(second_node):
                process.kill()
            is_killed = True
    assert sorted(result.status for result in results) == [EXPORTED] * 3 + [FAILED]
    assert next(result for result in results if result.status == FAILED).problem.startswith("Ray lost the job")


def test_closing_the_generator_ends_the_jobs_and_leaves_the_cluster_alive(cluster, tmp_path):
    with closing(executor(cluster).run([jobs.job(f"clean_up:{tmp_path / 'file'}"), jobs.job("return:")])) as events:
        assert isinstance(next(events), JobStarted)
        pid = int(wait_until(lambda: (tmp_path / "file").exists() and (tmp_path / "file").read_text()))
    wait_until(lambda: is_gone(pid))
    wait_until(lambda: not (tmp_path / "file").exists(), 5)
    assert finished(executor(cluster), "return:1")["return:1"].status == EXPORTED


def test_a_killed_command_takes_its_jobs_along(cluster, tmp_path):
    code = ("import sys; from exporter.batch.executors.ray import RayExecutor; from tests.batch.executors import jobs\n"
            "for event in RayExecutor(sys.argv[1], run=jobs.run).run([jobs.job(f'hang:{sys.argv[2]}')]): pass")
    process = subprocess.Popen([sys.executable, "-c", code, cluster.address, tmp_path / "pids"])
    try:
        pids = wait_until(lambda: (tmp_path / "pids").exists() and (tmp_path / "pids").read_text()).split()
        driver = [child.pid for child in psutil.Process(process.pid).children()]
    finally:
        process.kill()
        process.wait()
    wait_until(lambda: all(is_gone(int(pid)) for pid in [*pids, *driver]), 10)


def test_after_a_failure_no_job_starts_where_that_is_asked_for(cluster):
    runner = executor(cluster, workers=1, fail_fast=True)
    events = list(runner.run([jobs.job(name) for name in ("return:1", "fail:", "return:2")]))
    assert [event.result.status for event in events if isinstance(event, JobFinished)] == [EXPORTED, FAILED]


def test_an_address_where_nothing_answers_is_told_within_seconds():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        start = time.monotonic()
        with pytest.raises(UsageError, match="Nothing answers"):
            RayExecutor(f"127.0.0.1:{unused.getsockname()[1]}")
        assert time.monotonic() - start < 10
    with pytest.raises(UsageError, match="host:port"):
        RayExecutor("ray://somewhere")


def test_without_ray_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UsageError, match="tensorflow-exporter\\[ray\\]"):
        RayExecutor()
