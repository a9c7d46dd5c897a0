"""Freezing: variables of every kind become constants by rewriting the GraphDef. No session, no values.

A reference variable (``Variable``, ``VariableV2``) is replaced by a ``Const`` of its name. Behind a resource variable
(``VarHandleOp``) its handle is followed through identities, loops, conditionals and function calls to the ops that use
it, which are rewritten to take the value instead; functions that are given a handle are copied with an argument of the
value's type.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from exporter.errors import GraphError
from exporter.graph.conditional_updates import (
    CONDITIONAL_CALLS,
    conditional_switches,
    references_to,
    without_assignment,
)
from exporter.graph.functions import called_by_attributes, rename_calls, unused_name
from exporter.graph.handle_rewrites import (
    CALLS,
    LOOPS,
    PASS_THROUGH,
    RENAMED_OUTPUTS,
    HandleUse,
    Value,
    reference_op,
    rewrite_handle_use,
)
from exporter.graph.node_names import node_of
from exporter.graph.pruning import keep_called_functions
from exporter.graph.tensor_spec import dtype_enum
from exporter.graph.variables import RESOURCE_VARIABLE_OPS, VARIABLE_OPS, GraphVariable
from exporter.lazy_tensorflow import FunctionDef, GraphDef, NodeDef, tf

# Outputs of ops with several named outputs, as a function body refers to them; all others have one list.
_NAMED_OUTPUTS = {"output_false": 0, "output_true": 1, "value_index": 1}


@dataclass(frozen=True)
class FrozenStructure:
    """A graph whose variables are constants without a value yet.

    Attributes:
        graph_def: the graph; the ``value`` of each constant in ``constants`` has a type and no content.
        constants: name of a Const node -> the variable whose value it takes.
    """

    graph_def: GraphDef
    constants: Mapping[str, GraphVariable]


class _Reference(NamedTuple):
    """An output of a node; an argument of a function is output 0 of the argument's name."""

    node: str
    output: int


def freeze_structure(graph_def: GraphDef, variables: Iterable[GraphVariable],
                     kept_variables: Iterable[str] = ()) -> FrozenStructure:
    """Turns the variables of ``graph_def`` into constants.

    Args:
        graph_def: a graph pruned to what is needed; it is not changed.
        variables: its variables, by node.
        kept_variables: nodes that stay variables.

    Raises:
        GraphError: a variable is used in a way that constants don't allow (assigned to, or by an unknown op).
    """
    _refuse_variables_in_functions(graph_def)
    by_node = {variable.node: variable for variable in variables}
    kept = set(kept_variables)
    library = _Library(graph_def)
    frozen = tf.GraphDef(versions=graph_def.versions)
    frozen.library.gradient.extend(graph_def.library.gradient)
    values = {name: Value(dtype_enum(variable.dtype), variable.shape) for name, variable in by_node.items()
              if name not in kept}
    constants = {}
    body = _Body(graph_def.node, library, where="")
    body.follow({_Reference(node.name, 0): values[node.name] for node in graph_def.node
                 if node.op in RESOURCE_VARIABLE_OPS and node.name in values})
    for node in body.rewritten(values):
        frozen.node.append(node)
        if node.name in values and node.op == "Const":
            constants[node.name] = by_node[node.name]
    frozen.library.function.extend(graph_def.library.function)
    frozen.library.function.extend(library.specialized)
    return FrozenStructure(keep_called_functions(frozen), constants)


def _refuse_variables_in_functions(graph_def: GraphDef) -> None:
    for function in graph_def.library.function:
        for node in function.node_def:
            if node.op in VARIABLE_OPS:
                raise GraphError(f"The variable {node.name!r} in function {function.signature.name!r} can't become a "
                                 "constant: it belongs to the function alone.",
                                 "Create variables outside of functions, loops and conditionals.")


