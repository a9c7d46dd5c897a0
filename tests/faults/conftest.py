"""Two checkpoints of one model: the old export is made from one, the new one from the other."""

import shutil

import pytest
import tensorflow.compat.v1 as tf

from exporter.commands.export_inference_graph import main
from tests.checkpoints import write_checkpoint
from tests.faults import workplace


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory):
    """A folder with the checkpoints ``old`` and ``new``."""
    folder = tmp_path_factory.mktemp("checkpoints")

    def other_network(images):
        weights = tf.get_variable("weights", [192, 2000])
        tf.get_variable("unused", [1])
        return {"scores": tf.matmul(tf.reshape(images, [-1, 192]), weights)}

    write_checkpoint(workplace.network, folder / workplace.OLD)
    write_checkpoint(other_network, folder / workplace.NEW)
    return folder


@pytest.fixture
def checkpoint(checkpoints, tmp_path):
    """A copy of one of them, to be damaged: its prefix."""
    folder = tmp_path / "run"
    folder.mkdir()
    for file in checkpoints.glob("new.*"):
        shutil.copy(file, folder / file.name.replace("new", "model.ckpt"))
    return folder / "model.ckpt"


@pytest.fixture
def refused(capfd, tmp_path):
    """Runs the command in this process; returns its message after checking what holds for each that is refused."""
    def run(code, arguments, output=tmp_path / "out" / "export"):
        before = sorted(tmp_path.rglob("*"))
        found = main(arguments)
        stdout, message = capfd.readouterr()
        assert found == code, message
        assert stdout == ""
        assert message.startswith("export: "), "nothing comes before the message"
        assert "Traceback" not in message
        assert "this is a bug" not in message
        assert len(message.splitlines()) <= 4, message
        assert sorted(tmp_path.rglob("*")) == before, "nothing is written"
        assert not output.exists()
        return message
    return run
