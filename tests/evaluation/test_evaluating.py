"""Artifacts on labelled images, for every kind of input."""

import numpy as np
import pytest

from exporter.errors import GraphError, UsageError
from exporter.evaluation.artifacts import Artifact, find_artifacts
from exporter.evaluation.evaluating import evaluate
from exporter.evaluation.labelled_images import open_labelled_images
from exporter.formats.format import LoadedArtifact
from exporter.graph.tensor_spec import TensorSpec
from tests.evaluation import colours


def run(path, data, labels=colours.CLASSES, batch_size=4, **options):
    artifact = find_artifacts(str(path))[0]
    with artifact.load() as loaded:
        return evaluate(artifact, loaded, open_labelled_images([str(data)], labels), batch_size, **options)


def run_fake(inputs, data, answer=lambda feeds: {"classes": np.zeros(len(feeds["images"]), np.int64)}):
    """Evaluates an artifact with these inputs, whose runtime is ``answer``."""
    outputs = {"classes": TensorSpec("classes:0", "int64", (None,))}
    loaded = LoadedArtifact(inputs, outputs, answer)
    return evaluate(Artifact("fake", data, 0), loaded, open_labelled_images([str(data)], colours.CLASSES), 4)


@pytest.fixture(scope="module", params=[
    ("image_tensor", None), ("image_tensor", [None, 6, 5, 3]), ("image_tensor", [2, 6, 5, 3]),
    ("float_image_tensor", None), ("encoded_image_string_tensor", None), ("encoded_image_string_tensor", [None, 6, 5, 3]),
    ("tf_example", None), ("tf_example", [2, 6, 5, 3])], ids=str)
def export(request, checkpoint, tmp_path_factory):
    """The colour model behind each input type, for any and for fixed sizes."""
    input_type, input_shape = request.param
    directory = tmp_path_factory.mktemp("exports") / input_type
    return colours.export(checkpoint, directory, input_type=input_type, input_shape=input_shape) / "saved_model"


def test_every_input_type_takes_folders_with_images_of_several_sizes(export, tmp_path):
    data = colours.write_folders(tmp_path / "images", per_class=5, sizes=[(8, 8), (7, 9)])
    evaluation = run(export, data)
    assert evaluation.accuracy == 1.0
    assert len(evaluation.images) == 15
    assert evaluation.outputs["probabilities"].shape == (15, 3)


def test_every_input_type_takes_records(export, tfrecord):
    evaluation = run(export, tfrecord)
    assert evaluation.predicted.tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert list(evaluation.images) == [f"{tfrecord}:{number}" for number in range(7)]


def test_answers_are_in_the_order_of_the_images_whatever_their_sizes(exported, tmp_path):
    data = colours.write_folders(tmp_path, per_class=4, sizes=[(8, 8), (7, 9), (5, 5)])
    together, one_by_one = run(exported, data, batch_size=8), run(exported, data, batch_size=1)
    assert together.images == one_by_one.images
    np.testing.assert_allclose(together.outputs["probabilities"], one_by_one.outputs["probabilities"], atol=1e-6)
    assert [together.images[index] for index in np.flatnonzero(together.predicted == 2)] == \
        [name for name in together.images if "/blue/" in name]


def test_progress_is_told_of_every_image(exported, folders):
    counts = []
    run(exported, folders, batch_size=4, on_images=counts.append)
    assert counts == [4, 4, 1]


def test_confidences_are_the_probabilities_of_the_predicted_classes(exported, folders):
    evaluation = run(exported, folders)
    np.testing.assert_allclose(evaluation.confidences, evaluation.outputs["probabilities"].max(axis=1))


def test_the_class_is_the_highest_logit_where_there_is_nothing_else(checkpoint, folders, tmp_path):
    evaluation = run(colours.export(checkpoint, tmp_path / "logits", colours.LogitsOnly()), folders)
    assert evaluation.accuracy == 1.0
    assert 0.5 < evaluation.confidences.min() <= evaluation.confidences.max() < 1.0


