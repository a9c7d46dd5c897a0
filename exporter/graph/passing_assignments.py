"""Assignments that the outputs wait for and take nothing of: a frozen graph does without them.

Spectral normalization keeps a vector for each weight: it is read, the output follows from it, and its next value is assigned
on the way, at inference too. Batch normalization that is built for both phases before a conditional chooses updates the
averages of the one that is not taken, while the other one reads them: which comes first is left to chance. StyleGAN assigns
one variable to another before it reads that one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from exporter.graph.conditional_updates import ASSIGNMENT_OPS, conditional_switches, without_assignment
from exporter.graph.handle_rewrites import PASS_THROUGH
from exporter.graph.node_names import node_of
from exporter.graph.variables import REFERENCE_VARIABLE_OPS
from exporter.lazy_tensorflow import GraphDef, NodeDef

_REFERENCE_OPS = ("RefIdentity", "RefEnter", "RefExit", "RefNextIteration", "RefMerge", "RefSwitch")
# Ops that copy nothing: an assignment to a reference variable changes what they gave (tensorflow/core/kernels/assign_op.h
# and dense_update_ops.cc write into the old memory).
_IN_THE_SAME_MEMORY = (*PASS_THROUGH, "ExpandDims", "PreventGradient", "Reshape", "Snapshot", "Squeeze")
_DT_RESOURCE = 20  # tensorflow/core/framework/types.proto


def passing_assignments(graph_def: GraphDef, outputs: Sequence[str]) -> dict[str, bool]:
    """Finds the assignments whose variable the outputs need anyway, and of which they need no read that comes after.

    A run that begins with the checkpoint gives the same without them. Where the outputs don't need the variable, the model
    was built for training, and the assignment is none of these.

    Args:
        graph_def: a graph.
        outputs: names of the nodes whose values are wanted.

    Returns:
        Name of an assignment -> whether it races with a read: neither waits for the other.
    """
    assignments = [node for node in graph_def.node if node.op in ASSIGNMENT_OPS]
    if not assignments:
        return {}
    dependencies = _Dependencies(graph_def.node, outputs)
    return {node.name: dependencies.is_racing(node) for node in assignments if dependencies.is_passing(node)}


def racing_assignments(graph_def: GraphDef, outputs: Sequence[str]) -> list[str]:
    """Those of `passing_assignments` that race with a read."""
    return [name for name, is_racing in passing_assignments(graph_def, outputs).items() if is_racing]


def final_assignments(graph_def: GraphDef, outputs: Sequence[str]) -> list[str]:
    """Finds the assignments to reference variables which all reads that the outputs need come after.

    What they assign can be read in the variable's place.

    Args:
        graph_def: a graph.
        outputs: names of the nodes whose values are wanted.
    """
    assignments = [node for node in graph_def.node if node.op == "Assign"]
    dependencies = _Dependencies(graph_def.node, outputs) if assignments else None
    return [node.name for node in assignments if dependencies is not None and dependencies.is_final(node)]


def with_assigned_values(graph_def: GraphDef, final: Collection[str]) -> GraphDef:
    """Returns a copy in which nodes read what was assigned, by `final_assignments`, and not the variable."""
    copy = type(graph_def).FromString(graph_def.SerializeToString())
    assigned = {node_of(node.input[0]): node.input[1] for node in copy.node if node.name in final}
    for node in copy.node:
        if node.name in final:
            without_assignment(node)
        else:
            node.input[:] = [assigned.get(name.removesuffix(":0"), name) for name in node.input]
    return copy


def without_assignments(graph_def: GraphDef, names: Collection[str]) -> GraphDef:
    """Returns a copy in which assignments have become ops that change nothing."""
    copy = type(graph_def).FromString(graph_def.SerializeToString())
    used = {name.removesuffix(":0") for node in copy.node for name in node.input}
    for node in copy.node:
        if node.name in names and node.name in used:
            without_assignment(node)
        elif node.name in names:
            node.op = "NoOp"
            del node.input[:]
            node.attr.clear()
    return copy


def stop_waiting(graph_def: GraphDef, names: Collection[str]) -> None:
    """Lets, in place, no node wait for those of these names any more: nothing but a fetch runs them then."""
    waited_for = {f"^{name}" for name in names}
    for node in graph_def.node:
        if waited_for.intersection(node.input):
            node.input[:] = [name for name in node.input if name not in waited_for]


class _Dependencies:
    """What the values of some nodes depend on, and what runs after what."""

    def __init__(self, nodes: Iterable[NodeDef], outputs: Sequence[str]) -> None:
        self._nodes: Mapping[str, NodeDef] = {node.name: node for node in nodes}
        self._data_inputs = {node.name: [node_of(name) for name in node.input if not name.startswith("^")] for node in nodes}
        self._inputs = {node.name: [*map(node_of, node.input)] for node in nodes}
        self._consumers: dict[str, list[str]] = defaultdict(list)
        for node in self._nodes.values():
            for name in node.input:
                self._consumers[node_of(name)].append(node.name)
        self._outputs, self._switches = set(outputs), conditional_switches(self._nodes.values())
        self._wanted, self._run = _reachable(outputs, self._data_inputs), _reachable(outputs, self._inputs)

    def is_passing(self, assignment: NodeDef) -> bool:
        """Whether the wanted values wait for an assignment, and take its variable's value, but nothing of its own."""
        if assignment.name in self._wanted or assignment.name not in self._run:
            return False
        variable = self._variable(assignment)
        reads = set() if variable is None else self._reads(variable)
        return bool(reads) and not reads & _reachable([assignment.name], self._consumers)

    def is_final(self, assignment: NodeDef) -> bool:
        """Whether the wanted values take of a variable what the one assignment to it has left."""
        variable, value = map(node_of, assignment.input[:2])
        others = [name for name in self._consumers[variable] if self._nodes[name].op in ASSIGNMENT_OPS and name in self._run]
        if others != [assignment.name] or assignment.name in self._wanted or self._nodes[variable].op not in (
                REFERENCE_VARIABLE_OPS) or variable in _reachable([value], self._inputs):
            return False
        reads = self._reads(variable)
        return bool(reads) and reads <= _reachable([assignment.name], self._consumers)

    def is_racing(self, assignment: NodeDef) -> bool:
        """Whether a read of the variable may come before or after an assignment."""
        variable = self._variable(assignment)
        return variable is not None and not self._reads(variable) <= _reachable([assignment.name], self._inputs)

    def _variable(self, assignment: NodeDef) -> str | None:
        """The variable that is assigned to; None where a conditional hands it on, whose branch may not be taken."""
        name = node_of(assignment.input[0])
        while _hands_on(self._nodes[name]):
            if name in self._switches:
                return None
            name = node_of(self._nodes[name].input[0])
        return name

    def _reads(self, variable: str) -> set[str]:
        """The nodes that compute with a variable's value and that the wanted values depend on."""
        carriers, reads = [variable], set[str]()
        for carrier in carriers:  # it grows
            if carrier in self._outputs:
                reads.add(carrier)
            for name in self._consumers[carrier]:
                if carrier in self._data_inputs[name] and self._carries(self._nodes[name], variable):
                    carriers += [name] if name not in carriers else []
                elif carrier in self._data_inputs[name] and name in self._wanted:
                    reads.add(name)
        return reads

    def _carries(self, node: NodeDef, variable: str) -> bool:
        """Whether a node hands on what it is given of a variable: of a reference variable, its very memory."""
        is_reference = self._nodes[variable].op in REFERENCE_VARIABLE_OPS
        return _hands_on(node) or (is_reference and node.op in _IN_THE_SAME_MEMORY)


def _hands_on(node: NodeDef) -> bool:
    """Whether a node's output is the variable, or its handle, that it is given."""
    return node.op in _REFERENCE_OPS or (node.op in PASS_THROUGH and node.attr["T"].type == _DT_RESOURCE)


def _reachable(begin: Iterable[str], following: Mapping[str, Iterable[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [*begin]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += following.get(name, ())
    return reached
