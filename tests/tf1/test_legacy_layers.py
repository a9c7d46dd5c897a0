from __future__ import annotations

from collections.abc import Callable


def test_batch_norm_finds_its_layer(fresh_python: Callable[[str], str]) -> None:
    program = """
        from exporter.tf1.legacy_layers import mend_legacy_layers
        mend_legacy_layers()
        import sys
        import tensorflow.compat.v1 as tf
        import tf_slim as slim
        with tf.Graph().as_default():
            slim.conv2d(tf.zeros([1, 4, 4, 3]), 2, 3)
            print("tf_keras" in sys.modules)
            slim.batch_norm(tf.zeros([1, 4, 4, 3]), scale=True)
            print("tf_keras" in sys.modules)
            print(*[variable.op.name for variable in tf.global_variables("BatchNorm")])
    """
    before, after, names = fresh_python(program).splitlines()
    assert (before, after) == ("False", "True"), "tf_keras is loaded by the first batch normalization alone"
    assert names.split() == [
        "BatchNorm/gamma",
        "BatchNorm/beta",
        "BatchNorm/moving_mean",
        "BatchNorm/moving_variance",
    ]


def test_all_legacy_layers_are_the_real_ones(fresh_python: Callable[[str], str]) -> None:
    program = """
        import importlib
        from exporter.tf1.legacy_layers import mend_legacy_layers
        mend_legacy_layers()
        for name in ("base", "convolutional", "core", "normalization", "pooling"):
            print(importlib.import_module("tf_keras.legacy_tf_layers." + name)
                  is importlib.import_module("tf_keras.src.legacy_tf_layers." + name))
    """
    assert fresh_python(program).splitlines() == ["True"] * 5
