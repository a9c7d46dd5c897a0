"""The options of an export: one definition for flags, YAML and requests."""

from dataclasses import fields

import pytest

from exporter.commands.command_line import new_flags
from exporter.commands.export_flags import define_export_flags, read_export_flags
from exporter.commands.option_flags import define_option_flags, read_option_flags
from exporter.errors import UsageError
from exporter.options.conversion import declared_options
from exporter.options.export_options import ExportOptions, export_option_list


def read(*arguments):
    values = define_export_flags()
    values(["program", *arguments])
    return read_export_flags(values)


def test_every_option_has_help_and_a_flag():
    names = [entry.name for entry in fields(ExportOptions)]
    assert list(export_option_list()) == names
    assert all(option.help.endswith((".", "int64", ":1", ":0", "context")) for option in export_option_list().values())
    assert set(names) <= set(define_export_flags())


def test_without_flags_every_option_has_its_default():
    assert read() == ExportOptions()


@pytest.mark.parametrize(("arguments", "option", "value"), [
    (["--model_args", "{a: [1, 2]}"], "model_args", {"a": [1, 2]}),
    (["--variable_map", "^a/=>b/", "--variable_map", "c=>"], "variable_map", {"^a/": "b/", "c": ""}),
    (["--fix", "a=1,b=true", "--fix", "c=[1,2]"], "fix", {"a": 1, "b": True, "c": [1, 2]}),
    (["--input_shape", "-1,28,28,3"], "input_shape", [None, 28, 28, 3]),
    (["--input_shape", "a=-1,2", "--input_shape", "b="], "input_shape", {"a": [None, 2], "b": []}),
    (["--formats", "frozen_graph,saved_model"], "formats", ["frozen_graph", "saved_model"]),
    (["--output_collection_name", "None"], "output_collection_name", None),
    (["--nofsync"], "fsync", False), (["--verification_atol", "1e-3"], "verification_atol", 1e-3)])
def test_flags_become_plain_values(arguments, option, value):
    assert getattr(read(*arguments), option) == value


def test_the_shape_of_a_single_scalar_side_input_is_written_as_nothing():
    options = read("--side_input_names", "a", "--side_input_shapes", "", "--side_input_types", "float32")
    assert options.side_input_shapes == [[]]
    assert read("--side_input_names", "a,b", "--side_input_shapes", "-1,2/", "--side_input_types", "float32,int64"
                ).side_input_shapes == [[None, 2], []]


def test_a_command_may_take_some_of_the_options():
    values = new_flags()
    define_option_flags(values, ("fix", "variable_map"))
    values(["program", "--fix", "a=1"])
    assert read_option_flags(values, ("fix", "variable_map")) == ExportOptions(fix={"a": 1})


@pytest.mark.parametrize("arguments", [["--fix", "a"], ["--input_shape", "x"], ["--model_args", "3"],
                                       ["--variable_map", "a"], ["--side_input_shapes", "x"]])
def test_a_flag_that_is_not_of_its_form(arguments):
    with pytest.raises(UsageError):
        read(*arguments)


def test_declared_are_the_options_that_differ_from_the_defaults_and_decide_what_an_export_holds():
    options = ExportOptions(model="/home/me/net.py:Net", trained_checkpoint_prefix="runs/a", output_directory="b",
                            overwrite=True, report=True, fsync=False, use_moving_averages=True,
                            verification_inputs="/data/images.npy")
    assert declared_options(options) == {"model": "net.py:Net", "use_moving_averages": True,
                                         "verification_inputs": "images.npy"}
