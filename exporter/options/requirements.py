"""Which options an export can't do without, which exclude each other, and which values can be seen to be wrong.

Nothing is looked for here: whether a model, a checkpoint or a file is there is found out when the export runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from exporter.errors import UsageError
from exporter.formats.format import find_format
from exporter.graph.building import check_side_input_names
from exporter.graph.input_types import find_input_type, input_type_names
from exporter.graph.side_inputs import side_inputs
from exporter.options.conversion import model_input_shape, stored_graph_options, stored_input_shapes
from exporter.options.export_options import ExportOptions
from exporter.publishing.lock import check_lock_timeout
from exporter.python_object import split_spec
from exporter.storage.places import is_remote
from exporter.verification.options import check_tolerance
from exporter.weights.binding import WeightOptions

OF_MODELS = ("tf1_root", "allow_pickle", "stub_modules")
OF_STORED_GRAPHS = ("input_names", "output_node_names", "fix", "rewrite_batch_norm", "saved_model_tags", "signature")


@dataclass(frozen=True)
class OptionProblem:
    """An option at fault, and what is wrong with it."""

    option: str
    error: UsageError


def option_problems(options: ExportOptions) -> Iterator[OptionProblem]:
    """Yields everything that is wrong with options in themselves and in their combination."""
    yield from _presence_problems(options)
    for name, check in _CHECKS:
        try:
            check(options)
        except UsageError as error:
            yield OptionProblem(name, error)


def check_options(options: ExportOptions) -> None:
    """Raises UsageError, the first problem, where something is wrong with the options."""
    for problem in option_problems(options):
        raise problem.error


def _presence_problems(options: ExportOptions) -> Iterator[OptionProblem]:
    if options.model and options.input_graph:
        yield OptionProblem("input_graph", UsageError("--model and --input_graph are both given.",
                                                      "Export either a model or a stored graph."))
    if not options.model and not options.input_graph:
        yield OptionProblem("model", UsageError("--model is missing.",
                                                "Name the model, or a stored graph by --input_graph."))
    needed = ("trained_checkpoint_prefix", "output_directory") if options.model else ("output_directory",)
    for name in needed:
        if not getattr(options, name):
            yield OptionProblem(name, UsageError(f"--{name} is missing.", "See --help for all flags."))
    for name in OF_STORED_GRAPHS if options.model else ():
        if getattr(options, name):
            yield OptionProblem(name, UsageError(f"--{name} is for stored graphs, and a model is exported.",
                                                 "Leave it away, or give --input_graph in place of --model."))
    for name in () if options.model else OF_MODELS:
        if getattr(options, name):
            yield OptionProblem(name, UsageError(f"--{name} is for the code of a model, and a stored graph is exported.",
                                                 "Leave it away, or give --model in place of --input_graph."))


def _check_input_type(options: ExportOptions) -> None:
    if ":" in options.input_type:
        split_spec(options.input_type, "input_type")
    else:
        find_input_type(options.input_type)


def _check_input_shape(options: ExportOptions) -> None:
    if options.input_graph:
        stored_input_shapes(options.input_shape)
    else:
        shape = model_input_shape(options.input_shape)
        if shape is not None and options.input_type in input_type_names():
            find_input_type(options.input_type).check_shape(shape)


def _check_side_inputs(options: ExportOptions) -> None:
    names = [entry.name for entry in side_inputs(options.side_input_names, options.side_input_shapes,
                                                 options.side_input_types)]
    check_side_input_names(names, options.input_type)


def _check_keep_failed(options: ExportOptions) -> None:
    if options.keep_failed and is_remote(options.output_directory or ""):
        raise UsageError(f"--keep_failed is for local exports; {options.output_directory} is an address.",
                         "Leave it away, or export to a local directory.")


def _check_fixed(options: ExportOptions) -> None:
    if options.input_graph:
        stored_graph_options(replace(options, input_shape=None), options.input_graph, ())


_CHECKS: tuple[tuple[str, Callable[[ExportOptions], object]], ...] = (
    ("model", lambda options: options.model and split_spec(options.model, "model")),
    ("variable_map", lambda options: WeightOptions(variable_map=options.variable_map)),
    ("fix", _check_fixed),
    ("input_type", _check_input_type),
    ("input_shape", _check_input_shape),
    ("side_input_names", _check_side_inputs),
    ("formats", lambda options: [find_format(name) for name in options.formats]),
    ("keep_failed", _check_keep_failed),
    ("lock_timeout", lambda options: check_lock_timeout(options.lock_timeout)),
    ("verification_rtol", lambda options: check_tolerance("rtol", options.verification_rtol)),
    ("verification_atol", lambda options: check_tolerance("atol", options.verification_atol)),
)
