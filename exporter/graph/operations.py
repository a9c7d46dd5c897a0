"""Walking through the operations of a ``tf.Graph``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from exporter.lazy_tensorflow import Tensor


def operations_behind(tensors: Iterable[Tensor]) -> list[Any]:
    """Returns the operations that run for some tensors, their own first."""
    found = {tensor.op.name: tensor.op for tensor in tensors}
    waiting = [*found.values()]
    for operation in waiting:  # it grows
        for before in (*(tensor.op for tensor in operation.inputs), *operation.control_inputs):
            if before.name not in found:
                found[before.name] = before
                waiting.append(before)
    return waiting
