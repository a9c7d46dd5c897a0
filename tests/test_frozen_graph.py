"""Every odd kind of stored graph and checkpoint is frozen to a graph that gives what it gives as it was stored."""

import re
import shutil

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import CheckpointError, GraphError
from exporter.frozen_graph import FreezeOptions
from exporter.weights.binding import WeightOptions
from tests.checkpoints import distinct_value
from tests.stored_graphs import (
    classifier,
    freeze,
    graph_def_of,
    names,
    ops,
    rewrite_meta,
    run,
    run_stored,
    save,
    save_module,
)

pytestmark = pytest.mark.usefixtures("graph")
X = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)
FEEDS = {"x:0": X}
VARIABLES = {"Variable", "VariableV2", "VarHandleOp", "ReadVariableOp"}


def assert_frozen_as_stored(prefix, outputs=("probabilities",), feeds=None, checkpoint=None, **options):
    """Freezes a graph; its outputs are those of the stored graph to the bit. Returns what was frozen."""
    frozen = freeze(f"{prefix}.meta", checkpoint, output_node_names=outputs, **options)
    graph_def = graph_def_of(frozen)
    assert not ops(graph_def) & VARIABLES
    tensors = [f"{name}:0" for name in outputs]
    feeds = FEEDS if feeds is None else feeds
    for found, expected in zip(run(graph_def, tensors, feeds), run_stored(prefix, tensors, feeds), strict=True):
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)
    return frozen


def saved_values():
    return {name: distinct_value(name, tf.float32, shape) for name, shape in (("weights", [3, 4]), ("biases", [4]))}


def assert_has_saved_values(frozen, **other):
    constants = {node.name: tf.make_ndarray(node.attr["value"].tensor)
                 for node in graph_def_of(frozen).node if node.op == "Const"}
    for name, value in {**saved_values(), **other}.items():
        np.testing.assert_array_equal(constants[name], value)


