"""A full disk, a quota, a read-only target: one message with the bytes needed and available, and no partial output."""

import errno
import os
import resource
import shutil
import subprocess

import pytest

from exporter.commands.export_inference_graph import main
from exporter.errors import OutputError
from exporter.publish import check_free_space, publication
from exporter.publishing.space import space_for
from tests.faults.workplace import NEW, command, environment, flags

TMPFS_SIZE = 3 << 20
NEEDED = 3 * 192 * 2000 * 4  # the weights, in three artifacts


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 3 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={TMPFS_SIZE}", "tmpfs", disk]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system needs root; the limit of a file's size is tested without")
    yield disk
    subprocess.run(["umount", disk], check=True)


def bytes_in(message):
    return [int(word.replace(",", "")) for word in message.split() if word.replace(",", "").isdigit()]


def test_too_little_space_is_found_before_anything_is_written(small_disk, checkpoints, refused):
    message = refused(6, flags(checkpoints / NEW, small_disk / "export", verify="false"), small_disk / "export")
    needed, available = bytes_in(message)
    assert NEEDED <= needed < 1.1 * NEEDED
    assert 0 < available <= TMPFS_SIZE
    assert str(small_disk) in message


def test_space_that_others_take_meanwhile(small_disk, checkpoints, refused, monkeypatch):
    monkeypatch.setattr("exporter.publishing.space.check_free_space", lambda *arguments: None)
    message = refused(6, flags(checkpoints / NEW, small_disk / "export", verify="false"), small_disk / "export")
    assert "The disk is full: the export needs 4," in message
    assert "bytes free" in message
    assert os.listdir(small_disk) == []


def test_what_dead_exports_left_is_removed_before_the_space_is_checked(small_disk, checkpoints, capsys):
    left = small_disk / ".export.staging-abcdefgh"
    left.mkdir()
    (left / "artifact").write_bytes(bytes(2 << 20))
    assert main(flags(checkpoints / NEW, small_disk / "export", verify="false", formats="frozen_graph")) == 0
    assert os.listdir(small_disk) == ["export"], capsys.readouterr().err


def test_a_limit_of_the_size_of_files(checkpoints, tmp_path):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))

    completed = subprocess.run(command(checkpoints / NEW, tmp_path / "out" / "export", "--noverify"), env=environment(),
                               preexec_fn=limit, capture_output=True, text=True, check=False)
    assert completed.returncode == 6, completed.stderr
    assert "A file grew beyond the largest size that is allowed" in completed.stderr
    assert len(bytes_in(completed.stderr)) == 2
    assert "Traceback" not in completed.stderr
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("code", "words"), [
    (errno.ENOSPC, "The disk is full"), (errno.EDQUOT, "Your disk quota is used up"),
    (errno.EFBIG, "A file grew beyond the largest size that is allowed .*"),
])
def test_each_shortage_has_its_name_and_both_numbers(tmp_path, code, words):
    def run_out():
        with publication(tmp_path / "export") as staging, space_for(12345, tmp_path / "export", staging):
            raise OSError(code, os.strerror(code))

    with pytest.raises(OutputError, match=rf"{words}: the export needs 12,345 bytes, .* has [\d,]+ bytes free"):
        run_out()
    assert os.listdir(tmp_path) == []


@pytest.fixture
def read_only(small_disk):
    """A file system that can't be written. Folder permissions would not stop root."""
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    return small_disk


@pytest.mark.parametrize("place", ["export", "new/folder/export"])
def test_a_read_only_target(read_only, checkpoints, refused, place):
    message = refused(6, flags(checkpoints / NEW, read_only / place, verify="false"), read_only / place)
    assert "can't be written: Read-only file system" in message


def test_a_mount_point_can_not_be_replaced_and_the_message_says_what_to_do(small_disk, checkpoints, refused):
    arguments = flags(checkpoints / NEW, small_disk, verify="false", formats="frozen_graph")
    assert main(arguments) == 6
    assert os.listdir(small_disk) == []
    assert [path for path in os.listdir(small_disk.parent) if path.startswith(".")] == []


@pytest.mark.parametrize(("place", "words"), [
    ("file/export", "file is no directory"), ("file/sub/export", "file is no directory"), ("file", "is a file"),
    ("loop/export", "loop is no directory"), ("loop", "is a link that leads nowhere"), ("n" * 300, "File name too long"),
    ("a\0b", "null"),
])
def test_a_place_that_can_not_be(checkpoints, tmp_path, refused, place, words):
    (tmp_path / "file").write_text("")
    (tmp_path / "loop").symlink_to("loop")
    given = tmp_path / place if "\0" not in place else f"{tmp_path}/{place}"
    message = refused(6, flags(checkpoints / NEW, given, verify="false"), tmp_path / "never")
    assert words in message


def test_free_space_is_that_of_the_nearest_folder_that_exists(tmp_path):
    check_free_space(tmp_path / "not" / "there", 1)
    with pytest.raises(OutputError, match=rf"needs 1,000,000,000,000,000,000 bytes; {tmp_path} has [\d,]+ bytes free"):
        check_free_space(tmp_path / "not" / "there", 10 ** 18)
