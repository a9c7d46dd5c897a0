import shutil

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import CheckpointError, GraphError, ModelError, UsageError
from exporter.evaluation.artifacts import find_artifacts
from exporter.evaluation.training_checkpoint import TrainedModel
from tests.evaluation.colours import ColourModel

RED = {"inputs": np.tile(np.array([200, 10, 10], np.uint8), (1, 4, 4, 1))}


def kinds(path):
    return [artifact.kind for artifact in find_artifacts(str(path))]


def test_an_export_is_all_its_artifacts(exported):
    assert kinds(exported) == ["checkpoint", "frozen_graph", "saved_model"]


def test_an_export_of_another_tool_is_found_by_its_file_names(exported, tmp_path):
    older = shutil.copytree(exported, tmp_path / "older", ignore=shutil.ignore_patterns("export_manifest.json"))
    assert kinds(older) == ["checkpoint", "frozen_graph", "saved_model"]


@pytest.mark.parametrize(("path", "kind"), [
    ("frozen_inference_graph.pb", "frozen_graph"), ("saved_model", "saved_model"),
    ("saved_model/saved_model.pb", "saved_model"), ("model.ckpt", "checkpoint"), ("model.ckpt.index", "checkpoint"),
    ("model.ckpt.meta", "checkpoint"), ("model.ckpt.data-00000-of-00001", "checkpoint")])
def test_each_artifact_is_found_by_itself_and_runs(exported, path, kind):
    artifact, = find_artifacts(str(exported / path))
    assert artifact.kind == kind
    with artifact.load() as loaded:
        assert loaded(RED)["classes"] == [0]


def test_sizes_are_those_of_all_files(exported):
    checkpoint, frozen, saved_model = find_artifacts(str(exported))
    assert checkpoint.byte_size == sum(file.stat().st_size for file in exported.glob("model.ckpt.*"))
    assert frozen.byte_size == (exported / "frozen_inference_graph.pb").stat().st_size
    assert saved_model.byte_size == sum(
        file.stat().st_size for file in (exported / "saved_model").rglob("*") if file.is_file())


def test_a_training_checkpoint_runs_with_its_model(checkpoint):
    artifact, = find_artifacts(str(checkpoint.parent))
    with artifact.load(TrainedModel(ColourModel())) as raw, \
            artifact.load(TrainedModel(ColourModel(), use_moving_averages=True)) as averaged:
        assert raw(RED)["classes"] == [1]
        assert averaged(RED)["classes"] == [0]


def test_partitioned_variables_are_restored_whole(tmp_path):
    def network(images):
        with tf.variable_scope("colour", partitioner=tf.fixed_size_partitioner(3)):
            weights = tf.get_variable("weights", [3, 3], use_resource=False)
        return tf.matmul(tf.reduce_mean(images, [1, 2]), tf.convert_to_tensor(weights))

    with tf.Graph().as_default(), tf.Session() as session:
        network(tf.placeholder(tf.float32, [None, 4, 4, 3]))
        for row, part in enumerate(tf.global_variables()):
            part.load([[row, 0.0, 1.0]], session)
        prefix = tf.train.Saver().save(session, str(tmp_path / "model.ckpt"))
    artifact, = find_artifacts(prefix)
    with artifact.load(TrainedModel(network)) as loaded:
        assert loaded(RED)["output"].tolist() == [[30.0, 0.0, 220.0]]


def test_a_training_checkpoint_without_a_model_asks_for_it(checkpoint):
    artifact, = find_artifacts(str(checkpoint))
    with pytest.raises(CheckpointError, match=r"training checkpoint.*\n.*--model"):
        artifact.load()


def test_moving_averages_that_are_not_there_are_an_error(exported, tmp_path):
    for file in exported.glob("model.ckpt.[id]*"):
        shutil.copy(file, tmp_path / file.name)
    artifact, = find_artifacts(str(tmp_path / "model.ckpt"))
    with pytest.raises(CheckpointError, match="has no moving averages"):
        artifact.load(TrainedModel(ColourModel(), use_moving_averages=True))


@pytest.mark.parametrize(("name", "shape", "problem"), [
    ("other/weights", [3, 3], "does not fit the model: other/weights is missing"),
    ("colour/weights", [3, 4], r"colour/weights has the shape \[3, 3\], expected \[3, 4\]"),
])
def test_a_checkpoint_of_another_model_is_an_error(checkpoint, name, shape, problem):
    def network(images):
        return tf.matmul(tf.reduce_mean(images, [1, 2]), tf.get_variable(name, shape))

    artifact, = find_artifacts(str(checkpoint))
    with pytest.raises(CheckpointError, match=problem):
        artifact.load(TrainedModel(network))


def test_a_model_that_raises_is_a_model_error(checkpoint):
    def network(images):
        raise RuntimeError("out of paint")

    artifact, = find_artifacts(str(checkpoint))
    with pytest.raises(ModelError, match="out of paint"):
        artifact.load(TrainedModel(network))


@pytest.mark.parametrize("path", ["nowhere", "nowhere/at/all", "missing.pb", "model.ckp"])
def test_a_path_with_nothing_there_is_a_usage_error(tmp_path, path):
    (tmp_path / "model.ckp-1.txt").write_text("")
    with pytest.raises(UsageError, match="no artifact"):
        find_artifacts(str(tmp_path / path))


def test_a_directory_without_artifacts_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="holds no artifact"):
        find_artifacts(str(tmp_path))


def test_a_checkpoint_with_missing_files_says_which(exported, tmp_path):
    shutil.copy(exported / "model.ckpt.index", tmp_path)
    with pytest.raises(CheckpointError, match=r"model.ckpt.data-00000-of-00001 missing"):
        find_artifacts(str(tmp_path / "model.ckpt"))


@pytest.mark.parametrize("name", ["frozen_inference_graph.pb", "saved_model/saved_model.pb", "model.ckpt.meta"])
def test_a_damaged_artifact_is_a_graph_error(exported, tmp_path, name):
    damaged = shutil.copytree(exported, tmp_path / "damaged")
    content = (damaged / name).read_bytes()
    (damaged / name).write_bytes(b"\xff" * 50 + content[50:])
    artifact, = find_artifacts(str(damaged / name))
    with pytest.raises(GraphError, match=name.partition("/")[0]):
        artifact.load()


def test_an_unreadable_manifest_is_a_usage_error(exported, tmp_path):
    damaged = shutil.copytree(exported, tmp_path / "damaged")
    (damaged / "export_manifest.json").write_text('{"artifacts": [{"path": "x"}]}')
    with pytest.raises(UsageError, match=r"export_manifest\.json can't be read"):
        find_artifacts(str(damaged))
