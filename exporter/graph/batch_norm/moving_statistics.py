"""Which variable keeps the moving average of which batch statistic, told by the ops that update it, never by names.

An update assigns to a variable something made from it and the batch's mean or variance: ``V -= (V - mean) * decay``,
``V = V * momentum + mean * (1 - momentum)``, with or without a correction of the bias to zero. From each update the sums and
products are followed back to a batch statistic: an output of a fused batch norm, or a reduction over the first axis.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from exporter.graph.batch_norm.node_index import NodeIndex, control_inputs, data_inputs
from exporter.graph.tensor_spec import Shape, shape_from_proto
from exporter.lazy_tensorflow import NodeDef

FUSED_BATCH_NORMS = ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")
ASSIGNMENTS = ("Assign", "AssignAdd", "AssignSub", "AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp")
_COMBINING = ("Add", "AddV2", "AddN", "Sub", "Mul", "Neg")
_SHAPING = ("Squeeze", "Reshape", "ExpandDims")
_OF_FIRST_INPUT = ("RealDiv", "Div", "DivNoNan", "Identity", "StopGradient", "Switch", "Cast", *_SHAPING)
_REDUCTIONS = ("Mean", "Sum")
_DEEPEST = 24  # ops between an update and its statistic; those of TensorFlow have at most nine


@dataclass(frozen=True)
class MovingStatistic:
    """The variable that keeps the moving average of a tensor.

    Attributes:
        variable: the variable's node.
        statistic: the batch statistic: the tensor itself, or what it is a cast or another shape of.
        distance: ops between the update and the tensor.
        is_shaped: the variable has the statistic's values in a shape of its own.
        dtype: the tensor's ``DataType``, where it is another than the variable's.
    """

    variable: str
    statistic: str
    distance: int
    is_shaped: bool = False
    dtype: int | None = None


class MovingStatistics:
    """The moving statistics of a graph.

    Attributes:
        by_tensor: tensor (``scope/op:0``) -> its moving average.
        updates: the nodes that update moving averages.
    """

    def __init__(self, index: NodeIndex) -> None:
        self._index = index
        self.by_tensor: dict[str, MovingStatistic] = {}
        self.updates: set[str] = set()
        assignments = [node for node in index.nodes.values() if node.op in ASSIGNMENTS and len(node.input) > 1]
        found = {node.name: search for node in assignments if (search := self._search(node)).tensors}
        passed = {name for search in found.values() for name in search.assignments}
        self.updates.update(found, passed)
        for name, search in found.items():
            if name in passed:  # the biased average, which another is made from
                continue
            for tensor, statistic in search.tensors.items():
                known = self.by_tensor.get(tensor)
                if known is None or statistic.distance < known.distance:
                    self.by_tensor[tensor] = statistic

    def is_update(self, name: str) -> bool:
        """Tells whether a node updates a moving average, or reads one that was just updated."""
        node = self._index.nodes.get(name)
        return name in self.updates or (
            node is not None and node.op in ("Identity", "ReadVariableOp")
            and self._index.variable_of(node.input[0]) is not None and any(map(self.is_update, control_inputs(node))))

    def _search(self, assignment: NodeDef) -> _Search:
        variable = self._index.variable_of(assignment.input[0])
        search = _Search(self._index, variable.name if variable is not None else "")
        if variable is not None and shape_from_proto(variable.attr["shape"].shape) != ():  # a scalar averages a loss
            search.follow(data_inputs(assignment)[1], MovingStatistic(variable.name, "", 0))
        return search


class _Search:
    """Follows the value of one update back.

    Attributes:
        tensors: those on the way to a statistic.
        assignments: other updates on the way.
    """

    def __init__(self, index: NodeIndex, variable: str) -> None:
        self._index = index
        self._variable = variable
        self.tensors: dict[str, MovingStatistic] = {}
        self.assignments: set[str] = set()
        self._visited: dict[str, tuple[int, str]] = {}

    def follow(self, tensor: str, way: MovingStatistic) -> str:
        """Returns the statistic behind ``tensor``, or ""."""
        node = self._index.of(tensor)
        if node is None or way.distance > _DEEPEST:
            return ""
        distance, statistic = self._visited.get(tensor, (_DEEPEST + 1, ""))
        if distance <= way.distance:
            return statistic
        self._visited[tensor] = way.distance, ""
        statistic = tensor if is_batch_statistic(self._index, tensor) else self._follow_inputs(node, way)
        self._visited[tensor] = way.distance, statistic
        if statistic:
            self.tensors[tensor] = replace(way, statistic=statistic)
        return statistic

    def _follow_inputs(self, node: NodeDef, way: MovingStatistic) -> str:
        further = replace(way, distance=way.distance + 1, is_shaped=way.is_shaped or node.op in _SHAPING,
                          dtype=node.attr["SrcT"].type if node.op == "Cast" else way.dtype)
        found = [self.follow(tensor, further) for tensor in self._ways_back(node)]
        return next(filter(None, found), "")

    def _ways_back(self, node: NodeDef) -> list[str]:
        inputs = data_inputs(node)
        if node.op in ASSIGNMENTS:
            self.assignments.add(node.name)
            return inputs[1:2]
        if node.op in ("Identity", "ReadVariableOp") and self._index.variable_of(inputs[0]) is not None:
            updated = [name for name in control_inputs(node) if self._index.nodes[name].op in ASSIGNMENTS]
            return [f"{name}:0" for name in updated]
        if node.op in _OF_FIRST_INPUT:
            return inputs[:1]
        return inputs if node.op in _COMBINING else []


def is_batch_statistic(index: NodeIndex, tensor: str) -> bool:
    """Tells whether a tensor is the mean or variance of a fused batch norm, or a reduction over the first axis."""
    node = index.of(tensor)
    if node is None:
        return False
    if node.op in FUSED_BATCH_NORMS:
        return tensor.endswith((":1", ":2"))
    return node.op in _REDUCTIONS and 0 in (index.reduced_axes(node) or ())


def kept_shape(index: NodeIndex, statistic: str, shape: Shape) -> list[int] | None:
    """Returns the shape of a statistic whose values a variable of ``shape`` keeps, or None where it is the variable's."""
    node = index.of(statistic)
    if node is None or node.op not in _REDUCTIONS or not node.attr["keep_dims"].b or None in shape:
        return None
    axes = index.reduced_axes(node) or []
    sizes = iter(shape)
    return [1 if axis in axes else next(sizes) or 1 for axis in range(len(axes) + len(shape))]
