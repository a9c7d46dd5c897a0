"""Messages about flags, in the words of a config file."""

import pytest

from exporter.batch.config.words import did_you_mean, found, key_path_text, yaml_words


@pytest.mark.parametrize(("text", "expected"), [
    ("--input_shape is missing.", "input_shape is missing."),
    ("Export without verification by --noverify.", "Export without verification by verify: false."),
    ("--trained_checkpoint_prefix is missing.", "checkpoint is missing."),
    ("See --help for all flags.", "See --print_schema for all keys."),
    ("Give --input_type=tf_example.", "Give input_type: tf_example."), ("--unknown --nothing", "--unknown --nothing"),
    ("--input_shape -1,28,28,3", "input_shape: [null, 28, 28, 3]"), ("form name=-1,32.", "form {name: [null, 32]}."),
    ("--variable_map '^tower_0/=>'", "variable_map: {'^tower_0/': ''}"), ("a=1.0,b=False.", "{a: 1.0, b: false}."),
    ("--side_input_names scale,context --side_input_shapes -1/-1,10", "side_input_names: [scale, context], "
     "side_input_shapes: [[null], [null, 10]]"),
    ("--input_shape names inputs (a,b)", "input_shape names inputs (a,b)"),
    ("types: float32,int64", "types: [float32, int64]"),
    ("a -- b --- c", "a -- b --- c"), ("(--fix)", "(fix)"),
])
def test_flags_become_keys(text, expected):
    assert yaml_words(text) == expected


@pytest.mark.parametrize(("path", "text"), [
    ((), ""), (("exports", 1, "input_type"), "exports[1].input_type"),
    (("defaults", "model_args", "a b"), "defaults.model_args['a b']"),
])
def test_key_paths(path, text):
    assert key_path_text(path) == text


@pytest.mark.parametrize(("value", "text"), [
    (None, "nothing"), (True, "true"), (1.5, "the number 1.5"), ("", "an empty text"), ("a", "the text 'a'"),
    (10 ** 99, "a number of 100 digits"),
    ("x" * 100, f"the text '{'x' * 60}...'"), ([], "an empty list"), ({"a": 1}, "a mapping"),
])
def test_what_was_found(value, text):
    assert found(value) == text


def test_near_words_are_offered():
    assert did_you_mean("Verfiy", ["verify", "fsync"]) == " Did you mean verify?"
    assert did_you_mean("zzz", ["verify"]) == ""
