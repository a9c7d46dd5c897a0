"""The verification process finds its packages, whatever lies in the folders of the user."""

import os

from exporter.export import export
from exporter.graph.building import GraphOptions
from exporter.request import ExportRequest
from tests.checkpoints import write_checkpoint
from tests.goldens import SlimClassifier


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
