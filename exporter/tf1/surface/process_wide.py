"""Everything that the surface changes for the whole process, in one place.

Modules outside of the user's roots keep their own `tensorflow`, `numpy` and builtins. What TensorFlow itself can only
have one way per process is set here, once, when the surface is installed:

1. ``TF_USE_LEGACY_KERAS=1``: `tf.keras` and `tf.layers` are those of tf-keras (Keras 2), whose layers name their
   variables as TensorFlow 1.15 did.
2. ``tf.disable_v2_behavior()``: graphs instead of eager execution, reference variables, control flow by `Switch` and
   `Merge`, `shape[0]` a `Dimension`, tensors compared by identity, iterators of version 1.
3. ``Dimension / number`` divides as `//` does. It did so under Python 2; under Python 3 TensorFlow raises `TypeError`.
4. A `Dimension`, and so a shape, can be made of a whole float or of a truth value: ``channels / groups`` is a float under
   Python 3, ``[1, use_noise, 4, 4]`` holds a bool, and TensorFlow 1.15 took both.
5. What tf-keras says of each `tf.layers` call (``... is deprecated and will be removed``) is not shown.
6. The cells of `tf.keras.layers.LSTM` and its like have no name scope of their own (`exporter.tf1.keras_cell_names`), and
   layers without a name are called as in 1.15 (`exporter.tf1.keras_layer_names`), and so are the classifiers of
   `tf.keras.applications` (`exporter.tf1.keras_application_names`). Tensors have `_keras_shape` and
   `_uses_learning_phase`, as in Keras 2.0 to 2.2 (`exporter.tf1.keras_tensor_attributes`). `keras.backend.ctc_decode` gives
   what it gave in 1.15 (`exporter.tf1.keras_ctc_decode`).
7. The mends of tf-slim (`exporter.tf1.mend_tf_slim`), which batch normalization outside of the roots needs too.
8. A variable's `trainable` is True or False, whatever it was made with: with the name of ``tf.Variable(value, "name")`` for
   it, `tf.train.export_meta_graph` leaves the collection of variables out.
9. Layers and cells have `_track_checkpointable`, the name of `_track_trackable` until TensorFlow 1.13, which cells that were
   written after TensorFlow's own call.
10. Flags of absl that nobody has parsed have their defaults, once a module is imported for what it defines.
11. NumPy's numbers print as plain ones, ``[1.5]``, as until NumPy 1: names and files are made of such text.
12. ``session.run(tensors.values())`` takes the views of dictionaries, which were lists in Python 2, and other iterators.
"""

from __future__ import annotations

import functools
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from exporter.lazy_tensorflow import tf
from exporter.tensorflow_import import import_tensorflow
from exporter.tf1.keras_application_names import mend_keras_application_names
from exporter.tf1.keras_cell_names import mend_keras_cell_names
from exporter.tf1.keras_ctc_decode import mend_keras_ctc_decode
from exporter.tf1.keras_layer_names import mend_keras_layer_names
from exporter.tf1.keras_tensor_attributes import mend_keras_tensor_attributes
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
    mend_keras_tensor_attributes()
    mend_keras_ctc_decode()
    warnings.filterwarnings("ignore", message=r"`.+` is deprecated and will be removed", category=UserWarning)
    _without_advice(tf.disable_v2_behavior)
    tf.Dimension.__truediv__ = tf.Dimension.__floordiv__
    tf.Dimension.__rtruediv__ = tf.Dimension.__rfloordiv__
    tf.Dimension.__init__ = _taking_more_numbers(tf.Dimension.__init__)
    _give_truth_values_for_trainable()
    _name_tracking_as_before()
    _print_numbers_as_before()
    _let_sessions_run_iterators()


def _let_sessions_run_iterators() -> None:
    from tensorflow.python.client import session

    def fetch(values: Iterable[Any]) -> tuple[list[Any], Callable[[list[Any]], list[Any]]]:
        """Returns what is run, and what makes the result of its values."""
        return list(values), list

    names: dict[str, Any] = {}
    for kind in (type(names.keys()), type(names.values()), map, filter, zip):
        session.register_session_run_conversion_functions(kind, fetch)


def _print_numbers_as_before() -> None:
    import numpy as np

    if repr(np.float64(1.5)) != "1.5":
        np.set_printoptions(legacy="1.25")


def _name_tracking_as_before() -> None:
    from tensorflow.python.trackable.base import Trackable

    def track(self: Any, *arguments: Any, **options: Any) -> Any:
        """Takes and returns what `_track_trackable` does."""
        return self._track_trackable(*arguments, **options)

    Trackable._track_checkpointable = track


def _give_truth_values_for_trainable() -> None:
    from tensorflow.python.ops import ref_variable, resource_variable_ops

    for kind in (ref_variable.RefVariable, resource_variable_ops.BaseResourceVariable):
        kind.trainable = _truth_value(vars(kind)["trainable"].fget)


def _truth_value(get: Callable[[Any], Any]) -> property:
    @functools.wraps(get)
    def trainable(self: Any) -> bool:
        """Whether the variable is trained."""
        return bool(get(self))

    return property(trainable)


def _taking_more_numbers(construct: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    @functools.wraps(construct)
    def construct_dimension(self: Any, value: Any) -> None:
        """Makes a dimension of a number, which may be a whole float, or of a truth value."""
        if type(value).__name__ in ("bool", "bool_"):
            value = int(value)
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