class TestVariables:
    @pytest.mark.parametrize("use_resource", [True, False])
    def test_reference_and_resource_variables(self, tmp_path, use_resource):
        classifier(use_resource)
        frozen = assert_frozen_as_stored(save(tmp_path / "model.ckpt"))
        assert_has_saved_values(frozen)
        assert frozen.warnings == ()

    def test_both_in_one_graph(self, tmp_path):
        scores = classifier(use_resource=True)
        gain = tf.get_variable("gain", [4], use_resource=False)
        tf.multiply(scores, gain, name="output")
        assert_frozen_as_stored(save(tmp_path / "model.ckpt"), ["output", "probabilities"])

    def test_the_legacy_op(self, tmp_path):
        """What ``tf.Variable`` was before TensorFlow 1.0."""
        classifier()
        prefix = save(tmp_path / "model.ckpt")

        def back_to_the_old_op(meta_graph_def):
            for node in meta_graph_def.graph_def.node:
                node.op = "Variable" if node.op == "VariableV2" else node.op

        rewrite_meta(prefix, back_to_the_old_op)
        assert_has_saved_values(assert_frozen_as_stored(prefix))

    @pytest.mark.parametrize("use_resource", [True, False])
    @pytest.mark.parametrize("with_collections", [True, False])
    def test_partitioned_variables(self, tmp_path, use_resource, with_collections):
        with tf.variable_scope("", partitioner=tf.fixed_size_partitioner(2)):
            classifier(use_resource)
        prefix = save(tmp_path / "model.ckpt")
        expected = run_stored(prefix, "probabilities:0", FEEDS)
        if not with_collections:
            rewrite_meta(prefix, lambda meta_graph_def: meta_graph_def.collection_def.clear())
        frozen = freeze(f"{prefix}.meta", output_node_names=["probabilities"])
        np.testing.assert_array_equal(run(graph_def_of(frozen), "probabilities:0", FEEDS), expected)

    def test_partitioned_variables_of_a_plain_graph_def(self, tmp_path):
        """Only the slices of its restore nodes tell that they are parts."""
        with tf.variable_scope("", partitioner=tf.fixed_size_partitioner(2)):
            classifier(use_resource=True)
        prefix = save(tmp_path / "model.ckpt")
        tf.io.write_graph(tf.get_default_graph(), str(tmp_path), "graph.pbtxt")
        frozen = freeze(tmp_path / "graph.pbtxt", prefix, output_node_names=["probabilities"])
        expected = run_stored(prefix, "probabilities:0", FEEDS)
        np.testing.assert_array_equal(run(graph_def_of(frozen), "probabilities:0", FEEDS), expected)

    def test_a_bool_variable_that_feeds_a_switch(self, tmp_path):
        tf.disable_control_flow_v2()
        inputs = tf.placeholder(tf.float32, [None, 3], "x")
        mode = tf.get_variable("is_training", [], tf.bool, use_resource=False, trainable=False)
        classifier(inputs=tf.cond(mode, lambda: inputs * 2.0, lambda: inputs))
        tf.enable_control_flow_v2()
        assert_frozen_as_stored(save(tmp_path / "model.ckpt"))

    @pytest.mark.parametrize("use_resource", [True, False])
    @pytest.mark.parametrize("v2", [True, False])
    def test_variables_in_a_loop(self, tmp_path, use_resource, v2):
        (tf.enable_control_flow_v2 if v2 else tf.disable_control_flow_v2)()
        inputs = tf.placeholder(tf.float32, [None, 3], "x")
        square = tf.get_variable("square", [3, 3], use_resource=use_resource)
        turned = tf.while_loop(lambda i, _: i < 4, lambda i, value: (i + 1, tf.tanh(value @ square)), [0, inputs])[1]
        tf.enable_control_flow_v2()
        classifier(use_resource, inputs=turned)
        assert_frozen_as_stored(save(tmp_path / "model.ckpt"))

    def test_devices_of_a_cluster(self, tmp_path):
        for number, device in enumerate(("/job:ps/task:0/gpu:3", "/job:worker/replica:0/task:2/device:GPU:1")):
            with tf.device(device), tf.variable_scope(f"tower_{number}"):
                classifier(inputs=tf.placeholder(tf.float32, [None, 3], f"x_{number}"))
        prefix = save_by_values(tmp_path / "model.ckpt")
        feeds = {"tower_0/x_0:0": X, "tower_1/x_1:0": X}
        frozen = assert_frozen_as_stored(prefix, ["tower_0/probabilities", "tower_1/probabilities"], feeds)
        assert {node.device for node in graph_def_of(frozen).node} == {""}


def save_by_values(prefix, saver=None):
    """Saves the default graph from a copy without its devices, which are not there."""
    meta_graph_def = tf.train.export_meta_graph(saver_def=(saver or tf.train.Saver()).saver_def)
    content = meta_graph_def.SerializeToString()  # importing drops the devices in place
    with tf.Graph().as_default():
        save(prefix, tf.train.import_meta_graph(meta_graph_def, clear_devices=True))
    prefix.with_name(f"{prefix.name}.meta").write_bytes(content)
    return prefix


