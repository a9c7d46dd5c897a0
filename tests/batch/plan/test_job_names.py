"""What tells jobs apart."""

import pytest

from exporter.batch.plan.job_names import directory_labels, name_problem, value_label


@pytest.mark.parametrize(("value", "label"), [
    ("tf_example", "tf_example"), ("a/b c:D", "a_b_c_D"), (True, "key"), (False, "nokey"), (3, "key3"), (0.5, "key0.5"),
    (-1, "key-1"), ([1], "key4"), ({}, "key4"), (None, "key4"),
])
def test_labels_of_values(value, label):
    assert value_label("key", 4, value) == label


@pytest.mark.parametrize(("directories", "labels"), [
    (["runs/fold0", "runs/fold1"], ["fold0", "fold1"]), (["runs/a/train", "runs/b/train"], ["a", "b"]),
    (["runs/a/x", "runs/a/y", "runs/b/x"], ["a-x", "a-y", "b-x"]), (["s3://a/x", "s3://b/x"], ["a", "b"]),
    (["runs", "runs/deep"], ["", "deep"]),
])
def test_directories_are_called_by_what_they_differ_in(directories, labels):
    assert list(directory_labels(directories).values()) == labels


@pytest.mark.parametrize("name", ["digits-1000", "naïve 模型", "a.b", "...", "x" * 200])
def test_names_that_can_be_used(name):
    assert name_problem(name) == ""


@pytest.mark.parametrize("name", ["", " ", ".", "..", "a/b", "a\\b", "a\nb", "x" * 201, "模" * 70])
def test_names_that_can_not_be_used(name):
    assert name_problem(name)