class _Library:
    """The functions of a graph and their copies for arguments that were handles."""

    def __init__(self, graph_def: GraphDef) -> None:
        self.functions: dict[str, FunctionDef] = {
            function.signature.name: function for function in graph_def.library.function}
        self.specialized: list[FunctionDef] = []
        self._made: dict[tuple[str, tuple[tuple[int, int, bool], ...]], tuple[str, dict[int, Value]]] = {}

    def specialize(self, name: str, arguments: Mapping[int, Value]) -> tuple[str, dict[int, Value]]:
        """Returns the name of a copy of a function whose ``arguments`` are values, and the results that are values."""
        key = (name, tuple(sorted((index, value.dtype, value.is_conditional) for index, value in arguments.items())))
        if key not in self._made:
            self._made[key] = self._copy(name, arguments)
        return self._made[key]

    def _copy(self, name: str, arguments: Mapping[int, Value]) -> tuple[str, dict[int, Value]]:
        original = self.functions[name]
        copy = type(original).FromString(original.SerializeToString())
        used = {*self.functions, *(function.signature.name for function in self.specialized)}
        copy.signature.name = unused_name(f"{name}_frozen", used)
        copy.attr.pop("_input_shapes", None)  # a handle's shape is not that of its value
        body = _Body(original.node_def, self, where=f" in function {name!r}")
        argument_names = [argument.name for argument in original.signature.input_arg]
        body.follow({_Reference(argument_names[index], 0): value for index, value in arguments.items()})
        for index, value in arguments.items():
            _retype(copy.signature.input_arg[index], value)
            copy.arg_attr.pop(index, None)
            copy.resource_arg_unique_id.pop(index, None)
        results = {}
        for index, output in enumerate(copy.signature.output_arg):
            result = body.value_of(copy.ret[output.name])
            if result is not None:
                _retype(output, result)
                results[index] = result
        nodes = list(body.rewritten({}))
        del copy.node_def[:]
        copy.node_def.extend(nodes)
        for output_name, reference in copy.ret.items():
            copy.ret[output_name] = body.renamed(reference)
        self.specialized.append(copy)
        return copy.signature.name, results


