"""Two exports to one directory at once: one waits, or fails at once; what appears is never a mixture."""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import exporter
from exporter.commands.export_inference_graph import main
from exporter.errors import OutputError, UsageError
from exporter.publish import check_not_locked, publication
from exporter.publishing.lock import output_lock
from exporter.publishing.names import lock_file
from tests.faults.workplace import NEW, OLD, command, complete_export, environment, flags, index_digest, network

HOLD = """
import sys
from pathlib import Path
from exporter.publishing.lock import output_lock
with output_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock of ``export`` until its stdin is closed."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "export")], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, env=environment(), text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.stdin.close()
    process.wait()
    process.stdout.close()


def test_without_patience_the_second_fails_at_once_and_names_the_first(holder, checkpoints, tmp_path, capsys):
    assert main(flags(checkpoints / NEW, tmp_path / "export", lock_timeout=0)) == 6
    message = capsys.readouterr().err
    assert f"Another export to {tmp_path / 'export'} is running (process {holder.pid} on " in message
    assert "--lock_timeout" in message
    assert os.listdir(tmp_path) == [".export.lock"], "the lock stays with its holder"


def test_the_drop_in_function_takes_the_timeout_too(holder, checkpoints, tmp_path):
    with pytest.raises(OutputError, match=f"process {holder.pid}"):
        exporter.export_inference_graph("float_image_tensor", network, checkpoints / NEW, tmp_path / "export",
                                        [None, 8, 8, 3], lock_timeout=0)


def test_patience_ends(holder, tmp_path):
    with pytest.raises(OutputError, match="is running"), publication(tmp_path / "export", lock_timeout=0.2):
        pass


def test_the_second_says_that_it_waits_and_then_goes_on(holder, tmp_path, caplog):
    threading.Timer(0.3, holder.stdin.close).start()
    with publication(tmp_path / "export") as staging:
        (staging / "artifact").write_text("second")
    assert f"is running (process {holder.pid} on " in caplog.text
    assert "waiting up to 600 s" in caplog.text
    assert os.listdir(tmp_path) == ["export"]


def test_what_appeared_while_it_waited_is_not_replaced_without_overwrite(holder, checkpoints, tmp_path, capsys, caplog):
    with ThreadPoolExecutor() as pool:
        second = pool.submit(main, flags(checkpoints / NEW, tmp_path / "export", lock_timeout=60))
        while "waiting up to 60 s" not in caplog.text:
            assert not second.done(), capsys.readouterr().err
            time.sleep(0.01)
        (tmp_path / "export").mkdir()
        (tmp_path / "export" / "export_manifest.json").write_text("{}")
        holder.stdin.close()
        assert second.result() == 6
    assert "There is an export in" in capsys.readouterr().err


def test_the_lock_file_never_lets_two_in(tmp_path):
    """Holders remove it while others wait to lock it: the classic race."""
    inside, most, turns = 0, 0, 0

    def take_turns():
        nonlocal inside, most, turns
        for _ in range(20):
            with output_lock(tmp_path / "export", timeout=60):
                inside += 1
                most = max(most, inside)
                turns += 1
                inside -= 1

    threads = [threading.Thread(target=take_turns) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, turns) == (1, 120)
    assert os.listdir(tmp_path) == []


def test_commands_at_once_leave_one_whole_export(checkpoints, tmp_path):
    output = tmp_path / "export"
    commands = [subprocess.Popen(command(checkpoints / name, output, "--overwrite", "--noverify"), env=environment(),
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for name in (OLD, NEW, OLD)]
    errors = [process.communicate()[1] for process in commands]
    assert [process.returncode for process in commands] == [0, 0, 0], errors
    assert complete_export(output) in (index_digest(checkpoints / OLD), index_digest(checkpoints / NEW))
    assert os.listdir(tmp_path) == ["export"]


def test_looking_whether_it_is_locked_leaves_nothing(tmp_path):
    check_not_locked(tmp_path / "nowhere" / "export")
    assert os.listdir(tmp_path) == []
    lock_file(tmp_path / "export").touch()
    check_not_locked(tmp_path / "export")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_a_timeout_is_a_number_of_seconds(checkpoints, tmp_path, seconds):
    with pytest.raises(UsageError, match="lock timeout"):
        exporter.export_inference_graph("float_image_tensor", network, checkpoints / NEW, tmp_path / "export",
                                        lock_timeout=seconds)


def test_outputs_with_long_names_have_locks_of_their_own(tmp_path):
    first, second = tmp_path / ("a" * 254 + "1"), tmp_path / ("a" * 254 + "2")
    with publication(first, lock_timeout=0), publication(second, lock_timeout=0):
        pass
    assert sorted(os.listdir(tmp_path)) == sorted([first.name, second.name])
