"""What is in a stored graph. It is read and its shapes are inferred; nothing of it is run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from exporter.errors import GraphError
from exporter.graph.node_names import node_of, tensor_name
from exporter.graph.output_search.candidates import OutputCandidate, rank_outputs
from exporter.graph.stored.known_ops import package_of, unknown_ops
from exporter.graph.stored.loading import INITIALIZER_SIGNATURES, SAVED_MODEL, StoredGraph
from exporter.graph.tensor_spec import Shape, Signature, TensorSpec, dtype_name, dtype_size, element_count, shape_from_proto
from exporter.graph.variables import graph_variables, variable_def
from exporter.inspection.checkpoint_summary import TensorSummary, parameter_count
from exporter.inspection.flops import Flops, count_flops
from exporter.inspection.placeholders import PlaceholderSummary, placeholders
from exporter.inspection.shapes import UnknownShapesError, inference_path, with_shapes
from exporter.inspection.statistics import tensor_statistics
from exporter.inspection.variable_roles import roles
from exporter.lazy_tensorflow import GraphDef, MetaGraphDef, NodeDef, tf
from exporter.weights.tensor_source import ArrayTensor

_FLOATS = ("float32", "float64", "float16", "bfloat16")
_LOCAL_COLLECTIONS = ("local_variables", "metric_variables")
_MOST_INFERRED = 8


@dataclass(frozen=True)
class UnknownOp:
    """An op that this TensorFlow does not know.

    Attributes:
        op: the op.
        nodes: its nodes.
        package: the package it comes from, if that is a known one.
        needed: whether the outputs depend on it.
    """

    op: str
    nodes: tuple[str, ...]
    package: str | None
    needed: bool


@dataclass(frozen=True)
class GraphSummary:
    """What is in a graph.

    Attributes:
        path: the file, or the SavedModel's directory.
        kind: "MetaGraphDef", "GraphDef" or "SavedModel".
        tensorflow_version: what wrote it, where it says so.
        producer: version of TensorFlow's GraphDef that it was written with.
        min_consumer: the oldest version that may read it.
        tags: a SavedModel's tag set.
        node_count: nodes of the top-level graph.
        function_count: functions of its library.
        ops: op -> number of nodes, functions included.
        unknown: ops that this TensorFlow does not know.
        placeholders: inputs, without those of savers.
        tensors: its variables; of a frozen graph, its constants of floats.
        is_frozen: whether there are no variables.
        parameter_count: numbers in the variables but an optimizer's and shadows; in a frozen graph, in the constants.
        signatures: key -> inputs and outputs.
        collections: name -> number of entries.
        candidates: possible outputs, best first.
        outputs: the outputs that the inference path was taken for.
        path_node_count: nodes on the path to them.
        flops: what the path computes.
        checkpoint: prefix of the checkpoint that belongs to it.
    """

    path: Path
    kind: str
    tensorflow_version: str
    producer: int
    min_consumer: int
    tags: tuple[str, ...]
    node_count: int
    function_count: int
    ops: Mapping[str, int]
    unknown: tuple[UnknownOp, ...]
    placeholders: tuple[PlaceholderSummary, ...]
    tensors: tuple[TensorSummary, ...]
    is_frozen: bool
    parameter_count: int
    signatures: Mapping[str, Signature]
    collections: Mapping[str, int]
    candidates: tuple[OutputCandidate, ...]
    outputs: tuple[str, ...]
    path_node_count: int | None
    flops: Flops | None
    checkpoint: Path | None


def summarize_graph(stored: StoredGraph, outputs: Sequence[str] = (), input_shapes: Mapping[str, Shape] | None = None,
                    statistics: bool = False) -> GraphSummary:
    """Describes a stored graph.

    Args:
        stored: the graph.
        outputs: its outputs; by default those of its signature, else the best candidate.
        input_shapes: placeholder -> shape, for counting operations.
        statistics: of the constants of a frozen graph.

    Raises:
        UsageError: there is no such output.
        GraphError: the path to an output given is incomplete.
    """
    graph_def, info = stored.graph_def, stored.meta_graph_def.meta_info_def
    candidates = _with_inferred_shapes(graph_def, rank_outputs(stored))
    chosen = chosen_outputs(stored, candidates, outputs)
    path = _path(graph_def, chosen, bool(outputs))
    needed = None if path is None else {node.name for node in path.node}
    inputs = tuple(placeholders(graph_def, needed))
    tensors = _constants(graph_def, statistics) if stored.is_frozen else _variables(stored.meta_graph_def)
    return GraphSummary(
        path=stored.path, kind=stored.kind, tensorflow_version=info.tensorflow_version,
        producer=graph_def.versions.producer, min_consumer=graph_def.versions.min_consumer,
        tags=tuple(info.tags) if stored.kind == SAVED_MODEL else (), node_count=len(graph_def.node),
        function_count=len(graph_def.library.function), ops=_op_counts(graph_def), unknown=_unknown(graph_def, path),
        placeholders=inputs, tensors=tensors, is_frozen=stored.is_frozen,
        parameter_count=parameter_count(tensors),
        signatures=_signatures(stored.meta_graph_def), collections=_collections(stored.meta_graph_def),
        candidates=candidates, outputs=chosen, path_node_count=None if needed is None else len(needed),
        flops=None if path is None else count_flops(path, {**_scalars(inputs), **(input_shapes or {})}),
        checkpoint=stored.variables)


def _with_inferred_shapes(graph_def: GraphDef, candidates: Sequence[OutputCandidate]) -> tuple[OutputCandidate, ...]:
    """The first candidates with the shapes that TensorFlow infers, where the graph does not state them."""
    unknown = [candidate.name for candidate in candidates[:_MOST_INFERRED] if candidate.shape is None]
    try:
        graph = with_shapes(inference_path(graph_def, unknown)) if unknown else None
    except (UnknownShapesError, GraphError):
        graph = None
    if graph is None:
        return tuple(candidates)
    return tuple(replace(candidate, shape=TensorSpec.of(graph.get_tensor_by_name(tensor_name(candidate.name))).shape)
                 if candidate.name in unknown else candidate for candidate in candidates)


def _scalars(inputs: Sequence[PlaceholderSummary]) -> dict[str, Shape]:
    """Switches and rates of unknown shape are single values."""
    return {placeholder.name: () for placeholder in inputs if placeholder.wants_value and placeholder.shape is None}


def chosen_outputs(stored: StoredGraph, candidates: Sequence[OutputCandidate], outputs: Sequence[str]) -> tuple[str, ...]:
    """Returns the outputs given, else those of the signature, else the best candidate."""
    if outputs:
        return tuple(outputs)
    if stored.signature is not None and stored.signature.outputs:
        return tuple(sorted({info.name for info in stored.signature.outputs.values() if info.name}))
    return tuple(candidate.name for candidate in candidates[:1])


def _path(graph_def: GraphDef, outputs: Sequence[str], asked_for: bool) -> GraphDef | None:
    """The inference path; None where there is none, and a broken graph is the answer."""
    try:
        return inference_path(graph_def, outputs) if outputs else None
    except GraphError:
        if asked_for:
            raise
        return None


def _op_counts(graph_def: GraphDef) -> dict[str, int]:
    counts = Counter(node.op for node in graph_def.node)
    counts.update(node.op for function in graph_def.library.function for node in function.node_def)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _unknown(graph_def: GraphDef, path: GraphDef | None) -> tuple[UnknownOp, ...]:
    on_path = None if path is None else _op_counts(path).keys()
    return tuple(UnknownOp(op, tuple(nodes), package_of(op), on_path is None or op in on_path)
                 for op, nodes in unknown_ops(graph_def).items())


def _variables(meta_graph_def: MetaGraphDef) -> tuple[TensorSummary, ...]:
    """The variables by name; parts of a partitioned one are one."""
    local = _local_variables(meta_graph_def)
    found = {variable.name: variable for variable in graph_variables(meta_graph_def) if variable.node not in local}
    shapes = {name: _sizes(variable.full_shape) for name, variable in found.items()}
    role_of = roles(shapes)
    return tuple(TensorSummary(name, variable.dtype, shapes[name], _byte_size(variable.dtype, shapes[name]),
                               role_of[name].kind, role_of[name].variable) for name, variable in sorted(found.items()))


def _local_variables(meta_graph_def: MetaGraphDef) -> set[str]:
    """The nodes of variables that no checkpoint holds, such as a metric's counters."""
    found = set()
    for name in _LOCAL_COLLECTIONS:
        if name in meta_graph_def.collection_def:
            values = meta_graph_def.collection_def[name].bytes_list.value
            found |= {node_of(variable_def(value).variable_name) for value in values}
    return found


