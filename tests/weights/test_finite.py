"""Weights of a training run that has diverged are found, in every data type."""

import ml_dtypes
import numpy as np
import pytest

from exporter.weights.binding import Weights
from exporter.weights.finite import nonfinite_weights
from exporter.weights.tensor_source import ArrayTensor


def weights(**arrays):
    return Weights({name: ArrayTensor(value, str(value.dtype) if value.dtype != object else "string")
                    for name, value in arrays.items()})


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.complex64, ml_dtypes.bfloat16,
                                   ml_dtypes.float8_e5m2])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_counted(dtype, value):
    bad = np.array([[1, value], [value, 0]], dtype)
    assert nonfinite_weights(weights(bad=bad, good=np.ones(3, dtype))) == {"bad": 2}


@pytest.mark.parametrize("value", [np.array([1, 2]), np.array([True]), np.array([b"nan"], object), np.zeros([0], np.float32),
                                   np.float32(1).reshape(())])
def test_what_can_not_be_infinite_is_not(value):
    assert nonfinite_weights(weights(value=value)) == {}
