"""Placeholders that want a fixed value are told from those that are fed with data."""

import pytest
import tensorflow.compat.v1 as tf

from exporter.inspection.placeholders import fix_flag, placeholder_shape, placeholders

pytestmark = pytest.mark.usefixtures("graph")


def found(**arguments):
    graph_def = tf.get_default_graph().as_graph_def()
    return {placeholder.name: placeholder for placeholder in placeholders(graph_def, **arguments)}


def test_switches():
    tf.placeholder(tf.bool, [], name="model/is_training")
    tf.placeholder(tf.bool, name="phase")
    tf.placeholder(tf.bool, [], name="is_test")
    tf.placeholder(tf.bool, [], name="Placeholder")
    tf.placeholder(tf.bool, [None], name="mask")
    fixes = {name: (placeholder.wants_value, placeholder.fix) for name, placeholder in found().items()}
    assert fixes == {"model/is_training": (True, False), "phase": (True, False), "is_test": (True, True),
                     "Placeholder": (True, None), "mask": (False, None)}
    assert fix_flag(list(found().values())) == "--fix model/is_training=False,phase=False,is_test=True"


def test_dropout_tells_by_its_arithmetic_what_the_number_is():
    images = tf.placeholder(tf.float32, [None, 4], name="images")
    tf.nn.dropout(images, keep_prob=tf.placeholder(tf.float32, name="kept"))
    tf.nn.dropout(images, rate=tf.placeholder(tf.float32, [], name="p"))
    with tf.name_scope("dropout"):
        keep = tf.placeholder(tf.float32, name="share")
        tf.multiply(tf.div(images, keep), tf.floor(keep + tf.random_uniform([4])))
    fixes = {name.rpartition("/")[2]: placeholder.fix for name, placeholder in found().items()}
    assert fixes == {"images": None, "kept": 1.0, "p": 0.0, "share": 1.0}


def test_names_and_defaults():
    tf.placeholder(tf.float32, [], name="keep_prob")
    tf.placeholder(tf.float32, name="learning_rate_of_unknown_shape")
    tf.placeholder_with_default(False, [], name="keras_learning_phase")
    tf.placeholder_with_default(True, [], name="training")
    tf.placeholder_with_default(0.5, [], name="keep_rate")
    placeholders_by_name = found()
    assert placeholders_by_name["keep_prob"].fix == placeholders_by_name["keep_rate"].fix == 1.0
    assert not placeholders_by_name["learning_rate_of_unknown_shape"].wants_value
    assert not placeholders_by_name["keras_learning_phase"].wants_value
    assert placeholders_by_name["keras_learning_phase"].default is False
    assert placeholders_by_name["training"].fix is False


def test_only_what_the_outputs_need_wants_a_value_and_savers_are_left_out():
    tf.placeholder(tf.bool, [], name="is_training")
    tf.get_variable("v", [1])
    tf.train.Saver()
    assert list(found(needed=[])) == ["is_training"]
    assert not found(needed=[])["is_training"].wants_value


@pytest.mark.parametrize("producer", [20, 21, 22, 27])
def test_shapes_are_those_that_tensorflow_reads(producer):
    tf.placeholder(tf.float32, [], name="scalar")
    tf.placeholder(tf.float32, [None, 3], name="matrix")
    graph_def = tf.get_default_graph().as_graph_def()
    graph_def.versions.producer = producer
    with tf.Graph().as_default() as imported:
        tf.import_graph_def(graph_def, name="")
    for node in graph_def.node:
        shape = imported.get_tensor_by_name(f"{node.name}:0").shape
        assert placeholder_shape(node, producer) == (None if shape.rank is None else tuple(shape.as_list()))