class _Body:
    """The nodes of the graph or of one function, and which of their tensors were handles."""

    def __init__(self, nodes: Sequence[NodeDef], library: _Library, where: str) -> None:
        self._nodes = nodes
        self._library = library
        self._where = where
        self._values: dict[_Reference, Value] = {}
        self._by_name = {node.name: node for node in nodes}
        self._switches = conditional_switches(nodes)

    def follow(self, values: Mapping[_Reference, Value]) -> None:
        """Finds all tensors that carry one of these handles; back edges of loops need a second pass."""
        self._values.update(values)
        known = -1
        while known != len(self._values):
            known = len(self._values)
            for node in self._nodes:
                for index, value in self._carried_outputs(node).items():
                    self._values[_Reference(node.name, index)] = value

    def value_of(self, reference: str) -> Value | None:
        """Returns the value behind a reference, if it was a handle."""
        if reference.startswith("^"):
            return None
        name, *rest = reference.split(":")
        if not rest:
            return self._values.get(_Reference(name, 0))
        output = int(rest[-1]) if len(rest) == 1 else _NAMED_OUTPUTS.get(rest[0], int(rest[1]))
        return self._values.get(_Reference(name, output))

    def rewritten(self, variables: Mapping[str, Value]) -> Iterable[NodeDef]:
        """Yields the nodes with handles replaced by values; ``variables`` are the nodes that become constants."""
        names = set(self._by_name)
        has_frames = any(node.op == "Enter" for node in self._nodes)
        references = references_to(self._nodes, variables)
        for original in self._nodes:
            node = type(original).FromString(original.SerializeToString())
            if node.op in VARIABLE_OPS:
                yield self._constant(node, variables)
                continue
            values = self._input_values(original) or _asked_for(original, variables)
            use = HandleUse(node, values, names, bool(self._where), has_frames)
            if use.values:
                self._specialize_calls(use)
                yield from self._rewritten_use(use)
            else:
                self._leave_assignment_away(node, references)
                node.op = reference_op(node.op)
                yield node
            self._rename_inputs(node)

    def renamed(self, reference: str) -> str:
        """Returns the reference after its node has become another op whose output has another name."""
        name, _, rest = reference.partition(":")
        old, _, index = rest.partition(":")
        node = self._by_name.get(name)
        new = RENAMED_OUTPUTS.get((node.op, old)) if node is not None else None
        return f"{name}:{new}:{index}" if new and self._input_values(node) else reference

    def _input_values(self, node: NodeDef) -> dict[int, Value]:
        found = {index: self.value_of(name) for index, name in enumerate(node.input)}
        return {index: value for index, value in found.items() if value is not None}

    def _carried_outputs(self, node: NodeDef) -> dict[int, Value]:
        values = self._input_values(node)
        if not values:
            return {}
        if node.op in PASS_THROUGH:
            value = next(iter(values.values()))
            value = replace(value, is_conditional=value.is_conditional or node.name in self._switches)
            return dict.fromkeys(range(PASS_THROUGH[node.op]), value)
        if node.op == "IdentityN" or node.op in LOOPS:
            return values
        results: dict[int, Value] = {}
        for function, arguments in self._calls(node, values):
            results.update(self._library.specialize(function, arguments)[1])
        return results

    def _calls(self, node: NodeDef, values: Mapping[int, Value]) -> Iterable[tuple[str, dict[int, Value]]]:
        """Yields (function, its arguments that are values) for each function that ``node`` calls."""
        if node.op in self._library.functions:
            yield node.op, dict(values)
            return
        if node.op not in CALLS:
            return
        first_argument = CALLS[node.op]
        is_conditional = node.op in CONDITIONAL_CALLS
        arguments = {index - first_argument: replace(value, is_conditional=value.is_conditional or is_conditional)
                     for index, value in values.items()}
        for _, function in called_by_attributes(node):
            yield function, arguments

    def _specialize_calls(self, use: HandleUse) -> None:
        node = use.node
        new_names = {}
        for function, arguments in self._calls(node, use.values):
            new_names[function], results = self._library.specialize(function, arguments)
            use.results.update(results)
        use.is_direct_call = node.op in new_names
        rename_calls(node, lambda name: new_names.get(name, name))

    def _rename_inputs(self, node: NodeDef) -> None:
        if self._where:
            node.input[:] = [self.renamed(name) for name in node.input]

    def _constant(self, node: NodeDef, variables: Mapping[str, Value]) -> NodeDef:
        if node.name not in variables:
            return node
        value = variables[node.name]
        constant = tf.NodeDef(name=node.name, op="Const", input=[name for name in node.input if name.startswith("^")])
        constant.attr["dtype"].type = value.dtype
        constant.attr["value"].tensor.dtype = value.dtype
        return constant

    def _rewritten_use(self, use: HandleUse) -> Iterator[NodeDef]:
        if use.values.get(0, use.value).is_conditional and without_assignment(use.node):
            yield use.node
            return
        try:
            yield from rewrite_handle_use(use)
        except LookupError:
            raise self._not_rewritable(use.node) from None

    def _leave_assignment_away(self, node: NodeDef, references: Mapping[str, bool]) -> None:
        """Turns assignments inside conditionals into ops on values; others can't be frozen."""
        conditional = [references[name] for name in map(node_of, node.input) if name in references]
        definition = _op_definition(node.op) if conditional else None
        if definition is None or reference_op(node.op) != node.op or not any(
                argument.is_ref for argument in definition.input_arg):
            return
        if not (any(conditional) and without_assignment(node)):
            raise self._not_rewritable(node)

    def _not_rewritable(self, node: NodeDef) -> GraphError:
        return GraphError(
            f"The outputs depend on node {node.name!r} ({node.op}){self._where}, which changes or inspects the variable "
            f"{node.input[0].partition(':')[0]!r}; a constant can't stand in for it.",
            "Usual cause: the model was built for training (batch norm updates); build it with is_training=False. "
            "Without a frozen graph, --saved_model_variables keeps the variables.")


def _asked_for(node: NodeDef, variables: Mapping[str, Value]) -> dict[int, Value]:
    """The reference variable of which a node asks whether it has a value: a constant always has."""
    name = node_of(node.input[0]) if node.op == "IsVariableInitialized" else ""
    return {0: variables[name]} if name in variables else {}


def _op_definition(op: str) -> Any:
    from tensorflow.python.framework import op_def_registry

    return op_def_registry.get(op)


def _retype(argument: Any, value: Value) -> None:
    argument.type = value.dtype
    argument.ClearField("handle_data")
