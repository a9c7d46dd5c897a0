"""Ctrl-C and SIGTERM, whatever the command is doing: it cleans up, says so in one line, and exits with 128 + the signal."""

import os
import signal
import subprocess
import time

import pytest

from exporter.commands.interruption import interruption
from exporter.publishing.names import staging_directories
from tests.faults.workplace import (
    NEW,
    ROOT,
    children,
    command,
    complete_export,
    environment,
    index_digest,
    wait_until_dead,
)

SLOW_MODEL = """
import pathlib, time
import tensorflow.compat.v1 as tf
from tests.faults import workplace

def slow_to_build(images):
    pathlib.Path("building").touch()
    time.sleep(600)

def slow_to_run(images):
    slow = tf.while_loop(lambda step: step < 10 ** 12, lambda step: step + 1, [tf.constant(0, tf.int64)])
    return {"scores": workplace.network(images)["scores"] + tf.cast(slow, tf.float32)}

def swallows_interruptions(images):
    pathlib.Path("building").touch()
    try:
        time.sleep(600)
    except BaseException:
        pathlib.Path("building").unlink()
        pathlib.Path("swallowed").touch()
    time.sleep(600)
"""


MORE = [pytest.param(number, 128 + number, marks=pytest.mark.slow)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]


def wait_for(condition, process, seconds=60):
    """Waits until ``condition`` holds; the process must not end before."""
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def heed_signals():
    """Where the tests run in the background, or under nohup, signals are ignored, and would be in the command."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture
def start(checkpoints, tmp_path):
    """Starts the command with one of the slow models, in a session of its own as from a terminal."""
    (tmp_path / "slow.py").write_text(SLOW_MODEL)
    running = []

    def start_command(model, *more):
        arguments = command(checkpoints / NEW, tmp_path / "out" / "export", *more, model=model)
        running.append(subprocess.Popen(arguments, env=environment(), cwd=tmp_path, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=heed_signals))
        return running[-1]

    yield start_command
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def imports_tensorflow(process):
    """TensorFlow's library is being loaded, in a process that is still in the import."""
    with open(f"/proc/{process.pid}/maps") as maps:
        return "libtensorflow" in maps.read() and bool(children(process.pid))


def check_end(process, family, code, tmp_path):
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == code, stderr
    assert stderr == "export_inference_graph.py: interrupted; nothing was left behind.\n"
    assert stdout == ""
    wait_until_dead(family)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), MORE[1]])
def test_while_tensorflow_is_imported(start, tmp_path, number, code):
    process = start("tests.faults.workplace:network")
    wait_for(lambda: imports_tensorflow(process), process)
    family = children(process.pid)
    process.send_signal(number)
    check_end(process, family, code, tmp_path)


@pytest.mark.parametrize(("number", "code"), [MORE[0], (signal.SIGTERM, 143), MORE[2]])
def test_while_the_model_is_built(start, tmp_path, number, code):
    process = start("slow.py:slow_to_build")
    wait_for((tmp_path / "building").exists, process)
    family = children(process.pid)
    os.killpg(process.pid, number)  # as the terminal does it: to every process of the group
    check_end(process, family, code, tmp_path)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), MORE[1]])
def test_while_the_artifacts_are_verified(start, tmp_path, number, code):
    process = start("slow.py:slow_to_run")
    output = tmp_path / "out" / "export"
    wait_for(lambda: any((folder / "saved_model" / "saved_model.pb").exists() for folder in staging_directories(output))
             if output.parent.exists() else False, process)
    family = children(process.pid)
    assert family
    process.send_signal(number)
    check_end(process, family, code, tmp_path)


def test_a_second_signal_does_not_cut_the_cleaning_up_short(start, tmp_path):
    process = start("slow.py:slow_to_build")
    wait_for((tmp_path / "building").exists, process)
    family = children(process.pid)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode in (130, 143), "two signals at once arrive in any order"
    assert stderr == "export_inference_graph.py: interrupted; nothing was left behind.\n"
    wait_until_dead(family)
    assert not (tmp_path / "out").exists()


def test_a_model_that_swallows_the_first_is_ended_by_the_second(start, tmp_path):
    process = start("slow.py:swallows_interruptions")
    wait_for((tmp_path / "building").exists, process)
    process.send_signal(signal.SIGINT)
    wait_for((tmp_path / "swallowed").exists, process)
    family = children(process.pid)
    process.send_signal(signal.SIGINT)
    check_end(process, family, 130, tmp_path)


def test_the_old_export_stays(start, checkpoints, tmp_path):
    output = tmp_path / "out" / "export"
    subprocess.run(command(checkpoints / NEW, output, "--noverify"), env=environment(), cwd=ROOT, check=True,
                   capture_output=True)
    process = start("slow.py:slow_to_build", "--overwrite")
    wait_for((tmp_path / "building").exists, process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert complete_export(output) == index_digest(checkpoints / NEW)
    assert os.listdir(output.parent) == ["export"]


def test_an_import_that_turns_it_into_an_error_of_its_own_is_seen_through():
    error = ImportError("a module failed to import")
    error.__cause__ = KeyboardInterrupt()
    assert isinstance(interruption(error), KeyboardInterrupt)
    assert interruption(ImportError("no such module")) is None
