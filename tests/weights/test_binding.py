"""Binding variables to keys: what fits, what does not, and what the user is told."""

import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import CheckpointError, UsageError
from exporter.graph.variables import GraphVariable, VariableSlice
from exporter.weights.binding import WeightOptions, bind_weights
from exporter.weights.checkpoint import Checkpoint
from exporter.weights.coverage import Misfit
from exporter.weights.moving_averages import has_shadows, shadow_key, shadow_keys

AVERAGES = WeightOptions(use_moving_averages=True)
SHADOW = "/ExponentialMovingAverage"


def variable(name, shape=(2,), dtype="float32", part=None):
    return GraphVariable(name, name, dtype, shape, is_resource=True, part=part)


@pytest.fixture
def checkpoint(tmp_path):
    """Returns a function that writes a checkpoint with these keys; each value is its key's position."""
    def write(*keys, shape=(2,), dtype=tf.float32):
        tf.raw_ops.SaveV2(prefix=str(tmp_path / "model"), tensor_names=keys, shape_and_slices=[""] * len(keys),
                          tensors=[tf.fill(shape, tf.cast(number, dtype)) for number in range(len(keys))])
        return Checkpoint.open(tmp_path / "model")
    return write


def bind(checkpoint, *variables, options=None, required=None):
    return bind_weights(variables, variables if required is None else required, checkpoint, options or WeightOptions())


def first_value(weights, name):
    return weights.sources[name].read().reshape(-1)[0]


def error_text(checkpoint, *variables, options=None):
    with pytest.raises(CheckpointError) as error:
        bind(checkpoint, *variables, options=options)
    return str(error.value)


def test_a_variable_takes_the_value_of_its_name(checkpoint):
    weights = bind(checkpoint("a", "b", "c"), variable("b"))
    assert first_value(weights, "b") == 1
    assert (weights.coverage.used, weights.coverage.unused) == (("b",), ("a", "c"))
    assert weights.byte_size == 8


def test_a_moving_average_takes_the_place_of_the_raw_value(checkpoint):
    weights = bind(checkpoint("a", "a" + SHADOW, "b"), variable("a"), variable("b"), options=AVERAGES)
    assert (first_value(weights, "a"), first_value(weights, "b")) == (1, 2)
    assert (weights.coverage.averaged, weights.coverage.not_averaged) == (("a",), ("b",))
    assert weights.coverage.averaged_summary == "1 of 2 variables averaged"


def test_unused_moving_averages_are_noted(checkpoint):
    coverage = bind(checkpoint("a", "a" + SHADOW, "b"), variable("a"), variable("b")).coverage
    assert (coverage.averaged, coverage.unused_averages) == ((), ("a",))
    assert coverage.averaged_summary == "0 of 2 variables averaged"


def test_no_moving_average_at_all_is_an_error(checkpoint):
    text = error_text(checkpoint("a"), variable("a"), options=AVERAGES)
    assert "has no moving average of any variable of the model" in text
    assert "without --use_moving_averages" in text


def test_moving_averages_of_another_model_are_an_error_too(checkpoint):
    assert "no moving average" in error_text(checkpoint("a", "other" + SHADOW), variable("a"), options=AVERAGES)


@pytest.mark.parametrize(("options", "averaged", "value"), [(WeightOptions(), (), 0), (AVERAGES, ("a",), 1)])
def test_a_graph_may_have_the_shadows_as_variables_of_its_own(checkpoint, options, averaged, value):
    """As one that was built for training has."""
    weights = bind(checkpoint("a", "a" + SHADOW), variable("a"), variable("a" + SHADOW), options=options)
    assert weights.coverage.averaged == averaged
    assert (first_value(weights, "a"), first_value(weights, "a" + SHADOW)) == (value, 1)
    assert weights.coverage.unused_averages == ()


def test_the_first_matching_expression_names_the_key(checkpoint):
    options = WeightOptions(variable_map={"^tower/": "", "^tower/a$": "never", r"_(\d)$": r"/\1"})
    weights = bind(checkpoint("a", "b/1", "c"), variable("tower/a"), variable("b_1"), variable("c"), options=options)
    assert [first_value(weights, name) for name in ("tower/a", "b_1", "c")] == [0, 1, 2]


def test_mapped_names_have_moving_averages_as_well(checkpoint):
    options = WeightOptions(use_moving_averages=True, variable_map={"^": "net/"})
    weights = bind(checkpoint("net/a", "net/a" + SHADOW), variable("a"), options=options)
    assert first_value(weights, "a") == 1
    assert weights.coverage.averaged == ("a",)


