"""Which parameter server a variable goes to, for `tf.train.replica_device_setter`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from exporter.lazy_tensorflow import tf

__all__ = ["GreedyLoadBalancingStrategy", "RandomStrategy", "byte_size_load_fn"]


class RandomStrategy:
    """Places each variable on a server by chance.

    Args:
        num_ps_tasks: how many servers there are.
        seed: makes the choices the same in each run.
    """

    def __init__(self, num_ps_tasks: int, seed: int = 0) -> None:
        self._num_tasks = num_ps_tasks
        self._random = np.random.RandomState(seed)

    def __call__(self, op: Any) -> int:
        """Returns the server of an operation."""
        return int(self._random.choice(self._num_tasks))


class GreedyLoadBalancingStrategy:
    """Places each variable on the server that has the least to do so far.

    Args:
        num_tasks: how many servers there are.
        load_fn: operation -> its load.
    """

    def __init__(self, num_tasks: int, load_fn: Callable[[Any], float]) -> None:
        self._load_fn = load_fn
        self._loads = np.zeros(num_tasks)

    def __call__(self, op: Any) -> int:
        """Returns the server of an operation."""
        task = int(np.argmin(self._loads))
        self._loads[task] += self._load_fn(op)
        return task


def byte_size_load_fn(op: Any) -> float:
    """Returns the bytes of an operation's one output, as its load; 0 if its shape is unknown.

    Raises:
        ValueError: the operation has more outputs.
    """
    if len(op.outputs) != 1:
        raise ValueError(f"Op {op} must have a single output")
    output = op.outputs[0]
    if not output.shape.is_fully_defined():
        return 0.0
    elements: int = output.shape.num_elements()
    return float(elements * tf.as_dtype(output.dtype).size)
