"""The batch norms in training mode that some tensors need: where they are, and what their moving statistics are."""

from __future__ import annotations

from collections.abc import Iterable

from exporter.graph.batch_norm.conditionals import Conditionals
from exporter.graph.batch_norm.moving_statistics import FUSED_BATCH_NORMS, MovingStatistic, MovingStatistics
from exporter.graph.batch_norm.named_statistics import batch_variance, statistics_beside, statistics_by_name
from exporter.graph.batch_norm.node_index import NodeIndex, control_inputs, data_inputs
from exporter.graph.node_names import node_of
from exporter.lazy_tensorflow import NodeDef

_ROOTS = ("Rsqrt", "Sqrt", "Pow")


class BatchNormPath:
    """The way back from ``wanted`` tensors, which ends at batch statistics that a moving average is known of.

    Attributes:
        statistics: tensor -> its moving average.
        fused: names of the fused batch norms in training mode on the way.
        uses: (node, index of its input, tensor) for each use of a batch statistic on the way.
        waiting: nodes on the way that wait for the update of a moving average.
    """

    def __init__(self, index: NodeIndex, wanted: Iterable[str]) -> None:
        self._index = index
        self._wanted = [node_of(name) for name in wanted]
        self._moving = MovingStatistics(index)
        self._conditionals = Conditionals(index)
        self.statistics = dict(self._moving.by_tensor)
        self._lost: list[str] = []
        self._walk()
        self._find_by_names()
        self._walk()

    def names(self) -> list[str]:
        """Returns the names of all batch norms found: fused ops, and the scopes of those of single ops."""
        single = [scope_of(tensor) for _, _, tensor in self.uses if node_of(tensor) not in self.fused]
        return list(dict.fromkeys(sorted([*self.fused, *single, *self._lost])))

    def without_statistics(self) -> list[str]:
        """Returns the names of those that no moving statistics are known of."""
        return sorted([name for name in self.fused if len(self.statistics_of(name)) < 2] + self._lost)

    def renormalized(self) -> str:
        """Returns the name of a batch norm with batch renormalization, or ""."""
        for _, _, tensor in self.uses:
            scope = self.statistics[tensor].variable.rpartition("/")[0]
            if any(f"{scope}/{name}" in self._reached for name in ("renorm_mean", "renorm_stddev")):
                return scope_of(tensor)
        return ""

    def statistics_of(self, fused: str) -> list[MovingStatistic]:
        """Returns the moving mean and variance of a fused batch norm, as far as they are known."""
        updated = [self.statistics[tensor] for tensor in (f"{fused}:1", f"{fused}:2") if tensor in self.statistics]
        if len(updated) == 2:
            return updated
        inputs = data_inputs(self._index.nodes[fused])
        variables = [variable.name for name in inputs[3:5] if (variable := self._index.variable_of(name)) is not None]
        if len(variables) < 2:
            variables = statistics_beside(self._index, inputs[1:3])
        return [MovingStatistic(variable, f"{fused}:{number}", 0) for number, variable in enumerate(variables, 1)]

    def still_waited_for(self, names: Iterable[str]) -> list[str]:
        """Returns the nodes to wait for in place of ``names``: groups with an update of a moving average are taken apart."""
        remaining: list[str] = []
        for name in names:
            if not self._waits_for_update(name):
                remaining.append(name)
            elif not self._moving.is_update(name):
                remaining += self.still_waited_for(map(node_of, self._index.nodes[name].input))
        return list(dict.fromkeys(remaining))

    def _walk(self) -> None:
        """Collects what the wanted tensors need."""
        self.fused: list[str] = []
        self.uses: list[tuple[str, int, str]] = []
        self.waiting: list[str] = []
        self._reached: dict[str, None] = {}
        stack = list(self._wanted)
        while stack:
            node = self._index.nodes.get(stack.pop())
            if node is None or node.name in self._reached:
                continue
            self._reached[node.name] = None
            waits = list(control_inputs(node))
            if any(map(self._waits_for_update, waits)):
                self.waiting.append(node.name)
            stack.extend(self.still_waited_for(waits))
            stack.extend(self._inputs_on_the_way(node))

    def _inputs_on_the_way(self, node: NodeDef) -> list[str]:
        inputs = data_inputs(node)
        if self._is_fused_in_training(node):
            self.fused.append(node.name)
            inputs = inputs[:3]
        further = []
        for number, tensor in enumerate(inputs):
            if tensor in self.statistics and self._conditionals.is_switch(node):
                continue  # the conditional decides about it
            if tensor in self.statistics and not self._conditionals.contain(node.name):
                self.uses.append((node.name, number, tensor))
            else:
                further.append(node_of(tensor))
        return further

    def _waits_for_update(self, name: str) -> bool:
        node = self._index.nodes.get(name)
        return node is not None and (self._moving.is_update(name) or (
            node.op == "NoOp" and any(self._waits_for_update(node_of(other)) for other in node.input)))

    def _is_fused_in_training(self, node: NodeDef) -> bool:
        return (node.op in FUSED_BATCH_NORMS and (node.attr["is_training"].b if "is_training" in node.attr else True)
                and not self._conditionals.contain(node.name))

    def _find_by_names(self) -> None:
        """Looks for batch norms of single ops that nothing updates moving averages of."""
        for name in self._reached:
            if self._index.nodes[name].op not in _ROOTS or self._conditionals.contain(name):
                continue
            variance = batch_variance(self._index, name, self.statistics)
            found = statistics_by_name(self._index, name, variance) if variance else {}
            if variance and not found:
                self._lost.append(scope_of(variance))
            self.statistics = {**found, **self.statistics}


def scope_of(tensor: str) -> str:
    """Returns the name of the batch norm that a statistic belongs to: ``a/BatchNorm`` for ``a/BatchNorm/moments/mean:0``."""
    name = node_of(tensor)
    scope, moments, _ = name.rpartition("/moments")
    return scope if moments else name.rpartition("/")[0] or name
