"""Renaming nodes of a GraphDef."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from exporter.graph.functions import unused_name
from exporter.lazy_tensorflow import GraphDef


def names_apart_from(graph_def: GraphDef, protected: Iterable[str]) -> dict[str, str]:
    """Returns new names for nodes whose name differs from that of a ``protected`` one in letter case only.

    Of several protected ones that differ so, the first keeps its name.

    ``tf.saved_model.load`` copies a graph node by node, and TensorFlow takes names that differ in case only for the same:
    an output ``softmax`` of an op ``Softmax`` is then not found under its own name.
    """
    owners: dict[str, str] = {}
    for name in protected:
        owners.setdefault(name.lower(), name)
    used = {node.name.lower() for node in graph_def.node}
    new_names = {}
    for node in graph_def.node:
        if owners.get(node.name.lower(), node.name) != node.name:
            new_names[node.name] = unused_name(f"{node.name}_op", used)
            used.add(new_names[node.name].lower())
    return new_names


def rename_nodes(graph_def: GraphDef, new_names: Mapping[str, str]) -> None:
    """Renames top-level nodes, in place, wherever inputs and colocations refer to them."""
    if not new_names:
        return
    for node in graph_def.node:
        node.name = new_names.get(node.name, node.name)
        node.input[:] = [renamed_reference(reference, new_names) for reference in node.input]
        if "_class" in node.attr:
            values = node.attr["_class"].list.s
            values[:] = [_renamed_colocation(value, new_names) for value in values]


def renamed_reference(reference: str, new_names: Mapping[str, str]) -> str:
    """Returns an input or a tensor name with its node's new name."""
    control = "^" if reference.startswith("^") else ""
    name, separator, output = reference.removeprefix("^").partition(":")
    return f"{control}{new_names.get(name, name)}{separator}{output}"


def _renamed_colocation(value: bytes, new_names: Mapping[str, str]) -> bytes:
    name = value.removeprefix(b"loc:@").decode()
    return b"loc:@" + new_names[name].encode() if name in new_names else value
