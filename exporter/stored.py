"""``export_stored_graph``: the export of a graph without its code, from Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from exporter.export import export
from exporter.formats.format import FormatOptions
from exporter.graph.stored.options import StoredGraphOptions
from exporter.graph.tensor_spec import Shape
from exporter.manifest import ExportResult
from exporter.request import ExportRequest
from exporter.verification.options import VerificationOptions
from exporter.weights.binding import WeightOptions


def export_stored_graph(
        input_graph: str | Path, output_directory: str | Path, trained_checkpoint_prefix: str | Path | None = None, *,
        input_names: Sequence[str] = (), output_node_names: Sequence[str] = (), fix: Mapping[str, Any] | None = None,
        input_shapes: Mapping[str, Shape] | None = None, rewrite_batch_norm: bool = False,
        saved_model_tags: Sequence[str] | None = None, signature: str | None = None, use_moving_averages: bool = False,
        variable_map: Mapping[str, str] | None = None, formats: Sequence[str] | None = None,
        format_options: FormatOptions | None = None, overwrite: bool = False, report: bool = False,
        verification: VerificationOptions | None = None) -> ExportResult:
    """Exports a stored graph: checkpoint, ``frozen_inference_graph.pb`` and ``saved_model/``.

    Args:
        input_graph: a ``.meta`` file, a GraphDef (binary or text), a SavedModel or a frozen graph.
        output_directory: where the export appears, by one rename.
        trained_checkpoint_prefix: prefix, file or directory of the checkpoint; None for the one beside the graph.
        input_names: tensors that become placeholders; empty for those that the graph has.
        output_node_names: nodes or tensors; empty for the signature's, else they are looked for.
        fix: tensor -> the value that it always has.
        input_shapes: input -> its shape, None where free.
        rewrite_batch_norm: let batch normalization in training mode use the moving statistics.
        saved_model_tags: the tag set of a SavedModel's graph; None for ``serve``.
        signature: its signature's key; None for ``serving_default``.
        use_moving_averages: read the shadow variables in place of the raw ones.
        variable_map: regular expression -> replacement, from variable names to the checkpoint's keys.
        formats: names of artifact formats; None for checkpoint, frozen graph and SavedModel.
        format_options: options of single formats.
        overwrite: replace an export that is there already.
        report: write ``report.html`` as well.
        verification: whether and how the artifacts are compared with the stored graph; by default they are.

    Returns:
        What was exported.

    Raises:
        ExportError: one of its kinds, see `exporter.errors`; nothing was written.
    """
    stored = StoredGraphOptions(
        input_graph, tuple(input_names), tuple(output_node_names), fix or {}, input_shapes or {},
        rewrite_batch_norm=rewrite_batch_norm, saved_model_tags=saved_model_tags, signature=signature)
    return export(ExportRequest(
        None, trained_checkpoint_prefix, output_directory, weights=WeightOptions(use_moving_averages, variable_map or {}),
        formats=None if formats is None else tuple(formats), format_options=format_options or FormatOptions(),
        overwrite=overwrite, report=report, verification=verification or VerificationOptions(), stored=stored))
