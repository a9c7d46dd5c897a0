"""The verification process: where it finds its packages, and that a forked one is as good as one that is started."""

import os
import subprocess
import sys
import time

import psutil
import pytest

from exporter.export import export
from exporter.graph.building import GraphOptions
from exporter.request import ExportRequest
from exporter.verification.process import ENVIRONMENT
from tests.checkpoints import write_checkpoint
from tests.goldens import SlimClassifier

# A process that may be forked: TensorFlow is imported, and nothing of it was used.
EXPORT = """
import os, signal, sys
from exporter.export import export
from exporter.graph.building import GraphOptions
from exporter.errors import VerificationError
from exporter.request import ExportRequest
from exporter.tensorflow_import import import_tensorflow
from exporter.verification.process import VerificationProcess

way, checkpoint, output = sys.argv[1:]
import_tensorflow()
with VerificationProcess(fork=way != "started") as verifier:
    if way == "waiting":
        print("here", flush=True)
        signal.pause()
    if way == "killed":
        verifier._process.kill()
    from tests.goldens import SlimClassifier
    try:
        print(export(ExportRequest(SlimClassifier, checkpoint, output), verifier).verification)
    except VerificationError as error:
        print(error)
"""
forked = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")


def start_export(way, checkpoint, output):
    return subprocess.Popen([sys.executable, "-c", EXPORT, way, checkpoint, output], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, env={**os.environ, **ENVIRONMENT})


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return write_checkpoint(SlimClassifier(), tmp_path_factory.mktemp("checkpoint") / "model.ckpt")


def test_files_named_like_pythons_own_modules_do_no_harm(tmp_path, monkeypatch):
    for name in ("json.py", "select.py", "numpy.py"):
        (tmp_path / name).write_text("raise AssertionError('the wrong module was imported')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend("")
    checkpoint = write_checkpoint(SlimClassifier(), tmp_path / "model.ckpt")
    result = export(ExportRequest(SlimClassifier, checkpoint, tmp_path / "out", graph=GraphOptions(),
                                  formats=("frozen_graph",)))
    assert result.verification.status == "verified"
    assert os.listdir(tmp_path / "out")


@forked
def test_a_forked_one_finds_the_same_to_the_bit_as_one_that_is_started(checkpoint, tmp_path):
    processes = [start_export(way, checkpoint, tmp_path / way) for way in ("forked", "started")]
    reports = [process.communicate() for process in processes]
    assert "status='verified'" in reports[0][0]
    assert reports[0] == reports[1]
    assert reports[0][1] == "", "no warning reaches the user"


@forked
def test_a_forked_one_that_dies_is_an_error(checkpoint, tmp_path):
    output, _ = start_export("killed", checkpoint, tmp_path / "out").communicate()
    assert output.startswith("The verification process died (exit code -9).\nLikely cause: too little memory.")
    assert not (tmp_path / "out").exists()


@forked
def test_a_forked_one_dies_with_the_exporting_process(checkpoint, tmp_path):
    with start_export("waiting", checkpoint, tmp_path / "out") as process:
        assert process.stdout.readline() == "here\n"
        fork, = psutil.Process(process.pid).children()
        process.kill()
    psutil.wait_procs([fork], timeout=10)
    assert not fork.is_running() or fork.status() == psutil.STATUS_ZOMBIE


INTERRUPTED = """
import os, signal, sys
from exporter.verification.process import VerificationProcess

def end(number, frame):
    raise KeyboardInterrupt

signal.signal(signal.SIGTERM, end)
os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGTERM))
try:
    VerificationProcess(fork=True)
    print("lost")
except KeyboardInterrupt:
    print("interrupted")
"""


@forked
def test_a_signal_that_comes_in_the_middle_of_the_fork_is_not_lost():
    """Python drops what its hooks around a fork raise, and with it what a handler raises in them."""
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("interrupted\n", "")


@forked
def test_a_forked_one_can_be_ended_politely(checkpoint, tmp_path):
    with start_export("waiting", checkpoint, tmp_path / "out") as process:
        assert process.stdout.readline() == "here\n"
        fork, = psutil.Process(process.pid).children()
        fork.terminate()
        end = time.monotonic() + 30
        while fork.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < end
            time.sleep(0.01)
        process.kill()
