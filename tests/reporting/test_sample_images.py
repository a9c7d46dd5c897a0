"""Images and outputs that the verification process brings back for the report."""

import io

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

from exporter.verification.sample_images import sample_images
from exporter.verification.sample_inputs import Feed, as_string_batch, random_images

RANDOM = np.random.default_rng(0)
IMAGES = random_images(RANDOM, (3, 20, 30, 3))


def samples_of(*batches, outputs=None, key="inputs", left_out=()):
    outputs = outputs or [{"mean": np.zeros(len(batch), np.float32)} for batch in batches]
    return sample_images([Feed({key: batch}, "some images") for batch in batches], outputs, dict.fromkeys(left_out))


def pixels(sample):
    return np.asarray(Image.open(io.BytesIO(sample.png)))


def test_images_come_with_their_own_outputs():
    samples = samples_of(IMAGES[:1], IMAGES, outputs=[
        {"classes": np.int64([7])}, {"classes": np.int64([4, 5, 6])}])
    assert [sample.outputs[0].first for sample in samples] == [(7,), (4,), (5,), (6,)]
    np.testing.assert_array_equal(pixels(samples[0]), IMAGES[0])
    np.testing.assert_array_equal(pixels(samples[3]), IMAGES[2])
    assert samples[3].size == (20, 30)
    assert samples[3].description == "image 3 of 3, some images"


def test_six_of_many_are_taken_from_first_to_last():
    many = RANDOM.integers(0, 256, (40, 2, 2, 3), np.uint8)
    samples = samples_of(many, outputs=[{"number": np.arange(40)}])
    numbers = [sample.outputs[0].first[0] for sample in samples]
    assert len(numbers) == 6
    assert (numbers[0], numbers[-1]) == (0, 39)
    assert numbers == sorted(numbers)


def test_large_images_are_made_small():
    [sample] = samples_of(random_images(RANDOM, (1, 600, 300, 3)))
    assert pixels(sample).shape == (224, 112, 3)
    assert sample.size == (600, 300)


@pytest.mark.parametrize(("values", "expected"), [
    ([[0.0, 128.4], [200.0, 300.0]], [[0, 128], [200, 255]]),
    ([[0.0, 0.5], [0.25, 1.0]], [[0, 128], [64, 255]]),
    ([[-1.0, 0.0], [0.5, 1.0]], [[0, 128], [191, 255]]),
    ([[np.nan, np.inf], [3.0, 40.0]], [[0, 255], [3, 40]])])
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_floats_are_made_visible(values, expected, dtype):
    [sample] = samples_of(np.array(values, dtype)[None, ..., None])
    np.testing.assert_array_equal(pixels(sample), expected)


@pytest.mark.parametrize("placeholder", ["encoded_image_string_tensor", "tf_example"])
def test_encoded_images_are_decoded_bare_or_in_an_example(placeholder):
    file = io.BytesIO()
    Image.fromarray(IMAGES[0]).save(file, "PNG")
    [sample] = samples_of(as_string_batch([file.getvalue()], placeholder))
    np.testing.assert_array_equal(pixels(sample), IMAGES[0])


@pytest.mark.parametrize("batch", [np.array([b"just text"], object), np.zeros([1, 5], np.float32),
                                   np.zeros([1, 4, 4, 7], np.float32), np.zeros([1, 0, 4, 3], np.uint8)])
def test_what_is_no_image_has_outputs_alone(batch):
    [sample] = samples_of(batch)
    assert (sample.png, sample.size) == (b"", ())
    assert sample.outputs[0].name == "mean"


def test_an_input_of_any_name_may_hold_the_images():
    [sample] = sample_images([Feed({"gain": np.float32([2]), "pictures": IMAGES[:1]}, "")], [{"mean": np.zeros(1)}], {})
    np.testing.assert_array_equal(pixels(sample), IMAGES[0])


def test_outputs_without_a_batch_and_those_that_are_left_out_are_not_shown():
    outputs = [{"anchors": np.zeros((1, 4)), "scalar": np.float32(1), "noise": np.zeros(size), "mean": np.zeros(size)}
               for size in (1, 3)]
    samples = samples_of(IMAGES[:1], IMAGES, outputs=outputs, left_out=["noise"])
    assert [[output.name for output in sample.outputs] for sample in samples] == [["mean"]] * 4


def test_the_same_images_are_the_same_bytes():
    assert samples_of(IMAGES) == samples_of(IMAGES)


def test_the_callers_graph_is_left_alone(graph):
    samples_of(IMAGES)
    assert tf.get_default_graph().get_operations() == []
