"""What makes a bad export though every tensor is right: training mode, one batch size only, kernels of a GPU."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from exporter.graph.batch_norm.rewriting import training_batch_norms
from exporter.graph.conditional_updates import assignments
from exporter.graph.inference_graph import InferenceGraph
from exporter.graph.random_ops import random_ops_behind
from exporter.graph.tensor_spec import format_shape

_MOST_NAMED = 5
_WITHOUT_NCHW_ON_CPU = ("Conv2D", "Conv2DBackpropInput", "DepthwiseConv2dNative", "FusedBatchNorm", "FusedBatchNormV2",
                        "FusedBatchNormV3", "MaxPool", "AvgPool", "BiasAdd", "Conv3D", "Conv3DBackpropInputV2", "MaxPool3D",
                        "AvgPool3D")


def path_warnings(graph: InferenceGraph) -> Iterator[str]:
    """Yields a sentence or two for each thing on the path from the inputs to the outputs that users come to regret."""
    yield from _training_mode(graph)
    updates = [*assignments(graph.pruned)]
    if updates:
        yield (f"{len(updates)} assignments to variables lie on the way to the outputs ({_listed(updates)}). The frozen "
               "graph and a SavedModel with constants leave them away, as far as the outputs don't depend on them.")
    racing = graph.dispensable_assignments.racing
    if racing:
        yield (f"Whether {_listed(racing)} comes before or after its variable is read is left to chance "
               "in this graph. It was exported, and compared, as if the reading always came first.")
    nchw = [node.name for node in graph.pruned.node if node.op in _WITHOUT_NCHW_ON_CPU and "data_format" in node.attr
            and node.attr["data_format"].s.startswith(b"NC")]
    if nchw:
        yield (f"{len(nchw)} nodes are in the data format NCHW (NCDHW), for which TensorFlow has no kernels on a CPU "
               f"({_listed(nchw)}). There, the graph runs only where grappler's layout optimizer is on.")


def batch_size_warnings(graph: InferenceGraph) -> Iterator[str]:
    """Yields a sentence where inputs take batches of one size only; a stored graph may have it from training."""
    fixed = {key: spec.shape for key, spec in graph.inputs.items() if spec.shape and spec.shape[0] is not None}
    if fixed:
        key, shape = next(iter(fixed.items()))
        free = ",".join("-1" if size is None or axis == 0 else str(size) for axis, size in enumerate(shape))
        inputs = _listed(f"{name} {format_shape(found)}" for name, found in fixed.items())
        yield f"Batches of one size only: {inputs}. For any size, where the graph allows it: --input_shape {key}={free}"


def _training_mode(graph: InferenceGraph) -> Iterator[str]:
    names = training_batch_norms(graph.pruned, [spec.name for spec in graph.outputs.values()])
    if names:
        yield (f"{len(names)} batch normalizations are in training mode ({_listed(names)}): an output depends on the other "
               "examples of its batch. For the moving statistics build the model with is_training=False; for a stored "
               "graph: --rewrite_batch_norm")


def random_op_warnings(graph: InferenceGraph) -> Iterator[str]:
    """Yields what is random on the path; a run tells better whether it has an effect."""
    behind = random_ops_behind(graph.pruned, {spec.node_name for spec in graph.outputs.values()})
    names = sorted({name for operations in behind.values() for name in operations})
    if names:
        yield (f"The outputs depend on random ops ({_listed(names)}): dropout, noise or sampling was stored with the graph. "
               "Turn it off with --fix, or choose an output before it.")


def _listed(names: Iterable[str]) -> str:
    known = list(names)
    more = f" and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
    return ", ".join(known[:_MOST_NAMED]) + more
