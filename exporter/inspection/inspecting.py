"""One inspection: what the path names, and what of it is asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from exporter.errors import CheckpointError, GraphError, OutputError, UsageError
from exporter.graph.tensor_spec import Shape
from exporter.inspection.checkpoint_summary import CheckpointSummary, summarize_checkpoint
from exporter.inspection.checkpoint_text import print_checkpoint
from exporter.inspection.target import CHECKPOINT, EXPORT, GRAPH, Target, changed_files, find_target, required_graph

if TYPE_CHECKING:
    from exporter.inspection.graph_summary import GraphSummary

JSON_VERSION = 1


@dataclass(frozen=True)
class InspectionOptions:
    """What is asked for.

    Attributes:
        statistics: read all values.
        graph: the graph as well, where the path names something else.
        outputs: the graph's outputs; by default those of its signature, else the best candidate.
        input_shapes: ``name=1,224,224,3``, or a shape alone where there is one placeholder.
        graph_svg: file to draw the graph to.
        tensorboard: directory to write it to for TensorBoard.
        saved_model_tags: of a SavedModel.
        quiet: silence TensorFlow's own messages.
    """

    statistics: bool = False
    graph: bool = False
    outputs: tuple[str, ...] = ()
    input_shapes: tuple[str, ...] = ()
    graph_svg: Path | None = None
    tensorboard: Path | None = None
    saved_model_tags: tuple[str, ...] = ()
    quiet: bool = True

    @property
    def wants_graph(self) -> bool:
        """Whether anything is asked for that only the graph can tell."""
        return bool(self.graph or self.outputs or self.input_shapes or self.graph_svg or self.tensorboard
                    or self.saved_model_tags)


@dataclass(frozen=True)
class Inspection:
    """What was found; a part that was not asked for is None.

    Attributes:
        target: what the path names.
        checkpoint: the checkpoint.
        graph: the graph.
        export: what the manifest says.
        written: files that were written.
    """

    target: Target
    checkpoint: CheckpointSummary | None = None
    graph: GraphSummary | None = None
    export: Mapping[str, Any] | None = None
    written: Mapping[str, Path] = field(default_factory=dict)

    def print(self, console: Console, everything: bool = False) -> None:
        """Prints it for people.

        Args:
            console: where to.
            everything: without leaving out rows.
        """
        if self.export is not None:
            from exporter.inspection.export_text import print_export

            print_export(self.export, console)
        if self.checkpoint is not None:
            print_checkpoint(self.checkpoint, console, everything, hint_at_graph=self.graph is None)
        if self.graph is not None:
            from exporter.inspection.graph_text import print_graph

            print_graph(self.graph, console, everything, hint_at_checkpoint=self.checkpoint is None)
        for path in self.written.values():
            console.print(f"written to  {path}", markup=False, highlight=False, soft_wrap=True)

    def as_json(self) -> dict[str, Any]:
        """Returns it as one object with the same keys for all kinds."""
        return {"inspection_version": JSON_VERSION, "path": self.target.path, "kind": self.target.kind,
                "beside": {"checkpoint": self.target.checkpoint, "graph": self.target.graph}, "export": self.export,
                "checkpoint": None if self.checkpoint is None else _checkpoint_as_json(self.checkpoint),
                "graph": self.graph, "written": self.written}


def inspect(path: Path, options: InspectionOptions) -> Inspection:
    """Inspects a checkpoint, a graph, a SavedModel or an export.

    Raises:
        UsageError: an option does not fit.
        CheckpointError: the checkpoint is not there, or damaged.
        GraphError: the graph is not there, or damaged.
        OutputError: a file can't be written.
    """
    target = find_target(path)
    shapes = _input_shapes(options.input_shapes)
    export = _export(target) if target.kind == EXPORT else None
    graph: GraphSummary | None = None
    written: dict[str, Path] = {}
    frozen = False
    if target.kind == GRAPH or options.wants_graph:
        graph, written = _graph(required_graph(target), options, shapes)
        frozen = graph.is_frozen
    wants_values = target.kind == CHECKPOINT or (options.statistics and not frozen)
    checkpoint = None
    if wants_values and target.checkpoint is not None:
        checkpoint = _checkpoint(target.checkpoint, target.graph, options)
    return Inspection(target, checkpoint, graph, export, written)


def _checkpoint(path: Path, graph: Path | None, options: InspectionOptions) -> CheckpointSummary:
    try:
        return summarize_checkpoint(path, options.statistics)
    except CheckpointError as error:
        hint = f"\nIts graph is there: inspect_export {graph}" if graph is not None and not options.wants_graph else ""
        raise CheckpointError(error.problem, error.advice + hint) from error


def _export(target: Target) -> dict[str, Any]:
    from exporter.inspection.export_text import export_as_json
    from exporter.manifest import read_manifest

    manifest = read_manifest(target.path)
    return export_as_json(target.path, manifest, changed_files(target.path, manifest))


def _graph(path: Path, options: InspectionOptions, shapes: Mapping[str, Shape]) -> tuple[GraphSummary, dict[str, Path]]:
    """Reads the graph, which needs TensorFlow's own classes."""
    from google.protobuf.message import DecodeError

    from exporter.graph.stored.loading import load_stored_graph
    from exporter.inspection.graph_summary import summarize_graph
    from exporter.tensorflow_import import import_tensorflow

    _check_file(options.graph_svg)
    import_tensorflow(options.quiet)
    stored = load_stored_graph(path, options.saved_model_tags or None)
    try:
        summary = summarize_graph(stored, options.outputs, _named(shapes, stored.graph_def.node), options.statistics)
    except DecodeError as error:
        raise GraphError(f"{path} is damaged: {error}.", "Copy it again.") from error
    written = {}
    if options.graph_svg is not None:
        written["graph_svg"] = _draw(stored.graph_def, summary, options.graph_svg)
    if options.tensorboard is not None:
        from exporter.inspection.tensorboard import write_event_file

        written["tensorboard"] = write_event_file(stored.graph_def, options.tensorboard)
    return summary, written


