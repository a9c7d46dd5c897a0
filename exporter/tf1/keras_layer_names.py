"""The default names of Keras layers, `tf.layers` and recurrent cells, as TensorFlow 1.15 made them of class names."""

from __future__ import annotations

import re
from types import ModuleType

from exporter.tf1.import_hooks import after_import

__all__ = ["mend_keras_layer_names", "to_snake_case"]

_WORD, _CAPITAL = re.compile("(.)([A-Z][a-z0-9]+)"), re.compile("([a-z])([A-Z])")
_MODULES = ("tf_keras.src.utils.generic_utils", "tf_keras.src.engine.base_layer", "tf_keras.src.engine.base_layer_v1")


def mend_keras_layer_names() -> None:
    """Lets a layer without a name be called as in TensorFlow 1.15, where its class's name has digits behind capitals.

    `ConvLSTM2D` was ``conv_lst_m2d`` and is ``conv_lstm2d`` in tf-keras, a user's `BN2D` was ``b_n2d``: their checkpoints
    lack all other names. It acts on all of the process, so call it only where TensorFlow 1 code runs.
    """
    for name in _MODULES:
        after_import(name, _use_old_rule)


def to_snake_case(name: str) -> str:
    """Returns the default name of layers of a class.

    Source of the two patterns: tensorflow/python/keras/utils/generic_utils.py of TensorFlow 1.15, where digits belong to
    the word before them; a word is not looked for right behind another.
    """
    words = _WORD.sub(r"\1_\2", name)
    snake = _CAPITAL.sub(r"\1_\2", words).lower()
    return f"private{snake}" if snake.startswith("_") else snake


def _use_old_rule(module: ModuleType) -> None:
    module.to_snake_case = to_snake_case  # type: ignore[attr-defined]
