"""What is wrong with options, all of it and option by option, before anything is looked for."""

from dataclasses import replace

import pytest

from exporter.errors import UsageError
from exporter.options.export_options import ExportOptions
from exporter.options.requirements import check_options, option_problems

MODEL = ExportOptions(model="nets:Net", trained_checkpoint_prefix="model.ckpt", output_directory="export")
STORED = ExportOptions(input_graph="model.meta", output_directory="export")


def problems(options, **changes):
    return {problem.option: str(problem.error) for problem in option_problems(replace(options, **changes))}


@pytest.mark.parametrize("options", [MODEL, STORED])
def test_complete_options_have_no_problems(options):
    assert problems(options) == {}
    check_options(options)


def test_nothing_at_all():
    assert set(problems(ExportOptions())) == {"model", "output_directory"}


@pytest.mark.parametrize(("options", "changes", "option", "message"), [
    (MODEL, {"input_graph": "x.pb"}, "input_graph", "both given"),
    (MODEL, {"trained_checkpoint_prefix": None}, "trained_checkpoint_prefix", "is missing"),
    (MODEL, {"model": "nets"}, "model", "not of the form"),
    (MODEL, {"fix": {"a": 1}}, "fix", "is for stored graphs"),
    (MODEL, {"signature": "x"}, "signature", "is for stored graphs"),
    (MODEL, {"input_type": "image_tenser"}, "input_type", "Did you mean image_tensor?"),
    (MODEL, {"input_type": "nets:"}, "input_type", "not of the form"),
    (MODEL, {"input_shape": [1, 2, 3]}, "input_shape", "needs 4"),
    (MODEL, {"input_shape": {"x": [1]}}, "input_shape", "a model has one shape"),
    (MODEL, {"input_shape": [0, 28, 28, 3]}, "input_shape", "not a list of positive numbers"),
    (MODEL, {"input_type": "tf_example", "input_shape": [None, 28, None, 3]}, "input_shape", "only one of height and width"),
    (MODEL, {"side_input_names": ["a"]}, "side_input_names", "1 side input names, 0 shapes and 0 types"),
    (MODEL, {"side_input_names": ["inputs"], "side_input_shapes": [[]], "side_input_types": ["float32"]},
     "side_input_names", "another input has this name"),
    (MODEL, {"side_input_names": ["a"], "side_input_shapes": [[-2]], "side_input_types": ["float32"]},
     "side_input_names", "'-2' is not a list of numbers"),
    (MODEL, {"variable_map": {"(": ""}}, "variable_map", "no regular expression"),
    (MODEL, {"formats": ["frozen_graf"]}, "formats", "Did you mean frozen_graph?"),
    (MODEL, {"lock_timeout": -1.0}, "lock_timeout", "no number of seconds"),
    (MODEL, {"verification_atol": float("nan")}, "verification_atol", "no tolerance"),
    (STORED, {"input_shape": [1, 2]}, "input_shape", "not of the form name="),
    (STORED, {"input_shape": {"x": [-2, 3]}}, "input_shape", "has the dimension -2"),
    (STORED, {"input_names": ["x"], "fix": {"x": 1}}, "fix", "to be an input and to be fixed")])
def test_each_problem_names_its_option(options, changes, option, message):
    found = problems(options, **changes)
    assert list(found) == [option]
    assert message in found[option]


def test_all_problems_at_once():
    assert list(problems(MODEL, model="x", formats=["y"], input_type="z", lock_timeout=-1.0)) == [
        "model", "input_type", "formats", "lock_timeout"]


def test_the_first_problem_is_raised():
    with pytest.raises(UsageError, match="not of the form"):
        check_options(replace(MODEL, model="x", formats=["y"]))


def test_a_shape_is_checked_though_the_input_type_is_the_users_own():
    assert problems(MODEL, input_type="nets:Type", input_shape=[None, 3]) == {}
    assert "input_shape" in problems(MODEL, input_type="nets:Type", input_shape=[-3])
