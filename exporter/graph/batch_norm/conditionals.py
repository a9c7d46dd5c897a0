"""How deep in conditionals of TensorFlow 1 (``Switch`` and ``Merge``) the nodes of a graph lie. Loops do not count."""

from __future__ import annotations

from exporter.graph.batch_norm.node_index import NodeIndex, control_inputs, data_inputs
from exporter.graph.node_names import node_of
from exporter.lazy_tensorflow import NodeDef


class Conditionals:
    """The conditionals of a graph.

    Args:
        index: the graph.
    """

    def __init__(self, index: NodeIndex) -> None:
        self._index = index
        self._depths: dict[str, int] = {}

    def is_switch(self, node: NodeDef) -> bool:
        """Tells whether a node begins the branches of a conditional."""
        if node.op not in ("Switch", "RefSwitch"):
            return False
        predicate = self._index.behind_identities(node.input[1])
        return predicate is None or predicate.op != "LoopCond"

    def contain(self, name: str) -> bool:
        """Tells whether a node lies in a branch."""
        opened: set[str] = set()
        stack = [name]
        while stack:
            node = self._index.nodes.get(stack[-1])
            if node is None or node.name in self._depths:
                self._depths.setdefault(stack.pop(), 0)
                continue
            # A node without data belongs to a branch by what it waits for.
            inputs = [node_of(tensor) for tensor in data_inputs(node)] or list(control_inputs(node))
            missing = [other for other in inputs if other not in self._depths]
            if missing and node.name not in opened:
                opened.add(node.name)
                stack.extend(other for other in missing if other not in opened)  # not again around a loop
                continue
            stack.pop()
            self._depths[node.name] = self._depth(node, max((self._depths.get(other, 0) for other in inputs), default=0))
        return self._depths[name] > 0

    def _depth(self, node: NodeDef, depth_of_inputs: int) -> int:
        if self.is_switch(node):
            return depth_of_inputs + 1
        if node.op not in ("Merge", "RefMerge"):
            return depth_of_inputs
        sources = [other.op for name in node.input if (other := self._index.of(name)) is not None]
        is_loop = "Enter" in sources or "RefEnter" in sources
        return depth_of_inputs if is_loop else max(0, depth_of_inputs - 1)
