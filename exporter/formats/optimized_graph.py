"""Optimized graph: a frozen graph without identities, and with batch normalization folded into the weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from exporter.errors import GraphError
from exporter.formats.format import FormatOptions, LoadedArtifact, register_format
from exporter.formats.frozen_graph import FrozenGraphFormat
from exporter.formats.streaming import PROTOBUF_LIMIT, Message, frozen_graph_message, serialize
from exporter.graph.inference_graph import InferenceGraph
from exporter.graph.optimizing import optimize_frozen_graph
from exporter.graph.tensor_spec import Signature
from exporter.lazy_tensorflow import tf
from exporter.weights.binding import Weights


@register_format
class OptimizedGraphFormat:
    """``optimized_inference_graph.pb``.

    Attributes:
        tolerance: relative and absolute tolerance of its outputs: folded weights round differently.
    """

    name = "optimized_graph"
    file_name = "optimized_inference_graph.pb"
    requires = ""
    is_runnable = True
    tolerance = (1e-4, 1e-5)

    def files(self, options: FormatOptions) -> Sequence[str]:
        """One file."""
        return [self.file_name]

    def byte_size(self, graph: InferenceGraph, weights: Weights, options: FormatOptions) -> int:
        """The size of the frozen graph, which is no less.

        Raises:
            GraphError: it is beyond protobuf's limit.
        """
        return _message(graph, weights).byte_size

    def write(self, graph: InferenceGraph, weights: Weights, directory: Path, options: FormatOptions) -> None:
        """Freezes and optimizes in memory."""
        frozen = tf.GraphDef.FromString(_message(graph, weights).content())
        optimized = optimize_frozen_graph(frozen, [spec.node_name for spec in graph.inputs.values()],
                                          [spec.node_name for spec in graph.outputs.values()])
        (directory / self.file_name).write_bytes(serialize(optimized))

    def load(self, path: Path, signature: Signature | None = None) -> LoadedArtifact:
        """Imports the graph, as a frozen one."""
        return FrozenGraphFormat().load(path, signature)


def _message(graph: InferenceGraph, weights: Weights) -> Message:
    message = frozen_graph_message(graph.frozen, weights)
    if message.byte_size > PROTOBUF_LIMIT:
        raise GraphError(f"The frozen graph to optimize would have {message.byte_size:,} bytes; protobuf reads at most "
                         f"{PROTOBUF_LIMIT:,}.", "Leave optimized_graph out of --formats.")
    return message