def test_output_name_chooses_among_several(checkpoint, folders, tmp_path):
    export = colours.export(checkpoint, tmp_path / "heads", colours.TwoHeads())
    assert run(export, folders, output_name="first").accuracy == 1.0
    assert run(export, folders, output_name="top").accuracy == 1.0
    assert run(export, folders, output_name="second").accuracy == 0.0


def test_images_of_a_size_that_the_model_can_not_take_are_an_error(checkpoint, tmp_path):
    export = colours.export(checkpoint, tmp_path / "flat", colours.FlatColourModel())
    assert run(export, colours.write_folders(tmp_path / "fitting")).accuracy == 1.0
    other = colours.write_folders(tmp_path / "other", sizes=[(9, 7)])
    with pytest.raises(GraphError, match=r"can't run on inputs uint8 \[4, 9, 7, 3\]: .*\n.*another size"):
        run(export, other)


def test_an_unreadable_image_is_named(exported, tmp_path):
    data = colours.write_folders(tmp_path)
    (data / "green" / "1.png").write_bytes(b"GIF89a, not quite")
    with pytest.raises(UsageError, match=r"green/1.png is no readable image"):
        run(exported, data)


def test_a_label_that_the_model_does_not_know_is_named(exported, tmp_path):
    records = colours.write_tfrecord(tmp_path / "test.tfrecord", labels=[0, 3])
    with pytest.raises(UsageError, match=r"test.tfrecord:1 has the class 3, and .* knows the classes 0 to 2"):
        run(exported, records)


def test_a_negative_label_is_refused_even_without_scores(tmp_path):
    records = colours.write_tfrecord(tmp_path / "test.tfrecord", labels=[-1])
    with pytest.raises(UsageError, match=r"has the class -1, and .* only classes from 0"):
        run_fake({"images": TensorSpec("images:0", "uint8", (None, None, None, 3))}, records)


def test_data_without_an_image_is_an_error(exported, tmp_path):
    empty = colours.write_tfrecord(tmp_path / "empty.tfrecord", labels=[])
    with pytest.raises(UsageError, match="no images"):
        run(exported, empty)


@pytest.mark.parametrize(("inputs", "problem"), [
    ({"images": ("float32", (None, 10))}, "takes images:0 .* no batch of images"),
    ({"images": ("float32", (None, 3, 8, 8))}, "no batch of images"),
    ({"images": ("string", ())}, "no batch of images"),
    ({"images": ("bool", (None, 8, 8, 3))}, "no batch of images"),
    ({"inputs": ("uint8", (None, 8, 8, 3)), "scale": ("float32", (None,))}, "2 inputs, .* no values for scale"),
    ({}, "has 0 inputs"),
])
def test_an_artifact_that_takes_something_else_is_an_error(folders, inputs, problem):
    with pytest.raises(GraphError, match=problem):
        run_fake({key: TensorSpec(f"{key}:0", *spec) for key, spec in inputs.items()}, folders)


def test_one_channel_is_fed_where_the_signature_asks_for_one(folders):
    fed = []

    def answer(feeds):
        fed.append(feeds["images"])
        return {"classes": np.zeros(len(feeds["images"]), np.int64)}

    run_fake({"images": TensorSpec("images:0", "float32", (3, 4, 6, 1))}, folders, answer)
    assert {(values.shape, values.dtype.name) for values in fed} == {((3, 4, 6, 1), "float32")}
    assert max(values.max() for values in fed) > 1.0, "images are fed in 0..255"


def test_a_class_output_without_a_row_per_image_is_an_error(folders):
    with pytest.raises(GraphError, match=r"'classes' of .* has no row per image, expected classes \[batch\]"):
        run_fake({"images": TensorSpec("images:0", "uint8", (None, None, None, 3))}, folders,
                 lambda feeds: {"classes": np.zeros(2, np.int64)})
