"""Moving averages against raw values."""

import numpy as np
import pytest

from exporter.formats.bundle_writer import write_bundle
from exporter.reporting.weight_averages import weight_differences
from exporter.weights.binding import WeightOptions
from exporter.weights.checkpoint import Checkpoint
from exporter.weights.moving_averages import SHADOW_SUFFIX
from exporter.weights.tensor_source import ArrayTensor


@pytest.fixture
def differences_of(tmp_path):
    """Writes a checkpoint of these arrays and compares the named variables in it."""
    def differences(names, options=None, **arrays):
        values = {key.replace("_average", SHADOW_SUFFIX): np.asarray(value) for key, value in arrays.items()}
        write_bundle(tmp_path / "model.ckpt", {key: ArrayTensor(value, str(value.dtype)) for key, value in values.items()})
        return weight_differences(names, Checkpoint.open(tmp_path / "model.ckpt"), options or WeightOptions())
    return differences


def test_the_difference_is_relative_to_the_raw_value(differences_of):
    [found] = differences_of(["w"], w=np.float32([3, 4]), w_average=np.float32([3.3, 4.4]))
    assert found.name == "w"
    assert found.relative_rms == pytest.approx(0.1)
    assert found.element_count == 2


def test_the_largest_difference_is_first(differences_of):
    found = differences_of(["a", "b", "c"], a=np.float32([1]), a_average=np.float32([1.1]), b=np.float32([1]),
                           b_average=np.float32([2]), c=np.float64([1]), c_average=np.float64([1]))
    assert [entry.name for entry in found] == ["b", "a", "c"]
    assert found[-1].relative_rms == 0


def test_variables_without_both_values_are_left_out(differences_of):
    assert differences_of(["raw", "average", "step", "nowhere"], raw=np.float32([1]), average_average=np.float32([1]),
                          step=np.int64(3), step_average=np.int64(4)) == []


def test_names_are_mapped_as_for_the_export(differences_of):
    [found] = differences_of(["net/w"], WeightOptions(variable_map={"^net/": ""}), w=np.float32([1]),
                             w_average=np.float32([1.5]))
    assert (found.name, found.relative_rms) == ("net/w", pytest.approx(0.5))


@pytest.mark.parametrize(("raw", "average", "relative"), [
    ([0, 0], [0, 0], 0), ([0, 0], [0, 1], np.inf), ([np.nan, 1], [1, 1], np.inf), ([1], [np.inf], np.inf),
    ([np.inf], [np.inf], np.inf), ([np.inf], [1], np.inf), ([], [], 0)])
def test_values_that_can_not_be_compared(differences_of, raw, average, relative):
    [found] = differences_of(["w"], w=np.float32(raw), w_average=np.float32(average))
    assert found.relative_rms == relative


def test_large_variables_are_summed_in_pieces(differences_of, monkeypatch):
    monkeypatch.setattr("exporter.reporting.weight_averages._CHUNK", 7)
    raw = np.random.default_rng(0).normal(size=(10, 10)).astype(np.float32)
    average = raw + np.random.default_rng(1).normal(size=(10, 10)).astype(np.float32)
    [found] = differences_of(["w"], w=raw, w_average=average)
    assert found.relative_rms == pytest.approx(np.linalg.norm(average - raw) / np.linalg.norm(raw))
