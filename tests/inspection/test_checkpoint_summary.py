"""What is in a checkpoint."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import CheckpointError
from exporter.inspection.checkpoint_summary import NAME_BASED, OBJECT_BASED, summarize_checkpoint


def save(folder, steps=(10,), version=tf.train.SaverDef.V2):
    """Trains nothing: variables, averages of one, Adam's slots."""
    with tf.Graph().as_default(), tf.Session() as session:
        weights = tf.get_variable("conv/weights", initializer=np.arange(12, dtype="float32").reshape(3, 4))
        biases = tf.get_variable("conv/biases", initializer=np.array([np.nan, 1, np.inf, 0], "float32"))
        step = tf.train.get_or_create_global_step()
        tf.train.ExponentialMovingAverage(0.9).apply([weights])
        tf.train.AdamOptimizer().minimize(tf.reduce_sum(weights) + tf.reduce_sum(biases))
        session.run(tf.global_variables_initializer())
        saver = tf.train.Saver(write_version=version)
        for number in steps:
            step.load(number, session)
            prefix = saver.save(session, str(folder / "model.ckpt"), global_step=number)
    return prefix


@pytest.mark.parametrize("version", [tf.train.SaverDef.V2, tf.train.SaverDef.V1])
def test_variables_averages_slots_and_step(tmp_path, version):
    summary = summarize_checkpoint(save(tmp_path, version=version))
    assert (summary.step, summary.kind) == (10, NAME_BASED)
    assert summary.version == ("V2" if version == tf.train.SaverDef.V2 else "V1")
    assert (summary.variable_count, summary.averaged_count, summary.parameter_count) == (2, 1, 16)
    assert summary.slots == {"Adam": 2, "Adam_1": 2}
    tensors = {tensor.name: tensor for tensor in summary.tensors}
    assert list(tensors) == sorted(name for name, _ in tf.train.list_variables(str(summary.prefix)))
    assert tensors["conv/weights"].attached == ("average", "Adam", "Adam_1")
    assert (tensors["conv/weights"].shape, tensors["conv/weights"].byte_size) == ((3, 4), 48)
    assert tensors["conv/biases/Adam"].belongs_to == "conv/biases"
    assert sum(summary.files.values()) == summary.byte_size > 0
    assert summary.graph == tmp_path / "model.ckpt-10.meta"
    assert not any(tensor.statistics for tensor in summary.tensors)


def test_statistics_find_what_is_not_finite(tmp_path):
    summary = summarize_checkpoint(save(tmp_path), statistics=True)
    assert [tensor.name for tensor in summary.not_finite] == ["conv/biases"]
    weights = next(tensor.statistics for tensor in summary.tensors if tensor.name == "conv/weights")
    assert (weights.min, weights.max, weights.mean, weights.zeros) == (0, 11, 5.5, pytest.approx(1 / 12))


def test_all_steps_of_a_directory(tmp_path):
    save(tmp_path, steps=(9, 10, 100))
    summary = summarize_checkpoint(tmp_path)
    assert summary.all_checkpoints == ("model.ckpt-9", "model.ckpt-10", "model.ckpt-100")
    assert summary.latest == summary.prefix.name == "model.ckpt-100"
    assert summarize_checkpoint(tmp_path / "model.ckpt-9").latest == "model.ckpt-100"
    (tmp_path / "checkpoint").unlink()
    without_state = summarize_checkpoint(tmp_path)
    assert (without_state.prefix.name, without_state.latest) == ("model.ckpt-100", None)
    assert "the last of 3" in without_state.explanation


def test_object_based(tmp_path):
    checkpoint = tf.train.Checkpoint(kernel=tf.Variable([1.0, 2.0]), names=tf.Variable(["a", "b"]))
    summary = summarize_checkpoint(checkpoint.save(str(tmp_path / "model")))
    assert (summary.kind, summary.parameter_count) == (OBJECT_BASED, 2)
    assert {"kernel", "names", "save_counter"} < {tensor.name for tensor in summary.tensors}


def test_errors_stay_what_they_are(tmp_path):
    with pytest.raises(CheckpointError, match="no checkpoint"):
        summarize_checkpoint(tmp_path)
