"""Folding: the way of the data is drawn, weights count where they belong."""

import pytest
import tensorflow.compat.v1 as tf

from exporter.inspection.drawing import draw
from exporter.inspection.scopes import fold
from exporter.inspection.shapes import inference_path

pytestmark = pytest.mark.usefixtures("graph")


def layer(net, name):
    with tf.variable_scope(name):
        weights = tf.get_variable("weights", [net.shape[-1], 4])
        return tf.nn.relu(tf.matmul(net, weights, name="product"), name="relu")


def path_to(*outputs):
    return inference_path(tf.get_default_graph().as_graph_def(), outputs)


def network(units):
    net = tf.placeholder(tf.float32, [None, 4], name="inputs")
    with tf.variable_scope("net"):
        for block in range(2):
            with tf.variable_scope(f"block{block}"):
                for unit in range(units):
                    with tf.variable_scope(f"unit{unit}"):
                        branch = layer(layer(layer(layer(net, "a"), "b"), "c"), "d")
                        net = tf.add(net, branch, name="sum")
    return tf.nn.softmax(net, name="scores")


def test_equal_parts_are_folded_equally():
    network(10)
    folded = fold(path_to("scores"), ["scores"], {})
    units = [f"net/block{block}/unit{unit}" for block in range(2) for unit in range(10)]
    assert list(folded.boxes) == ["inputs", *units, "scores"]
    assert {box.node_count for key, box in folded.boxes.items() if key in units} == {9 + 4 * 2}
    assert (folded.boxes["inputs"].is_input, folded.boxes["scores"].is_output) == (True, True)
    assert list(folded.edges) == list(zip(folded.boxes, list(folded.boxes)[1:], strict=False))


def test_never_more_boxes_than_allowed_where_chains_can_be_joined():
    net = tf.placeholder(tf.float32, [None, 4], name="inputs")
    for index in range(300):
        net = tf.identity(net, name=f"step{index}")
    folded = fold(path_to("step299"), ["step299"], {}, most_boxes=20)
    assert len(folded.boxes) == 20
    assert sum(box.node_count for box in folded.boxes.values()) == 301
    assert folded.boxes["step299"].is_output
    assert any("…" in box.title for box in folded.boxes.values())


def test_shapes_are_on_the_edges():
    inputs = tf.placeholder(tf.float32, [None, 4], name="inputs")
    left, right = tf.split(inputs, 2, axis=1, name="halves")
    tf.concat([left, right], 1, name="joined")
    shapes = {"inputs": [(None, 4)], "halves": [(None, 2), (None, 2)]}
    folded = fold(path_to("joined"), ["joined"], shapes)
    assert folded.edges == {("inputs", "halves"): ((None, 4),), ("halves", "joined"): ((None, 2),)}


def test_loops_and_graphs_without_inputs_are_folded():
    tf.disable_control_flow_v2()
    try:
        inputs = tf.placeholder(tf.float32, [], name="inputs")
        tf.while_loop(lambda value: value < 10.0, lambda value: value * 2.0, [inputs], name="loop")
    finally:
        tf.enable_control_flow_v2()
    path = path_to("loop/Exit")
    assert "<svg" in draw(path, ["loop/Exit"], "loop")
    tf.add(tf.constant(1.0, name="one"), 2.0, name="three")
    assert "three" in fold(path_to("three"), ["three"], {}).boxes


def test_switches_can_be_left_out():
    images, training = tf.placeholder(tf.float32, [2], name="images"), tf.placeholder(tf.bool, [], name="training")
    tf.where(training, images * 2, images, name="chosen")
    path = path_to("chosen")
    assert "training" in fold(path, ["chosen"], {}).boxes
    assert "training" not in fold(path, ["chosen"], {}, left_out=["training"]).boxes
