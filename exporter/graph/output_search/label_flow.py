"""Which sources are labels, and where a loss or a metric sets predictions against them.

* a *label* is a source that meets no variables alone, but only what layers have made of other sources;
* a node is *compared* where predictions are set against labels, and downstream of that.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from exporter.graph.output_search import op_kinds
from exporter.graph.output_search.data_flow import NOISE, DataFlow
from exporter.lazy_tensorflow import MetaGraphDef

_TRANSITIONS = re.compile(r"transitions?(_(params|matrix|probs))?(_\d+)?$", re.IGNORECASE)


class LabelFlow(DataFlow):
    """The roles of a graph's nodes, with those that labels give them.

    Attributes:
        labels: mask of the sources that are labels.
        roots: the nodes that set something against labels, or are a loss by themselves -> the weighted inputs of each.
        against_data: those of the roots that take data that no layer has seen: labels, or the input itself.
        compared: per node, whether labels or a loss had a part in it.
        predictions: the nodes that are set against something.
    """

    def __init__(self, meta_graph_def: MetaGraphDef) -> None:
        super().__init__(meta_graph_def)
        self._find_labels()
        self._find_compared()

    def _find_labels(self) -> None:
        transitions = sum(1 << bit for bit, name in enumerate(self.variables) if _TRANSITIONS.search(name))
        self.leads_to_layer = self.leads_to(
            lambda number: self.is_real_layer(number) and not self._is_of(number, transitions))
        inputs = 0
        for number in range(len(self.nodes)):
            if not self.is_layer[number] or self._is_of(number, transitions):
                continue
            for source, output in self.inputs[number]:
                if not self.weights[source] or self.is_real_layer(number):
                    inputs |= self.fed_by(source, output)
        weighted = 0
        for number in range(len(self.nodes)):
            weighted |= self.fed[number] if self.is_weighted(number) else 0
        self.labels = weighted & ~inputs & ~NOISE

    def _is_of(self, number: int, variables: int) -> bool:
        """Tells a layer of these variables alone: a CRF looks labels up in its transitions, but that is its loss."""
        weights = self.weights_of([number])
        return not weights & ~variables

    def _find_compared(self) -> None:
        roots: dict[int, list[int]] = {}
        for number in range(len(self.nodes)):
            found = self._set_against(number, self._is_label) if self.is_weighted(number) else []
            if found or (op_kinds.is_cross_entropy(self.nodes[number]) and self.is_weighted(number)):
                roots[number] = found or [source for source, _ in self.inputs[number] if self.is_weighted(source)]
        roots |= {number: [source for source, _ in self.inputs[number] if self.is_weighted(source)]
                  for number in self._products_of_sigmoid_losses()}
        before_labels = self.leads_to(lambda number: number in roots)
        aggregated = self.leads_to(lambda number: self.aggregated[number])
        for number in range(len(self.nodes)):
            if (number not in roots and self.is_weighted(number) and not before_labels[number] and aggregated[number]
                    and not self.leads_to_layer[number] and self._compares_with_input(number)):
                roots[number] = self._set_against(number, lambda source, output: True)
        self.roots = {number: inputs for number, inputs in roots.items() if inputs}
        self.compared = self.downstream(self.roots)
        self.against_data = {number for number in self.roots if any(map(self._is_bare, self.inputs[number]))}
        self.predictions = {source for sources in self.roots.values() for source in sources if not self.compared[source]}

    def _is_label(self, number: int, output: int) -> bool:
        return bool(self.fed_by(number, output) & self.labels)

    def _set_against(self, number: int, is_label: Callable[[int, int], bool]) -> list[int]:
        """The weighted inputs of a node where unweighted data (that is a label) meets them."""
        if self.nodes[number].op in op_kinds.JOINS or self.is_layer[number]:
            return []
        inputs = self.inputs[number]
        has_label = any(self._is_bare(source) and is_label(*source) for source in inputs)
        return [source for source, _ in inputs if self.is_weighted(source)] if has_label else []

    def _is_bare(self, tensor: tuple[int, int]) -> bool:
        """Tells data that no variable had a part in."""
        return bool(self.fed_by(*tensor) & ~NOISE) and not self.weights[tensor[0]]

    def set_against(self, number: int) -> int:
        """Mask of the sources of the data that one of the `roots` sets something against."""
        mask = 0
        for tensor in self.inputs[number]:
            mask |= self.fed_by(*tensor) & ~NOISE if self._is_bare(tensor) else 0
        return mask

    def _compares_with_input(self, number: int) -> bool:
        op = self.nodes[number].op
        return op in op_kinds.COMPARISONS or (op == "Mul" and any(
            self.nodes[source].op == "Log" for source, _ in self.inputs[number]))

    def _products_of_sigmoid_losses(self) -> list[int]:
        """``sigmoid_cross_entropy_with_logits`` is ``relu(x) - x * labels + log1p(exp(-abs(x)))``."""
        found = []
        for number, node in enumerate(self.nodes):
            if node.op != "Log1p" or self.training[number]:
                continue
            for total in self.consumers[number]:
                for difference, _ in self.inputs[total]:
                    if self.nodes[difference].op == "Sub" and not self.training[total]:
                        found += [source for source, _ in self.inputs[difference] if self.nodes[source].op == "Mul"]
        return [number for number in found if self.is_weighted(number)]
