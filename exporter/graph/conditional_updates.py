"""Assignments inside conditionals: what is left of them where the variable has become a constant.

Batch normalization that is given its phase as a tensor updates its averages in one branch of a conditional, and lets its
output wait for that. Frozen for inference, such a branch is not taken; where it is, its values are those of the training
step, and nothing is kept of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from exporter.graph.node_names import node_of
from exporter.lazy_tensorflow import GraphDef, NodeDef

__all__ = [
    "ASSIGNMENT_OPS", "CONDITIONAL_CALLS", "assignments", "conditional_switches", "references_to", "without_assignment"]

CONDITIONAL_CALLS = ("If", "StatelessIf", "Case", "StatelessCase")

# What the output of an assignment to a reference is, as an op on values.
_ON_VALUES = {"Assign": "Identity", "AssignAdd": "Add", "AssignSub": "Sub"}
_TO_RESOURCES = ("AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp")
ASSIGNMENT_OPS = (*_ON_VALUES, *_TO_RESOURCES)
_HAND_ON_REFERENCES = ("RefIdentity", "RefEnter", "RefExit", "RefNextIteration", "RefMerge", "RefSwitch", *_ON_VALUES)


def assignments(graph_def: GraphDef) -> Iterator[str]:
    """Yields the nodes of a graph and its functions that assign to variables."""
    bodies = (graph_def.node, *(function.node_def for function in graph_def.library.function))
    yield from (node.name for body in bodies for node in body if node.op in ASSIGNMENT_OPS)


def conditional_switches(nodes: Iterable[NodeDef]) -> set[str]:
    """Returns the Switch nodes of conditionals; those of loops ask a LoopCond."""
    by_name = {node.name: node for node in nodes}
    return {node.name for node in by_name.values() if node.op in ("Switch", "RefSwitch")
            and (asked := by_name.get(node_of(node.input[1]))) is not None and asked.op != "LoopCond"}


def references_to(nodes: Sequence[NodeDef], variables: Iterable[str]) -> dict[str, bool]:
    """Follows reference variables through the ops that hand references on.

    Returns:
        Node whose output is a reference to one of ``variables`` -> whether a conditional lies between them.
    """
    switches = conditional_switches(nodes)
    found = dict.fromkeys(variables, False)
    known = -1
    while known != len(found):
        known = len(found)
        for node in nodes:
            if node.op in _HAND_ON_REFERENCES and node.name not in found:
                origins = [found[name] for name in map(node_of, node.input) if name in found]
                if origins:
                    found[node.name] = any(origins) or node.name in switches
    return found


def without_assignment(node: NodeDef) -> bool:
    """Turns an assignment, in place, into the op that gives what its output was; into one that only waits for its inputs
    where it has no output.

    Returns:
        False where the node is no assignment, or one that is not known: it is left as it is.
    """
    if node.op in _ON_VALUES:
        if node.op == "Assign":
            del node.input[0]
        node.op = _ON_VALUES[node.op]
        for name in [name for name in node.attr if name != "T"]:
            del node.attr[name]
        return True
    if node.op in _TO_RESOURCES:
        node.op = "NoOp"
        node.input[:] = dict.fromkeys(f"^{node_of(name)}" for name in node.input[1:])
        node.attr.clear()
        return True
    return False
