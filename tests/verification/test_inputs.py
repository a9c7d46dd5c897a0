"""Inputs to verify with."""

import itertools

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import UsageError
from exporter.graph.tensor_spec import TensorSpec
from exporter.verification.given_inputs import given_feeds
from exporter.verification.sample_inputs import further_feeds, sample_feeds

IMAGES = {"inputs": TensorSpec("image_tensor:0", "uint8", (None, None, None, 3))}
FIXED = {"inputs": TensorSpec("image_tensor:0", "uint8", (None, 6, 5, 3))}
ENCODED = {"inputs": TensorSpec("encoded_image_string_tensor:0", "string", (None,))}
EXAMPLES = {"inputs": TensorSpec("tf_example:0", "string", (None,))}


def png(value):
    with tf.Graph().as_default(), tf.Session() as session:
        return session.run(tf.io.encode_png(np.full([6, 5, 3], value, np.uint8)))


def test_random_images_have_two_batch_sizes_and_where_free_two_image_sizes():
    first, second = (feed.arrays["inputs"] for feed in sample_feeds(IMAGES))
    assert len(first) != len(second)
    assert first.shape[1:3] != second.shape[1:3]
    assert first.dtype == np.uint8


def test_they_fill_the_range_and_are_the_same_each_time():
    first, again = (sample_feeds(IMAGES)[0].arrays["inputs"] for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert first.min() < 20
    assert first.max() > 235


def test_fixed_dimensions_are_kept():
    spec = {"inputs": TensorSpec("image_tensor:0", "float32", (2, 6, 5, 1))}
    assert [feed.arrays["inputs"].shape for feed in sample_feeds(spec)] == [(2, 6, 5, 1)] * 2


def test_strings_are_real_image_files():
    png_batch, jpeg_batch = (feed.arrays["inputs"] for feed in sample_feeds(ENCODED))
    assert png_batch[0].startswith(b"\x89PNG")
    assert jpeg_batch[0].startswith(b"\xff\xd8")
    example = tf.train.Example.FromString(sample_feeds(EXAMPLES)[0].arrays["inputs"][0])
    assert example.features.feature["image/encoded"].bytes_list.value[0].startswith(b"\x89PNG")


def test_a_choice_is_made_in_both_ways_and_true_comes_last():
    """Where it is true, a graph may update what it reads where it is false: batch norms that are given their phase."""
    spec = {"inputs": TensorSpec("x:0", "float32", (None, 3)), "mode": TensorSpec("mode:0", "bool", ())}
    assert [bool(feed.arrays["mode"]) for feed in sample_feeds(spec)] == [False, True]


def test_an_input_that_is_called_so_tells_the_size_of_the_images():
    specs = {"inputs": TensorSpec("x:0", "float32", (None, 60, 40, 3)), "info": TensorSpec("rpn/im_info:0", "float32", (3,)),
             "shapes": TensorSpec("true_image_shapes:0", "int32", (None, 3)), "mean": TensorSpec("mean:0", "float32", (3,))}
    for feed in sample_feeds(specs):
        assert feed.arrays["info"].tolist() == [60, 40, 1]
        assert feed.arrays["shapes"].tolist() == [[60, 40, 3]] * len(feed.arrays["inputs"])
        assert (feed.arrays["mean"] < 2).all()


def test_one_that_is_not_called_so_is_tried_as_the_size_where_others_fail():
    specs = {"x": TensorSpec("x:0", "float32", (1, None, None, 3)), "y": TensorSpec("Placeholder_1:0", "float32", (3,))}
    feeds = list(itertools.islice(further_feeds(specs, "Incompatible shapes: [720] vs. [9]"), 2))
    assert (feeds[0].arrays["y"] < 2).all()
    assert feeds[1].arrays["y"].tolist() == [*feeds[1].arrays["x"].shape[1:3], 1]


def test_side_inputs_share_the_batch_size():
    specs = {**FIXED, "scale": TensorSpec("scale:0", "float32", (None, 2)), "flag": TensorSpec("flag:0", "bool", ())}
    for feed in sample_feeds(specs):
        assert feed.arrays["scale"].shape == (len(feed.arrays["inputs"]), 2)
        assert feed.arrays["flag"].shape == ()


@pytest.fixture
def image_folder(tmp_path):
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(png(number))
    return tmp_path


def test_a_folder_of_images_is_one_batch_where_they_fit(image_folder):
    feeds = given_feeds(image_folder, FIXED)
    assert [feed.arrays["inputs"].shape for feed in feeds] == [(3, 6, 5, 3)]
    assert feeds[0].arrays["inputs"][:, 0, 0, 0].tolist() == [0, 1, 2]
    assert feeds[0].description == f"3 images of {image_folder.name}"


def test_encoded_inputs_get_the_files_themselves(image_folder):
    assert given_feeds(image_folder, ENCODED)[1].arrays["inputs"].tolist() == [png(1)]


def test_a_tfrecord_of_examples(tmp_path):
    with tf.python_io.TFRecordWriter(str(tmp_path / "images.tfrecord")) as writer:
        for number in range(2):
            writer.write(tf.train.Example(features=tf.train.Features(feature={
                "image/encoded": tf.train.Feature(bytes_list=tf.train.BytesList(value=[png(number)]))})).SerializeToString())
    assert given_feeds(tmp_path / "images.tfrecord", FIXED)[0].arrays["inputs"].shape == (2, 6, 5, 3)


def test_arrays_by_key(tmp_path):
    np.savez(tmp_path / "inputs.npz", inputs=np.zeros([1, 6, 5, 3], np.uint8), scale=np.ones([1], np.float32))
    specs = {**FIXED, "scale": TensorSpec("scale:0", "float32", (None,))}
    assert given_feeds(tmp_path / "inputs.npz", specs)[0].arrays["scale"].tolist() == [1.0]
    np.save(tmp_path / "inputs.npy", np.zeros([4, 6, 5, 3], np.uint8))
    assert given_feeds(tmp_path / "inputs.npy", FIXED)[0].arrays["inputs"].shape == (4, 6, 5, 3)


def test_what_does_not_fit_is_refused(tmp_path, image_folder):
    np.save(tmp_path / "wrong_type.npy", np.zeros([4, 6, 5, 3], np.float32))
    np.save(tmp_path / "pickled.npy", np.array([{}], object), allow_pickle=True)
    np.savez(tmp_path / "wrong_key.npz", images=np.zeros([4, 6, 5, 3], np.uint8))
    (tmp_path / "text.tfrecord").write_text("no record")
    (tmp_path / "empty").mkdir()
    for name, words in {"wrong_type.npy": "float32", "pickled.npy": "allow_pickle", "wrong_key.npz": "images",
                        "text.tfrecord": "no readable TFRecord", "empty": "no image", "absent": "does not exist"}.items():
        with pytest.raises(UsageError, match=words):
            given_feeds(tmp_path / name, FIXED)
    with pytest.raises(UsageError, match="also takes scale"):
        given_feeds(image_folder, {**FIXED, "scale": TensorSpec("scale:0", "float32", (None,))})
