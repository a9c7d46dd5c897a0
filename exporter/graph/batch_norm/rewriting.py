"""Batch normalization of a training graph, rewritten to use the moving statistics in place of the batch's own.

The graph is the whole stored one: it is never imported, and the updates of the moving averages should still be there, for
they tell which variable belongs to which batch norm. A batch norm within a conditional is left alone: what decides the
conditional decides about it.
"""

from __future__ import annotations

from collections.abc import Iterable

from exporter.errors import GraphError
from exporter.graph.batch_norm.moving_statistics import MovingStatistic, kept_shape
from exporter.graph.batch_norm.node_index import NodeIndex, control_inputs
from exporter.graph.batch_norm.path import BatchNormPath
from exporter.graph.tensor_spec import shape_from_proto
from exporter.graph.variables import RESOURCE_VARIABLE_OPS
from exporter.lazy_tensorflow import GraphDef, NodeDef, tf

_INT32 = 3  # DT_INT32


def training_batch_norms(graph_def: GraphDef, wanted: Iterable[str]) -> list[str]:
    """Returns the names of the batch norms that the ``wanted`` tensors need and that use the statistics of the batch.

    Args:
        graph_def: a whole graph; its ops need not be known.
        wanted: names of tensors or nodes.
    """
    return BatchNormPath(NodeIndex(graph_def), wanted).names()


def rewrite_batch_norm(graph_def: GraphDef, wanted: Iterable[str]) -> tuple[GraphDef, tuple[str, ...]]:
    """Lets every batch norm that the ``wanted`` tensors need use its moving statistics.

    Args:
        graph_def: the whole training graph, not pruned; not changed.
        wanted: names of tensors or nodes.

    Returns:
        A changed copy, and the names of the batch norms that were rewritten.

    Raises:
        GraphError: a batch norm has no moving statistics.
    """
    rewritten = tf.GraphDef()
    rewritten.CopyFrom(graph_def)
    index = NodeIndex(rewritten)
    path = BatchNormPath(index, wanted)
    names = path.names()
    _refuse(path, names)
    reads = _Reads(index)
    for name in path.fused:
        _rewrite_fused(index, name, [reads.of(statistic) for statistic in path.statistics_of(name)])
    for name, number, tensor in path.uses:
        index.nodes[name].input[number] = reads.of(path.statistics[tensor])
    for name in path.waiting:
        node = index.nodes[name]
        waits = path.still_waited_for(control_inputs(node))
        node.input[:] = [*(reference for reference in node.input if not reference.startswith("^")),
                         *(f"^{other}" for other in waits)]
    return rewritten, tuple(names)


def _refuse(path: BatchNormPath, names: list[str]) -> None:
    lost = path.without_statistics()
    if lost:
        raise GraphError(f"No moving statistics are known for the batch norm {lost[0]!r}"
                         f"{f' and {len(lost) - 1} more' if len(lost) > 1 else ''}: nothing in the graph updates any.",
                         "Without them the outputs depend on the batch; leave out --rewrite_batch_norm to export that.")
    renormalized = path.renormalized()
    if renormalized:
        raise GraphError(f"The batch norm {renormalized!r} uses batch renormalization, which can't be rewritten.",
                         f"Build the model with training=False. Found {len(names)} batch norms in training mode.")


def _rewrite_fused(index: NodeIndex, name: str, statistics: list[str]) -> None:
    node = index.nodes[name]
    node.attr["is_training"].b = False
    if "exponential_avg_factor" in node.attr:
        node.attr["exponential_avg_factor"].f = 1.0
    node.input[3:5] = statistics


class _Reads:
    """Tensors with the values of moving averages, each made once."""

    def __init__(self, index: NodeIndex) -> None:
        self._index = index
        self._made: dict[tuple[str, int | None, tuple[int, ...] | None], str] = {}

    def of(self, statistic: MovingStatistic) -> str:
        """Returns the tensor that stands in for a batch statistic: in its type and shape."""
        variable = self._index.nodes[statistic.variable]
        shape = shape_from_proto(variable.attr["shape"].shape)
        kept = kept_shape(self._index, statistic.statistic, shape) if statistic.is_shaped and shape is not None else None
        dtype = None if statistic.dtype == variable.attr["dtype"].type else statistic.dtype
        key = (statistic.variable, dtype, None if kept is None else tuple(kept))
        if key not in self._made:
            self._made[key] = self._make(variable, dtype, kept)
        return self._made[key]

    def _make(self, variable: NodeDef, dtype: int | None, shape: list[int] | None) -> str:
        name, kind = self._read(variable), variable.attr["dtype"].type
        if dtype is not None:
            cast = self._index.add("Cast", f"{name}/cast", [name])
            cast.attr["SrcT"].type, cast.attr["DstT"].type = kind, dtype
            name, kind = cast.name, dtype
        if shape is not None:
            constant = self._index.add_constant(f"{name}/shape", shape, _INT32)
            reshape = self._index.add("Reshape", f"{name}/reshaped", [name, constant.name])
            reshape.attr["T"].type, reshape.attr["Tshape"].type = kind, _INT32
            name = reshape.name
        return name

    def _read(self, variable: NodeDef) -> str:
        is_resource = variable.op in RESOURCE_VARIABLE_OPS
        existing = self._index.nodes.get(f"{variable.name}/read")
        if existing is not None and existing.op == "Identity" and list(existing.input) == [variable.name]:
            return f"{variable.name}/read"
        read = self._index.add("ReadVariableOp" if is_resource else "Identity", f"{variable.name}/moving_average",
                               [variable.name])
        read.attr["dtype" if is_resource else "T"].type = variable.attr["dtype"].type
        return str(read.name)
