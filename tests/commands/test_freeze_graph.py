"""The command ``freeze_graph``: TensorFlow's flags, ours, what it prints, and nothing written on an error."""

import json

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from google.protobuf import text_format

from exporter.commands.freeze_graph import main
from exporter.verification.process import VerificationProcess
from tests.checkpoints import distinct_value
from tests.stored_graphs import classifier, names, ops, run, save, save_module


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A classifier with ``keep_prob``, averages and a saver with other keys; graph and saver in every form."""
    folder = tmp_path_factory.mktemp("trained")
    with tf.Graph().as_default() as graph, tf.device("/device:CPU:0"):
        keep_prob = tf.placeholder(tf.float32, [], "keep_prob")
        classifier(inputs=tf.placeholder(tf.float32, [None, 3], "x") * keep_prob)
        tf.train.ExponentialMovingAverage(0.9).apply(tf.trainable_variables())
        saver = tf.train.Saver({f"net/{variable.op.name}": variable for variable in tf.global_variables()})
        save(folder / "model.ckpt", saver)
        tf.get_variable("late", initializer=tf.constant([5.0]))
        tf.io.write_graph(graph, str(folder), "graph.pbtxt")
        (folder / "saver.pbtxt").write_text(text_format.MessageToString(saver.saver_def))
    save_module(folder / "saved")
    return folder


@pytest.fixture
def freeze(stored, tmp_path, monkeypatch, capsys):
    """Runs the command in the folder of the files; returns exit code, stdout and stderr."""
    monkeypatch.chdir(stored)

    def freeze_to(*arguments, output=tmp_path / "frozen.pb", verify=False):
        code = main(["freeze_graph", *arguments, *(["--output_graph", str(output)] if output else []),
                     *([] if verify else ["--noverify"])])
        return code, *capsys.readouterr()

    return freeze_to


META = ("--input_meta_graph", "model.ckpt.meta")
OUTPUTS = ("--output_node_names", "probabilities")


def frozen(tmp_path):
    return tf.GraphDef.FromString((tmp_path / "frozen.pb").read_bytes())


def constant(graph_def, name):
    return tf.make_ndarray(next(node for node in graph_def.node if node.name == name).attr["value"].tensor)


def test_verifies_writes_and_says_so(freeze, tmp_path):
    code, out, err = freeze(*META, *OUTPUTS, "--fix", "keep_prob=1.0", verify=True)
    assert (code, err) == (0, "")
    lines = [line.split(maxsplit=1) for line in out.splitlines()]
    assert lines[:2] == [["inputs", "x:0 float32 [?, 3]"], ["outputs", "probabilities:0 float32 [?, 4]"]]
    assert lines[2] == ["weights", "2 variables from model.ckpt"]
    assert "written to" in out
    assert "Not verified" not in out
    assert not ops(frozen(tmp_path)) & {"VariableV2", "VarHandleOp"}
    assert [file.name for file in tmp_path.iterdir()] == ["frozen.pb"], "nothing else is left"


@pytest.mark.parametrize("arguments", [
    ["--input_graph", "graph.pbtxt", "--input_checkpoint", "model.ckpt", "--input_saver", "saver.pbtxt"],
    ["--input_graph", "graph.pbtxt", "--input_checkpoint", "model.ckpt", "--variable_map", "^nets/=>net/"],
    ["--input_graph", "graph.pbtxt", "--input_checkpoint", ".", "--input_binary", "true"],
    ["--input_graph", "graph.pbtxt", "--input_checkpoint", "model.ckpt.index", "--input_binary", "1"],
    ["--input_meta_graph", "model.ckpt", "--input_binary=true"],
    [*META, "--restore_op_name", "save/restore_all", "--filename_tensor_name", "save/Const:0", "--checkpoint_version", "2"],
    [*META, "--clear_devices", "false"], [*META, "--noclear_devices"], [*META, "--input_names", "x,keep_prob"],
    [*META, "--input_shape", "x=8,3"]])
def test_every_way_to_name_the_same_graph(freeze, tmp_path, arguments):
    code, _, err = freeze(*arguments, *OUTPUTS)
    assert code == 0, err
    np.testing.assert_array_equal(constant(frozen(tmp_path), "weights"), distinct_value("weights", tf.float32, [3, 4]))


@pytest.mark.parametrize(("flags", "devices"), [
    ([], {""}), (["--clear_devices", "False"], {"/device:CPU:0"}), (["--clear_devices", "true"], {""}),
    (["--clear_devices=false"], {"/device:CPU:0"})])
def test_devices(freeze, tmp_path, flags, devices):
    assert freeze(*META, *OUTPUTS, *flags)[0] == 0
    assert {node.device for node in frozen(tmp_path).node} == devices


@pytest.mark.parametrize("flags", [["--variable_names_denylist", "weights"], ["--variable_names_blacklist", "weights,other"],
                                   ["--variable_names_whitelist", "biases"]])
def test_chosen_variables(freeze, tmp_path, flags):
    code, out, _ = freeze(*META, *OUTPUTS, *flags, verify=True)
    assert code == 0
    assert "Not verified: variables that stay have no values in a frozen graph." in out
    assert {node.op for node in frozen(tmp_path).node if node.name in ("weights", "biases")} == {"Const", "VariableV2"}


def test_moving_averages(freeze, tmp_path):
    code, _, err = freeze("--input_graph", "graph.pbtxt", "--input_checkpoint", "model.ckpt", "--input_saver", "saver.pbtxt",
                          *OUTPUTS, "--use_moving_averages")
    assert code == 0, err
    expected = distinct_value("weights/ExponentialMovingAverage", tf.float32, [3, 4])
    np.testing.assert_array_equal(constant(frozen(tmp_path), "weights"), expected)


def test_initializers(freeze, tmp_path):
    arguments = ["--input_graph", "graph.pbtxt", "--input_checkpoint", "model.ckpt", "--output_node_names", "late"]
    assert freeze(*arguments)[0] == 4
    assert freeze(*arguments, "--initializer_nodes", "late/Assign")[0] == 0
    np.testing.assert_array_equal(constant(frozen(tmp_path), "late"), [5.0])


def test_a_saved_model_with_its_tags_and_signature(freeze, tmp_path):
    code, out, err = freeze("--input_saved_model_dir", "saved", "--saved_model_tags", "serve", "--signature",
                            "serving_default", verify=True)
    assert code == 0, err
    assert "serving_default_x:0 float32 [?, 3]" in out
    assert "StatefulPartitionedCall:0" in out


def test_cutting_fixing_and_shapes(freeze, tmp_path):
    code, _, err = freeze(*META, *OUTPUTS, "--input_names", "mul", "--input_shape", "mul=2,3")
    assert code == 0, err
    graph_def = frozen(tmp_path)
    assert "keep_prob" not in names(graph_def)
    assert run(graph_def, "probabilities:0", {"mul:0": np.ones([2, 3])}).shape == (2, 4)


class TestJson:
    def test_asked_names_lead_to_tensors_of_the_frozen_graph(self, freeze):
        code, out, _ = freeze(*META, "--output_node_names", "probabilities:0,BiasAdd", "--input_names", "x",
                              "--fix", "keep_prob=1", "--json")
        assert code == 0
        found = json.loads(out)
        assert found["inputs"] == {"x": "x:0"}
        assert found["outputs"] == {"probabilities:0": "probabilities:0", "BiasAdd": "BiasAdd:0"}
        assert len(found["warnings"]) == 1
        assert "moving averages of 2 variables, which are not used" in found["warnings"][0]

    def test_without_asked_names_they_are_the_stored_graphs_own(self, freeze):
        _, out, _ = freeze("--input_saved_model_dir", "saved", "--json")
        assert json.loads(out) == {"inputs": {"serving_default_x:0": "serving_default_x:0"}, "warnings": [],
                                   "outputs": {"StatefulPartitionedCall:0": "StatefulPartitionedCall:0"}}

    def test_a_second_output_of_an_op_gets_a_name_of_its_own(self, freeze, tmp_path):
        with tf.Graph().as_default() as graph:
            dataset = tf.data.Dataset.from_tensors((tf.zeros([3]), tf.zeros([3])))
            tf.square(tf.data.make_one_shot_iterator(dataset).get_next()[1], name="output")
            tf.io.write_graph(graph, str(tmp_path), "graph.pb", as_text=False)
        _, out, _ = freeze("--input_graph", str(tmp_path / "graph.pb"), "--input_names", "IteratorGetNext:1",
                           "--output_node_names", "output", "--json")
        assert json.loads(out)["inputs"] == {"IteratorGetNext:1": "IteratorGetNext_1:0"}


class TestErrors:
    @pytest.mark.parametrize(("arguments", "code", "words"), [
        ([], 2, "No graph is named"), ([*META, *OUTPUTS, "more"], 2, "Unexpected argument 'more'"),
        ([*META, *OUTPUTS, "--fix", "keep_prob"], 2, "name=value"), ([*META, *OUTPUTS, "--inputs", "x"], 2, "inputs"),
        ([*META, *OUTPUTS, "--input_shape", "8,3"], 2, "name=-1,32,32,3"),
        ([*META, *OUTPUTS, "--variable_map", "a"], 2, "regex=>replacement"),
        ([*META, *OUTPUTS, "--fix", "keep_prob=high"], 2, "can't be fixed to 'high'"),
        ([*META, *OUTPUTS, "--clear_devices", "maybe"], 2, "Unexpected argument 'maybe'"),
        (["--input_saved_model_dir", "saved", "--signature", "other"], 2, "It has: serving_default"),
        ([*META, *OUTPUTS, "--input_checkpoint", "model.ckpt-8"], 4, "no checkpoint 'model.ckpt-8'"),
        (["--input_graph", "graph.pbtxt", *OUTPUTS], 4, "--input_checkpoint"),
        (["--input_graph", "graph.pbtxt", "--input_checkpoint", "model.ckpt", "--output_node_names", "late"], 4, "late"),
        ([*META, "--output_node_names", "probabilites"], 5, "Did you mean probabilities?"),
        ([*META, *OUTPUTS, "--input_names", "x"], 5, "The outputs also need keep_prob (float32 [])"),
        ([*META, *OUTPUTS, "--input_shape", "x=-1,7"], 5, "shape or type that was given"),
        (["--input_graph", "model.ckpt.index", *OUTPUTS], 5, "holds no graph"),
        ([*META, *OUTPUTS, "--input_saver", "graph.pbtxt"], 5, "is no SaverDef")])
    def test_one_message_and_the_exit_code_of_its_kind(self, freeze, tmp_path, arguments, code, words):
        found, out, err = freeze(*arguments)
        assert (found, out) == (code, ""), err
        assert words in err
        assert "Traceback" not in err
        assert list(tmp_path.iterdir()) == []

    def test_no_output_file_is_named(self, freeze):
        code, _, err = freeze(*META, *OUTPUTS, output=None)
        assert (code, "--output_graph is missing" in err) == (2, True)

    def test_a_place_that_can_not_be_written(self, freeze, tmp_path):
        (tmp_path / "file").touch()
        for output, words in ((tmp_path, "is a directory"), (tmp_path / "file" / "frozen.pb", "can't be written")):
            code, _, err = freeze(*META, *OUTPUTS, output=output)
            assert (code, words in err) == (6, True), err

    def test_a_result_that_differs_is_not_written(self, freeze, tmp_path, monkeypatch):
        (tmp_path / "frozen.pb").write_bytes(b"before")
        run_artifact = VerificationProcess.run_artifact

        def with_a_defect(process, format_name, path):
            graph_def = tf.GraphDef.FromString(path.read_bytes())
            tensor = next(node for node in graph_def.node if node.name == "biases").attr["value"].tensor
            tensor.CopyFrom(tf.make_tensor_proto(tf.make_ndarray(tensor) + np.arange(4, dtype=np.float32)))
            path.write_bytes(graph_def.SerializeToString())
            run_artifact(process, format_name, path)

        monkeypatch.setattr(VerificationProcess, "run_artifact", with_a_defect)
        code, _, err = freeze(*META, *OUTPUTS, verify=True)
        assert code == 7, err
        assert "frozen_graph, output 'probabilities'" in err
        assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("frozen.pb", b"before")]


def test_help_needs_no_graph(capsys):
    assert main(["freeze_graph", "--help"]) == 0
    out = capsys.readouterr().out
    assert "--input_meta_graph" in out
    assert "Exit codes" in out


def test_as_a_process_with_values_in_two_words(request, stored, tmp_path):
    run_script = request.getfixturevalue("run")  # the name is taken by the function that runs a graph
    completed = run_script("freeze_graph", *META, *OUTPUTS, "--input_binary", "true", "--noverify", "--output_graph",
                           tmp_path / "frozen.pb", cwd=stored)
    assert (completed.returncode, completed.stderr) == (0, "")
    assert "weights" in names(frozen(tmp_path))
