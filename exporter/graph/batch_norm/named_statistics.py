"""Moving statistics by their usual names, for batch norms whose updates are not in the graph (any more)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from exporter.graph.batch_norm.moving_statistics import MovingStatistic, is_batch_statistic
from exporter.graph.batch_norm.node_index import IDENTITIES, NodeIndex, data_inputs
from exporter.graph.node_names import node_of
from exporter.graph.variables import VARIABLE_OPS

_NAMES = ("moving_mean", "moving_variance")
_TO_VARIANCE = (*IDENTITIES, "Add", "AddV2", "Sub", "Mul", "Maximum", "Relu", "Squeeze", "Reshape", "Cast")
_HANDED_ON = (*IDENTITIES, "Squeeze", "Reshape")
_FARTHEST = 4  # ops from 1 / stddev to beta


def statistics_beside(index: NodeIndex, tensors: Iterable[str]) -> list[str]:
    """Returns the variables ``moving_mean`` and ``moving_variance`` beside a variable (gamma, beta) among ``tensors``."""
    for tensor in tensors:
        variable = index.variable_of(tensor)
        if variable is None:
            continue
        scope = variable.name.rpartition("/")[0]
        names = [f"{scope}/{name}" if scope else name for name in _NAMES]
        if all(name in index.nodes and index.nodes[name].op in VARIABLE_OPS for name in names):
            return names
    return []


def batch_variance(index: NodeIndex, root: str, known: Iterable[str]) -> str:
    """Returns the variance over a batch that node ``root`` takes the square root of, or "".

    A variance of weights alone, or over the features of each example, is none; nor is one of the ``known`` tensors.
    """
    seen = set(known)
    stack = data_inputs(index.nodes[root])[:1]
    while stack:
        tensor = stack.pop()
        node = index.of(tensor)
        if node is None or tensor in seen:
            continue
        seen.add(tensor)
        if is_batch_statistic(index, tensor):
            squares = index.of(node.input[0])
            if squares is not None and squares.op == "SquaredDifference" and _depends_on_data(index, squares.name):
                return tensor
        elif node.op in _TO_VARIANCE:
            stack.extend(data_inputs(node))
    return ""


def statistics_by_name(index: NodeIndex, root: str, variance: str) -> dict[str, MovingStatistic]:
    """Returns tensor -> moving average for mean and variance of a batch norm of single ops; empty where there are none."""
    variables = statistics_beside(index, _variables_behind(index, root))
    squares = index.of(index.nodes[node_of(variance)].input[0])
    mean = index.behind_identities(squares.input[1]) if squares is not None else None
    if not variables or mean is None or not is_batch_statistic(index, f"{mean.name}:0"):
        return {}
    return {tensor: MovingStatistic(variable, statistic, 0, is_shaped)
            for variable, statistic in zip(variables, (f"{mean.name}:0", variance), strict=True)
            for tensor, is_shaped in _handed_on(index, statistic)}


def _handed_on(index: NodeIndex, statistic: str) -> Iterator[tuple[str, bool]]:
    """Yields the tensors with a statistic's values, and whether these are in the statistic's own shape."""
    stack = [(statistic, True)]
    while stack:
        tensor, is_shaped = stack.pop()
        yield tensor, is_shaped
        for name, number in index.consumers.get(tensor, []):
            op = index.nodes[name].op
            if number == 0 and op in _HANDED_ON and op != "StopGradient":  # of the mean, within the variance
                stack.append((f"{name}:0", is_shaped and op in IDENTITIES))


def _variables_behind(index: NodeIndex, root: str) -> Iterator[str]:
    """Yields the other inputs of the ops that take 1 / stddev, nearest first: gamma and beta are among them."""
    level = [f"{root}:0"]
    for _ in range(_FARTHEST):
        names = [name for tensor in level for name, _ in index.consumers.get(tensor, [])]
        for name in names:
            yield from (tensor for tensor in data_inputs(index.nodes[name]) if tensor not in level)
        level = [f"{name}:0" for name in names]


def _depends_on_data(index: NodeIndex, name: str) -> bool:
    """Tells whether there are other sources than variables and constants behind a node."""
    stack, seen = [name], set()
    while stack:
        node = index.nodes.get(stack.pop())
        if node is None or node.name in seen:
            continue
        seen.add(node.name)
        inputs = data_inputs(node)
        if not inputs and node.op not in ("Const", "NoOp", *VARIABLE_OPS):
            return True
        stack.extend(map(node_of, inputs))
    return False
