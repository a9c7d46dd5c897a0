"""Exports that were damaged later, given to ``evaluate_export``: one message with the cause, and no traceback."""

import shutil

import pytest
import tensorflow.compat.v1 as tf

from exporter.commands.evaluate_export import main
from exporter.commands.export_inference_graph import main as export
from tests.faults import test_bad_checkpoints as harms
from tests.faults.workplace import NEW, flags

FROZEN, SAVED_MODEL, META = "frozen_inference_graph.pb", "saved_model/saved_model.pb", "model.ckpt.meta"


@pytest.fixture(scope="module")
def exported(checkpoints, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    assert export(flags(checkpoints / NEW, folder / "export", verify="false")) == 0
    (folder / "images" / "0").mkdir(parents=True)
    with tf.Graph().as_default(), tf.Session() as session:
        png = session.run(tf.io.encode_png(tf.zeros([8, 8, 3], tf.uint8)))
    (folder / "images" / "0" / "image.png").write_bytes(png)
    return folder


@pytest.fixture
def evaluate(exported, tmp_path, capfd):
    """Runs the command on a copy of the export after some harm was done to one file; returns exit code and message."""
    def run(harm, name, artifact):
        copy = shutil.copytree(exported / "export", tmp_path / "export")
        harm(copy / name)
        code = main(["evaluate", str(copy / artifact), f"--data={exported / 'images'}"])
        return code, capfd.readouterr()[1]
    return run


@pytest.mark.parametrize("harm", [harms.truncate, harms.replace_by_noise, harms.empty, harms.replace_by_a_pointer,
                                  harms.replace_by_a_directory, harms.replace_by_a_loop, harms.replace_by_a_pipe])
@pytest.mark.parametrize(("name", "artifact"), [(FROZEN, FROZEN), (SAVED_MODEL, "saved_model"), (META, "model.ckpt")])
def test_a_damaged_graph_is_named(evaluate, harm, name, artifact):
    code, message = evaluate(harm, name, artifact)
    assert code in (2, 4, 5), message
    assert message.startswith("evaluate: ")
    assert "Traceback" not in message
    assert artifact in message
    assert len(message.splitlines()) <= 4, message


@pytest.mark.parametrize(("name", "artifact"), [(FROZEN, FROZEN), (SAVED_MODEL, "saved_model"), (META, "model.ckpt")])
def test_a_git_lfs_pointer_is_told_as_such(evaluate, name, artifact):
    assert "Git LFS pointer" in evaluate(harms.replace_by_a_pointer, name, artifact)[1]


@pytest.mark.parametrize("suffix", [".index", ".data-00000-of-00001"])
@pytest.mark.parametrize("harm", [harms.truncate, harms.flip_a_bit, harms.empty, harms.replace_by_a_pointer])
def test_damaged_values_are_told(evaluate, harm, suffix):
    code, message = evaluate(harm, f"model.ckpt{suffix}", "model.ckpt")
    assert code in (4, 5), message
    assert "model.ckpt" in message
    assert "Traceback" not in message


@pytest.mark.parametrize("content", ["", "{", "[]", '{"artifacts": 1}',
                                     '{"artifacts": [{"format": "../x", "path": "/etc"}]}'])
def test_a_damaged_manifest_is_told(evaluate, content):
    code, message = evaluate(lambda file: file.write_text(content), "export_manifest.json", ".")
    assert code == 2, message
    assert "Traceback" not in message


def test_a_manifest_can_not_point_outside_of_its_directory(evaluate):
    content = '{"artifacts": [{"format": "frozen_graph", "path": "../../frozen.pb"}]}'
    code, message = evaluate(lambda file: file.write_text(content), "export_manifest.json", ".")
    assert code == 2
    assert "outside" in message