class TestCheckpoints:
    @pytest.mark.parametrize("options", [{}, {"sharded": True}])
    def test_v1(self, tmp_path, options):
        classifier()
        prefix = save(tmp_path / "model.ckpt", tf.train.Saver(write_version=tf.train.SaverDef.V1, **options))
        assert_has_saved_values(freeze(f"{tmp_path / 'model.ckpt'}.meta", output_node_names=["probabilities"]))
        assert not prefix.with_suffix(".ckpt.index").exists()

    def test_keys_that_a_saver_renamed(self, tmp_path):
        classifier(use_resource=True)
        saver = tf.train.Saver({f"net/{variable.op.name}": variable for variable in tf.global_variables()})
        assert_has_saved_values(assert_frozen_as_stored(save(tmp_path / "model.ckpt", saver)))

    def test_a_map_of_names_where_no_saver_tells(self, tmp_path):
        classifier()
        saver = tf.train.Saver({f"net/{variable.op.name}": variable for variable in tf.global_variables()})
        prefix = save(tmp_path / "model.ckpt", saver)
        with tf.Graph().as_default() as graph:
            classifier()
            tf.io.write_graph(graph, str(tmp_path), "graph.pb", as_text=False)
        options = FreezeOptions(WeightOptions(variable_map={"^": "net/"}))
        assert_has_saved_values(freeze(tmp_path / "graph.pb", prefix, options, output_node_names=["probabilities"]))
        with pytest.raises(CheckpointError, match="weights: not in the checkpoint"):
            freeze(tmp_path / "graph.pb", prefix, output_node_names=["probabilities"])

    def test_shadow_variables(self, tmp_path):
        classifier()
        tf.train.ExponentialMovingAverage(0.9).apply(tf.trainable_variables())
        prefix = save(tmp_path / "model.ckpt")
        raw = freeze(f"{prefix}.meta", output_node_names=["probabilities"])
        assert_has_saved_values(raw)
        assert "For the averages: --use_moving_averages" in raw.warnings[0]
        averaged = freeze(f"{prefix}.meta", None, FreezeOptions(WeightOptions(use_moving_averages=True)),
                          output_node_names=["probabilities"])
        shadows = {name: distinct_value(f"{name}/ExponentialMovingAverage", tf.float32, value.shape)
                   for name, value in saved_values().items()}
        assert_has_saved_values(averaged, **shadows)

    def test_variables_off_the_path_may_be_missing(self, tmp_path):
        classifier()
        inner = list(tf.global_variables())
        tf.get_variable("head", [7])
        prefix = save(tmp_path / "model.ckpt", tf.train.Saver(inner))
        rewrite_meta(prefix, lambda meta_graph_def: meta_graph_def.ClearField("saver_def"))
        assert_has_saved_values(freeze(f"{prefix}.meta", output_node_names=["probabilities"]))

    def test_those_on_it_are_listed(self, tmp_path):
        classifier()
        prefix = save(tmp_path / "model.ckpt", tf.train.Saver([tf.global_variables()[0]]))
        with pytest.raises(CheckpointError, match=r"1 of the model's 2 variables .*\n  biases: not in the checkpoint"):
            freeze(f"{prefix}.meta", output_node_names=["probabilities"])

    def test_those_that_the_saver_leaves_alone_keep_a_constant_initial_value(self, tmp_path):
        scores = classifier()
        saver = tf.train.Saver()
        tf.multiply(scores, tf.get_variable("gain", initializer=tf.constant([1.0, 2.0, 3.0, 4.0])), name="output")
        frozen = freeze(f"{save(tmp_path / 'model.ckpt', saver)}.meta", output_node_names=["output"])
        assert_has_saved_values(frozen, gain=[1.0, 2.0, 3.0, 4.0])
        assert frozen.warnings == ("Never saved, exported with their initial values: gain.",)

    @pytest.mark.parametrize("named", ["/data/other machine/runs/model.ckpt-7", r"C:\\runs\\digits\\model.ckpt-7",
                                       "model.ckpt-7"])
    def test_a_directory_whose_state_file_has_another_machines_paths(self, tmp_path, named):
        classifier()
        for step in (7, 5):  # the last one saved is not the latest by the state file
            save(tmp_path / f"model.ckpt-{step}")
        (tmp_path / "checkpoint").write_text(f'model_checkpoint_path: "{named}"\nall_model_checkpoint_paths: "{named}"\n')
        frozen = freeze(tmp_path / "model.ckpt-5.meta", tmp_path, output_node_names=["probabilities"])
        assert frozen.checkpoint.path.prefix == tmp_path / "model.ckpt-7"

    def test_no_checkpoint(self, tmp_path):
        classifier()
        shutil.move(f"{save(tmp_path / 'model.ckpt')}.meta", tmp_path / "alone.meta")
        with pytest.raises(CheckpointError, match=r"alone.meta has variables, and no checkpoint was named"):
            freeze(tmp_path / "alone.meta", output_node_names=["probabilities"])

    def test_weights_that_have_diverged_are_told(self, tmp_path):
        classifier()
        with tf.Session() as session:
            for variable in tf.global_variables():
                variable.load(np.full(variable.shape, np.nan if variable.op.name == "biases" else 1.0), session)
            prefix = tf.train.Saver().save(session, str(tmp_path / "model.ckpt"))
        frozen = freeze(f"{prefix}.meta", output_node_names=["probabilities"])
        assert frozen.warnings == (
            "The variable biases holds 4 values that are NaN or infinite: the training has diverged.",)


