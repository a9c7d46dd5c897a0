"""Kill -9 at any instant: the output path holds the old export, the new one, or nothing; the next export tidies up."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from exporter.publish import MANIFEST_NAME, publication
from exporter.publishing.names import lock_file, previous_directory, staging_directories
from tests.faults.workplace import (
    NEW,
    OLD,
    ROOT,
    children,
    command,
    complete_export,
    environment,
    index_digest,
    wait_until_dead,
)


def kill_exports(checkpoints, folder, mode, count):
    """Runs the kill server, which checks the state after every kill; returns what it met."""
    completed = subprocess.run([sys.executable, "-m", "tests.faults.kill_server", str(checkpoints), str(folder), mode,
                                str(count)], env=environment(), cwd=ROOT, capture_output=True, text=True, check=False)
    assert completed.returncode == 0, completed.stderr
    return json.loads(completed.stdout)


def test_killed_at_steps_from_the_first_to_the_last(checkpoints, tmp_path):
    met = kill_exports(checkpoints, tmp_path, "steps:11", 16)
    assert met["kills"] >= 12
    assert set(met["left"]) >= {"artifacts", "no staging directory"}


@pytest.mark.slow
def test_killed_at_200_random_moments(checkpoints, tmp_path):
    met = kill_exports(checkpoints, tmp_path, "moments", 200)
    assert met["kills"] == 200
    assert len(met["left"]) >= 3, met


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["steps", "steps_without_exchange"])
def test_killed_at_every_single_use_of_the_file_system(checkpoints, tmp_path, mode):
    met = kill_exports(checkpoints, tmp_path, mode, 1000)
    assert met["kills"] >= 120
    assert set(met["left"]) == {"no staging directory", "empty staging directory", "artifacts", "complete staging directory"}
    transitions = {transition for transition, count in met["found"].items() if count}
    assert transitions >= {"nothing -> nothing", "nothing -> new", "old -> old", "old -> new"}
    assert ("old -> nothing" in transitions) == (mode == "steps_without_exchange"), "the instant between two renames"


def wait_for(condition, seconds=60):
    """Waits until ``condition`` holds and returns what it gives."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
    return found


def kill_command(checkpoints, output, moment, delay=0.0):
    """Kills the command ``delay`` seconds after ``moment`` holds; returns its children, which it could not end."""
    process = subprocess.Popen(command(checkpoints / NEW, output, "--overwrite"), env=environment(), cwd=ROOT,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: process.poll() is not None or moment(process.pid))
    time.sleep(delay)
    family = children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return family


def test_a_killed_command_takes_its_verification_process_along(checkpoints, tmp_path):
    output = tmp_path / "export"
    for moment in (children, lambda pid: staging_directories(output),
                   lambda pid: any(path.name == "saved_model.pb" for path in tmp_path.rglob("*"))):
        family = kill_command(checkpoints, output, moment)
        wait_until_dead(family)
        assert complete_export(output) in (None, index_digest(checkpoints / NEW))
    subprocess.run(command(checkpoints / OLD, output, "--overwrite"), env=environment(), cwd=ROOT, check=True,
                   capture_output=True)
    assert complete_export(output) == index_digest(checkpoints / OLD)
    assert os.listdir(tmp_path) == ["export"]


@pytest.mark.slow
def test_commands_killed_at_random_moments(checkpoints, tmp_path):
    choose = random.Random(2)
    output = tmp_path / "export"
    for _ in range(12):
        family = kill_command(checkpoints, output, lambda pid: True, choose.uniform(0, 8))
        wait_until_dead(family)
        assert complete_export(output) in (None, index_digest(checkpoints / NEW))
    subprocess.run(command(checkpoints / OLD, output, "--overwrite"), env=environment(), cwd=ROOT, check=True,
                   capture_output=True)
    assert os.listdir(tmp_path) == ["export"]


def test_what_others_have_beside_the_output_is_left_alone(tmp_path):
    others = {".export.staging-notes", ".export.staging-a.staging-abcdefgh", ".exports.staging-abcdefgh", "export.failed"}
    for name in others:
        (tmp_path / name).mkdir()
    (tmp_path / ".export.staging-zyxwvuts").write_text("a file, not a directory")
    (tmp_path / ".export.staging-abcdefgh").mkdir()
    with publication(tmp_path / "export") as staging:
        (staging / MANIFEST_NAME).write_text("{}")
    assert set(os.listdir(tmp_path)) == {*others, "export", ".export.staging-zyxwvuts"}


def test_an_old_export_that_had_stepped_aside_is_put_back(tmp_path):
    """Where directories can't be exchanged, a kill may hit the instant between two renames."""
    output = tmp_path / "export"
    previous_directory(output).mkdir()
    (previous_directory(output) / "artifact").write_text("old")
    with pytest.raises(ZeroDivisionError), publication(output):
        raise ZeroDivisionError
    assert (output / "artifact").read_text() == "old"
    assert os.listdir(tmp_path) == ["export"]


def test_a_lock_file_of_a_dead_export_holds_up_nobody(tmp_path):
    lock_file(tmp_path / "export").write_text('{"pid": 1, "host": "elsewhere"}')
    with publication(tmp_path / "export", lock_timeout=0):
        pass
    assert os.listdir(tmp_path) == ["export"]
