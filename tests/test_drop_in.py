"""The Object Detection exporter's functions, used as code of 2018 uses them."""

import json

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

import exporter
from tests.checkpoints import build_network, write_checkpoint
from tests.goldens import IMAGE_SHAPE, Detector, SlimClassifier

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), np.uint8)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return write_checkpoint(SlimClassifier(), tmp_path_factory.mktemp("run") / "model.ckpt-10", moving_averages=True)


def run_graph_def(graph_def, feeds, fetches):
    with tf.Graph().as_default() as graph, tf.Session(graph=graph) as session:
        tf.import_graph_def(graph_def, name="")
        return session.run(fetches, feeds)


def test_export_as_written_in_2018(checkpoint, tmp_path):
    """Positional arguments, an output directory that exists and is empty, the caller's default graph untouched."""
    (tmp_path / "out").mkdir()
    with tf.Graph().as_default() as callers_graph:
        tf.constant(1, name="mine")
        result = exporter.export_inference_graph("image_tensor", SlimClassifier(is_training=False), checkpoint,
                                                 str(tmp_path / "out"), [None, 8, 8, 3])
        assert [operation.name for operation in callers_graph.get_operations()] == ["mine"]
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {
        "checkpoint", "model.ckpt.meta", "frozen_inference_graph.pb", "saved_model"}
    assert result.step == 1234
    assert set(result.outputs) == {"classes", "probabilities"}


def test_the_hook_runs_with_the_exports_graph_and_the_collection_is_named(checkpoint, tmp_path):
    seen = []

    def hook():
        seen.append(tf.get_default_graph().get_tensor_by_name("classes:0"))

    exporter.export_inference_graph("image_tensor", SlimClassifier, checkpoint, tmp_path / "out", [None, 8, 8, 3],
                                    output_collection_name="mine", graph_hook_fn=hook)
    assert seen
    assert seen[0].graph is not tf.get_default_graph()
    meta_graph_def = tf.MetaGraphDef.FromString((tmp_path / "out" / "model.ckpt.meta").read_bytes())
    assert set(meta_graph_def.collection_def["mine"].node_list.value) == {"classes:0", "probabilities:0"}
    assert "inference_op" not in meta_graph_def.collection_def


def test_additional_outputs_are_in_the_frozen_graph_and_the_signature(checkpoint, tmp_path):
    result = exporter.export_inference_graph("image_tensor", SlimClassifier, checkpoint, tmp_path / "out", [None, 8, 8, 3],
                                             additional_output_tensor_names=["logits/BiasAdd", "conv/Relu:0"])
    assert set(result.outputs) == {"classes", "probabilities", "logits/BiasAdd", "conv/Relu"}
    graph_def = tf.GraphDef.FromString((tmp_path / "out" / "frozen_inference_graph.pb").read_bytes())
    assert run_graph_def(graph_def, {"image_tensor:0": IMAGES}, "logits/BiasAdd:0").shape == (3, 4)


def test_a_detection_model_hands_its_true_image_shapes_on(tmp_path):
    checkpoint = write_checkpoint(Detector(), tmp_path / "model.ckpt")
    result = exporter.export_inference_graph("image_tensor", Detector(), checkpoint, tmp_path / "out")
    assert {"detection_boxes", "detection_scores", "num_detections"} <= set(result.outputs)


def test_two_exports_in_one_process_do_not_touch_each_other(checkpoint, tmp_path):
    for name in ("first", "second"):
        exporter.export_inference_graph("image_tensor", SlimClassifier, checkpoint, tmp_path / name, [None, 8, 8, 3])
    first, second = ((tmp_path / name / "frozen_inference_graph.pb").read_bytes() for name in ("first", "second"))
    assert first == second


def test_build_inference_graph_builds_in_the_default_graph(graph):
    outputs, inputs = exporter.build_inference_graph("image_tensor", SlimClassifier(), [-1, 8, 8, 3], "inference_op", None)
    assert inputs["inputs"].name == "image_tensor:0"
    assert outputs["classes"].graph is graph
    assert tf.get_collection("inference_op") == list(outputs.values())


def test_the_placeholder_map_knows_every_input_type(graph):
    assert set(exporter.input_placeholder_fn_map) >= {"image_tensor", "encoded_image_string_tensor", "tf_example"}
    placeholder, images = exporter.input_placeholder_fn_map["image_tensor"](input_shape=[1, 8, 8, 3])
    assert placeholder is images
    _, images = exporter.input_placeholder_fn_map["encoded_image_string_tensor"]()
    assert images.dtype == tf.uint8


def test_moving_averages_replace_the_values_in_a_new_checkpoint(checkpoint, tmp_path, graph):
    build_network(SlimClassifier(), tf.placeholder(tf.float32, IMAGE_SHAPE))
    exporter.replace_variable_values_with_moving_averages(graph, checkpoint, str(tmp_path / "new" / "model.ckpt"))
    old, new = tf.train.load_checkpoint(checkpoint), tf.train.load_checkpoint(str(tmp_path / "new" / "model.ckpt"))
    assert set(new.get_variable_to_shape_map()) == {variable.op.name for variable in tf.global_variables()}
    for name in new.get_variable_to_shape_map():
        np.testing.assert_array_equal(new.get_tensor(name), old.get_tensor(f"{name}/ExponentialMovingAverage"))
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"model.ckpt.index", "model.ckpt.data-00000-of-00001"}


