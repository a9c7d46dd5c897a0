"""What all tests share."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pytest
import tensorflow.compat.v1 as tf

from exporter.tf1 import mend_tf_slim

mend_tf_slim()


@pytest.fixture
def graph():
    """A new graph, which is the default graph of the test."""
    with tf.Graph().as_default() as graph:
        yield graph
