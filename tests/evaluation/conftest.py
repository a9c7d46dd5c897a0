"""Labelled images of colours, and what a classifier of colours was exported to."""

import pytest

from tests.evaluation import colours


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    """A training checkpoint: right with its averages, wrong without."""
    return colours.write_training_checkpoint(tmp_path_factory.mktemp("run") / "model.ckpt")


@pytest.fixture(scope="session")
def exported(checkpoint, tmp_path_factory):
    """An export with averages, for images of any size."""
    return colours.export(checkpoint, tmp_path_factory.mktemp("exports") / "colours")


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Nine images in the folders red, green and blue."""
    return colours.write_folders(tmp_path_factory.mktemp("images"))


@pytest.fixture(scope="session")
def tfrecord(tmp_path_factory):
    """Seven images: 0, 1, 2, 0, 1, 2, 0."""
    return colours.write_tfrecord(tmp_path_factory.mktemp("records") / "test.tfrecord")
