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
        self._consumers: dict[str, list[str]] = defaultdict(list)
        for node in self._nodes.values():
            for name in node.input:
                self._consumers[node_of(name)].append(node.name)
        inputs = {node.name: [*map(node_of, node.input)] for node in nodes}
        self._outputs, self._switches = set(outputs), conditional_switches(self._nodes.values())
        self._wanted, self._run = set(_in_order(outputs, self._data_inputs)), _in_order(outputs, inputs)
        self._reads = {name: self._reads_beside(name) for name in self._run if self._nodes[name].op in ASSIGNMENT_OPS}
        self._order = _Order(self._run, inputs, {name for reads in self._reads.values() for name in reads} | {*self._reads})

    def is_passing(self, assignment: NodeDef) -> bool:
        """Whether the wanted values wait for an assignment, and take its variable's value, but nothing of its own."""
        reads = self._reads.get(assignment.name)
        return bool(reads) and not any(self._order.comes_before(assignment.name, read) for read in reads or ())

    def is_racing(self, assignment: NodeDef) -> bool:
        """Whether a read of the variable may come before or after an assignment."""
        return not all(self._order.comes_before(read, assignment.name) for read in self._reads[assignment.name])

    def is_final(self, assignment: NodeDef) -> bool:
        """Whether the wanted values take of a variable what the one assignment to it has left."""
        variable, value = map(node_of, assignment.input[:2])
        reads = self._reads.get(assignment.name)
        return (bool(reads) and self._nodes[variable].op in REFERENCE_VARIABLE_OPS
                and all(self._order.comes_before(assignment.name, read) for read in reads or ())
                and [name for name in self._consumers[variable] if name in self._reads] == [assignment.name]
                and variable not in _in_order([value], self._data_inputs))

    def _reads_beside(self, assignment: str) -> set[str]:
        """The nodes that compute with the variable's value and that the wanted values depend on.

        There is none where the assigned value itself is wanted, or where a conditional hands the variable on to the
        assignment: its branch may not be taken.
        """
        variable = node_of(self._nodes[assignment].input[0])
        while _hands_on(self._nodes[variable]):
            if variable in self._switches:
                return set()
            variable = node_of(self._nodes[variable].input[0])
        return set() if assignment in self._wanted else self._reads_of(variable)

    def _reads_of(self, variable: str) -> set[str]:
        in_the_same_memory = _IN_THE_SAME_MEMORY if self._nodes[variable].op in REFERENCE_VARIABLE_OPS else ()
        carriers, reads = dict.fromkeys([variable]), set[str]()
        waiting = [variable]
        for carrier in waiting:  # it grows
            if carrier in self._outputs:
                reads.add(carrier)
            for name in self._consumers[carrier]:
                if carrier not in self._data_inputs[name] or name in carriers:
                    continue
                if _hands_on(self._nodes[name]) or self._nodes[name].op in in_the_same_memory:
                    carriers[name] = None
                    waiting.append(name)
                elif name in self._wanted:
                    reads.add(name)
        return reads


def _hands_on(node: NodeDef) -> bool:
    """Whether a node's output is the variable, or its handle, that it is given."""
    return node.op in _REFERENCE_OPS or (node.op in PASS_THROUGH and node.attr["T"].type == _DT_RESOURCE)


class _Order:
    """Which of some marked nodes come before a node: a bit for each, since graphs have thousands of both.

    Args:
        nodes: each behind its inputs, but for those that close a loop.
        inputs: name -> what it waits for.
        marked: the nodes that are asked for.
    """

    def __init__(self, nodes: Iterable[str], inputs: Mapping[str, Sequence[str]], marked: Iterable[str]) -> None:
        self._bits = {name: 1 << number for number, name in enumerate(sorted(marked))}
        self._before: dict[str, int] = dict.fromkeys(nodes, 0)
        is_changed = True
        while is_changed:
            is_changed = False
            for name, known in self._before.items():
                before = known
                for other in inputs[name]:
                    before |= self._before[other] | self._bits.get(other, 0)
                if before != known:
                    self._before[name], is_changed = before, True

    def comes_before(self, first: str, second: str) -> bool:
        """Whether ``second`` waits for ``first``, a marked node."""
        return bool(self._before[second] & self._bits[first])


def _in_order(outputs: Iterable[str], inputs: Mapping[str, Sequence[str]]) -> dict[str, None]:
    """Returns the nodes that some outputs need, each behind its inputs."""
    found: dict[str, None] = {}
    entered: set[str] = set()
    stack = [(name, False) for name in outputs]
    while stack:
        name, is_left = stack.pop()
        if is_left:
            found[name] = None
        elif name not in entered:
            entered.add(name)
            stack.append((name, True))
            stack += [(other, False) for other in inputs[name] if other not in entered]
    return found
