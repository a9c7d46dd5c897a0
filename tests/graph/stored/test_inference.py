"""From a stored graph to an inference graph: which inputs, which outputs, what goes, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from tensorflow.core.framework import variable_pb2

from exporter.errors import GraphError, UsageError
from exporter.graph.stored.inference import read_inference_graph
from exporter.graph.stored.loading import load_stored_graph
from exporter.graph.stored.options import StoredGraphOptions
from exporter.graph.tensor_spec import TensorSpec
from tests.stored_graphs import classifier, meta_graph, names, ops, read, run, save_module, stored

pytestmark = pytest.mark.usefixtures("graph")


def dropout_classifier():
    """A classifier whose graph also needs ``keep_prob``, and has labels and a loss that the outputs don't need."""
    inputs = tf.placeholder(tf.float32, [None, 3], "x")
    keep_prob = tf.placeholder(tf.float32, [], "keep_prob")
    outputs = classifier(inputs=inputs * keep_prob)
    labels = tf.placeholder(tf.float32, [None, 4], "labels")
    tf.losses.softmax_cross_entropy(labels, outputs)


def pruned_ops(inference):
    return ops(inference.graph.pruned)


class TestInputs:
    def test_without_names_they_are_the_placeholders_that_the_outputs_need(self):
        dropout_classifier()
        inference = read(output_node_names=["probabilities"])
        assert inference.inputs == {"x": "x:0", "keep_prob": "keep_prob:0"}
        assert inference.graph.inputs["x"] == TensorSpec("x:0", "float32", (None, 3))
        assert inference.notices == ()

    @pytest.mark.parametrize("name", ["x", "x:0"])
    def test_a_name_may_end_with_0(self, name):
        classifier()
        inference = read(input_names=[name], output_node_names=["probabilities:0"])
        assert (inference.inputs, inference.outputs) == ({"x": "x:0"}, {"probabilities": "probabilities:0"})

    def test_further_placeholders_that_the_outputs_need_are_named(self):
        dropout_classifier()
        with pytest.raises(GraphError) as caught:
            read(input_names=["x"], output_node_names=["probabilities"])
        assert caught.value.problem == "The outputs also need keep_prob (float32 [])."
        assert "--fix keep_prob=VALUE" in caught.value.advice

    def test_an_input_that_the_outputs_do_not_need_is_taken(self):
        dropout_classifier()
        inference = read(input_names=["x", "keep_prob", "labels"], output_node_names=["probabilities"])
        assert inference.graph.inputs["labels"] == TensorSpec("labels:0", "float32", (None, 4))
        assert "labels" in names(inference.graph.pruned)

    def test_any_tensor_can_become_an_input(self):
        classifier()
        inference = read(input_names=["BiasAdd"], output_node_names=["probabilities"])
        assert pruned_ops(inference) == {"Placeholder", "Softmax"}
        assert inference.graph.inputs["BiasAdd"].shape == (None, 4)

    def test_variables_can_become_inputs(self):
        classifier()
        inference = read(input_names=["x", "biases"], output_node_names=["probabilities"])
        assert [variable.node for variable in inference.graph.required_variables] == ["weights"]

    def test_a_placeholder_with_default_is_no_input_unless_named(self):
        rate = tf.placeholder_with_default(1.0, [], "rate")
        classifier(inputs=tf.placeholder(tf.float32, [None, 3], "x") * rate)
        assert set(read(output_node_names=["probabilities"]).inputs) == {"x"}
        assert set(read(input_names=["x", "rate"], output_node_names=["probabilities"]).inputs) == {"x", "rate"}

    def test_a_near_name_is_offered(self):
        classifier()
        with pytest.raises(GraphError, match=r"no node 'probabilites'.\nDid you mean probabilities\?"):
            read(output_node_names=["probabilites"])


