from __future__ import annotations

from collections.abc import Callable

import pytest

BATCH_NORM = """
import tensorflow.compat.v1 as tf, tf_slim as slim
with tf.Graph().as_default():
    images, is_training = tf.zeros([1, 4, 4, 3]), tf.placeholder_with_default(True, [])
    slim.batch_norm(images, is_training=is_training, updates_collections=None)
    slim.conv2d(images, 2, 3, normalizer_fn=slim.batch_norm)
    print(len(slim.get_model_variables()))
"""
MEND = "from exporter.tf1 import mend_tf_slim; mend_tf_slim(); mend_tf_slim()\n"


@pytest.mark.parametrize("imported_before", ["", "import tensorflow\n", "import tf_slim\n"])
def test_mends_before_and_after_the_imports(fresh_python: Callable[[str], str], imported_before: str) -> None:
    assert fresh_python(imported_before + MEND + BATCH_NORM) == "7"


def test_mending_imports_nothing(fresh_python: Callable[[str], str]) -> None:
    program = """
        import sys
        from exporter.tf1 import mend_tf_slim
        before = {*sys.modules}
        mend_tf_slim()
        print({*sys.modules} - before)
    """
    assert fresh_python(program) == "set()"


def test_importing_this_package_mends_nothing(fresh_python: Callable[[str], str]) -> None:
    program = """
        import exporter, exporter.tf1
        from tensorflow.python.ops import control_flow_ops
        print(hasattr(control_flow_ops, "case"))
    """
    assert fresh_python(program) == "False"
