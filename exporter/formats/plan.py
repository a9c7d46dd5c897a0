"""Planning what is written: sizes are known, and artifacts that can't exist are told apart, before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from exporter.errors import GraphError
from exporter.formats.format import DEFAULT_FORMATS, Format, FormatOptions, find_format
from exporter.formats.streaming import PROTOBUF_LIMIT
from exporter.graph.inference_graph import InferenceGraph
from exporter.weights.binding import Weights

_FROZEN_GRAPH, _SAVED_MODEL = "frozen_graph", "saved_model"
_INFERENCE_GRAPH, _OPTIMIZED_GRAPH = "inference_graph", "optimized_graph"


@dataclass(frozen=True)
class WritePlan:
    """What will be written.

    Attributes:
        formats: the artifact formats, in order.
        options: their options.
        byte_size: about how many bytes they take together.
        warnings: where the plan departs from what was asked for.
    """

    formats: tuple[Format, ...]
    options: FormatOptions
    byte_size: int
    warnings: tuple[str, ...] = ()


def plan_artifacts(names: Sequence[str] | None, graph: InferenceGraph, weights: Weights,
                   options: FormatOptions) -> WritePlan:
    """Plans the artifacts of an export.

    A SavedModel whose constants would exceed protobuf's limit of 2 GiB gets real variables. A frozen graph beyond it is
    left out where it was not asked for by name.

    Args:
        names: names of formats; None for the default ones.
        graph: the graph.
        weights: its values.
        options: options of single formats.

    Raises:
        GraphError: a frozen graph beyond the limit was asked for by name.
        UsageError: an unknown format.
    """
    extra = [name for name, is_wanted in ((_INFERENCE_GRAPH, options.write_inference_graph),
                                          (_OPTIMIZED_GRAPH, options.optimize_for_inference)) if is_wanted]
    formats = [find_format(name) for name in dict.fromkeys([*(DEFAULT_FORMATS if names is None else names), *extra])]
    warnings = []
    if _exceeds_limit(_SAVED_MODEL, formats, graph, weights, options):
        options = replace(options, saved_model_variables=True)
        warnings.append("The SavedModel is beyond protobuf's limit of 2 GiB with its weights as constants: "
                        "it has real variables.")
    if _exceeds_limit(_FROZEN_GRAPH, formats, graph, weights, options):
        frozen_size = find_format(_FROZEN_GRAPH).byte_size(graph, weights, options)
        problem = f"The frozen graph would have {frozen_size:,} bytes; protobuf reads at most {PROTOBUF_LIMIT:,}"
        if names is not None:
            raise GraphError(f"{problem}.", "Leave frozen_graph out of --formats; the SavedModel gets real variables.")
        formats = [entry for entry in formats if entry.name != _FROZEN_GRAPH]
        warnings.append(f"{problem}: it is left out.")
    byte_size = sum(entry.byte_size(graph, weights, options) for entry in formats)
    return WritePlan(tuple(formats), options, byte_size, tuple(warnings))


def _exceeds_limit(name: str, formats: Sequence[Format], graph: InferenceGraph, weights: Weights,
                   options: FormatOptions) -> bool:
    """Tells whether a format that is one protobuf message would be too large."""
    in_one_message = name != _SAVED_MODEL or not options.saved_model_variables
    return in_one_message and any(
        entry.name == name and entry.byte_size(graph, weights, options) > PROTOBUF_LIMIT for entry in formats)
