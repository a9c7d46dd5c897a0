"""What the tests of batches share."""

import pytest

from tests.batch.config_texts import name_latest, touch_checkpoints


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """The current directory, with a run of three checkpoints, of which the state file names the second, and two folds."""
    runs = tmp_path / "runs"
    touch_checkpoints(runs / "digits", "model.ckpt-1000", "model.ckpt-2000", "model.ckpt-10000")
    name_latest(runs / "digits", "model.ckpt-2000")
    touch_checkpoints(runs / "fold0", "model.ckpt-5")
    touch_checkpoints(runs / "fold1", "model.ckpt-7")
    (runs / "plots").mkdir()
    (runs / "plots" / "loss.png").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    return tmp_path
