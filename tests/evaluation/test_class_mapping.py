import pytest

from exporter.errors import UsageError
from exporter.evaluation.class_mapping import map_folders, map_stored_labels


def test_labels_give_each_folder_its_index():
    mapping = map_folders(["green", "red"], ["red", "green", "blue"], "--labels")
    assert mapping.names == {0: "red", 1: "green", 2: "blue"}
    assert not mapping.guessed
    assert mapping.explanation == "folder names by --labels"


def test_a_folder_that_is_no_label_is_refused_with_its_name():
    with pytest.raises(UsageError, match=r"'pink' is none of the 2 labels of the model: red, green"):
        map_folders(["red", "pink"], ["red", "green"], "the model")


def test_folders_with_numbers_are_class_indices_not_positions():
    mapping = map_folders(["10", "2", "007"], [], "--labels")
    assert mapping.names == {10: "10", 2: "2", 7: "007"}
    assert not mapping.guessed


def test_other_folders_are_sorted_and_the_mapping_says_that_it_is_a_guess():
    mapping = map_folders(["red", "green", "blue"], [], "--labels")
    assert mapping.names == {0: "blue", 1: "green", 2: "red"}
    assert mapping.guessed
    assert mapping.explanation == "folders in sorted order: blue = 0, green = 1, red = 2"


def test_stored_labels_are_only_named():
    assert map_stored_labels(["red"], "the model").name(0) == "red"
    assert map_stored_labels([], "--labels").name(4) == "4"
