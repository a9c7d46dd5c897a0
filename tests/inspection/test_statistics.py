"""Statistics are NumPy's, in whatever pieces the values come."""

import numpy as np
import pytest
import tensorflow as tf

from exporter.errors import CheckpointError
from exporter.inspection.statistics import tensor_statistics
from exporter.weights.checkpoint import Checkpoint
from exporter.weights.tensor_source import ArrayTensor


class Pieces(ArrayTensor):
    """Gives its bytes three at a time, so that elements are cut."""

    def chunks(self):
        content = self.value.tobytes()
        yield from (memoryview(content[start:start + 3]) for start in range(0, len(content), 3))


@pytest.mark.parametrize("source", [ArrayTensor, Pieces])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int32", "uint8"])
def test_are_those_of_numpy(source, dtype):
    values = (np.random.default_rng(1).normal(size=(37, 3)) * 20).astype(dtype)
    found = tensor_statistics(source(values, dtype))
    assert (found.min, found.max) == (values.min(), values.max())
    assert found.mean == pytest.approx(values.astype("float64").mean())
    assert found.zeros == pytest.approx((values == 0).mean())
    assert found.is_finite


def test_of_values_that_are_not_finite():
    found = tensor_statistics(ArrayTensor(np.array([np.nan, 1.0, 0.0, np.inf, -np.inf, 3.0], "float32"), "float32"))
    assert (found.min, found.max, found.nan, found.inf, found.is_finite) == (0.0, 3.0, 1, 2, False)
    assert found.mean == pytest.approx(4 / 3)
    assert found.zeros == pytest.approx(1 / 6)


def test_of_nothing_but_nan():
    found = tensor_statistics(ArrayTensor(np.full(3, np.nan), "float64"))
    assert (found.min, found.max, found.mean, found.nan) == (None, None, None, 3)


@pytest.mark.parametrize(("value", "dtype"), [(np.array([b"a"], object), "string"), (np.zeros(2, "complex64"), "complex64"),
                                              (np.zeros((0, 3), "float32"), "float32")])
def test_what_has_none(value, dtype):
    assert tensor_statistics(ArrayTensor(value, dtype)) is None


def test_of_bfloat16_in_a_checkpoint_of_several_chunks(tmp_path):
    values = tf.cast(tf.random.stateless_uniform([700_000], [1, 2], -1, 1), tf.bfloat16)
    path = tf.train.Checkpoint(value=tf.Variable(values)).write(str(tmp_path / "model"))
    checkpoint = Checkpoint.open(path)
    found = tensor_statistics(checkpoint.source("value/.ATTRIBUTES/VARIABLE_VALUE"))
    numbers = values.numpy().astype("float32")
    assert (found.min, found.max) == (numbers.min(), numbers.max())
    assert found.mean == pytest.approx(numbers.astype("float64").mean(), abs=1e-9)


def test_damaged_values_are_noticed(tmp_path):
    path = tf.train.Checkpoint(value=tf.Variable(tf.ones([64]))).write(str(tmp_path / "model"))
    file = next(tmp_path.glob("*.data-*"))
    content = bytearray(file.read_bytes())
    content[10] ^= 1
    file.write_bytes(content)
    with pytest.raises(CheckpointError, match="damaged"):
        tensor_statistics(Checkpoint.open(path).source("value/.ATTRIBUTES/VARIABLE_VALUE"))
