"""Assignments that the outputs wait for and take nothing of: a frozen graph does without them.

Spectral normalization keeps a vector for each weight: it is read, the output follows from it, and its next value is assigned
on the way, at inference too. Batch normalization that is built for both phases before a conditional chooses updates the
averages of the one that is not taken, while the other one reads them: which comes first is left to chance. StyleGAN assigns
one variable to another before it reads that one.

Nothing is concluded where it can't be seen from the nodes alone: loops, branches, functions, uses of a variable that are not
listed here, and whatever passes values on without an edge.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from exporter.graph.conditional_updates import ASSIGNMENT_OPS, conditional_switches, without_assignment
from exporter.graph.node_names import node_of
from exporter.graph.node_order import NodeOrder, in_order
from exporter.graph.variables import REFERENCE_VARIABLE_OPS, VARIABLE_OPS
from exporter.lazy_tensorflow import GraphDef, NodeDef

# Ops that surely compute: what they give is in memory of its own.
_COMPUTING = (
    "Add", "AddV2", "BatchMatMul", "BatchMatMulV2", "BiasAdd", "Conv2D", "Conv2DBackpropInput", "DepthwiseConv2dNative",
    "Div", "Exp", "FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3", "L2Loss", "Log", "MatMul", "Maximum", "Minimum",
    "Mul", "Pow", "RealDiv", "Rsqrt", "Sigmoid", "Sqrt", "Square", "SquaredDifference", "Sub", "Tanh")
# Ops that may hand on the memory that they are given, and do nothing else: an assignment to a reference variable writes into
# the old memory (tensorflow/core/kernels/assign_op.h and dense_update_ops.cc), and so changes what they gave.
_HANDING_ON = ("ExpandDims", "Identity", "Reshape", "Squeeze", "StopGradient", "Transpose")
_READING_RESOURCES = ("ReadVariableOp", "ResourceGather")
# Parts of the names of ops that pass values on without an edge.
_HIDDEN_WAYS = ("Queue", "Stack", "Stage", "Barrier", "Accumulator", "Mutable", "PyFunc")


@dataclass(frozen=True)
class Assignments:
    """The assignments of a graph that can be done without.

    Attributes:
        passing: those whose variable the outputs need anyway, and of which they need no read that comes after -> the reads
            that don't come before either: they race. A run that begins with the checkpoint and reads first gives the same
            without them. Where the outputs don't need the variable, the model was built for training, and the assignment is
            none of these.
        final: those to reference variables which all reads come after: what they assign can be read in the variable's place.
    """

    passing: Mapping[str, Sequence[str]]
    final: Sequence[str]

    @property
    def racing(self) -> dict[str, Sequence[str]]:
        """Those of `passing` that race with reads."""
        return {name: reads for name, reads in self.passing.items() if reads}


def dispensable_assignments(graph_def: GraphDef, outputs: Sequence[str]) -> Assignments:
    """Finds the assignments that the outputs wait for and that can be done without.

    Args:
        graph_def: a graph.
        outputs: names of the nodes whose values are wanted.
    """
    if not any(node.op in ASSIGNMENT_OPS for node in graph_def.node):
        return Assignments({}, ())
    run = _Run(graph_def.node, outputs)
    return Assignments({name: run.racing_reads(name) for name in run.assignments if run.is_passing(name)},
                       [name for name in run.assignments if run.is_final(name)])


def without_assignments(graph_def: GraphDef, assignments: Assignments) -> GraphDef:
    """Returns a copy in which passing assignments do nothing, and final ones give what is read."""
    copy = type(graph_def).FromString(graph_def.SerializeToString())
    assigned = {node_of(node.input[0]): node.input[1] for node in copy.node if node.name in assignments.final}
    for node in copy.node:
        if node.name in assignments.final or node.name in assignments.passing:
            without_assignment(node)
        else:
            node.input[:] = [assigned.get(name.removesuffix(":0"), name) for name in node.input]
    return copy


def read_first(graph_def: GraphDef, racing: Mapping[str, Sequence[str]]) -> None:
    """Lets, in place, assignments wait for the reads that they race with."""
    for node in graph_def.node:
        node.input.extend(f"^{read}" for read in racing.get(node.name, ()))


class _Run:
    """The nodes that run for some outputs: what their values depend on, and what comes after what."""

    def __init__(self, nodes: Iterable[NodeDef], outputs: Sequence[str]) -> None:
        by_name = {node.name: node for node in nodes}
        inputs = {name: [other for other in map(node_of, node.input) if other in by_name] for name, node in by_name.items()}
        data = {name: [node_of(other) for other in _values_taken(node) if node_of(other) in by_name]
                for name, node in by_name.items()}
        run = in_order((name for name in outputs if name in by_name), inputs)
        self._nodes: Mapping[str, NodeDef] = {name: by_name[name] for name in run}
        self._outputs = set(outputs)
        self._wanted = set(in_order(outputs, data))
        self._data_consumers, consumers = _consumers(run, data), _consumers(run, inputs)
        self._unclear = _frames_and_branches(self._nodes, consumers)
        self._has_hidden_ways = any(part in node.op for node in self._nodes.values() for part in _HIDDEN_WAYS)
        self._shared = _shared_variables(by_name.values())
        self.assignments = {name: reads for name, node in self._nodes.items() if node.op in ASSIGNMENT_OPS
                            and (reads := self._reads_beside(node))}
        marked = {name for assignment, reads in self.assignments.items() for name in (assignment, *reads)}
        self._order = NodeOrder(run, inputs, marked)

    def is_passing(self, assignment: str) -> bool:
        """Whether the wanted values take the variable's value, and none that an assignment has left."""
        reads, racing = self.assignments[assignment], self.racing_reads(assignment)
        return (not reads.isdisjoint(self._wanted)
                and not any(self._order.comes_before(assignment, read) for read in reads)
                and self._unclear.isdisjoint(racing) and not (racing and self._has_hidden_ways))

    def racing_reads(self, assignment: str) -> list[str]:
        """The reads that an assignment does not wait for."""
        return sorted(read for read in self.assignments[assignment] if not self._order.comes_before(read, assignment))

    def is_final(self, assignment: str) -> bool:
        """Whether all reads come after an assignment of a value to a reference variable."""
        reads = self.assignments[assignment]
        return self._nodes[assignment].op == "Assign" and self._unclear.isdisjoint(reads) and all(
            self._order.comes_before(assignment, read) for read in reads)

    def _reads_beside(self, assignment: NodeDef) -> set[str] | None:
        """The nodes that compute with the variable's value; None where that, or what becomes of the assigned value, is
        unclear.
        """
        variable = self._nodes[node_of(assignment.input[0])]
        if variable.op not in VARIABLE_OPS or variable.name in self._shared or assignment.name in self._unclear or any(
                self._is_used(consumer) for consumer in (assignment.name, *self._data_consumers[assignment.name])):
            return None
        read = self._reads_of_memory if variable.op in REFERENCE_VARIABLE_OPS else self._reads_of_resource
        return read(variable.name, assignment.name)

    def _is_used(self, name: str) -> bool:
        """Whether the value of an assignment, or of what takes it, is wanted, or goes further than one node."""
        node = self._nodes[name]
        takers = self._data_consumers[name]
        return name in self._wanted or bool(takers and (node.op not in ASSIGNMENT_OPS or len(set(takers)) > 1))

    def _reads_of_resource(self, variable: str, assignment: str) -> set[str] | None:
        users = {name for name in self._data_consumers[variable] if name != assignment}
        if any(self._nodes[name].op not in _READING_RESOURCES for name in users):
            return None
        return {name for name in users if self._data_consumers[name] or name in self._outputs}

    def _reads_of_memory(self, variable: str, assignment: str) -> set[str] | None:
        carriers, reads = [variable], set[str]()
        for carrier in carriers:  # it grows
            if carrier in self._outputs:
                return None
            for name in self._data_consumers[carrier]:
                op = self._nodes[name].op
                if name == assignment:
                    continue
                if carrier == variable and op != "Identity" and op not in _COMPUTING:
                    return None
                if op not in _HANDING_ON:
                    reads.add(name)
                if op not in _COMPUTING and name not in carriers:
                    carriers.append(name)
        return reads