class TestTables:
    def words(self):
        return tf.placeholder(tf.string, [None], "words")

    def test_tables_with_initializers_are_kept_and_filled(self, tmp_path):
        table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["a", "b"], [0, 2]), 1)
        tf.gather(tf.get_variable("embedding", [3, 2]), table.lookup(self.words()), name="output")
        prefix = save(tmp_path / "model.ckpt")
        frozen = assert_frozen_as_stored(prefix, ["output"], {"words:0": ["b", "?", "a"]})
        assert "InitializeTableV2" in {op.replace("LookupTableImportV2", "InitializeTableV2") for op in
                                       ops(graph_def_of(frozen))}

    def test_the_older_kind(self, tmp_path):
        """``InitializeTable`` on a table of reference type."""
        table = tf.raw_ops.HashTable(key_dtype=tf.string, value_dtype=tf.int64, name="table")
        filler = tf.raw_ops.InitializeTable(table_handle=table, keys=["a", "b"], values=tf.constant([0, 2], tf.int64))
        tf.add_to_collection(tf.GraphKeys.TABLE_INITIALIZERS, filler)
        index = tf.raw_ops.LookupTableFind(table_handle=table, keys=self.words(), default_value=tf.constant(1, tf.int64))
        tf.gather(tf.get_variable("embedding", [3, 2]), index, name="output")
        frozen = assert_frozen_as_stored(save(tmp_path / "model.ckpt"), ["output"], {"words:0": ["b", "?", "a"]})
        assert "InitializeTable" in ops(graph_def_of(frozen))

    def test_without_its_collection_an_initializer_is_found(self, tmp_path):
        table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["a", "b"], [0, 2]), 1)
        tf.gather(tf.get_variable("embedding", [3, 2]), table.lookup(self.words()), name="output")
        prefix = save(tmp_path / "model.ckpt")
        expected = run_stored(prefix, "output:0", {"words:0": ["b", "?", "a"]})
        rewrite_meta(prefix, lambda meta_graph_def: meta_graph_def.collection_def.pop("table_initializer"))
        frozen = freeze(f"{prefix}.meta", output_node_names=["output"])
        np.testing.assert_array_equal(run(graph_def_of(frozen), "output:0", {"words:0": ["b", "?", "a"]}), expected)

    def test_tables_off_the_path_go(self, tmp_path):
        tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["a"], [0]), 1).lookup(self.words())
        classifier()
        frozen = assert_frozen_as_stored(save(tmp_path / "model.ckpt"))
        assert not [op for op in ops(graph_def_of(frozen)) if "Table" in op]


