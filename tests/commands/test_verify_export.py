"""The command ``verify_export``: files, artifacts and the original's fingerprints, without any model code."""

import hashlib
import json
import shutil

import pytest
import tensorflow.compat.v1 as tf

import exporter
from exporter.commands.verify_export import main
from tests.checkpoints import write_checkpoint
from tests.goldens import SlimClassifier


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    checkpoint = write_checkpoint(SlimClassifier(), folder / "model.ckpt")
    exporter.export_inference_graph("image_tensor", SlimClassifier, checkpoint, folder / "pristine", report=True)
    return folder / "pristine"


@pytest.fixture
def export(pristine, tmp_path):
    return shutil.copytree(pristine, tmp_path / "export")


def edit_frozen_graph(export, edit, mend_manifest=False):
    """Changes a constant; a forger would also write the new digest into the manifest."""
    path = export / "frozen_inference_graph.pb"
    graph_def = tf.GraphDef.FromString(path.read_bytes())
    tensor = next(node for node in graph_def.node if node.name == "logits/biases").attr["value"].tensor
    tensor.CopyFrom(tf.make_tensor_proto(edit(tf.make_ndarray(tensor))))
    path.write_bytes(graph_def.SerializeToString(deterministic=True))
    if mend_manifest:
        mend(export, path)


def mend(export, path):
    manifest = json.loads((export / "export_manifest.json").read_text())
    for artifact in manifest["artifacts"]:
        for file in artifact["files"]:
            if export / file["path"] == path:
                file.update(byte_size=path.stat().st_size, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
        artifact["byte_size"] = sum(file["byte_size"] for file in artifact["files"])
    (export / "export_manifest.json").write_text(json.dumps(manifest))


def test_an_intact_export_is_verified_again_wherever_it_lies(export, capsys):
    assert main(["verify_export", str(export)]) == 0
    printed = capsys.readouterr().out
    assert "7 files as exported" in printed
    assert "equal to the bit" in printed


def test_a_changed_file_is_named(export, capsys):
    edit_frozen_graph(export, lambda value: value + 1)
    (export / "report.html").unlink()
    assert main(["verify_export", str(export)]) == 7
    message = capsys.readouterr().err
    assert "frozen_inference_graph.pb has another SHA-256" in message
    assert "report.html is missing" in message


def test_a_forged_manifest_does_not_help(export, capsys):
    edit_frozen_graph(export, lambda value: value + 1, mend_manifest=True)
    assert main(["verify_export", str(export)]) == 7
    assert "frozen_graph, output 'probabilities'" in capsys.readouterr().err


def test_artifacts_that_agree_on_something_else_than_the_original_are_found(export, capsys):
    """All artifacts exchanged for those of other weights: only the fingerprints can tell."""
    other = write_checkpoint(SlimClassifier(), export.parent / "other.ckpt")
    values = {name: tf.train.load_variable(other, name) for name, _ in tf.train.list_variables(other)}
    with tf.Graph().as_default(), tf.Session() as session:
        variables = [tf.get_variable(name, initializer=value + 1) for name, value in values.items()]
        session.run(tf.global_variables_initializer())
        other = tf.train.Saver(variables).save(session, str(export.parent / "changed.ckpt"))
    exporter.export_inference_graph("image_tensor", SlimClassifier, other, export.parent / "changed")
    forged = json.loads((export.parent / "changed" / "export_manifest.json").read_text())
    forged["verification"] = json.loads((export / "export_manifest.json").read_text())["verification"]
    (export.parent / "changed" / "export_manifest.json").write_text(json.dumps(forged))
    assert main(["verify_export", str(export.parent / "changed")]) == 7
    assert "not those that the checkpoint gave" in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "code", "words"), [
    ([], 2, "No export is given"),
    (["nowhere"], 2, "nowhere"),
    (["nowhere", "--verification_inputs", "nothing.npz"], 2, "nothing.npz"),
])
def test_what_can_not_be_verified_is_said(tmp_path, monkeypatch, capsys, arguments, code, words):
    monkeypatch.chdir(tmp_path)
    assert main(["verify_export", *arguments]) == code
    assert words in capsys.readouterr().err