@pytest.fixture
def classic_pieces(checkpoint, tmp_path, graph):
    """What an exporter of 2018 has in hand: graph, saver, checkpoint, placeholder and outputs."""
    outputs, inputs = exporter.build_inference_graph("image_tensor", SlimClassifier(), [None, 8, 8, 3])
    saver_def = tf.train.Saver().as_saver_def()
    with tf.Session() as session:
        tf.train.Saver().restore(session, checkpoint)
        expected = session.run(outputs, {inputs["inputs"]: IMAGES})
    return graph, saver_def, inputs["inputs"], outputs, expected


def test_freeze_graph_with_def_protos_by_keyword(checkpoint, tmp_path, classic_pieces):
    graph, saver_def, _, _, expected = classic_pieces
    frozen = exporter.freeze_graph_with_def_protos(
        input_graph_def=graph.as_graph_def(), input_saver_def=saver_def, input_checkpoint=checkpoint,
        output_node_names="classes,probabilities", restore_op_name="save/restore_all",
        filename_tensor_name="save/Const:0", clear_devices=True, initializer_nodes="", variable_names_blacklist="",
        output_graph=str(tmp_path / "frozen.pb"))
    assert frozen == tf.GraphDef.FromString((tmp_path / "frozen.pb").read_bytes())
    actual = run_graph_def(frozen, {"image_tensor:0": IMAGES}, "probabilities:0")
    np.testing.assert_allclose(actual, expected["probabilities"], rtol=1e-6)


def test_a_denied_variable_stays_one(checkpoint, classic_pieces):
    graph, saver_def, *_ = classic_pieces
    frozen = exporter.freeze_graph_with_def_protos(
        graph.as_graph_def(), saver_def, checkpoint, "classes", None, None, variable_names_denylist="logits/biases")
    assert [node.name for node in frozen.node if node.op == "VarHandleOp"] == ["logits/biases"]


def test_a_saver_with_names_of_its_own_is_followed(tmp_path, graph):
    variable = tf.get_variable("weights", [3], initializer=tf.constant_initializer([1.0, 2.0, 3.0]))
    tf.identity(variable, name="output")
    saver = tf.train.Saver({"renamed": variable})
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        saver.save(session, str(tmp_path / "model.ckpt"))
    frozen = exporter.freeze_graph_with_def_protos(graph.as_graph_def(), saver.as_saver_def(), tmp_path / "model.ckpt",
                                                   "output", None, None)
    np.testing.assert_array_equal(run_graph_def(frozen, {}, "output:0"), [1, 2, 3])


def test_initializer_nodes_give_what_the_checkpoint_lacks(tmp_path, graph):
    saved = tf.get_variable("saved", initializer=5.0)
    local = tf.get_variable("local", initializer=7.0)
    tf.add(saved, local, name="output")
    saver = tf.train.Saver([saved])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        saver.save(session, str(tmp_path / "model.ckpt"))
    frozen = exporter.freeze_graph_with_def_protos(
        graph.as_graph_def(), None, tmp_path / "model.ckpt", "output", None, None,
        initializer_nodes=local.initializer.name)
    assert run_graph_def(frozen, {}, "output:0") == 12
    with pytest.raises(exporter.CheckpointError, match="local"):
        exporter.freeze_graph_with_def_protos(graph.as_graph_def(), None, tmp_path / "model.ckpt", "output", None, None)


def test_write_frozen_graph_and_saved_model(checkpoint, tmp_path, classic_pieces):
    graph, saver_def, placeholder, outputs, expected = classic_pieces
    frozen = exporter.freeze_graph_with_def_protos(graph.as_graph_def(), saver_def, checkpoint, ["classes", "probabilities"],
                                                   None, None)
    exporter.write_frozen_graph(str(tmp_path / "frozen.pb"), frozen)
    assert tf.GraphDef.FromString((tmp_path / "frozen.pb").read_bytes()) == frozen
    exporter.write_saved_model(str(tmp_path / "saved_model"), frozen, placeholder, outputs)
    with tf.Graph().as_default(), tf.Session() as session:
        signature = tf.saved_model.load(session, ["serve"], str(tmp_path / "saved_model")).signature_def["serving_default"]
        actual = session.run(signature.outputs["probabilities"].name, {signature.inputs["inputs"].name: IMAGES})
    np.testing.assert_allclose(actual, expected["probabilities"], rtol=1e-6)
    with pytest.raises(exporter.OutputError, match="exists already"):
        exporter.write_saved_model(str(tmp_path / "saved_model"), frozen, placeholder, outputs)


def test_write_graph_and_checkpoint(checkpoint, tmp_path, classic_pieces):
    graph, saver_def, _, _, expected = classic_pieces
    exporter.write_graph_and_checkpoint(graph.as_graph_def(), str(tmp_path / "model.ckpt"), saver_def, checkpoint)
    with tf.Graph().as_default(), tf.Session() as session:
        saver = tf.train.import_meta_graph(str(tmp_path / "model.ckpt.meta"))
        saver.restore(session, tf.train.latest_checkpoint(str(tmp_path)))
        actual = session.run("probabilities:0", {"image_tensor:0": IMAGES})
    np.testing.assert_array_equal(actual, expected["probabilities"])


def test_unknown_input_types_are_value_errors_as_before(tmp_path):
    with pytest.raises(ValueError, match="Unknown input type"):
        exporter.export_inference_graph("image", SlimClassifier, "model.ckpt", tmp_path / "out")


def test_the_manifest_is_reproducible_but_for_the_run(checkpoint, tmp_path):
    manifests = []
    for name in ("first", "second"):
        exporter.export_inference_graph("image_tensor", SlimClassifier, checkpoint, tmp_path / name, [None, 8, 8, 3])
        manifests.append(json.loads((tmp_path / name / "export_manifest.json").read_text()))
        del manifests[-1]["run"]
    assert manifests[0] == manifests[1]
