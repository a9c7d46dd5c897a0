"""The inference graph as text, for reading and for tools that take a ``.pbtxt``. It has no weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from exporter.errors import UsageError
from exporter.formats.format import EXACT, FormatOptions, LoadedArtifact, register_format
from exporter.graph.inference_graph import InferenceGraph
from exporter.graph.tensor_spec import Signature
from exporter.weights.binding import Weights


@register_format
class InferenceGraphTextFormat:
    """``inference_graph.pbtxt``: the whole graph, with variables."""

    name = "inference_graph"
    file_name = "inference_graph.pbtxt"
    requires = ""
    is_runnable = False
    tolerance = EXACT

    def files(self, options: FormatOptions) -> Sequence[str]:
        """One file."""
        return [self.file_name]

    def byte_size(self, graph: InferenceGraph, weights: Weights, options: FormatOptions) -> int:
        """No weights."""
        return 0

    def write(self, graph: InferenceGraph, weights: Weights, directory: Path, options: FormatOptions) -> None:
        """Writes protobuf's text format."""
        from google.protobuf import text_format

        (directory / self.file_name).write_text(text_format.MessageToString(graph.meta_graph_def.graph_def))

    def load(self, path: Path, signature: Signature | None = None) -> LoadedArtifact:
        """Never: a graph without weights can't run."""
        raise UsageError(f"{path.name} is a graph without weights and can't be run.", "Give one of the other artifacts.")