class TestGraphs:
    def test_a_saved_model_of_tensorflow_2(self, tmp_path):
        weights, biases = save_module(tmp_path)
        frozen = freeze(tmp_path)
        [spec] = frozen.inference.graph.outputs.values()
        [fed] = frozen.inference.graph.inputs.values()
        np.testing.assert_allclose(run(graph_def_of(frozen), spec.name, {fed.name: X}), X @ weights + biases, rtol=1e-5)

    def test_a_saved_model_of_tensorflow_1(self, tmp_path):
        outputs = classifier()
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            tf.saved_model.simple_save(session, str(tmp_path / "saved"), {
                "images": tf.get_default_graph().get_tensor_by_name("x:0")}, {"scores": outputs})
            expected = session.run(outputs, FEEDS)
        frozen = freeze(tmp_path / "saved")
        assert set(frozen.inference.graph.outputs) == {"scores"}
        np.testing.assert_allclose(run(graph_def_of(frozen), "probabilities:0", FEEDS), expected, rtol=1e-6)

    def test_a_frozen_graph_stays_as_it_is(self, tmp_path):
        classifier()
        first = freeze(f"{save(tmp_path / 'model.ckpt')}.meta", output_node_names=["probabilities"]).message.content()
        (tmp_path / "frozen.pb").write_bytes(first)
        again = freeze(tmp_path / "frozen.pb", output_node_names=["probabilities"])
        assert again.message.content() == first
        assert again.checkpoint is None

    def test_the_whole_damage_at_once(self, tmp_path):
        """Stale shapes, collections that name what is gone, an unknown op and a Python function in the input pipeline."""
        raw = tf.py_func(lambda array: array, [tf.zeros([5, 3])], tf.float32, name="augment")
        raw.set_shape([None, 3])
        classifier(inputs=tf.train.batch([raw], 1, enqueue_many=True, allow_smaller_final_batch=True, name="batch"))
        prefix = save(tmp_path / "model.ckpt")
        rewrite_meta(prefix, damage)
        frozen = freeze(f"{prefix}.meta", output_node_names=["probabilities"])
        assert set(frozen.inference.graph.inputs) == {"batch"}
        assert frozen.warnings[0] == "The input pipeline is cut off: batch became placeholders."
        assert_has_saved_values(frozen)
        assert run(graph_def_of(frozen), "probabilities:0", {"batch:0": X}).shape == (5, 4)

    def test_names_of_a_cut_in_the_frozen_graph(self, tmp_path):
        dataset = tf.data.Dataset.from_tensors((tf.zeros([3]), tf.zeros([3]))).batch(1)
        _, images = tf.data.make_one_shot_iterator(dataset).get_next()
        classifier(inputs=images)
        frozen = freeze(f"{save(tmp_path / 'model.ckpt')}.meta", input_names=["IteratorGetNext:1"],
                        output_node_names=["probabilities"])
        assert frozen.inference.graph.inputs["IteratorGetNext:1"].name == "IteratorGetNext_1:0"
        assert run(graph_def_of(frozen), "probabilities:0", {"IteratorGetNext_1:0": X}).shape == (5, 4)

    def test_an_output_that_changes_a_variable_is_refused(self, tmp_path):
        classifier()
        tf.assign_add(tf.get_variable("state", [2], use_resource=False), [1.0, 1.0], name="update")
        prefix = save(tmp_path / "model.ckpt")
        with pytest.raises(GraphError, match=r"'update' \(AssignAdd\)"):
            freeze(f"{prefix}.meta", output_node_names=["update"])

    def test_a_graph_that_is_too_large_is_refused(self, tmp_path, monkeypatch):
        classifier()
        prefix = save(tmp_path / "model.ckpt")
        monkeypatch.setattr("exporter.frozen_graph.PROTOBUF_LIMIT", 100)
        with pytest.raises(GraphError, match=re.escape("protobuf reads at most 100.")):
            freeze(f"{prefix}.meta", output_node_names=["probabilities"])


def damage(meta_graph_def):
    for node in meta_graph_def.graph_def.node:
        if "_output_shapes" in node.attr and node.op not in ("QueueDequeueManyV2", "QueueDequeueUpToV2"):
            node.attr["_output_shapes"].list.shape[0].unknown_rank = True
            node.attr["_output_shapes"].list.shape.add().dim.add(size=99)
    meta_graph_def.graph_def.node.add(name="contrib", op="Resampler", input=["probabilities"])
    meta_graph_def.collection_def["train_op"].node_list.value.append("gone")
    meta_graph_def.collection_def["queue_runners"].bytes_list.value.append(b"\xff")
    meta_graph_def.collection_def["objects"].any_list.value.add(type_url="type.googleapis.com/gone.Message")


