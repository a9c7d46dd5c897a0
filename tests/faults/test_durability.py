"""fsync: what is published is on the disk before its name is."""

import errno
import os

import pytest

import exporter
from exporter.errors import OutputError
from exporter.publish import publication
from exporter.publishing import durability
from exporter.publishing.durability import Synchronizer
from tests.faults.workplace import NEW, network


@pytest.fixture
def journal(monkeypatch):
    """The order of what reached the disk and what was renamed."""
    entries = []
    synchronize, rename = durability._synchronize, os.rename

    def recorded_synchronize(path):
        synchronize(path)
        entries.append(("fsync", path))

    def recorded_rename(source, target):
        entries.append(("rename", target))
        rename(source, target)

    monkeypatch.setattr(durability, "_synchronize", recorded_synchronize)
    monkeypatch.setattr(os, "rename", recorded_rename)
    return entries


def export(checkpoints, output, **options):
    exporter.export_inference_graph("float_image_tensor", network, checkpoints / NEW, output, [None, 8, 8, 3], **options)


def test_files_then_directories_then_the_rename_then_the_parent(checkpoints, tmp_path, journal):
    export(checkpoints, tmp_path / "export", formats=("saved_model",))
    actions = [action for action, _ in journal]
    at = actions.index("rename")
    before = [path for _, path in journal[:at]]
    staging = next(path for path in before if path.is_relative_to(tmp_path) and ".staging-" in path.name)
    names = [path.relative_to(staging).as_posix() for path in before]
    assert set(names) == {"saved_model/saved_model.pb", "export_manifest.json", "saved_model/variables", "saved_model", "."}
    assert names.index("saved_model") > names.index("saved_model/saved_model.pb")
    assert names[-1] == "."
    assert journal[at:] == [("rename", tmp_path / "export"), ("fsync", tmp_path)]


def test_it_can_be_left_out(checkpoints, tmp_path, journal):
    export(checkpoints, tmp_path / "export", fsync=False)
    assert [action for action, _ in journal] == ["rename"]


def test_a_disk_that_does_not_take_the_bytes_stops_the_publication(tmp_path, monkeypatch):
    def fails(descriptor):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OutputError, match="Input/output error"), publication(tmp_path / "export") as staging:
        (staging / "artifact").write_text("lost")
    assert os.listdir(tmp_path) == []


def test_an_error_in_the_background_is_not_forgotten(tmp_path, monkeypatch):
    """Linux tells an error of write-back once: who asks again hears of success."""
    answers = iter([OSError(errno.EIO, "Input/output error")])

    def fails_once(descriptor):
        if (error := next(answers, None)) is not None:
            raise error

    monkeypatch.setattr(os, "fsync", fails_once)
    disk = Synchronizer()

    def publish():
        with publication(tmp_path / "export", synchronizer=disk) as staging:
            (staging / "artifact").write_text("lost")
            disk.begin(["artifact"], staging)

    with pytest.raises(OutputError, match="Input/output error"):
        publish()
    assert os.listdir(tmp_path) == []


def test_directories_that_can_not_be_synchronized_do_no_harm(tmp_path, monkeypatch):
    """Some file systems refuse it, and so does a parent without read permission."""
    synchronize = os.fsync

    def refuses_directories(descriptor):
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):
            raise OSError(errno.EINVAL, "Invalid argument")
        synchronize(descriptor)

    monkeypatch.setattr(os, "fsync", refuses_directories)
    with publication(tmp_path / "export") as staging:
        (staging / "artifact").write_text("kept")
    assert (tmp_path / "export" / "artifact").read_text() == "kept"
