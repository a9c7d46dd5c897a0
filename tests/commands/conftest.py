"""Commands are run as users run them: as processes, from a folder of the user's own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkpoints import write_checkpoint

ROOT = Path(__file__).resolve().parents[2]

MODEL_SOURCE = '''
import tensorflow.compat.v1 as tf


class Brightness:
    """One weight per channel."""

    def __init__(self, channels=3, is_training=True):
        assert not is_training
        self.channels = channels

    def preprocess(self, inputs):
        return inputs / 255.0

    def predict(self, preprocessed, gain=1.0):
        weights = tf.get_variable("brightness/weights", [self.channels])
        return {"weighted": tf.identity(preprocessed * weights * gain, name="weighted_pixels")}

    def postprocess(self, predictions):
        return {"mean": tf.reduce_mean(predictions["weighted"], [1, 2, 3]),
                "max": tf.reduce_max(predictions["weighted"], [1, 2, 3])}


def raises(images):
    raise RuntimeError("out of paint")
'''


@pytest.fixture(scope="session")
def workplace(tmp_path_factory):
    """A user's folder: a model file and a checkpoint directory with moving averages, at step 7."""
    folder = tmp_path_factory.mktemp("user's folder")
    (folder / "paint.py").write_text(MODEL_SOURCE)
    (folder / "runs").mkdir()
    namespace = {}
    exec(MODEL_SOURCE, namespace)
    write_checkpoint(namespace["Brightness"](is_training=False), folder / "runs" / "model.ckpt-7", moving_averages=True)
    return folder


@pytest.fixture(scope="session")
def no_tensorflow(tmp_path_factory):
    """A folder for ``PYTHONPATH`` in which importing TensorFlow fails."""
    folder = tmp_path_factory.mktemp("no_tensorflow")
    (folder / "tensorflow.py").write_text("raise AssertionError('TensorFlow was imported')")
    return folder


@pytest.fixture(scope="session")
def run(workplace):
    """Runs a script of this checkout in the user's folder; returns its completed process."""
    def run_script(name, *arguments, cwd=workplace, python_path=""):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
        environment["PYTHONPATH"] = str(python_path)
        return subprocess.run([sys.executable, str(ROOT / "scripts" / f"{name}.py"), *map(str, arguments)], cwd=cwd,
                              env=environment, capture_output=True, text=True, check=False)
    return run_script