class TestOptions:
    def test_chosen_variables(self, tmp_path):
        classifier()
        prefix = save(tmp_path / "model.ckpt")
        for options in (FreezeOptions(converted=["weights"]), FreezeOptions(kept=["biases"])):
            frozen = freeze(f"{prefix}.meta", None, options, output_node_names=["probabilities"])
            kinds = {node.name: node.op for node in graph_def_of(frozen).node}
            assert (kinds["weights"], kinds["biases"]) == ("Const", "VariableV2")
            assert frozen.has_variables

    def test_devices_may_stay(self, tmp_path):
        with tf.device("/job:ps/task:0/gpu:3"):
            classifier()
        prefix = save_by_values(tmp_path / "model.ckpt")
        frozen = freeze(f"{prefix}.meta", None, FreezeOptions(clear_devices=False), output_node_names=["probabilities"])
        assert {node.device for node in graph_def_of(frozen).node} == {"/job:ps/task:0/device:GPU:3"}

    @pytest.mark.parametrize("device", ["", "/job:ps/task:0/gpu:3"])
    @pytest.mark.parametrize("partitioner", [None, tf.fixed_size_partitioner(2)])
    def test_initializers_give_what_the_checkpoint_lacks(self, tmp_path, device, partitioner):
        scores = classifier()
        saver = tf.train.Saver()
        with tf.device(device):
            gain = tf.get_variable("gain", [4], initializer=tf.random_uniform_initializer(2.0, 3.0), partitioner=partitioner)
            tf.multiply(scores, gain, name="output")
        prefix = save_by_values(tmp_path / "model.ckpt", saver)
        options = FreezeOptions(initializer_nodes=[variable.initializer.name for variable in tf.global_variables()
                                                   if variable.op.name.startswith("gain")])
        frozen = freeze(f"{prefix}.meta", None, options, output_node_names=["output"])
        gains = [tf.make_ndarray(node.attr["value"].tensor) for node in graph_def_of(frozen).node
                 if node.op == "Const" and node.name in ("gain", "gain/part_0", "gain/part_1")]
        assert sum(gain.size for gain in gains) == 4
        assert all(2.0 <= value < 3.0 for gain in gains for value in gain)

    def test_initializers_that_do_not_initialize_it(self, tmp_path):
        tf.multiply(classifier(), tf.get_variable("gain", [4]), name="output")
        prefix = save(tmp_path / "model.ckpt", tf.train.Saver(tf.global_variables()[:2]))
        with pytest.raises(CheckpointError, match="nor initialized by weights/Assign: gain"):
            freeze(f"{prefix}.meta", None, FreezeOptions(initializer_nodes=["weights/Assign"]), output_node_names=["output"])
        with pytest.raises(GraphError, match="no node 'gain/Asign'"):
            freeze(f"{prefix}.meta", None, FreezeOptions(initializer_nodes=["gain/Asign"]), output_node_names=["output"])

    def test_a_fixed_value(self, tmp_path):
        keep_prob = tf.placeholder(tf.float32, [], "keep_prob")
        classifier(inputs=tf.placeholder(tf.float32, [None, 3], "x") * keep_prob)
        prefix = save(tmp_path / "model.ckpt")
        frozen = freeze(f"{prefix}.meta", output_node_names=["probabilities"], fixed={"keep_prob": 0.5})
        expected = run_stored(prefix, "probabilities:0", {**FEEDS, "keep_prob:0": 0.5})
        np.testing.assert_array_equal(run(graph_def_of(frozen), "probabilities:0", FEEDS), expected)
        assert [node.op for node in graph_def_of(frozen).node if node.name == "keep_prob"] == ["Const"]
        assert "keep_prob" in names(graph_def_of(frozen))
