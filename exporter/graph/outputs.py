"""Output nodes: one identity per output, under the output's own name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from exporter.errors import GraphError, ModelError, UsageError
from exporter.graph.node_names import is_node_name, tensor_name
from exporter.lazy_tensorflow import Graph, Tensor, tf


def add_output_tensor_nodes(postprocessed_tensors: Mapping[str, Tensor],
                            output_collection_name: str | None = "inference_op") -> dict[str, Tensor]:
    """Adds a ``tf.identity`` node for each tensor, named by its key, to the current default graph.

    Args:
        postprocessed_tensors: outputs by name, as `Model.postprocess` returns them.
        output_collection_name: collection that the output tensors are added to; None for none.

    Returns:
        The added output tensors by name.

    Raises:
        ModelError: not a dict of tensors, empty, or a key that can't be a node's name.
    """
    _check_tensors(postprocessed_tensors)
    outputs = {name: _identity(name, tensor) for name, tensor in postprocessed_tensors.items()}
    if output_collection_name is not None:
        for output in outputs.values():
            tf.add_to_collection(output_collection_name, output)
    return outputs


def select_outputs(tensors: Mapping[str, Tensor], output_names: Sequence[str] | None) -> dict[str, Tensor]:
    """Chooses and renames outputs.

    Args:
        tensors: all outputs by name.
        output_names: ``name`` or ``name=new_name`` each; None or empty keeps all.

    Raises:
        UsageError: an unknown name, or one name given to two outputs.
    """
    if not output_names:
        return dict(tensors)
    selected: dict[str, Tensor] = {}
    for item in output_names:
        name, _, new_name = (part.strip() for part in item.partition("="))
        if name not in tensors:
            raise UsageError(f"The model has no output {name!r}.", near_names(name, tensors))
        if (new_name or name) in selected:
            raise UsageError(f"Two outputs are to be called {new_name or name!r}.", "Give each a name of its own.")
        selected[new_name or name] = tensors[name]
    return selected


def find_additional_outputs(graph: Graph, names: Iterable[str]) -> dict[str, Tensor]:
    """Finds tensors of the graph by ``scope/op`` or ``scope/op:0``; the result's keys have no ``:0``.

    Raises:
        GraphError: there is no such tensor, or it is a handle (of a variable, of a table).
    """
    found: dict[str, Tensor] = {}
    for name in names:
        try:
            tensor = graph.get_tensor_by_name(tensor_name(name))
        except (KeyError, ValueError) as error:
            nodes = [operation.name for operation in graph.get_operations()]
            raise GraphError(f"The graph has no tensor {name!r}.", near_names(name.partition(':')[0], nodes)) from error
        if tensor.dtype in (tf.resource, tf.variant):
            raise GraphError(f"The tensor {name!r} is a {tensor.dtype.name}, which no artifact can return.",
                             "Give the op that reads it, for a variable usually scope/name/Read/ReadVariableOp.")
        found[name.removesuffix(":0")] = tensor
    return found


def near_names(name: str, candidates: Iterable[str]) -> str:
    """Returns advice that names what is close to ``name``, or else what there is."""
    known = list(candidates)
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if not near:
        near = [candidate for candidate in known if candidate.endswith("/" + name.rpartition("/")[2])][:3]
    if near:
        return f"Did you mean {' or '.join(near)}?"
    return f"There are: {', '.join(known[:20])}{', ...' if len(known) > 20 else ''}."


def _check_tensors(tensors: Any) -> None:
    expected = "postprocess must return a dict of tensors by output name"
    if not isinstance(tensors, Mapping):
        raise ModelError(f"{expected}, found {type(tensors).__name__}.", "For example: return {'classes': classes}")
    if not tensors:
        raise ModelError(f"{expected}, found an empty one.", "Return at least one output.")
    for name, tensor in tensors.items():
        if not isinstance(name, str) or not is_node_name(name) or not {".", ".."}.isdisjoint(name.split("/")):
            raise ModelError(f"The output name {name!r} can't be the name of a node.",
                             "Use letters, digits, '_', '.', '-' and '/', beginning with a letter or digit.")
        if not isinstance(tensor, tf.Tensor | tf.compat.v2.Variable):
            raise ModelError(f"The output {name!r} is a {type(tensor).__name__}, not a tensor.",
                             f"{expected}; leave out what is none.")
        if getattr(tensor, "graph", None) is not tf.get_default_graph():
            raise ModelError(f"The output {name!r} belongs to another graph than the one that the model was called in.",
                             "Build everything in the current default graph; keep no tensors between calls.")


def _identity(name: str, tensor: Tensor) -> Tensor:
    """Adds ``tf.identity`` under exactly this name: the trailing slash keeps TensorFlow from appending ``_1``."""
    graph = tf.get_default_graph()
    if isinstance(tensor, tf.Tensor) and tensor.name == f"{name}:0":
        return tensor
    try:
        taken = graph.get_operation_by_name(name)
    except KeyError:
        return tf.identity(tensor, name=f"{name}/")
    raise ModelError(f"The output {name!r} can't get a node of its name: the model has a node {taken.name!r} "
                     f"({taken.type}) that is another tensor.",
                     f"Rename the output, for example with --output_names {name}={name}_output")
