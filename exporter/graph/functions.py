"""Functions of a GraphDef's library: finding calls, renaming."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from exporter.lazy_tensorflow import FunctionDef, GraphDef, NodeDef

_UNIQUE_SUFFIX = re.compile(r"_\d+$")


def called_functions(node: NodeDef) -> Iterator[str]:
    """Yields the names of the functions that a node calls: by attributes (``If``, ``While``, ...) and by its op."""
    for _, function in called_by_attributes(node):
        yield function
    yield node.op


def called_by_attributes(node: NodeDef) -> Iterator[tuple[str, str]]:
    """Yields (attribute, function), in the order of the attributes' names: that of a protobuf map changes at random."""
    for attribute, value in sorted(node.attr.items()):
        if value.HasField("func"):
            yield attribute, value.func.name
        for function in value.list.func:
            yield attribute, function.name


def canonicalize_function_names(graph_def: GraphDef) -> None:
    """Renames the library's functions by their order of first use.

    TensorFlow numbers functions from a counter of the process, so that the second export of a process would differ from
    the first.
    """
    library = {function.signature.name: function for function in graph_def.library.function}
    new_names: dict[str, str] = {}
    for name in _order_of_use(graph_def, library):
        new_names[name] = unused_name(_UNIQUE_SUFFIX.sub("", name), set(new_names.values()))
    for nodes in (graph_def.node, *(function.node_def for function in library.values())):
        for node in nodes:
            rename_calls(node, lambda name: new_names.get(name, name))
    for gradient in graph_def.library.gradient:
        gradient.function_name = new_names.get(gradient.function_name, gradient.function_name)
        gradient.gradient_func = new_names.get(gradient.gradient_func, gradient.gradient_func)
    for name, function in library.items():
        _rename_arguments(function, f"{name}___", f"{new_names[name]}___")
        function.signature.name = new_names[name]
    serialized = [(type(library[name]), library[name].SerializeToString()) for name in new_names]
    del graph_def.library.function[:]
    graph_def.library.function.extend(kind.FromString(content) for kind, content in serialized)


def _rename_arguments(function: FunctionDef, prefix: str, new_prefix: str) -> None:
    """Loops name the arguments that they leave alone after the function: ``while_cond_40___redundant_placeholder0``."""
    for argument in function.signature.input_arg:
        if argument.name.startswith(prefix):
            argument.name = new_prefix + argument.name.removeprefix(prefix)
    for node in function.node_def:
        node.input[:] = [new_prefix + name.removeprefix(prefix) if name.startswith(prefix) else name for name in node.input]
    for output, name in function.ret.items():
        if name.startswith(prefix):
            function.ret[output] = new_prefix + name.removeprefix(prefix)


def rename_calls(node: NodeDef, new_name: Callable[[str], str]) -> None:
    """Replaces the name of each function that ``node`` calls."""
    for value in node.attr.values():
        if value.HasField("func"):
            value.func.name = new_name(value.func.name)
        for function in value.list.func:
            function.name = new_name(function.name)
    node.op = new_name(node.op)


def _order_of_use(graph_def: GraphDef, library: dict[str, FunctionDef]) -> Iterator[str]:
    seen: set[str] = set()
    pending = [name for node in reversed(graph_def.node) for name in reversed(list(called_functions(node)))]
    unused = sorted(library, reverse=True)
    for stack in (pending, unused):
        while stack:
            name = stack.pop()
            if name in seen or name not in library:
                continue
            seen.add(name)
            yield name
            body = library[name].node_def
            stack.extend(called for node in reversed(body) for called in reversed(list(called_functions(node))))


def unused_name(base: str, used: set[str]) -> str:
    """Returns ``base``, or ``base_1``, ``base_2``, ... where it is used already (in any letter case)."""
    name, number = base, 0
    while name in used or name.lower() in used:
        number += 1
        name = f"{base}_{number}"
    return name
