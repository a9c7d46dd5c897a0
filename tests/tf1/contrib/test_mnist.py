"""MNIST's files, read where they are, as the tutorials of 2016 read them (`input_data.read_data_sets`)."""

import gzip

import numpy as np
import pytest

from exporter.errors import UsageError
from exporter.tf1.contrib.learn import mnist


@pytest.fixture
def folder(tmp_path):
    """Six images of 2 by 3 pixels for training, three for tests; pixels are the image's number, the label is it modulo 4."""
    for name, numbers in (("train", range(6)), ("t10k", range(10, 13))):
        pixels = np.repeat(np.uint8(numbers), 6).tobytes()
        sizes = np.array([2051, len(numbers), 2, 3], ">u4").tobytes()
        (tmp_path / f"{name}-images-idx3-ubyte.gz").write_bytes(gzip.compress(sizes + pixels))
        sizes = np.array([2049, len(numbers)], ">u4").tobytes()
        labels = bytes(number % 4 for number in numbers)
        (tmp_path / f"{name}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(sizes + labels))
    return str(tmp_path)


def test_images_are_rows_between_0_and_1(folder):
    data = mnist.read_data_sets(folder, one_hot=True, validation_size=2)
    assert [part.num_examples for part in data] == [4, 2, 3]
    assert data.validation.images.tolist() == (np.float32([[0] * 6, [1] * 6]) * np.float32(1 / 255)).tolist()
    assert data.test.images.dtype == np.float32
    assert data.test.labels.shape == (3, 10)
    assert data.test.labels.argmax(1).tolist() == [2, 3, 0]


def test_images_as_they_are(folder):
    data = mnist.read_data_sets(folder, dtype="uint8", reshape=False, validation_size=0)
    assert data.train.images.shape == (6, 2, 3, 1)
    assert data.train.images[:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert data.train.labels.tolist() == [0, 1, 2, 3, 0, 1]


def test_batches_go_round(folder):
    train = mnist.read_data_sets(folder, dtype="uint8", validation_size=2).train
    batches = [train.next_batch(3, shuffle=False) for _ in range(3)]
    assert [images[:, 0].tolist() for images, _ in batches] == [[2, 3, 4], [5, 2, 3], [4, 5, 2]]
    assert [labels.tolist() for _, labels in batches] == [[2, 3, 0], [1, 2, 3], [0, 1, 2]]
    assert train.epochs_completed == 2


def test_shuffled_batches_have_each_image_once_with_its_label(folder):
    rounds = []
    train = mnist.read_data_sets(folder, dtype="uint8", validation_size=0, seed=1).train
    for _ in range(2):
        images, labels = (np.concatenate(parts) for parts in zip(train.next_batch(4), train.next_batch(2), strict=True))
        rounds.append(images[:, 0].tolist())
        assert (images[:, 0] % 4).tolist() == labels.tolist()
    assert [sorted(numbers) for numbers in rounds] == [[0, 1, 2, 3, 4, 5]] * 2
    assert rounds[0] != rounds[1]


def test_made_up_data(tmp_path):
    images, labels = mnist.read_data_sets(str(tmp_path), fake_data=True, one_hot=True).train.next_batch(2)
    assert np.shape(images) == (2, 784)
    assert np.shape(labels) == (2, 10)


def test_what_is_refused(folder, tmp_path):
    with pytest.raises(UsageError, match=r"There is no file .*/train-images-idx3-ubyte.gz, and nothing is downloaded."):
        mnist.read_data_sets(str(tmp_path / "absent"))
    with pytest.raises(ValueError, match="between 0 and 6"):
        mnist.read_data_sets(folder)
    with pytest.raises(TypeError, match="expected uint8 or float32"):
        mnist.read_data_sets(folder, dtype="int32", validation_size=0)
    with open(f"{folder}/train-labels-idx1-ubyte.gz", "rb") as file, pytest.raises(ValueError, match="Invalid magic number"):
        mnist.extract_images(file)
