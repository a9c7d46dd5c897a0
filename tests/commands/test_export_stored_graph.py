"""``export_inference_graph --input_graph``: any stored graph becomes a whole export, proven and described."""

import json

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from exporter.commands import verify_export
from exporter.commands.export_inference_graph import main
from tests.stored_graphs import classifier, run, save, save_module

ARTIFACTS = {"checkpoint", "export_manifest.json", "frozen_inference_graph.pb", "model.ckpt.data-00000-of-00001",
             "model.ckpt.index", "model.ckpt.meta", "saved_model"}
X = np.random.default_rng(3).normal(size=(2, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One graph as .meta, GraphDef, SavedModel of TensorFlow 1 and frozen graph, and a SavedModel of TensorFlow 2."""
    folder = tmp_path_factory.mktemp("stored")
    with tf.Graph().as_default() as graph, tf.Session() as session:
        keep_prob = tf.placeholder_with_default(1.0, [], "keep_prob")
        outputs = classifier(inputs=tf.placeholder(tf.float32, [None, 3], "x") * keep_prob)
        save(folder / "model.ckpt-7")
        tf.io.write_graph(graph, str(folder), "graph.pb", as_text=False)
        tf.train.Saver().restore(session, str(folder / "model.ckpt-7"))
        tf.saved_model.simple_save(session, str(folder / "saved_1"), {"images": graph.get_tensor_by_name("x:0")},
                                   {"scores": outputs})
        frozen = tf.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ["probabilities"])
        (folder / "frozen.pb").write_bytes(frozen.SerializeToString())
    save_module(folder / "saved_2")
    return folder


@pytest.fixture
def export(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(folder)

    def export_to(*arguments):
        code = main(["export_inference_graph", *arguments, "--output_directory", str(tmp_path / "export")])
        return code, *capsys.readouterr()

    return export_to


def manifest_of(folder):
    return json.loads((folder / "export" / "export_manifest.json").read_text())


OUTPUTS = ("--output_node_names", "probabilities")
KINDS = [(["--input_graph", "model.ckpt-7.meta", *OUTPUTS], "x", "probabilities"),
         (["--input_graph", "graph.pb", "--trained_checkpoint_prefix", "model.ckpt-7", *OUTPUTS], "x", "probabilities"),
         (["--input_graph", "saved_1"], "images", "scores"), (["--input_graph", "saved_2"], "x", "scores")]


@pytest.mark.parametrize(("arguments", "source", "result"), KINDS, ids=["meta", "graph_def", "saved_1", "saved_2"])
def test_each_kind_is_exported_and_verified(export, tmp_path, arguments, source, result):
    code, _, err = export(*arguments)
    assert (code, err) == (0, ""), err
    assert {path.name for path in (tmp_path / "export").iterdir()} == ARTIFACTS
    manifest = manifest_of(tmp_path)
    assert manifest["verification"]["status"] == "verified"
    assert (list(manifest["signature"]["inputs"]), list(manifest["signature"]["outputs"])) == ([source], [result])
    with tf.Graph().as_default(), tf.Session() as session:
        signature = tf.saved_model.load(session, ["serve"], str(tmp_path / "export" / "saved_model")).signature_def[
            "serving_default"]
        scores = session.run(signature.outputs[result].name, {signature.inputs[source].name: X})
    frozen = tf.GraphDef.FromString((tmp_path / "export" / "frozen_inference_graph.pb").read_bytes())
    names = manifest["signature"]
    found = run(frozen, names["outputs"][result]["name"], {names["inputs"][source]["name"]: X})
    np.testing.assert_allclose(found, scores, rtol=1e-6)


def test_a_frozen_graph(export, tmp_path):
    code, _, err = export("--input_graph", "frozen.pb", *OUTPUTS, "--formats", "frozen_graph,saved_model")
    assert code == 0, err
    manifest = manifest_of(tmp_path)
    assert manifest["checkpoint"] is None
    assert [artifact["format"] for artifact in manifest["artifacts"]] == ["frozen_graph", "saved_model"]
    assert manifest["verification"]["status"] == "verified"


def test_manifest_report_and_another_verification(export, tmp_path, capsys):
    code, _, err = export("--input_graph", "model.ckpt-7.meta", *OUTPUTS, "--report", "--fix", "keep_prob=0.5",
                          "--input_shape", "x=4,3")
    assert code == 0, err
    configuration = manifest_of(tmp_path)["configuration"]
    assert configuration["model"] == "model.ckpt-7.meta"
    assert configuration["graph"] | {"fix": {"keep_prob": 0.5}, "input_shapes": {"x": [4, 3]},
                                     "output_node_names": ["probabilities"]} == configuration["graph"]
    assert manifest_of(tmp_path)["signature"]["inputs"]["x"]["shape"] == [4, 3]
    assert "<html" in (tmp_path / "export" / "report.html").read_text()
    assert verify_export.main(["verify_export", str(tmp_path / "export")]) == 0, capsys.readouterr().err


def test_real_variables_in_the_saved_model(export, tmp_path):
    code, _, err = export("--input_graph", "model.ckpt-7.meta", *OUTPUTS, "--saved_model_variables")
    assert code == 0, err
    assert (tmp_path / "export" / "saved_model" / "variables" / "variables.index").is_file()


def test_the_checkpoint_copy_restores_as_any_other(export, tmp_path):
    assert export("--input_graph", "model.ckpt-7.meta", *OUTPUTS, "--formats", "checkpoint", "--noverify")[0] == 0
    with tf.Graph().as_default(), tf.Session() as session:
        saver = tf.train.import_meta_graph(str(tmp_path / "export" / "model.ckpt.meta"))
        saver.restore(session, str(tmp_path / "export" / "model.ckpt"))
        assert session.run("probabilities:0", {"x:0": X}).shape == (2, 4)


@pytest.mark.parametrize(("arguments", "code", "words"), [
    (["--model", "paint:Brightness", "--input_graph", "graph.pb"], 2, "--model and --input_graph are both given"),
    (["--model", "a:b", "--trained_checkpoint_prefix", "model.ckpt-7", "--fix", "a=1"], 2, "--fix is for stored graphs"),
    ([], 2, "--model is missing"),
    (["--input_graph", "graph.pb", *OUTPUTS], 4, "--trained_checkpoint_prefix PREFIX"),
    (["--input_graph", "saved_1", "--saved_model_tags", "gpu"], 2, "It has: serve"),
    (["--input_graph", "model.ckpt-7.meta", "--output_node_names", "probabilites"], 5, "Did you mean probabilities?"),
    (["--input_graph", "model.ckpt-8.meta", *OUTPUTS], 5, "There is no graph"),
    (["--input_graph", "model.ckpt-7.meta", *OUTPUTS, "--formats", "frozen"], 2, "Did you mean frozen_graph?")])
def test_what_does_not_fit_is_refused(export, tmp_path, arguments, code, words):
    found, _, err = export(*arguments, "--noverify")
    assert found == code, err
    assert words in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []
