"""Staging directories: gone when they are done with, and when their process is."""

import os
import signal
import subprocess
import sys
import tempfile

import pytest

from exporter.storage.staging import staging_directory

HOLD = """
import sys
from exporter.storage.staging import staging_directory
with staging_directory() as staging:
    (staging / "large").write_text("x")
    print(staging, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@pytest.fixture
def holder(temporary):
    """A process that holds a staging directory, and its path."""
    with subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process, process.stdout.readline().strip()
        process.kill()


def test_it_is_removed_with_all_that_is_in_it_whatever_happens(temporary):
    def fail():
        with staging_directory() as staging:
            (staging / "a").mkdir()
            (staging / "a" / "b").write_text("x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert os.listdir(temporary) == []


def test_two_at_a_time_do_not_meet(holder):
    with staging_directory() as mine:
        assert str(mine) != holder[1]
        assert os.listdir(holder[1]) == ["large"], "it is in use"
    assert os.path.isdir(holder[1])


def test_that_of_a_killed_process_is_removed_by_the_next(holder, temporary):
    process, abandoned = holder
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert os.path.isdir(abandoned)
    with staging_directory():
        assert not os.path.exists(abandoned)
    assert os.listdir(temporary) == []


def test_other_files_are_left_alone(temporary):
    (temporary / "exporter-staging-notes.txt").write_text("mine")
    with staging_directory():
        pass
    assert os.listdir(temporary) == ["exporter-staging-notes.txt"]
