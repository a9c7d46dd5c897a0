"""A stored graph and a checkpoint become one frozen graph: what the command and the functions of ``freeze_graph`` share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from exporter.errors import CheckpointError, GraphError, NotComparableError, reason
from exporter.formats.optimized_graph import OptimizedGraphFormat
from exporter.formats.streaming import PROTOBUF_LIMIT, Message, frozen_graph_message, serialize
from exporter.graph.freezing import freeze_structure
from exporter.graph.inference_graph import InferenceGraph, drop_devices_and_shapes
from exporter.graph.node_names import node_of
from exporter.graph.optimizing import optimize_frozen_graph
from exporter.graph.pruning import prune
from exporter.graph.stored.inference import StoredInference, read_inference_graph
from exporter.graph.stored.loading import StoredGraph
from exporter.graph.stored.options import StoredGraphOptions
from exporter.graph.variables import GraphVariable
from exporter.lazy_tensorflow import GraphDef, tf
from exporter.notices import random_op_warnings, stored_graph_warnings, verification_warnings
from exporter.verification.comparison import Tolerance
from exporter.verification.failure import failure
from exporter.verification.process import VerificationProcess
from exporter.verification.report import FAILED
from exporter.verification.stored_reference import stored_reference
from exporter.verification.verifying import Tolerances
from exporter.weights.binding import WeightOptions, Weights, find_key
from exporter.weights.checkpoint import Checkpoint
from exporter.weights.initial_values import bind_stored_weights, whole_values
from exporter.weights.tensor_source import TensorSource


@dataclass(frozen=True)
class FreezeOptions:
    """How variables become constants.

    Attributes:
        weights: which values are read.
        converted: variable nodes that become constants; empty for all.
        kept: variable nodes that stay.
        initializer_nodes: ops that give variables a value which the checkpoint lacks.
        clear_devices: drop the nodes' devices.
        optimize_for_inference: strip identities and fold batch normalization into weights.
    """

    weights: WeightOptions = field(default_factory=WeightOptions)
    converted: Sequence[str] = ()
    kept: Sequence[str] = ()
    initializer_nodes: Sequence[str] = ()
    clear_devices: bool = True
    optimize_for_inference: bool = False


@dataclass(frozen=True)
class FrozenGraph:
    """A frozen graph that is not written yet.

    Attributes:
        message: the GraphDef.
        inference: what was made of the stored graph.
        weights: the values.
        checkpoint: where they come from; None for a graph without variables.
        warnings: what the user should know.
        has_variables: some variables stay: the graph does not run alone.
    """

    message: Message
    inference: StoredInference
    weights: Weights
    checkpoint: Checkpoint | None
    warnings: tuple[str, ...] = ()
    has_variables: bool = False


def freeze_stored_graph(stored: StoredGraph, checkpoint: str | Path | None, graph_options: StoredGraphOptions,
                        options: FreezeOptions) -> FrozenGraph:
    """Freezes a stored graph. No session restores anything.

    Args:
        stored: the graph.
        checkpoint: what `exporter.weights.checkpoint_path.resolve_checkpoint` takes; None for the graph's own.
        graph_options: inputs, outputs, fixed values.
        options: which variables, and which values.

    Raises:
        GraphError: an output is not in the graph, a variable can't become a constant, or the result is beyond 2 GiB.
        CheckpointError: the checkpoint is missing, damaged or does not fit.
        UsageError: an option does not fit the graph.
    """
    inference = read_inference_graph(stored, graph_options)
    graph = inference.graph
    nodes = {variable.node for variable in graph.variables}
    kept = nodes - (set(options.converted) or nodes) | nodes & set(options.kept)
    converted = [variable for variable in graph.required_variables if variable.node not in kept]
    opened, weights = None, Weights()
    if converted:
        opened = Checkpoint.open(_checkpoint_path(stored, checkpoint))
        weights = _weights(inference, converted, opened, options)
    structure = freeze_structure(graph.pruned if kept else graph.without_updates, graph.variables, kept)
    if not options.clear_devices:
        _restore_devices(structure.graph_def, stored.graph_def)
    message = frozen_graph_message(structure, weights)
    if options.optimize_for_inference and not kept:
        message = _optimized(message, graph)
    if message.byte_size > PROTOBUF_LIMIT:
        raise GraphError(f"The frozen graph would have {message.byte_size:,} bytes; protobuf reads at most "
                         f"{PROTOBUF_LIMIT:,}.", "Export a SavedModel with variables.")
    has_variables = any(variable.node in kept for variable in graph.required_variables)
    return FrozenGraph(message, inference, weights, opened, tuple(stored_graph_warnings(inference, weights)), has_variables)


def verify_frozen_graph(frozen: FrozenGraph, file: Path, options: FreezeOptions, graph_options: StoredGraphOptions,
                        verifier: VerificationProcess | None) -> list[str]:
    """Compares a written frozen graph with the graph as it was stored, restored by its own saver.

    Returns:
        What the user should know: why it could not be compared, or how weak the proof is.

    Raises:
        VerificationError: the outputs are not the same.
    """
    random_ops = list(random_op_warnings(frozen.inference.graph))
    if verifier is None:
        return random_ops
    if frozen.has_variables:
        return [*random_ops, "Not verified: variables that stay have no values in a frozen graph."]
    verifier.begin(frozen.inference.graph.signature, None, frozen.weights.byte_size)
    verifier.run_artifact("frozen_graph", file)
    verifier.run_reference(stored_reference(frozen.inference, bool(graph_options.input_shapes)),
                           None if frozen.checkpoint is None else frozen.checkpoint.path.prefix, options.weights)
    try:
        tolerance = Tolerance(*OptimizedGraphFormat.tolerance) if options.optimize_for_inference else Tolerance()
        report = verifier.report(Tolerances({"frozen_graph": tolerance}))
    except NotComparableError as error:
        return [*random_ops, f"Not verified: {error.problem}"]
    if report.status == FAILED:
        raise failure(report)
    return list(verification_warnings(report))


def _optimized(message: Message, graph: InferenceGraph) -> Message:
    inputs, outputs = ([spec.node_name for spec in specs.values()] for specs in (graph.inputs, graph.outputs))
    return Message((serialize(optimize_frozen_graph(tf.GraphDef.FromString(message.content()), inputs, outputs)),))


def _checkpoint_path(stored: StoredGraph, checkpoint: str | Path | None) -> str | Path:
    found = checkpoint or stored.variables
    if found is None:
        raise CheckpointError(f"The graph in {stored.path} has variables, and no checkpoint was named.",
                              "Give one: --input_checkpoint PREFIX")
    return found


def _weights(inference: StoredInference, converted: Sequence[GraphVariable], checkpoint: Checkpoint,
             options: FreezeOptions) -> Weights:
    initialized = _initialized(inference.stored.graph_def, converted, checkpoint, options)
    restored = tuple(variable for variable in converted if variable.name not in initialized)
    bound = bind_stored_weights(inference.graph.meta_graph_def, restored, restored, inference.unrestored, checkpoint,
                                options.weights)
    return replace(bound, sources={**bound.sources, **initialized})


def _initialized(graph_def: GraphDef, variables: Iterable[GraphVariable], checkpoint: Checkpoint,
                 options: FreezeOptions) -> dict[str, TensorSource]:
    """Runs the initializers for the variables that the checkpoint does not have."""
    lacking = [variable for variable in variables if find_key(variable.name, checkpoint, options.weights) is None]
    if not options.initializer_nodes or not lacking:
        return {}
    initializers = list(map(node_of, options.initializer_nodes))
    pruned = prune(graph_def, [*initializers, *(variable.node for variable in lacking)])
    drop_devices_and_shapes(pruned)
    with tf.Graph().as_default() as graph, tf.Session() as session:
        try:
            tf.import_graph_def(pruned, name="")
            tensors = {variable.node: _read(graph, variable) for variable in lacking}
            session.run(initializers)
            return dict(whole_values(lacking, session.run(tensors)))
        except tf.errors.FailedPreconditionError as error:
            raise CheckpointError(f"Not in the checkpoint, nor initialized by {', '.join(initializers)}: "
                                  f"{', '.join(sorted({variable.name for variable in lacking}))}.",
                                  "Name the ops that initialize them.") from error
        except (ValueError, tf.errors.OpError) as error:
            raise GraphError(f"{', '.join(initializers)} can't be run: {reason(error)}",
                             "Name ops that initialize variables and need no input.") from error


def _read(graph: Any, variable: GraphVariable) -> Any:
    tensor = graph.get_tensor_by_name(f"{variable.node}:0")
    return tf.raw_ops.ReadVariableOp(resource=tensor, dtype=variable.dtype) if variable.is_resource else tensor


def _restore_devices(graph_def: GraphDef, stored: GraphDef) -> None:
    devices = {node.name: node.device for node in stored.node}
    for node in graph_def.node:
        node.device = devices.get(node.name, "")
