"""``freeze_graph`` and ``freeze_graph_with_def_protos``: TensorFlow's tool where it is right, and right where it is not."""

import inspect

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from google.protobuf import text_format
from tensorflow.python.tools import freeze_graph as original

from exporter.errors import CheckpointError, GraphError, OutputError, UsageError
from exporter.freeze import freeze_graph, freeze_graph_with_def_protos, read_saver_def, split_names
from tests.checkpoints import distinct_value
from tests.stored_graphs import classifier, ops, run, save, save_module

X = {"x:0": np.random.default_rng(2).normal(size=(3, 3)).astype(np.float32)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A checkpoint that lacks ``gain``, its graph and saver in every form, with devices."""
    folder = tmp_path_factory.mktemp("trained")
    with tf.Graph().as_default() as graph:
        with tf.device("/device:CPU:0"):
            scores = classifier()
            saver = tf.train.Saver()
        gain = tf.get_variable("gain", [4], initializer=tf.random_uniform_initializer(2.0, 3.0), use_resource=False)
        tf.multiply(scores, gain, name="gained")
        save(folder / "model.ckpt", saver)
        write_forms(folder, graph, saver.saver_def)
    return folder


def write_forms(folder, graph, saver_def):
    for as_text in (False, True):
        tf.io.write_graph(graph, str(folder), "graph.pbtxt" if as_text else "graph.pb", as_text=as_text)
    (folder / "saver.pb").write_bytes(saver_def.SerializeToString())
    (folder / "saver.pbtxt").write_text(text_format.MessageToString(saver_def))
    with tf.Session(graph=graph) as session:
        session.run([variable.initializer for variable in graph.get_collection("variables")])
        tensors = [graph.get_tensor_by_name(name) for name in ("x:0", "gained:0")]
        tf.saved_model.simple_save(session, str(folder / "saved"), {"x": tensors[0]}, {"gained": tensors[1]})


def arguments(folder, **changes):
    """What TensorFlow's function takes, for the graph as text."""
    return {"input_graph": str(folder / "graph.pbtxt"), "input_saver": "", "input_binary": False,
            "input_checkpoint": str(folder / "model.ckpt"), "output_node_names": "probabilities",
            "restore_op_name": "save/restore_all", "filename_tensor_name": "save/Const:0", "output_graph": "",
            "clear_devices": True, "initializer_nodes": "", **changes}


def values(graph_def):
    return {node.name: tf.make_ndarray(node.attr["value"].tensor) for node in graph_def.node if node.op == "Const"}


def loaded(folder, name="graph.pb", message=tf.GraphDef):
    return message.FromString((folder / name).read_bytes())


@pytest.mark.parametrize(("ours", "theirs"), [(freeze_graph, original.freeze_graph),
                                              (freeze_graph_with_def_protos, original.freeze_graph_with_def_protos)])
def test_takes_all_parameters_of_the_original_in_its_order(ours, theirs):
    expected = list(inspect.signature(theirs).parameters)
    assert list(inspect.signature(ours).parameters)[:len(expected)] == expected


@pytest.mark.parametrize("changes", [
    {}, {"input_graph": "graph.pb", "input_binary": True}, {"input_saver": "saver.pbtxt"},
    {"input_graph": "graph.pb", "input_binary": True, "input_saver": "saver.pb"},
    {"input_graph": "", "input_meta_graph": "model.ckpt.meta", "input_binary": True},
    {"input_graph": "", "input_checkpoint": "", "input_saved_model_dir": "saved", "output_node_names": "gained"},
    {"variable_names_whitelist": "weights"}, {"variable_names_denylist": "weights"},
    {"output_node_names": "BiasAdd, matmul"}, {"clear_devices": False}])
def test_gives_the_nodes_and_values_that_the_original_gives(folder, monkeypatch, changes):
    monkeypatch.chdir(folder)
    with tf.Graph().as_default():
        theirs = original.freeze_graph(**arguments(folder, **changes))
    ours = freeze_graph(**arguments(folder, **changes))
    assert {node.name: node.op for node in ours.node} == {node.name: node.op for node in theirs.node}
    assert values(ours).keys() == values(theirs).keys()
    for name, value in values(theirs).items():
        np.testing.assert_array_equal(values(ours)[name], value)
    if not changes.keys() & {"variable_names_whitelist", "variable_names_denylist"}:
        output = f"{split_names(arguments(folder, **changes)['output_node_names'])[0]}:0"
        np.testing.assert_array_equal(run(ours, output, X), run(theirs, output, X))


def test_the_files_tell_themselves_whether_they_are_binary(folder):
    for graph in ("graph.pb", "graph.pbtxt"):
        for binary in (True, False):
            frozen = freeze_graph(**arguments(folder, input_graph=folder / graph, input_binary=binary))
            assert "weights" in values(frozen)


def test_writes_what_it_returns(folder, tmp_path):
    returned = freeze_graph(**arguments(folder, output_graph=tmp_path / "frozen.pb"))
    assert tf.GraphDef.FromString((tmp_path / "frozen.pb").read_bytes()) == returned


@pytest.mark.parametrize(("graph_def", "saver", "meta"), [
    (True, None, False), (True, "saver.pb", False), (False, None, True)])
def test_initializers_count_on_every_branch(folder, graph_def, saver, meta):
    """The original leaves them out where a SaverDef or a SavedModel is given."""
    frozen = freeze_graph_with_def_protos(
        loaded(folder) if graph_def else None, loaded(folder, saver, tf.train.SaverDef) if saver else None,
        folder / "model.ckpt", "gained", initializer_nodes="gain/Assign",
        input_meta_graph_def=loaded(folder, "model.ckpt.meta", tf.MetaGraphDef) if meta else None)
    assert ((values(frozen)["gain"] >= 2.0) & (values(frozen)["gain"] < 3.0)).all()
    np.testing.assert_array_equal(values(frozen)["weights"], distinct_value("weights", tf.float32, [3, 4]))


def test_without_them_what_is_missing_is_named(folder):
    with pytest.raises(CheckpointError, match="gain: not in the checkpoint"):
        freeze_graph_with_def_protos(loaded(folder), None, folder / "model.ckpt", "gained")


def test_the_callers_graph_and_messages_are_untouched(folder):
    graph_def, meta_graph_def = loaded(folder), loaded(folder, "model.ckpt.meta", tf.MetaGraphDef)
    before = graph_def.SerializeToString(), meta_graph_def.SerializeToString()
    with tf.Graph().as_default() as graph:
        freeze_graph_with_def_protos(graph_def, None, folder / "model.ckpt", "probabilities")
        freeze_graph_with_def_protos(None, None, folder / "model.ckpt", "probabilities", input_meta_graph_def=meta_graph_def)
        freeze_graph(**arguments(folder))
        assert graph.get_operations() == []
    assert (graph_def.SerializeToString(), meta_graph_def.SerializeToString()) == before


@pytest.mark.parametrize(("clear", "devices"), [(True, {""}), (False, {"/device:CPU:0", ""})])
def test_devices_go_or_stay(folder, clear, devices):
    frozen = freeze_graph_with_def_protos(loaded(folder), None, folder / "model.ckpt", "gained", clear_devices=clear,
                                          initializer_nodes="gain/Assign")
    assert {node.device for node in frozen.node} == devices


@pytest.mark.parametrize("names", [{"variable_names_denylist": "weights"}, {"variable_names_blacklist": ["weights"]},
                                   {"variable_names_whitelist": "biases, other"}])
def test_chosen_variables(folder, names):
    frozen = freeze_graph_with_def_protos(loaded(folder), None, folder / "model.ckpt", "probabilities", **names)
    assert {"weights", "biases"} & set(values(frozen)) == {"biases"}
    assert "VariableV2" in ops(frozen)


def test_renamed_keys_are_read_by_the_saver_def(tmp_path):
    with tf.Graph().as_default() as graph:
        classifier()
        saver = tf.train.Saver({f"net/{variable.op.name}": variable for variable in tf.global_variables()})
        save(tmp_path / "model.ckpt", saver)
    frozen = freeze_graph_with_def_protos(graph.as_graph_def(), saver.saver_def, tmp_path / "model.ckpt", ["probabilities"])
    np.testing.assert_array_equal(values(frozen)["weights"], distinct_value("weights", tf.float32, [3, 4]))


def test_a_saved_model_of_tensorflow_2(tmp_path):
    weights, biases = save_module(tmp_path)
    frozen = freeze_graph_with_def_protos(None, None, None, "StatefulPartitionedCall", input_saved_model_dir=tmp_path,
                                          saved_model_tags=["serve"])
    found = run(frozen, "StatefulPartitionedCall:0", {"serving_default_x:0": X["x:0"]})
    np.testing.assert_allclose(found, X["x:0"] @ weights + biases, rtol=1e-5)


def test_the_input_pipeline_stays_as_in_the_original(tmp_path):
    with tf.Graph().as_default() as graph:
        dataset = tf.data.Dataset.from_tensors(X["x:0"])
        classifier(inputs=tf.data.make_one_shot_iterator(dataset).get_next())
        save(tmp_path / "model.ckpt")
    frozen = freeze_graph_with_def_protos(graph.as_graph_def(), None, tmp_path / "model.ckpt", "probabilities")
    assert run(frozen, "probabilities:0").shape == (3, 4)


def test_a_frozen_graph_may_be_frozen_again(folder):
    once = freeze_graph(**arguments(folder))
    assert freeze_graph_with_def_protos(once, None, None, "probabilities") == once


@pytest.mark.parametrize(("changes", "error", "words"), [
    ({"output_node_names": ""}, UsageError, "No output node is named"), ({"input_graph": ""}, UsageError, "No graph"),
    ({"input_graph": None}, UsageError, "No graph"), ({"output_node_names": "probabilites"}, GraphError, "Did you mean"),
    ({"input_checkpoint": "nowhere/model.ckpt"}, CheckpointError, "no checkpoint"),
    ({"input_checkpoint": None}, CheckpointError, "no checkpoint was named"),
    ({"input_graph": "nothing.pb"}, GraphError, "no graph 'nothing.pb'"),
    ({"input_saver": "nothing.pb"}, GraphError, "nothing.pb is no SaverDef"),
    ({"output_graph": "nowhere/frozen.pb"}, OutputError, "nowhere/frozen.pb can't be written")])
def test_what_can_not_be_frozen_is_said(folder, monkeypatch, changes, error, words):
    monkeypatch.chdir(folder)
    with pytest.raises(error, match=words):
        freeze_graph(**arguments(folder, **changes))


def test_without_any_graph():
    with pytest.raises(UsageError, match="No graph is given"):
        freeze_graph_with_def_protos(None, None, "model.ckpt", "probabilities")


@pytest.mark.parametrize("content", [b"", b"no saver", b"\xff\xff", b"version https://git-lfs.github.com/spec/v1\n",
                                     b"restore_op: 1"])
def test_what_is_no_saver_def_is_said(tmp_path, content):
    (tmp_path / "saver.pb").write_bytes(content)
    with pytest.raises(GraphError, match=r"saver.pb is no SaverDef"):
        read_saver_def(tmp_path / "saver.pb")


@pytest.mark.parametrize(("given", "expected"), [
    ("", []), (None, []), ("a", ["a"]), (" a, b ,,", ["a", "b"]), (["a", " b "], ["a", "b"]), (("a",), ["a"])])
def test_names_come_as_text_or_list(given, expected):
    assert split_names(given) == expected
