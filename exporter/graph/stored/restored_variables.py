"""What a graph's own saver says of its variables: which key of a checkpoint each is restored from, and which are not.

A saver may have been made with other names (``tf.train.Saver({"key": variable})``), for parts of partitioned variables, for
some variables only, or, by ``tf.saved_model.save``, as a function.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from exporter.graph.node_names import node_of
from exporter.graph.variables import GraphVariable, VariableSlice
from exporter.lazy_tensorflow import FunctionDef, MetaGraphDef, NodeDef

RESTORE_OPS = ("RestoreV2", "RestoreSlice", "Restore")
_ASSIGN_OPS = ("Assign", "AssignVariableOp")
_HANDED_ON = ("Identity", "Reshape", "Cast")


@dataclass(frozen=True)
class _Restoration:
    """A variable node, and the key and slice that it is restored from; "" for the whole, None where that is not known."""

    node: str
    key: str
    specification: str | None


def restored_variables(meta_graph_def: MetaGraphDef, variables: Sequence[GraphVariable]) -> tuple[GraphVariable, ...]:
    """Returns ``variables`` under the names that the graph's own saver restores them from.

    Variables that it does not restore keep their name. In a graph without a SaverDef, every restore op counts that there is;
    where these disagree, the variable's own name goes first.
    """
    found: dict[str, list[_Restoration]] = {}
    for restoration in _restorations(meta_graph_def):
        found.setdefault(restoration.node, []).append(restoration)
    return tuple(_renamed(variable, found.get(variable.node, [])) for variable in variables)


def restored_nodes(meta_graph_def: MetaGraphDef) -> frozenset[str] | None:
    """Returns the variable nodes that the graph's own saver restores; None where it has no saver."""
    if not meta_graph_def.saver_def.restore_op_name:
        return None
    return frozenset(restoration.node for restoration in _restorations(meta_graph_def))


def _renamed(variable: GraphVariable, restorations: Sequence[_Restoration]) -> GraphVariable:
    if not restorations:
        return variable
    chosen = next((entry for entry in restorations if entry.key == variable.name), restorations[0])
    part = variable.part if chosen.specification is None else _slice(chosen.specification)
    return replace(variable, name=chosen.key, part=part, shape=part.shape if part else variable.shape)


def _restorations(meta_graph_def: MetaGraphDef) -> Iterator[_Restoration]:
    graph_def = meta_graph_def.graph_def
    nodes = {node.name: node for node in graph_def.node}
    functions = {function.signature.name: function for function in graph_def.library.function}
    restore_op = node_of(meta_graph_def.saver_def.restore_op_name)
    starts = [restore_op] if restore_op else [node.name for node in graph_def.node if node.op in _ASSIGN_OPS]
    for node in _behind(nodes, starts):
        if node.op in _ASSIGN_OPS:
            yield from _restoration(nodes, node, {})
        elif "f" in node.attr and node.attr["f"].func.name in functions:
            function = functions[node.attr["f"].func.name]
            body = {inner.name: inner for inner in function.node_def}
            for inner in function.node_def:
                if inner.op in _ASSIGN_OPS:
                    yield from _restoration(body, inner, _arguments(function, node))


def _behind(nodes: Mapping[str, NodeDef], starts: Sequence[str]) -> Iterator[NodeDef]:
    """The nodes that ``starts`` run, down to the assignments."""
    stack, seen = list(starts), set()
    while stack:
        name = stack.pop()
        if name in seen or name not in nodes:
            continue
        seen.add(name)
        yield nodes[name]
        if nodes[name].op not in _ASSIGN_OPS:
            stack.extend(map(node_of, nodes[name].input))


def _arguments(function: FunctionDef, call: NodeDef) -> dict[str, str]:
    return {argument.name: node_of(name) for argument, name in zip(function.signature.input_arg, call.input, strict=False)}


def _restoration(nodes: Mapping[str, NodeDef], assignment: NodeDef, arguments: Mapping[str, str]) -> Iterator[_Restoration]:
    """Follows an assigned value back to the op that reads it from a checkpoint."""
    target = node_of(assignment.input[0])
    reference = assignment.input[1]
    node = nodes.get(node_of(reference))
    while node is not None and node.op in _HANDED_ON:
        reference = node.input[0]
        node = nodes.get(node_of(reference))
    if node is None or node.op not in RESTORE_OPS:
        return
    last = reference.rpartition(":")[2]
    output = int(last) if last.isdigit() and ":" in reference else 0
    key = _string(nodes, node.input[1], output)
    if key is not None:
        specification = _string(nodes, node.input[2], output) if len(node.input) > 2 else None
        yield _Restoration(arguments.get(target, target), key, specification)


def _string(nodes: Mapping[str, NodeDef], reference: str, index: int) -> str | None:
    """An element of a constant of strings; its last one may stand for all that follow."""
    node = nodes.get(node_of(reference))
    while node is not None and node.op == "Identity":
        node = nodes.get(node_of(node.input[0]))
    if node is None or node.op != "Const":
        return None
    tensor = node.attr["value"].tensor
    values = tensor.string_val
    if not values or index >= math.prod(dimension.size for dimension in tensor.tensor_shape.dim):
        return None
    return str(values[min(index, len(values) - 1)].decode())


def _slice(specification: str) -> VariableSlice | None:
    """Parses ``4 6 0,2:0,6``; ``-`` stands for a whole dimension (tensorflow/core/util/saved_tensor_slice_util.h)."""
    *shape, extents = specification.split() or [""]
    if not shape or not all(map(str.isdigit, shape)):
        return None
    full_shape = tuple(map(int, shape))
    parts = [(0, size) if extent == "-" else tuple(map(int, extent.split(",")))
             for extent, size in zip(extents.split(":"), full_shape, strict=False)]
    part = VariableSlice(full_shape, tuple(start for start, _ in parts), tuple(length for _, length in parts))
    return None if part.shape == full_shape else part
