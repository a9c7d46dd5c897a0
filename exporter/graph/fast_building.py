"""Building graphs faster than TensorFlow does by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def fast_building() -> Iterator[None]:
    """Lets TensorFlow see at once that a graph is being built.

    ``tf.layers`` puts all variables into a set for each variable that it adds, and each hash of a variable asks
    ``ops.executing_eagerly_outside_functions``, which enters and leaves the graph's context to answer (12 microseconds,
    50,000 times for ResNet-50). In a graph that is no function's body, the answer is no.
    """
    from tensorflow.python.eager import context
    from tensorflow.python.framework import ops

    ask = ops.executing_eagerly_outside_functions

    def executing_eagerly_outside_functions() -> bool:
        if not context.executing_eagerly() and not ops.get_default_graph().building_function:
            return False
        answer: bool = ask()
        return answer

    ops.executing_eagerly_outside_functions = executing_eagerly_outside_functions
    try:
        yield
    finally:
        ops.executing_eagerly_outside_functions = ask