def test_an_expression_that_is_none_is_an_error():
    with pytest.raises(UsageError, match=r"'\(' is no regular expression"):
        WeightOptions(variable_map={"(": ""})


@pytest.mark.parametrize("pattern", ["a{99999999999999999999}", "(" * 5000 + ")" * 5000], ids=["too many", "too deep"])
def test_an_expression_that_python_can_not_compile_is_an_error(pattern):
    with pytest.raises(UsageError, match="is no regular expression"):
        WeightOptions(variable_map={pattern: ""})


@pytest.mark.parametrize("replacement", [r"\3", r"\g<2>", r"\g<name>", r"\q", "\\"])
def test_a_replacement_that_is_none_is_an_error(replacement):
    with pytest.raises(UsageError, match=r"replacement .* of '\(w\)' can't be used: ") as error:
        WeightOptions(variable_map={"(w)": replacement})
    assert r"Write \1 for the expression's first group" in str(error.value.advice)


def test_parts_are_cut_out_of_the_whole(checkpoint):
    parts = [GraphVariable("a", f"a/part_{start}", "float32", (1, 3), False, VariableSlice((2, 3), (start, 0), (1, 3)))
             for start in (0, 1)]
    weights = bind(checkpoint("a", shape=(2, 3)), *parts)
    assert [weights.source(part).read().shape for part in parts] == [(1, 3), (1, 3)]
    assert weights.source(parts[0]).byte_size == 12


def test_free_dimensions_fit_any(checkpoint):
    assert bind(checkpoint("a", "b"), variable("a", shape=(None,)), variable("b", shape=None)).coverage.misfits == ()


def test_object_based_checkpoints_are_bound_by_the_variables_names(tmp_path):
    holder = tf.Module()
    holder.kernel = tf.compat.v2.Variable([3.0, 4.0], name="dense/kernel")
    prefix = tf.train.Checkpoint(model=holder).save(str(tmp_path / "model"))
    weights = bind(Checkpoint.open(prefix), variable("dense/kernel"))
    assert weights.sources["dense/kernel"].read().tolist() == [3.0, 4.0]


def test_variables_that_are_not_required_are_left_out_where_they_do_not_fit(checkpoint):
    weights = bind(checkpoint("a", "b"), variable("a"), variable("b", shape=(3,)), variable("c"), required=[variable("a")])
    assert set(weights.sources) == {"a"}
    assert weights.coverage.left_out == (Misfit("b", "shape", "[3]", "[2]"), Misfit("c", "missing", "", ""))


def test_all_misfits_are_listed(checkpoint):
    text = error_text(checkpoint("net/weights", "bias", "scale"), variable("net/weight"), variable("bias", shape=(3, 1)),
                      variable("scale", dtype="float64"), variable("other"))
    assert "4 of the model's 4 variables do not fit the checkpoint" in text
    assert "  net/weight: not in the checkpoint (near: net/weights)" in text
    assert "  bias: the model has shape [3, 1], the checkpoint [2]" in text
    assert "  scale: the model has dtype float64, the checkpoint float32" in text
    assert "  other: not in the checkpoint\n" in text


def test_a_long_list_is_cut(checkpoint):
    assert "... and 5 more" in error_text(checkpoint("a"), *(variable(f"v{number}") for number in range(25)))


@pytest.mark.parametrize(("keys", "variables", "cause"), [
    (["a" + SHADOW], [variable("a")], "has their moving averages only.*export with --use_moving_averages"),
    (["a", "b"], [variable("a", shape=(4,)), variable("b")], "Likely cause: other --model_args than in training"),
    (["a", "b"], [variable("a", dtype="float16"), variable("b")], "trained with another precision"),
    (["net/a", "net/b"], [variable("a"), variable("b")], r"under net/: .*--variable_map '\^=>net/'"),
    (["x", "y"], [variable("a"), variable("b")], "this checkpoint belongs to another model"),
    (["a", "y"], [variable("a"), variable("b")], "other --model_args than in training, or changed since")])
def test_the_likely_cause_is_told(checkpoint, keys, variables, cause):
    with pytest.raises(CheckpointError, match=cause):
        bind(checkpoint(*keys), *variables)


def test_shadows():
    assert shadow_keys(["a", shadow_key("a"), "ExponentialMovingAverage"]) == ["a" + SHADOW]
    assert has_shadows(["a"], ["a" + SHADOW])
    assert not has_shadows(["b"], ["a" + SHADOW])
