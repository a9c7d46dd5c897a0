"""Where an export's graph comes from: a model's code, or a file. Everything behind it is the same for both."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from exporter.errors import CheckpointError, ModelError
from exporter.graph.building import build_graph
from exporter.graph.inference_graph import InferenceGraph
from exporter.graph.stored.inference import StoredInference, read_inference_graph
from exporter.graph.stored.loading import load_stored_graph
from exporter.model_import import ImportedModel
from exporter.notices import coverage_warnings, path_warnings, random_op_warnings, stored_graph_warnings
from exporter.request import ExportRequest
from exporter.verification.case import Reference
from exporter.verification.reference import build_reference
from exporter.verification.stored_reference import stored_reference
from exporter.weights.binding import Weights, bind_weights
from exporter.weights.checkpoint import Checkpoint
from exporter.weights.initial_values import bind_stored_weights


@dataclass(frozen=True)
class GraphSource:
    """A graph and what belongs to it.

    Attributes:
        graph: the inference graph.
        bind: finds its values in a checkpoint.
        reference: makes the independent witness of verification.
        warnings: what to know of the graph and its values; takes whether verification tells of random ops.
    """

    graph: InferenceGraph
    bind: Callable[[Checkpoint | None], Weights]
    reference: Callable[[], Reference]
    warnings: Callable[[Weights, bool], Iterable[str]]


def graph_source(request: ExportRequest) -> GraphSource:
    """Builds the model's graph, or reads the stored one.

    Raises:
        ModelError: the model raised or broke its contract.
        GraphError: the stored graph can't be read, or its outputs can't be had from its inputs.
        UsageError: an option does not fit.
    """
    return _from_model(request) if request.stored is None else _from_stored_graph(request)


def _from_model(request: ExportRequest) -> GraphSource:
    graph = _first_graph(request)

    def bind(checkpoint: Checkpoint | None) -> Weights:
        assert checkpoint is not None, "a model needs a checkpoint"
        return bind_weights(graph.variables, graph.required_variables, checkpoint, request.weights)

    return GraphSource(graph, bind, lambda: _reference(request, graph),
                       lambda weights, verified: [*path_warnings(graph), *coverage_warnings(weights.coverage)])


def _first_graph(request: ExportRequest) -> InferenceGraph:
    """Builds the model; imported anew, where another export in this process has left something in its modules."""
    build = partial(build_graph, model_args=request.model_args, options=request.graph)
    try:
        return build(request.model)
    except ModelError:
        if not isinstance(request.model, ImportedModel) or request.model.is_bound:
            raise
    request.model.bind()
    return build(request.model)


def _reference(request: ExportRequest, graph: InferenceGraph) -> Reference:
    """Builds the model once more.

    Where its modules have kept something of the first time (tensors, numbers that they put into names), they are imported
    anew.
    """
    build = partial(build_reference, model_args=request.model_args, options=request.graph,
                    racing_assignments=graph.dispensable_assignments.racing)
    if not isinstance(request.model, ImportedModel):
        return build(request.model)
    try:
        reference = build(request.model)
        if reference.variables <= {variable.node for variable in graph.variables}:
            return reference
    except ModelError:
        pass
    request.model.bind()
    return build(request.model)


def _from_stored_graph(request: ExportRequest) -> GraphSource:
    options = request.stored
    assert options is not None
    stored = load_stored_graph(options.graph, options.saved_model_tags, options.signature)
    inference = read_inference_graph(stored, options)

    def bind(checkpoint: Checkpoint | None) -> Weights:
        """Finds the values of the stored graph's variables."""
        graph = inference.graph
        if checkpoint is None and graph.required_variables:
            raise CheckpointError(f"The graph in {stored.path} has variables, and no checkpoint was named.",
                                  "Give one: --trained_checkpoint_prefix PREFIX")
        return Weights() if checkpoint is None else bind_stored_weights(
            graph.meta_graph_def, graph.variables, graph.required_variables, inference.unrestored, checkpoint,
            request.weights)

    return GraphSource(inference.graph, bind, lambda: stored_reference(inference, bool(options.input_shapes)),
                       lambda weights, verified: _stored_warnings(inference, weights, verified))


def _stored_warnings(inference: StoredInference, weights: Weights, verified: bool) -> Iterable[str]:
    yield from stored_graph_warnings(inference, weights)
    if not verified:
        yield from random_op_warnings(inference.graph)
