"""TensorFlow 1 code as its users run it: in a graph of its own, in a TensorFlow 2 process."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from exporter.tf1 import mend_tf_slim

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def fresh_python() -> Callable[[str], str]:
    """Runs a program in a Python process that nobody has mended anything in, and returns what it prints."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(REPOSITORY)}
    environment.pop("TF_USE_LEGACY_KERAS", None)

    def run(program: str) -> str:
        command = [sys.executable, "-c", textwrap.dedent(program)]
        finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert finished.returncode == 0, finished.stderr
        return finished.stdout.strip()

    return run


@pytest.fixture
def slim() -> Iterator[Any]:
    """The mended tf-slim, with an empty graph as default."""
    mend_tf_slim()
    import tensorflow.compat.v1 as tf
    import tf_slim

    with tf.Graph().as_default():
        yield tf_slim
