"""Every golden, in every input type and every format, gives the reference's outputs to the bit."""

import numpy as np
import pytest

from tests.conformance import plain_tensorflow
from tests.conformance.conftest import INPUT_TYPES, feed
from tests.goldens import GOLDENS

READERS = {
    "frozen_graph": (plain_tensorflow.frozen_graph, "."),
    "checkpoint": (plain_tensorflow.checkpoint, "."),
    "checkpoint_by_a_new_saver": (plain_tensorflow.checkpoint_by_a_new_saver, "."),
    "saved_model": (plain_tensorflow.saved_model, "saved_model"),
    "saved_model_by_v2": (plain_tensorflow.saved_model_by_v2, "saved_model"),
    "saved_model_with_variables": (plain_tensorflow.saved_model, "variables/saved_model"),
    "saved_model_with_variables_by_v2": (plain_tensorflow.saved_model_by_v2, "variables/saved_model"),
}
HAS_NO_AVERAGES = ("no_variables",)


def assert_equal_to_the_bit(found, expected):
    assert sorted(found) == sorted(expected)
    for name, value in expected.items():
        value, other = (np.asarray(array, object if isinstance(array, bytes) else None) for array in (value, found[name]))
        assert (other.dtype, other.shape) == (value.dtype, value.shape), name
        if value.dtype == object:
            assert other.tolist() == value.tolist(), name
        else:
            assert other.tobytes() == value.tobytes(), name


@pytest.mark.usefixtures("functions_as_they_are_written")
@pytest.mark.parametrize("input_type", INPUT_TYPES)
@pytest.mark.parametrize("golden", GOLDENS)
def test_all_artifacts_give_the_references_outputs(workshop, golden, input_type):
    expected = workshop.reference(golden, False)
    directory = workshop.export(golden, input_type, False)
    for read, place in READERS.values():
        assert_equal_to_the_bit(read(directory / place, feed(input_type), expected), expected)


@pytest.mark.usefixtures("functions_as_they_are_written")
@pytest.mark.parametrize("golden", sorted(set(GOLDENS) - set(HAS_NO_AVERAGES)))
def test_all_artifacts_give_the_outputs_of_the_moving_averages(workshop, golden):
    expected = workshop.reference(golden, True)
    directory = workshop.export(golden, "image_tensor", True)
    for read, place in READERS.values():
        assert_equal_to_the_bit(read(directory / place, feed("image_tensor"), expected), expected)


@pytest.mark.parametrize("golden", sorted(set(GOLDENS) - set(HAS_NO_AVERAGES)))
def test_moving_averages_give_other_outputs_than_raw_values(workshop, golden):
    """Else the tests above would not see shadow variables mixed up with raw ones."""
    raw, averaged = workshop.reference(golden, False), workshop.reference(golden, True)
    assert any(np.asarray(raw[name]).tolist() != np.asarray(averaged[name]).tolist() for name in raw)
