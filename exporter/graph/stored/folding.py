"""Folding conditionals that constants decide: ``Switch`` and ``Merge`` of TensorFlow 1, ``If`` and ``Case`` of 2."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from exporter.graph.functions import unused_name
from exporter.graph.node_names import node_of, tensor_name
from exporter.graph.pruning import prune
from exporter.lazy_tensorflow import GraphDef, NodeDef, tf

_SWITCHES = ("Switch", "RefSwitch")
_MERGES = ("Merge", "RefMerge")
_IFS = {"If": "StatefulPartitionedCall", "StatelessIf": "PartitionedCall"}
_CASES = {"Case": "StatefulPartitionedCall", "StatelessCase": "PartitionedCall"}
_EVALUATED: Mapping[str, Callable[..., Any]] = {
    **dict.fromkeys(("Identity", "RefIdentity", "StopGradient", "Squeeze", "Reshape"), lambda value, *_: value),
    "LogicalNot": np.logical_not, "LogicalAnd": np.logical_and, "LogicalOr": np.logical_or, "Equal": np.equal,
    "NotEqual": np.not_equal, "Greater": np.greater, "GreaterEqual": np.greater_equal, "Less": np.less,
    "LessEqual": np.less_equal,
}


def fold_conditionals(graph_def: GraphDef, wanted: Iterable[str], table_initializers: Iterable[str] = ()) -> GraphDef:
    """Returns the graph without the branches that can't be taken, pruned to the ``wanted`` nodes.

    A predicate counts as known where it follows from constants by identities, casts, comparisons and logic. Loops stay.

    Args:
        graph_def: the graph; not changed.
        wanted: names of nodes to keep, with all that they need.
        table_initializers: ops to keep as well, each only where a table that it fills is kept.
    """
    kept, initializers = list(wanted), list(table_initializers)
    folded = tf.GraphDef()
    folded.CopyFrom(graph_def)
    while _Folding(folded).fold():  # a folded conditional may decide the next one
        folded = prune(folded, kept, initializers)
    return folded


class _Folding:
    """One pass over a graph, which is changed in place."""

    def __init__(self, graph_def: GraphDef) -> None:
        self._graph_def = graph_def
        self._nodes = {node.name: node for node in graph_def.node}
        self._dead_tensors: set[str] = set()
        self._dead_nodes: set[str] = set()
        self._new_names: dict[str, str] = {}

    def fold(self) -> bool:
        """Folds every conditional whose predicate is known now; tells whether there was one."""
        decided = [(node, predicate) for node in self._graph_def.node
                   if (predicate := self._known_predicate(node)) is not None]
        for node, predicate in decided:
            if node.op in _SWITCHES:
                self._fold_switch(node, bool(predicate))
            else:
                _fold_call(node, predicate, self._graph_def.library)
        self._spread_death()
        for node in list(self._nodes.values()):
            if node.op in _MERGES and node.name not in self._dead_nodes:
                self._fold_merge(node)
        for node in self._graph_def.node:
            node.input[:] = [self._new_names.get(name, name) for name in node.input]
        return bool(decided)

    def _known_predicate(self, node: NodeDef) -> Any:
        """The value that decides a conditional; None for another node, or where it is not known."""
        if node.op not in (*_SWITCHES, *_IFS, *_CASES):
            return None
        value = self._constant(node.input[1 if node.op in _SWITCHES else 0], set())
        return None if value is None or np.size(value) != 1 else np.asarray(value).reshape(())[()]

    def _constant(self, reference: str, above: set[str]) -> Any:
        node = self._nodes.get(node_of(reference))
        if node is None or node.name in above or not tensor_name(reference).endswith(":0"):
            return None
        if node.op == "Const":
            return tf.make_ndarray(node.attr["value"].tensor)
        if node.op not in (*_EVALUATED, "Cast"):
            return None
        values = [self._constant(name, above | {node.name}) for name in node.input if not name.startswith("^")]
        if any(value is None for value in values):
            return None
        if node.op == "Cast":
            return np.asarray(values[0]).astype(tf.as_dtype(node.attr["DstT"].type).as_numpy_dtype)
        return _EVALUATED[node.op](*values)

    def _fold_switch(self, node: NodeDef, predicate: bool) -> None:
        """A switch becomes an identity; what read its other output is dead."""
        data, _, *control_inputs = node.input
        self._dead_tensors.add(f"{node.name}:{int(not predicate)}")
        if predicate:
            self._new_names[f"{node.name}:1"] = node.name
        node.op = "Identity"
        node.input[:] = [data, *control_inputs]

    def _spread_death(self) -> None:
        known = -1
        while known != len(self._dead_nodes):
            known = len(self._dead_nodes)
            self._dead_nodes.update(node.name for node in self._nodes.values()
                                    if node.name not in self._dead_nodes and self._is_dead(node))

    def _is_dead(self, node: NodeDef) -> bool:
        if any(node_of(name) in self._dead_nodes for name in node.input if name.startswith("^")):
            return True
        data = [self._is_dead_tensor(name) for name in node.input if not name.startswith("^")]
        return bool(data) and (all(data) if node.op in _MERGES else any(data))

    def _is_dead_tensor(self, reference: str) -> bool:
        return tensor_name(reference) in self._dead_tensors or node_of(reference) in self._dead_nodes

    def _fold_merge(self, node: NodeDef) -> None:
        """A merge with one live input left becomes an identity, and its second output a constant."""
        data = [name for name in node.input if not name.startswith("^")]
        live = [index for index, name in enumerate(data) if not self._is_dead_tensor(name)]
        if len(live) != 1 or len(data) == 1:
            return
        control_inputs = [name for name in node.input if name.startswith("^")]
        index = self._graph_def.node.add(name=unused_name(f"{node.name}/value_index", set(self._nodes)), op="Const")
        index.attr["dtype"].type = tf.int32.as_datatype_enum
        index.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(live[0], tf.int32))
        self._new_names[f"{node.name}:1"] = index.name
        node.op = "Identity"
        node.input[:] = [data[live[0]], *control_inputs]
        node.attr.pop("N", None)


def _fold_call(node: NodeDef, predicate: Any, library: Any) -> None:
    """An ``If`` or ``Case`` becomes a call of the branch that is taken."""
    if node.op in _IFS:
        branch = node.attr["then_branch" if predicate else "else_branch"].func
    else:
        branches = node.attr["branches"].list.func
        branch = branches[int(predicate) if 0 <= predicate < len(branches) else len(branches) - 1]
    function = type(branch).FromString(branch.SerializeToString())
    node.op = {**_IFS, **_CASES}[node.op]
    for attribute in ("then_branch", "else_branch", "branches", "Tcond", "output_shapes"):
        node.attr.pop(attribute, None)
    node.attr["f"].func.CopyFrom(function)
    del node.input[0]
    _drop_unused_arguments(node, library)


def _drop_unused_arguments(call: NodeDef, library: Any) -> None:
    """Lets a branch take what it uses alone: an ``If`` gives to both what either needs."""
    original = next((entry for entry in library.function if entry.signature.name == call.attr["f"].func.name), None)
    if original is None:
        return
    used = {node_of(name) for node in original.node_def for name in node.input} | set(map(node_of, original.ret.values()))
    kept = [index for index, argument in enumerate(original.signature.input_arg) if argument.name in used]
    if len(kept) == len(original.signature.input_arg):
        return
    function = library.function.add()
    function.CopyFrom(original)
    function.signature.name = unused_name(f"{original.signature.name}_folded",
                                          {entry.signature.name for entry in library.function})
    for by_index in (function.arg_attr, function.resource_arg_unique_id):
        by_index.clear()
    del function.signature.input_arg[:]
    for new, old in enumerate(kept):
        function.signature.input_arg.append(original.signature.input_arg[old])
        if old in original.arg_attr:
            function.arg_attr[new].CopyFrom(original.arg_attr[old])
        if old in original.resource_arg_unique_id:
            function.resource_arg_unique_id[new] = original.resource_arg_unique_id[old]
    count = len(original.signature.input_arg)
    call.input[:] = [*(call.input[index] for index in kept), *call.input[count:]]
    types = call.attr["Tin"].list.type
    types[:] = [types[index] for index in kept]
    call.attr["f"].func.name = function.signature.name
