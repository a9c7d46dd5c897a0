"""The package `tf_keras.legacy_tf_layers`, which batch normalization is made of."""

from __future__ import annotations

from exporter.tf1.import_hooks import alias_package

__all__ = ["mend_legacy_layers"]


def mend_legacy_layers() -> None:
    """Lets TensorFlow find the layer behind `slim.batch_norm`.

    tensorflow/python/layers/normalization.py loads its layers from `keras.legacy_tf_layers` until
    TensorFlow 2.14 and from `tf_keras.legacy_tf_layers` since 2.15. The package tf-keras has no such name: it
    keeps them in `tf_keras.src.legacy_tf_layers` and exports nothing of them. So `slim.batch_norm`, and any
    layer with it as `normalizer_fn`, fails: `ModuleNotFoundError: No module named
    'tf_keras.legacy_tf_layers'`.
    """
    alias_package("tf_keras.legacy_tf_layers", "tf_keras.src.legacy_tf_layers")
