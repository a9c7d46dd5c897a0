"""The variables that a run of a graph changes, so that every run can begin with the same values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from exporter.graph.conditional_updates import ASSIGNMENT_OPS, assignments
from exporter.graph.operations import operations_behind
from exporter.graph.variables import RESOURCE_VARIABLE_OPS, VARIABLE_OPS
from exporter.lazy_tensorflow import tf

_CALLS = ("Case", "If", "PartitionedCall", "StatefulPartitionedCall", "While")


class RunState:
    """The present values of the variables that a run assigns to.

    Args:
        session: with its variables initialized.
        fetches: names of the tensors that a run fetches.
    """

    def __init__(self, session: Any, fetches: Iterable[str]) -> None:
        self._session = session
        needed = operations_behind(session.graph.get_tensor_by_name(name) for name in fetches)
        changed = {variable.name: variable for variable in _changed(session.graph, needed) if variable.type in VARIABLE_OPS}
        with session.graph.as_default(), tf.device(None), tf.control_dependencies(None):
            reads, self._assignments = [*map(_read, changed.values())], [*map(_assign, changed.values())]
        self._values: list[np.ndarray[Any, Any]] = session.run(reads)

    def restore(self) -> None:
        """Gives the variables those values back."""
        self._session.run(self._assignments, {
            assignment.inputs[1]: value for assignment, value in zip(self._assignments, self._values, strict=True)})


def _changed(graph: Any, operations: list[Any]) -> Iterator[Any]:
    """The variables that are assigned to, or handed to functions where some function assigns."""
    yield from (_origin(operation.inputs[0]) for operation in operations if operation.type in ASSIGNMENT_OPS)
    calls = [operation for operation in operations if operation.type in _CALLS]
    if calls and any(assignments(tf.GraphDef(library=graph.as_graph_def().library))):
        yield from (_origin(tensor) for call in calls for tensor in call.inputs if tensor.dtype == tf.resource)


def _origin(tensor: Any) -> Any:
    """The operation that makes a variable, behind those that hand it on."""
    while tensor.op.inputs:
        tensor = tensor.op.inputs[0]
    return tensor.op


def _read(variable: Any) -> Any:
    tensor = variable.outputs[0]
    is_resource = variable.type in RESOURCE_VARIABLE_OPS
    return tf.raw_ops.ReadVariableOp(resource=tensor, dtype=variable.get_attr("dtype")) if is_resource else tensor


def _assign(variable: Any) -> Any:
    tensor, value = variable.outputs[0], tf.placeholder(variable.get_attr("dtype"))
    if variable.type in RESOURCE_VARIABLE_OPS:
        return tf.raw_ops.AssignVariableOp(resource=tensor, value=value)
    return tf.raw_ops.Assign(ref=tensor, value=value, validate_shape=False).op
