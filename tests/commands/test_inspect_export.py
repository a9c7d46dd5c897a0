"""The command ``inspect_export``, on every kind of path."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow.compat.v1 as tf

import exporter
from exporter.commands.inspect_export import main
from tests.checkpoints import write_checkpoint
from tests.goldens import SlimClassifier

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """A checkpoint without a graph, and an export."""
    folder = tmp_path_factory.mktemp("places")
    (folder / "run").mkdir()
    checkpoint = write_checkpoint(SlimClassifier(), folder / "run" / "model.ckpt-7", moving_averages=True)
    exporter.export_inference_graph("image_tensor", SlimClassifier, checkpoint, folder / "export")
    return folder


def inspected(capsys, *arguments):
    assert main(["inspect_export", *map(str, arguments)]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def as_json(capsys, *arguments):
    return json.loads(inspected(capsys, *arguments, "--json"))


@pytest.mark.parametrize("path", ["run", "run/model.ckpt-7", "run/model.ckpt-7.index"])
@pytest.mark.parametrize("flags", [(), ("--json",), ("--statistics",), ("--all",)])
def test_a_checkpoint_is_shown_without_tensorflow(places, run, no_tensorflow, path, flags):
    completed = run("inspect_export", places / path, *flags, python_path=no_tensorflow)
    assert completed.returncode == 0, completed.stderr
    assert "logits/weights" in completed.stdout


def test_an_export_is_shown_without_tensorflow(places, run, no_tensorflow):
    completed = run("inspect_export", places / "export", python_path=no_tensorflow)
    assert completed.returncode == 0, completed.stderr
    assert "frozen_inference_graph.pb" in completed.stdout
    assert "equal to the bit" in completed.stdout


def test_inspecting_a_checkpoint_imports_no_tensorflow(places):
    code = ("import sys\nfrom exporter.commands.inspect_export import main\n"
            f"code = main(['inspect_export', {str(places / 'run')!r}, '--json'])\n"
            "sys.exit(code or 'tensorflow' in sys.modules)")
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)


def test_a_checkpoint_in_words(places, capsys):
    printed = inspected(capsys, places / "run", "--statistics")
    assert "step        1234" in printed
    assert "variables have a shadow" in printed
    assert "NaN" in printed
    assert "ExponentialMovingAverage" not in printed
    assert "ExponentialMovingAverage" in inspected(capsys, places / "run", "--all")


def test_json_has_the_same_keys_for_every_kind(places, capsys):
    paths = {"checkpoint": "run", "export": "export", "graph": "export/saved_model"}
    contents = {kind: as_json(capsys, places / path) for kind, path in paths.items()}
    keys = {"inspection_version", "path", "kind", "beside", "checkpoint", "graph", "export", "written"}
    for kind, content in contents.items():
        assert set(content) == keys
        assert content["kind"] == kind
        assert content[kind] is not None
    assert contents["checkpoint"]["checkpoint"]["step"] == 1234
    assert contents["graph"]["graph"]["signatures"]["serving_default"]["outputs"]["probabilities"]["dtype"] == "float32"
    assert contents["export"]["export"]["verification"]["status"] == "verified"
    assert contents["export"]["export"]["changed_files"] == []


def test_the_graph_of_a_checkpoint_is_shown_where_it_is_asked_for(places, capsys):
    exported = places / "export" / "model.ckpt"
    assert "model.ckpt.meta (inspect_export model.ckpt.meta shows it" in inspected(capsys, exported)
    both = as_json(capsys, exported, "--graph")
    assert both["graph"]["parameter_count"] == both["checkpoint"]["parameter_count"] > 0
    assert as_json(capsys, f"{exported}.meta")["checkpoint"] is None
    assert "model.ckpt (inspect_export model.ckpt shows it" in inspected(capsys, f"{exported}.meta")
    assert as_json(capsys, f"{exported}.meta", "--statistics")["checkpoint"]["tensors"][0]["statistics"]


def test_frozen_graph_saved_model_and_graph_of_an_export_agree(places, capsys):
    export = places / "export"
    found = [as_json(capsys, *arguments)["graph"] for arguments in (
        (export / "frozen_inference_graph.pb",), (export / "saved_model",), (export / "saved_model" / "saved_model.pb",),
        (export, "--graph"))]
    assert len({graph["flops"]["total"] for graph in found}) == 1
    assert [graph["kind"] for graph in found] == ["GraphDef", "SavedModel", "SavedModel", "MetaGraphDef"]
    constants = as_json(capsys, export / "frozen_inference_graph.pb", "--statistics")["graph"]["tensors"]
    assert all(constant["statistics"]["nan"] == 0 for constant in constants)


def test_drawing_tensorboard_outputs_and_shapes(places, tmp_path, capsys):
    graph = places / "export" / "frozen_inference_graph.pb"
    shape = as_json(capsys, graph)["graph"]["placeholders"][0]["shape"]
    batch_of_2 = ",".join(map(str, [2, *(size or 16 for size in shape[1:])]))
    content = as_json(capsys, graph, "--graph_svg", tmp_path / "graph.svg", "--tensorboard", tmp_path / "logs",
                      "--output_node_names", "probabilities", "--input_shape", batch_of_2)
    assert (tmp_path / "graph.svg").read_text().startswith("<svg")
    assert content["written"]["graph_svg"] == str(tmp_path / "graph.svg")
    assert any(event.graph_def for event in tf.train.summary_iterator(content["written"]["tensorboard"]))
    assert content["graph"]["outputs"] == ["probabilities"]
    assert content["graph"]["flops"]["total"] > 0


def test_files_that_changed_since_the_export_are_named(places, tmp_path, capsys):
    export = shutil.copytree(places / "export", tmp_path / "export")
    (export / "frozen_inference_graph.pb").unlink()
    assert "frozen_inference_graph.pb is missing" in inspected(capsys, export)


def test_an_export_of_a_graph_without_variables_has_no_checkpoint(places, tmp_path, capsys):
    export = shutil.copytree(places / "export", tmp_path / "export")
    manifest = json.loads((export / "export_manifest.json").read_text())
    (export / "export_manifest.json").write_text(json.dumps({**manifest, "checkpoint": None}))
    assert "checkpoint  none" in inspected(capsys, export)
    assert as_json(capsys, export)["export"]["checkpoint"] is None


@pytest.mark.parametrize(("arguments", "code", "words"), [
    ([], 2, "No path"),
    (["a", "b"], 2, "2 paths"),
    (["nowhere"], 4, "no checkpoint 'nowhere'"),
    (["nowhere.pb"], 5, "no graph 'nowhere.pb'"),
    (["nowhere/saved_model.pb"], 5, "saved_model.pb"),
    (["pointer.pb"], 5, "Git LFS pointer"),
    (["pointer.index"], 4, "Git LFS pointer"),
    (["noise.pb"], 5, "holds no graph"),
    (["noise"], 5, "holds no graph"),
    (["empty.pb"], 5, "is empty"),
    (["broken"], 2, "export_manifest.json"),
    (["model.ckpt", "--graph"], 5, "no graph"),
    (["graph.pb", "--output_node_names", "nothing"], 2, "no node 'nothing'"),
    (["graph.pb", "--input_shape", "x=1,a"], 2, "--input_shape x=1,a"),
    (["graph.pb", "--input_shape", "nothing=1"], 2, "no placeholder 'nothing'"),
    (["graph.pb", "--graph_svg", "nowhere/graph.svg"], 6, "--graph_svg"),
    (["graph.pb", "--tensorboard", "noise"], 6, "--tensorboard"),
    (["graph.pb", "--saved_model_tags", "serve"], 2, "no tag sets"),
])
def test_errors(tmp_path, monkeypatch, capsys, arguments, code, words):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    for name in ("pointer.pb", "pointer.index", "pointer.data-00000-of-00001"):
        (tmp_path / name).write_text(pointer)
    for name, content in {"noise.pb": "\x07noise" * 9, "noise": "\x07noise" * 9, "empty.pb": ""}.items():
        (tmp_path / name).write_text(content)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "export_manifest.json").write_text("{")
    with tf.Graph().as_default() as graph:
        tf.identity(tf.placeholder(tf.float32, [1], name="x"), name="y")
    (tmp_path / "graph.pb").write_bytes(graph.as_graph_def().SerializeToString())
    write_checkpoint(SlimClassifier(), tmp_path / "model.ckpt")
    monkeypatch.chdir(tmp_path)
    assert main(["inspect_export", *arguments]) == code
    error = capsys.readouterr().err
    assert words in error
    assert "Traceback" not in error
