"""The heads of a network, that is the ends of its forward path, and what speaks for each of being an output."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from exporter.graph.output_search import op_kinds
from exporter.graph.output_search.data_flow import NOISE
from exporter.graph.output_search.label_flow import LabelFlow

_GRADIENT_OF = re.compile(r"(?:^|/)gradients(?:_\d+)?/(.*)_grad(?:_\d+)?/")
_COUNTER = re.compile(r"_\d+(?=/|$)")
_EVALUATION = re.compile(r"(^|[/_])(eval\w*|test\w*|infer\w*|predict\w*|valid\w*|val|serving|deploy)([/_]|$)", re.IGNORECASE)
_TRAINING = re.compile(r"(^|[/_])train\w*([/_]|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Upstream:
    """What a node depends on, from itself back to the sources.

    Attributes:
        layers: the layers, by node.
        ops: how often each op occurs.
        has_noise: whether there are random numbers.
        uses_batch_statistics: whether a batch is normalized with its own mean.
    """

    layers: frozenset[int]
    ops: Counter[str]
    has_noise: bool
    uses_batch_statistics: bool


@dataclass
class Head:
    """Tensors that come of the same last layers: alternatives of each other, such as logits and their softmax.

    Attributes:
        members: the nodes, in the order of the graph.
        weights: mask of the variables of its last layers.
        evidence: what speaks for it and against it, in words, with points.
    """

    members: list[int]
    weights: int
    evidence: dict[str, int] = field(default_factory=dict)


class HeadFinder:
    """Finds the heads of a graph.

    Attributes:
        flow: the roles of the nodes.
        heads: the heads; empty where no node depends on weights and data.
        is_inference_graph: whether the graph has neither labels nor gradients: then each end is a head of its own.
    """

    def __init__(self, flow: LabelFlow, collected: Iterable[int] = ()) -> None:
        self.flow = flow
        self.gradients = {match[1] for node in flow.nodes if (match := _GRADIENT_OF.search(node.name))}
        self.is_inference_graph = not flow.roots and not self.gradients
        self._upstream: dict[int, Upstream] = {}
        self._whole_of = self._find_wholes({self._before_loss(number) for number in flow.predictions})
        self.wholes = set(self._whole_of.values())
        self.roots_of: dict[int, set[int]] = {}
        for root, sources in flow.roots.items():
            for source in set(sources) & flow.predictions:
                self.roots_of.setdefault(self.before_loss(source), set()).add(root)
        self.generated, self.judges = self._find_generated()
        self.heads = self._group(set(self.roots_of) | self.generated | set(self._ends()) | set(collected))

    @cached_property
    def trained(self) -> int:
        """Mask of the variables that gradients are taken of; 0 where the graph does not tell."""
        layers = [number for number in self.flow.layers if self.flow.nodes[number].name in self.gradients]
        return self.flow.weights_of(layers)

    def is_free(self, number: int) -> bool:
        """Tells whether nothing takes a node's value but reports and questions after its shape."""
        flow = self.flow
        return all(op_kinds.is_report(flow.nodes[consumer]) or flow.nodes[consumer].op in op_kinds.SHAPES
                   for consumer in flow.consumers[number])

    def upstream(self, number: int) -> Upstream:
        """Returns what a node depends on."""
        if number not in self._upstream:
            flow, seen, stack = self.flow, {number}, [number]
            while stack:
                inputs = {source for source, _ in flow.inputs[stack.pop()] if not flow.training[source]} - seen
                seen |= inputs
                stack.extend(source for source in inputs if not op_kinds.is_source(flow.nodes[source]))
            self._upstream[number] = Upstream(
                frozenset(node for node in seen if flow.is_layer[node]),
                Counter(flow.nodes[node].op for node in seen),
                any(op_kinds.is_noise(flow.nodes[node]) for node in seen),
                any(op_kinds.is_batch_norm_in_training(flow.nodes[node]) or flow.aggregated[node] for node in seen))
        return self._upstream[number]

    def back_to_layer(self, number: int) -> list[int]:
        """Returns a node and what it is made of, back to the head's last layers."""
        flow, found, stack = self.flow, {number: None}, [number]
        while stack:
            current = stack.pop(0)
            for source, _ in flow.inputs[current] if not flow.is_layer[current] else ():
                if source not in found and flow.is_weighted(source):
                    found[source] = None
                    stack.append(source)
        return list(found)

    def _is_candidate(self, number: int) -> bool:
        flow = self.flow
        return flow.is_weighted(number) and not flow.compared[number] and (
            not flow.aggregated[number] or self.is_inference_graph)

    def _goes_on(self, number: int) -> bool:
        """Tells whether the forward path goes on from a node, or ends there: in a statistic, a loss, a report."""
        flow = self.flow
        return any(self._is_candidate(consumer) and not self._is_statistic[consumer] for consumer in flow.consumers[number])

    @cached_property
    def _is_statistic(self) -> list[bool]:
        """Nodes on the way to nothing but figures about a whole batch, such as the share of zeros."""
        flow = self.flow
        marked = list(flow.aggregated)
        for number in reversed(flow.order):
            consumers = [consumer for consumer in flow.consumers[number] if not flow.training[consumer]]
            is_arithmetic = flow.nodes[number].op in op_kinds.PARTS_OF_STATISTICS
            if consumers and is_arithmetic and not flow.is_layer[number]:
                marked[number] = all(marked[consumer] for consumer in consumers)
        return marked if not self.is_inference_graph else [False] * len(marked)

    @cached_property
    def _is_inside(self) -> list[bool]:
        """Nodes in the body of a loop or in a branch of a conditional, which have no value outside of it."""
        ways_out = frozenset({"Merge", "RefMerge", "Exit", "RefExit"})
        in_branch = self.flow.downstream(self._nodes_of("Switch", "RefSwitch"), ways_out)
        in_loop = self.flow.downstream(self._nodes_of("Enter", "RefEnter"), frozenset({"Exit", "RefExit"}))
        return [branch or loop for branch, loop in zip(in_branch, in_loop, strict=True)]

    def _nodes_of(self, *ops: str) -> list[int]:
        return [number for number, node in enumerate(self.flow.nodes) if node.op in ops]

    def _ends(self) -> list[int]:
        """The nodes that the forward path ends at, other than within a loss or an update."""
        return [number for number in range(len(self.flow.nodes))
                if self._is_candidate(number) and not self._is_statistic[number] and self.is_free(number)
                and not self._is_inside[number]
                and self.flow.output_dtype(number) not in ("variant", "resource")]

    def before_loss(self, number: int) -> int:
        """Returns the prediction that comes to the labels by this node."""
        prediction = self._before_loss(number)
        return self._whole_of.get(prediction, prediction)

    def _find_wholes(self, predictions: set[int]) -> dict[int, int]:
        """Where a loss takes a prediction in parts, such as the centre and the size of a box: part -> the whole of it."""
        parts: dict[int, list[int]] = {}
        for number in predictions:
            part = next((node for node in self.back_to_layer(number) if self.flow.nodes[node].op in op_kinds.PARTS), None)
            for whole, _ in self.flow.inputs[part][:1] if part is not None else ():
                if self.flow.last_layers[whole] == self.flow.last_layers[number]:
                    parts.setdefault(whole, []).append(number)
        return {number: whole for whole, numbers in parts.items() if len(numbers) > 1 for number in numbers}

    def _before_loss(self, number: int) -> int:
        """Goes back from what meets the labels to the prediction: over the logarithm, clipping and reshaping of a loss."""
        flow, within_log = self.flow, False
        feeds_cross_entropy = any(op_kinds.is_cross_entropy(flow.nodes[consumer]) for consumer in flow.consumers[number])
        while True:
            op = flow.nodes[number].op
            within_log = within_log or op in ("Log", "Log1p")
            inputs = list(dict.fromkeys(source for source, _ in flow.inputs[number] if flow.is_weighted(source)))
            inputs = [source for source in inputs if not self._is_sum_of(source, inputs)]
            is_part = (op in ("Log", "Log1p", "Neg") or (within_log and op in op_kinds.PARTS_OF_LOGARITHMS)
                       or (op in op_kinds.RESHAPES and (feeds_cross_entropy or self._is_needed_as_well(inputs, number))))
            if not is_part or flow.is_layer[number] or len(inputs) != 1:
                return number
            number = inputs[0]

    def _is_needed_as_well(self, inputs: list[int], number: int) -> bool:
        """Tells whether the input of a loss's reshape is needed in its own shape, too: as the likelihood of a CRF does."""
        flow = self.flow
        return any(flow.is_weighted(consumer) and consumer != number and flow.nodes[consumer].op not in op_kinds.SHAPES
                   for source in inputs for consumer in flow.consumers[source])

    def _is_sum_of(self, number: int, others: list[int]) -> bool:
        """Tells the divisor of ``x / reduce_sum(x)``."""
        return self.flow.nodes[number].op == "Sum" and any(source in others for source, _ in self.flow.inputs[number])

    def _find_generated(self) -> tuple[set[int], int]:
        """What stands in for an input: a generator's image or an actor's action, before the network that judges it.

        The sign is a layer that weights are shared in: one copy takes data, the other what another network has made.
        """
        flow = self.flow
        before_labels = flow.leads_to(lambda number: number in flow.against_data)
        by_weights: dict[int, list[int]] = {}
        for number in flow.layers:
            if flow.is_real_layer(number):
                by_weights.setdefault(self.flow.weights_of([number]), []).append(number)
        generated, judges = set(), 0
        for weights, layers in by_weights.items():
            operands = [operand for number in layers for operand in flow.inputs[number] if flow.fed_by(*operand)]
            real = [operand for operand in operands if not flow.weights[operand[0]] and flow.fed_by(*operand) & ~NOISE]
            made = {self._made_part(source) for source, _ in operands
                    if flow.weights[source] and not flow.weights[source] & weights}
            made = {number for number in made if not before_labels[number] and self._is_candidate(number)
                    and not made & set(self.back_to_layer(number)[1:])}
            if real and made and not self.is_inference_graph:
                generated |= made
                judges |= weights
        return generated, judges

    def _made_part(self, number: int) -> int:
        """Goes back over reshapes, and over joining with data, to what a network made."""
        flow = self.flow
        while flow.nodes[number].op in op_kinds.JOINS and not flow.is_layer[number]:
            inputs = [source for source, _ in flow.inputs[number] if flow.is_weighted(source)]
            if len(inputs) != 1:
                break
            number = inputs[0]
        return number

    def _group(self, found: set[int]) -> list[Head]:
        flow = self.flow
        masks = {flow.last_layers[number] for number in found}
        found |= {number for number, node in enumerate(flow.nodes)
                  if node.op in op_kinds.PROBABILITIES and flow.last_layers[number] in masks and self._is_candidate(number)
                  and not self._is_inside[number]}
        groups: dict[int, list[int]] = {}
        for number in sorted(found):
            key = -1 - number if self.is_inference_graph else flow.last_layers[number]
            groups.setdefault(key, []).append(number)
        return [Head(members, flow.weights_of(flow.layers_in(flow.last_layers[members[0]])))
                for members in groups.values()]


def same_but_for_counters(name: str, other: str) -> bool:
    """Tells whether two names differ only in the numbers that TensorFlow adds when code is run again."""
    return name != other and _COUNTER.sub("", name) == _COUNTER.sub("", other)


def purpose_of(name: str) -> int:
    """Returns 1 for a name that speaks of evaluation or inference, -1 for training, else 0."""
    return 1 if _EVALUATION.search(name) else -1 if _TRAINING.search(name) else 0
