"""The checkpoint is what ``tf.train.Saver`` writes."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from tests.conformance.plain_tensorflow import new_session
from tests.goldens import GOLDENS

# A Saver writes partitioned variables in slices; the export writes each as one tensor, which a Saver restores as well.
PARTITIONED = {"partitioned_resources", "partitioned_references"}


@pytest.fixture
def saved_again(workshop, tmp_path):
    """Returns a function that restores a golden's checkpoint and saves it again by TensorFlow's own saver."""
    def save(golden):
        prefix = workshop.export(golden, "image_tensor", False) / "model.ckpt"
        with new_session() as session:
            saver = tf.train.import_meta_graph(f"{prefix}.meta")
            saver.restore(session, str(prefix))
            return str(prefix), saver.save(session, str(tmp_path / "again"), write_meta_graph=False)
    return save


@pytest.mark.parametrize("suffix", [".index", ".data-00000-of-00001"])
@pytest.mark.parametrize("golden", sorted(set(GOLDENS) - PARTITIONED))
def test_its_files_equal_those_of_a_saver_byte_by_byte(saved_again, golden, suffix):
    found, expected = saved_again(golden)
    with open(found + suffix, "rb") as found_file, open(expected + suffix, "rb") as expected_file:
        assert found_file.read() == expected_file.read()


@pytest.mark.parametrize("golden", sorted(PARTITIONED))
def test_partitioned_variables_are_written_whole(saved_again, golden):
    found, expected = map(tf.train.load_checkpoint, saved_again(golden))
    assert found.get_variable_to_shape_map() == expected.get_variable_to_shape_map()
    for name in expected.get_variable_to_shape_map():
        np.testing.assert_array_equal(found.get_tensor(name), expected.get_tensor(name))


@pytest.mark.parametrize("golden", GOLDENS)
def test_every_value_is_that_of_the_trained_checkpoint(workshop, golden):
    found = tf.train.load_checkpoint(str(workshop.export(golden, "image_tensor", False) / "model.ckpt"))
    trained = tf.train.load_checkpoint(workshop.checkpoint(golden, False))
    assert found.get_variable_to_dtype_map() == trained.get_variable_to_dtype_map()
    for name in trained.get_variable_to_shape_map():
        np.testing.assert_array_equal(found.get_tensor(name), trained.get_tensor(name))


@pytest.mark.parametrize("golden", ["SlimClassifier", "BatchNorm", "used_twice", "partitioned_resources"])
def test_moving_averages_stand_under_the_variables_own_names(workshop, golden):
    found = tf.train.load_checkpoint(str(workshop.export(golden, "image_tensor", True) / "model.ckpt"))
    trained = tf.train.load_checkpoint(workshop.checkpoint(golden, True))
    keys = trained.get_variable_to_shape_map()
    for name in found.get_variable_to_shape_map():
        shadow = f"{name}/ExponentialMovingAverage"
        np.testing.assert_array_equal(found.get_tensor(name), trained.get_tensor(shadow if shadow in keys else name))


def test_the_state_file_names_it_relatively(workshop):
    directory = workshop.export("SlimClassifier", "image_tensor", False)
    assert tf.train.latest_checkpoint(str(directory)) == str(directory / "model.ckpt")
    assert str(directory) not in (directory / "checkpoint").read_text()


@pytest.mark.parametrize("golden", GOLDENS)
def test_the_meta_graph_has_the_outputs_in_their_collection(workshop, golden):
    directory = workshop.export(golden, "image_tensor", False)
    outputs = workshop.graph(golden, "image_tensor").outputs
    with new_session():
        tf.train.import_meta_graph(str(directory / "model.ckpt.meta"))
        assert [tensor.name for tensor in tf.get_collection("inference_op")] == [spec.name for spec in outputs.values()]
