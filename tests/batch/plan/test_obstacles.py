"""What keeps a job from running is told before anything runs."""

import json

import pytest

from exporter.batch.job import Job
from exporter.batch.plan.obstacles import ObstacleCheck, foreign_files
from exporter.errors import ExportError, GraphError, ModelError, OutputError, UsageError
from exporter.options.export_options import ExportOptions

MANIFEST = {"artifacts": [{"files": [{"path": "frozen.pb"}, {"path": "saved_model/saved_model.pb"}]}], "report": None}


def check(**options):
    ObstacleCheck().check(Job("x", ExportOptions(**options)))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current directory, with a model's file, inputs, and an export."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text("")
    (tmp_path / "images.npy").write_bytes(b"")
    (tmp_path / "export" / "saved_model").mkdir(parents=True)
    (tmp_path / "export" / "frozen.pb").write_bytes(b"x")
    (tmp_path / "export" / "saved_model" / "saved_model.pb").write_bytes(b"x")
    (tmp_path / "export" / "export_manifest.json").write_text(json.dumps(MANIFEST))
    return tmp_path


def test_nothing_is_in_the_way(folder):
    check(model="net.py:Net", output_directory="new/deep/export", verification_inputs="images.npy")
    check(model="net.py:Net", output_directory="export", overwrite=True)
    check(model="net.py:Net", output_directory="s3://bucket/x", verification_inputs="s3://bucket/images.npy")


@pytest.mark.parametrize(("options", "error", "message"), [
    ({"model": "gone.py:Net"}, ModelError, "There is no file 'gone.py'"),
    ({"model": "no_such_package.nets:Net"}, ModelError, "There is no module"),
    ({"model": "net.py:Net", "tf1_root": "nowhere"}, UsageError, "--tf1_root nowhere is no directory"),
    ({"model": "nets.deep:Net", "tf1_root": "nowhere"}, UsageError, "--tf1_root nowhere is no directory"),
    ({"input_graph": "gone.meta"}, GraphError, "gone.meta"),
    ({"model": "net.py:Net", "verification_inputs": "gone.npy"}, UsageError, "gone.npy does not exist"),
    ({"output_directory": "net.py"}, OutputError, "is a file"),
    ({"output_directory": "net.py/deep/export"}, OutputError, "is no directory"),
    ({"output_directory": "."}, OutputError, "holds no export"),
    ({"output_directory": "export", "overwrite": False}, OutputError, "There is an export")])
def test_what_is_in_the_way(folder, options, error, message):
    with pytest.raises(error, match=message):
        check(**options)


def test_files_of_the_users_own_are_never_replaced_with_an_export(folder):
    assert foreign_files(folder / "export") == []
    (folder / "export" / "saved_model" / "notes.txt").write_text("keep")
    (folder / "export" / "link").symlink_to("nowhere")
    assert foreign_files(folder / "export") == ["link", "saved_model/notes.txt"]
    with pytest.raises(OutputError, match=r"holds files that are not its own: link, saved_model/notes\.txt"):
        check(output_directory="export", overwrite=True)


def test_the_report_is_the_exports_own(folder):
    (folder / "export" / "report.html").write_text("")
    assert foreign_files(folder / "export") == ["report.html"]
    (folder / "export" / "export_manifest.json").write_text(json.dumps({**MANIFEST, "report": {"path": "report.html"}}))
    assert foreign_files(folder / "export") == []


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"artifacts": 3}'])
def test_of_a_damaged_manifest_nothing_can_be_told(folder, content):
    (folder / "export" / "export_manifest.json").write_text(content)
    assert foreign_files(folder / "export") == []


def test_a_shared_obstacle_is_told_for_every_job(folder):
    obstacles = ObstacleCheck()
    for name in ("a", "b"):
        with pytest.raises(ExportError):
            obstacles.check(Job(name, ExportOptions(model="gone.py:Net")))