class TestInputPipelines:
    def classify_batches(self):
        dataset = tf.data.Dataset.from_tensor_slices((tf.zeros([8, 3]), tf.zeros([8], tf.int64))).batch(2)
        images, labels = tf.data.make_initializable_iterator(dataset).get_next()
        classifier(inputs=images)
        tf.identity(labels, name="label")

    def test_an_iterator_is_cut_off_and_that_is_said(self):
        self.classify_batches()
        inference = read(output_node_names=["probabilities"])
        assert inference.inputs == {"IteratorGetNext": "IteratorGetNext:0"}
        assert inference.graph.inputs["IteratorGetNext"].shape == (None, 3)
        assert inference.notices == ("The input pipeline is cut off: IteratorGetNext became placeholders.",)
        assert "IteratorV2" not in pruned_ops(inference)

    def test_its_second_output_becomes_a_placeholder_of_its_own(self):
        self.classify_batches()
        inference = read(input_names=["IteratorGetNext:1"], output_node_names=["label"])
        assert inference.inputs == {"IteratorGetNext:1": "IteratorGetNext:1"}
        assert inference.graph.inputs["IteratorGetNext:1"] == TensorSpec("IteratorGetNext_1:0", "int64", (None,))

    def test_a_queue(self):
        batches = tf.train.batch([tf.zeros([3])], 2, name="batch")
        classifier(inputs=batches)
        inference = read(output_node_names=["probabilities"])
        assert inference.inputs == {"batch": "batch:0"}
        assert not [op for op in pruned_ops(inference) if "Queue" in op]

    def test_a_staging_area(self):
        area = tf.raw_ops.Stage(values=[tf.zeros([2, 3])], shared_name="area")
        with tf.control_dependencies([area]):
            [images] = tf.raw_ops.Unstage(dtypes=[tf.float32], shared_name="area", name="unstaged")
        images.set_shape([2, 3])
        classifier(inputs=images)
        assert read(output_node_names=["probabilities"]).inputs == {"unstaged": "unstaged:0"}

    def test_a_pipeline_behind_a_named_input_is_no_matter(self):
        self.classify_batches()
        inference = read(input_names=["matmul"], output_node_names=["probabilities"])
        assert (set(inference.inputs), inference.notices) == ({"matmul"}, ())

    def test_a_pipeline_beside_the_named_inputs_is_named(self):
        self.classify_batches()
        tf.add(tf.placeholder(tf.float32, [], "rate"), tf.reduce_sum(tf.get_default_graph().get_tensor_by_name(
            "probabilities:0")), name="output")
        with pytest.raises(GraphError, match=r"The outputs also need IteratorGetNext \(float32 \[\?, 3\]\)"):
            read(input_names=["rate"], output_node_names=["output"])

    def test_it_may_stay(self):
        self.classify_batches()
        inference = read(output_node_names=["probabilities"], keep_input_pipeline=True)
        assert inference.inputs == {}
        assert "IteratorV2" in pruned_ops(inference)


class TestOpsThatCanNotRunHere:
    def with_python_function(self, name):
        inputs = tf.py_func(lambda array: array, [tf.placeholder(tf.float32, [None, 3], "raw")], tf.float32, name=name)
        inputs.set_shape([None, 3])
        return inputs

    def test_a_python_function_in_the_input_pipeline_is_cut(self):
        classifier(inputs=self.with_python_function("augment"))
        inference = read(input_names=["augment"], output_node_names=["probabilities"])
        assert inference.graph.inputs["augment"] == TensorSpec("augment:0", "float32", (None, 3))

    def test_a_python_function_on_the_path_is_named(self):
        classifier(inputs=self.with_python_function("augment"))
        with pytest.raises(GraphError, match=r"need 'augment' \(PyFunc\), a Python function.*\n.*--input_names augment:0"):
            read(input_names=["raw"], output_node_names=["probabilities"])

    def with_unknown_op(self, op):
        """``probabilities`` behind an op, and another of the kind beside the path."""
        classifier(inputs=tf.identity(tf.placeholder(tf.float32, [None, 3], "x"), name="custom"))
        meta_graph_def = meta_graph()
        custom = next(node for node in meta_graph_def.graph_def.node if node.name == "custom")
        custom.op = op
        custom.attr.clear()
        meta_graph_def.graph_def.node.add(name="beside", op=op, input=["probabilities"])
        return meta_graph_def

    def test_an_unknown_op_beside_the_path_does_no_harm(self):
        inference = read(self.with_unknown_op("Resampler"), input_names=["custom"], output_node_names=["probabilities"])
        assert "Resampler" not in pruned_ops(inference)
        assert inference.graph.inputs["custom"].dtype == "float32", "by what MatMul takes"

    @pytest.mark.parametrize(("op", "package"), [("Resampler", "tf.contrib.resampler"), ("MyOwn", "not known here")])
    def test_an_unknown_op_on_the_path_is_named_with_its_package(self, op, package):
        with pytest.raises(GraphError, match=f"{op} at custom, of .*{package}") as caught:
            read(self.with_unknown_op(op), input_names=["x"], output_node_names=["probabilities"])
        assert "--input_names" in caught.value.advice


