"""Everything that the surface changes for the whole process, in one place.

Modules outside of the user's roots keep their own `tensorflow`, `numpy` and builtins. What TensorFlow itself can only
have one way per process is set here, once, when the surface is installed:

1. ``TF_USE_LEGACY_KERAS=1``: `tf.keras` and `tf.layers` are those of tf-keras (Keras 2), whose layers name their
   variables as TensorFlow 1.15 did.
2. ``tf.disable_v2_behavior()``: graphs instead of eager execution, reference variables, control flow by `Switch` and
   `Merge`, `shape[0]` a `Dimension`, tensors compared by identity, iterators of version 1.
3. ``Dimension / number`` divides as `//` does. It did so under Python 2; under Python 3 TensorFlow raises `TypeError`.
4. A `Dimension`, and so a shape, can be made of a whole float: ``channels / groups`` is one under Python 3, and TensorFlow
   1.15 took it.
5. What tf-keras says of each `tf.layers` call (``... is deprecated and will be removed``) is not shown.
6. The cells of `tf.keras.layers.LSTM` and its like have no name scope of their own (`exporter.tf1.keras_cell_names`), and
   layers without a name are called as in 1.15 (`exporter.tf1.keras_layer_names`), and so are the classifiers of
   `tf.keras.applications` (`exporter.tf1.keras_application_names`).
7. The mends of tf-slim (`exporter.tf1.mend_tf_slim`), which batch normalization outside of the roots needs too.
"""

from __future__ import annotations

import functools
import logging
import os
import sys
import warnings
from collections.abc import Callable
from typing import Any

from exporter.lazy_tensorflow import tf
from exporter.tensorflow_import import import_tensorflow
from exporter.tf1.keras_application_names import mend_keras_application_names
from exporter.tf1.keras_cell_names import mend_keras_cell_names
from exporter.tf1.keras_layer_names import mend_keras_layer_names
from exporter.tf1.slim import mend_tf_slim

__all__ = ["switch_to_version_1"]


@functools.cache
def switch_to_version_1() -> None:
    """Imports TensorFlow, and sets what this module documents. Further calls do nothing."""
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    if "tensorflow" not in sys.modules:
        import_tensorflow()
    mend_tf_slim()
    mend_keras_cell_names()
    mend_keras_layer_names()
    mend_keras_application_names()
    warnings.filterwarnings("ignore", message=r"`.+` is deprecated and will be removed", category=UserWarning)
    _without_advice(tf.disable_v2_behavior)
    tf.Dimension.__truediv__ = tf.Dimension.__floordiv__
    tf.Dimension.__rtruediv__ = tf.Dimension.__rfloordiv__
    tf.Dimension.__init__ = _taking_whole_floats(tf.Dimension.__init__)


def _taking_whole_floats(construct: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    @functools.wraps(construct)
    def construct_dimension(self: Any, value: Any) -> None:
        """Makes a dimension of a number, which may be a whole float."""
        if not hasattr(value, "__index__") and hasattr(value, "is_integer"):
            if not value.is_integer():
                raise ValueError(f"Ambiguous dimension: {value}")
            value = int(value)
        construct(self, value)

    return construct_dimension


def _without_advice(switch: Callable[[], None]) -> None:
    """TensorFlow warns that reference variables have no future; the user did not choose them."""
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        switch()
    finally:
        logger.setLevel(level)
