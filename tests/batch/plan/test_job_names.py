"""What tells jobs apart."""

import re

import pytest

from exporter.batch.plan.job_names import directory_label, name_problem, value_label


@pytest.mark.parametrize(("value", "label"), [
    ("tf_example", "tf_example"), ("a/b c:D", "a_b_c_D"), (True, "key"), (False, "nokey"), (3, "key3"), (0.5, "key0.5"),
    (-1, "key-1"), (["frozen_graph", "saved_model"], "frozen_graph-saved_model"),
    ([], "nokey"), (None, "nokey"), ("", "nokey"), ({}, "key44136f"), ([-1, 28], "keyb8dcc6"), ([[1], [2]], "keybb45fd"),
])
def test_labels_of_values(value, label):
    assert value_label("key", value) == label


def test_mappings_have_one_label_however_they_are_written():
    assert value_label("key", {"a": 1, "b": 2}) == value_label("key", {"b": 2, "a": 1})
    assert value_label("key", {"x": {1: "a", "b": 2}}) != value_label("key", {"x": {"1": "a", "b": 2}})


def test_long_lists_of_texts_have_a_short_label():
    assert re.fullmatch("key[0-9a-f]{6}", value_label("key", ["x" * 50] * 2))


@pytest.mark.parametrize(("pattern", "directory", "label"), [
    ("runs/fold*", "runs/fold0", "fold0"), ("runs/*/train", "runs/a/train", "a"), ("runs/*/x/*/y", "runs/a/x/b/y", "a-x-b"),
    ("runs/*/model.ckpt-*", "runs/a", "a"), ("runs/a/model.ckpt-*", "runs/a", ""), ("runs/a", "runs/a", ""),
    ("runs/**/train", "runs/a/b/train", "a-b-train"), ("s3://bucket/*", "s3://bucket/a b", "a_b"), ("", "", ""),
    ("runs/x*", "runs/x*", "")])
def test_directories_are_called_by_what_wildcards_stand_for(pattern, directory, label):
    assert directory_label(pattern, directory) == label


@pytest.mark.parametrize("name", ["digits-1000", "naïve 模型", "a.b", "...", "x" * 200])
def test_names_that_can_be_used(name):
    assert name_problem(name) == ""


@pytest.mark.parametrize("name", ["", " ", ".", "..", "a/b", "a\\b", "a\nb", "x" * 201, "模" * 70])
def test_names_that_can_not_be_used(name):
    assert name_problem(name)