class TestFixedValues:
    @pytest.mark.parametrize("name", ["keep_prob", "keep_prob:0"])
    def test_a_fixed_placeholder_is_no_input(self, name):
        dropout_classifier()
        inference = read(output_node_names=["probabilities"], fixed={name: 1})
        assert set(inference.inputs) == {"x"}
        assert tf.make_ndarray(inference.fixed["keep_prob:0"].attr["value"].tensor) == np.float32(1)

    def test_with_named_inputs(self):
        dropout_classifier()
        assert set(read(input_names=["x"], output_node_names=["probabilities"], fixed={"keep_prob": 1.0}).inputs) == {"x"}

    def test_any_tensor_can_be_fixed(self):
        classifier()
        inference = read(output_node_names=["probabilities"], fixed={"biases": 0.0})
        assert [variable.node for variable in inference.graph.required_variables] == ["weights"]

    def test_conditionals_that_it_decides_are_folded(self):
        inputs, training = tf.placeholder(tf.float32, [None, 3], "x"), tf.placeholder(tf.bool, [], "is_training")
        classifier(inputs=tf.cond(training, lambda: tf.nn.dropout(inputs, 0.5), lambda: inputs))
        assert {"If", "StatelessIf"} & pruned_ops(read(output_node_names=["probabilities"]))
        inference = read(output_node_names=["probabilities"], fixed={"is_training": False})
        assert not {"If", "StatelessIf", "Switch"} & pruned_ops(inference)
        assert not [function for function in inference.graph.pruned.library.function if "Random" in str(function)]

    def test_a_bool_variable_that_feeds_a_switch(self):
        """``is_training`` as a variable, as tflearn has it."""
        tf.disable_control_flow_v2()
        mode = tf.get_variable("is_training", [], tf.bool, tf.zeros_initializer(), use_resource=False, trainable=False)
        inputs = tf.placeholder(tf.float32, [None, 3], "x")
        classifier(inputs=tf.cond(mode, lambda: tf.nn.dropout(inputs, 0.5), lambda: inputs))
        tf.enable_control_flow_v2()
        kept = read(output_node_names=["probabilities"])
        assert {"is_training", "weights", "biases"} == {variable.node for variable in kept.graph.required_variables}
        fixed = read(output_node_names=["probabilities"], fixed={"is_training": False})
        assert {"weights", "biases"} == {variable.node for variable in fixed.graph.required_variables}
        assert "Switch" not in pruned_ops(fixed)

    def test_what_only_the_other_branch_needs_is_no_input(self):
        training, inputs = tf.placeholder(tf.bool, [], "is_training"), tf.placeholder(tf.float32, [None, 3], "x")
        noise = tf.placeholder(tf.float32, [None, 3], "noise")
        classifier(inputs=tf.cond(training, lambda: inputs + noise, lambda: inputs))
        inference = read(input_names=["x"], output_node_names=["probabilities"], fixed={"is_training": False})
        assert set(inference.inputs) == {"x"}

    @pytest.mark.parametrize(("fixed", "error"), [
        ({"keep_prob": "high"}, UsageError), ({"keep_prob": [1.0, 2.0]}, UsageError), ({"keep": 1.0}, GraphError)])
    def test_what_does_not_fit_is_refused(self, fixed, error):
        dropout_classifier()
        with pytest.raises(error, match="keep"):
            read(output_node_names=["probabilities"], fixed=fixed)


class TestInputShapes:
    def convolution(self, shape):
        images = tf.placeholder(tf.float32, shape, "images")
        kernel = tf.get_variable("kernel", [3, 3, 3, 5])
        tf.identity(tf.nn.conv2d(images, kernel, 1, "VALID"), name="features")

    @pytest.mark.parametrize(("stored", "asked", "output"), [
        ((4, 8, 8, 3), (None, 8, 8, 3), (None, 6, 6, 5)), ((None, None, None, 3), (1, 32, 32, 3), (1, 30, 30, 5)),
        ((None, 8, 8, 3), (None, None, None, 3), (None, None, None, 5)), (None, (2, 8, 8, 3), (2, 6, 6, 5))])
    def test_shapes_behind_are_inferred_anew(self, stored, asked, output):
        self.convolution(stored)
        inference = read(output_node_names=["features"], input_shapes={"images": asked})
        assert inference.graph.inputs["images"].shape == asked
        assert inference.graph.outputs["features"].shape == output

    def test_a_shape_that_the_nodes_behind_can_not_take_is_refused(self):
        self.convolution((None, 8, 8, 3))
        with pytest.raises(GraphError, match=r"TensorFlow can't import the graph:.*\n.*shape or type that was given"):
            read(output_node_names=["features"], input_shapes={"images": (None, 8, 8, 4)})

    def test_what_is_no_input_gets_no_shape(self):
        self.convolution((None, 8, 8, 3))
        with pytest.raises(UsageError, match=r"'kernel' is no input, so it can't get a shape.\nThe inputs are images."):
            read(output_node_names=["features"], input_shapes={"kernel": (3, 3, 3, 5)})

    def test_stale_shapes_do_no_harm(self):
        self.convolution((None, 8, 8, 3))
        meta_graph_def = meta_graph()
        for node in meta_graph_def.graph_def.node:
            if node.name != "images":
                del node.attr["_output_shapes"].list.shape[:]
                node.attr["_output_shapes"].list.shape.add().dim.add(size=77)
        assert read(meta_graph_def, output_node_names=["features"]).graph.outputs["features"].shape == (None, 6, 6, 5)

    def test_a_placeholders_own_shape_counts_more_than_a_stale_one(self):
        self.convolution((None, 8, 8, 3))
        meta_graph_def = meta_graph()
        images = next(node for node in meta_graph_def.graph_def.node if node.name == "images")
        images.attr["_output_shapes"].list.shape[0].dim[1].size = 99
        assert read(meta_graph_def, output_node_names=["features"]).graph.inputs["images"].shape == (None, 8, 8, 3)

    def test_what_set_shape_said_counts_where_the_placeholder_says_nothing(self):
        images = tf.placeholder(tf.float32, name="images")
        images.set_shape([None, 4])
        tf.square(images, name="output")
        assert read(output_node_names=["output"]).graph.inputs["images"].shape == (None, 4)