def _draw(graph_def: Any, summary: GraphSummary, file: Path) -> Path:
    from exporter.inspection.drawing import draw
    from exporter.inspection.shapes import inference_path

    if not summary.outputs:
        raise UsageError("The graph has no candidate for an output, so there is no path to draw.",
                         "Give --output_node_names.")
    switches = [placeholder.name for placeholder in summary.placeholders if placeholder.wants_value]
    drawing = draw(inference_path(graph_def, summary.outputs), summary.outputs, summary.path.name, switches)
    try:
        file.write_text(drawing, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"--graph_svg {file} can't be written: {error.strerror}.", "Give another file.") from error
    return file


def _check_file(file: Path | None) -> None:
    if file is not None and (file.is_dir() or not file.absolute().parent.is_dir()):
        raise OutputError(f"--graph_svg {file} is no place for a file.", "Give a file in a directory that exists.")


def _input_shapes(texts: Iterable[str]) -> dict[str, Shape]:
    found = {}
    for text in texts:
        name, _, sizes = text.rpartition("=")
        try:
            shape = tuple(None if size.strip() in ("-1", "?", "None") else int(size) for size in sizes.split(","))
        except ValueError:
            shape = (-1,)
        if any(size is not None and size < 0 for size in shape):
            raise UsageError(f"--input_shape {text} is no shape.", "For example: --input_shape images=1,224,224,3")
        found[name.removesuffix(":0")] = shape
    return found


def _named(shapes: Mapping[str, Shape], nodes: Iterable[Any]) -> dict[str, Shape]:
    """The shapes with the names of their placeholders: a shape alone is that of the only one."""
    from exporter.graph.output_search.op_kinds import PLACEHOLDERS

    names = [node.name for node in nodes if node.op in PLACEHOLDERS]
    if "" in shapes and len(names) == 1:
        shapes = {names[0]: shapes[""]}
    for name in shapes:
        if name not in names:
            raise UsageError(f"--input_shape: the graph has no placeholder {name!r}." if name else
                             "--input_shape needs the name of a placeholder: name=1,224,224,3.",
                             f"It has: {', '.join(names[:8]) or 'none'}.")
    return dict(shapes)


def _checkpoint_as_json(summary: CheckpointSummary) -> dict[str, Any]:
    content = {entry.name: getattr(summary, entry.name) for entry in dataclasses.fields(summary)}
    return {**content, "byte_size": summary.byte_size, "variable_count": summary.variable_count,
            "averaged_count": summary.averaged_count, "not_finite": [tensor.name for tensor in summary.not_finite]}