def _values_taken(node: NodeDef) -> Sequence[str]:
    """The inputs of a node whose values it computes with: batch normalization in training mode makes its own averages."""
    inputs = [name for name in node.input if not name.startswith("^")]
    is_training = node.op.startswith("FusedBatchNorm") and node.attr["is_training"].b
    return inputs[:3] if is_training and node.attr["exponential_avg_factor"].f in (0.0, 1.0) else inputs


def _consumers(run: Iterable[str], inputs: Mapping[str, Iterable[str]]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name in run:
        for other in inputs[name]:
            found[other].append(name)
    return found


def _frames_and_branches(nodes: Mapping[str, NodeDef], consumers: Mapping[str, list[str]]) -> set[str]:
    """The nodes that run more than once, or perhaps not at all."""
    loops = [name for name, node in nodes.items() if node.op in ("Enter", "RefEnter")]
    branches = [*conditional_switches(nodes.values())]
    return _up_to(loops, consumers, nodes, ("Exit", "RefExit")) | _up_to(branches, consumers, nodes, ("Merge", "RefMerge"))


def _up_to(begin: Iterable[str], consumers: Mapping[str, list[str]], nodes: Mapping[str, NodeDef],
           ends: Collection[str]) -> set[str]:
    found: set[str] = set()
    waiting = [*begin]
    while waiting:
        name = waiting.pop()
        if name not in found and nodes[name].op not in ends:
            found.add(name)
            waiting += consumers[name]
    return found


def _shared_variables(nodes: Iterable[NodeDef]) -> set[str]:
    """The variable nodes that stand for a variable which another node stands for too."""
    by_variable: dict[tuple[bytes, bytes], list[str]] = defaultdict(list)
    for node in nodes:
        if node.op in VARIABLE_OPS:
            by_variable[node.attr["container"].s, node.attr["shared_name"].s or node.name.encode()].append(node.name)
    return {name for names in by_variable.values() if len(names) > 1 for name in names}