class TestSignatures:
    def of_module(self, path, **options):
        save_module(path)
        return read_inference_graph(load_stored_graph(path), StoredGraphOptions(path, **options))

    def test_its_keys_are_those_of_the_inference_graph(self, tmp_path):
        inference = self.of_module(tmp_path)
        assert set(inference.graph.inputs) == {"x"}
        assert inference.graph.inputs["x"].shape == (None, 3)
        assert inference.graph.outputs["scores"].shape == (None, 4)

    def test_outputs_may_be_named_all_the_same(self, tmp_path):
        inference = self.of_module(tmp_path, output_node_names=["StatefulPartitionedCall"])
        assert set(inference.inputs) == {"serving_default_x"}

    def test_it_may_lack_an_input(self):
        dropout_classifier()
        meta_graph_def = meta_graph()
        graph = tf.get_default_graph()
        meta_graph_def.signature_def["serving_default"].CopyFrom(tf.saved_model.predict_signature_def(
            {"images": graph.get_tensor_by_name("x:0")}, {"scores": graph.get_tensor_by_name("probabilities:0")}))
        graph = replace(stored(meta_graph_def), signature=meta_graph_def.signature_def["serving_default"])
        with pytest.raises(GraphError, match=r"The outputs also need keep_prob \(float32 \[\]\)"):
            read_inference_graph(graph, StoredGraphOptions("saved"))
        fixed = read_inference_graph(graph, StoredGraphOptions("saved", fixed={"keep_prob": 1.0}))
        assert (set(fixed.graph.inputs), set(fixed.graph.outputs)) == ({"images"}, {"scores"})


class TestVariables:
    def test_those_that_the_saver_leaves_alone_are_known(self):
        classifier()
        weights, _ = tf.global_variables()
        saver = tf.train.Saver([weights])
        meta_graph_def = tf.train.export_meta_graph(saver_def=saver.saver_def)
        assert read(meta_graph_def, output_node_names=["probabilities"]).unrestored == {"biases"}
        assert read(output_node_names=["probabilities"]).unrestored == frozenset(), "without a saver none is"

    def test_collections_that_name_what_is_gone_do_no_harm(self):
        classifier()
        meta_graph_def = meta_graph()
        lost = variable_pb2.VariableDef(variable_name="lost:0", initializer_name="lost/Assign")
        meta_graph_def.collection_def["variables"].bytes_list.value.append(lost.SerializeToString())
        meta_graph_def.collection_def["table_initializer"].node_list.value.append("lost_table")
        meta_graph_def.collection_def["train_op"].node_list.value.append("lost_step")
        inference = read(meta_graph_def, output_node_names=["probabilities"])
        assert set(inference.graph.meta_graph_def.collection_def) == {"variables", "trainable_variables"}
        with tf.Graph().as_default():
            tf.train.import_meta_graph(inference.graph.meta_graph_def)
            assert {variable.op.name for variable in tf.global_variables()} == {"weights", "biases"}

    def test_devices_go(self):
        with tf.device("/job:ps/task:0/gpu:3"):
            classifier()
        graph = read(output_node_names=["probabilities"]).graph
        assert {node.device for node in graph.meta_graph_def.graph_def.node} == {""}


def test_control_flow_of_a_loop_is_kept():
    tf.disable_control_flow_v2()
    count = tf.placeholder(tf.int32, [], "count")
    state = tf.while_loop(lambda i, _: i < count, lambda i, value: (i + 1, value * 2.0), [0, tf.ones([2])])[1]
    tf.enable_control_flow_v2()
    tf.identity(state, name="output")
    inference = read(output_node_names=["output"])
    np.testing.assert_array_equal(run(inference.graph.pruned, "output:0", {"count:0": 3}), [8.0, 8.0])
