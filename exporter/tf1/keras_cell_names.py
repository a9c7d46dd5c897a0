"""The variables of recurrent Keras layers under their names of TensorFlow 1.15."""

from __future__ import annotations

import contextlib
from types import ModuleType
from typing import Any

from exporter.tf1.import_hooks import after_import

__all__ = ["mend_keras_cell_names"]

_MODULES = ("tf_keras.src.layers.rnn.base_rnn", "tf_keras.src.layers.rnn.stacked_rnn_cells")


def mend_keras_cell_names() -> None:
    """Lets `tf.keras.layers.LSTM` and its like name their variables ``lstm/kernel``, not ``lstm/lstm_cell/kernel``.

    TensorFlow 1.15 built a layer's cell in the layer's own name scope; since 2.0 the cell has a scope of its own, and a
    checkpoint of 1.15 lacks all of these names. Further calls change nothing more. It acts on all of the process, so call
    it only where TensorFlow 1 code runs.
    """
    for name in _MODULES:
        after_import(name, _build_cells_in_the_layer)


def _build_cells_in_the_layer(module: ModuleType) -> None:
    if not isinstance(module.backend, _BackendWithoutScopes):
        module.backend = _BackendWithoutScopes(module.backend)  # type: ignore[attr-defined]


class _BackendWithoutScopes(ModuleType):
    """`tf_keras.backend` but for `name_scope`, which these modules use for nothing else than building cells."""

    def __init__(self, backend: ModuleType) -> None:
        super().__init__(backend.__name__)
        self._backend = backend

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    @staticmethod
    def name_scope(name: str) -> contextlib.AbstractContextManager[str]:
        """Opens no scope."""
        return contextlib.nullcontext(name)