def _sizes(shape: Shape | None) -> tuple[int, ...]:
    return (-1,) if shape is None else tuple(-1 if size is None else size for size in shape)


def _byte_size(dtype: str, shape: tuple[int, ...]) -> int | None:
    item_size = dtype_size(dtype)
    return None if item_size is None or -1 in shape else element_count(shape) * item_size


def _constants(graph_def: GraphDef, statistics: bool) -> tuple[TensorSummary, ...]:
    nodes = [node for node in graph_def.node if node.op == "Const" and dtype_name(node.attr["dtype"].type) in _FLOATS
             and node.attr["value"].tensor.tensor_shape.dim]
    return tuple(_constant(node, statistics) for node in sorted(nodes, key=lambda node: str(node.name)))


def _constant(node: NodeDef, statistics: bool) -> TensorSummary:
    tensor: Any = node.attr["value"].tensor
    dtype, shape = dtype_name(tensor.dtype), tuple(dimension.size for dimension in tensor.tensor_shape.dim)
    found = tensor_statistics(ArrayTensor(tf.make_ndarray(tensor), dtype)) if statistics else None
    return TensorSummary(node.name, dtype, shape, _byte_size(dtype, shape), statistics=found)


def _signatures(meta_graph_def: MetaGraphDef) -> dict[str, Signature]:
    return {key: Signature(_specs(definition.inputs), _specs(definition.outputs))
            for key, definition in sorted(meta_graph_def.signature_def.items()) if key not in INITIALIZER_SIGNATURES}


def _specs(tensors: Mapping[str, Any]) -> dict[str, TensorSpec]:
    return {key: TensorSpec(info.name, dtype_name(info.dtype), shape_from_proto(info.tensor_shape))
            for key, info in sorted(tensors.items())}


def _collections(meta_graph_def: MetaGraphDef) -> dict[str, int]:
    found = {}
    for name, collection in sorted(meta_graph_def.collection_def.items()):
        kind = collection.WhichOneof("kind")
        found[name] = len(getattr(collection, kind).value) if kind else 0
    return found
