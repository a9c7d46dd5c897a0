"""Loading the code that options name: which of it there is, and an input type of the user's own."""

from __future__ import annotations

from exporter.graph.input_types import register_input_type
from exporter.model_import import import_for_model
from exporter.options.export_options import ExportOptions

CodeArguments = tuple[tuple[str, ...], tuple[str, ...], bool, tuple[str, ...]]


def code_arguments(options: ExportOptions) -> CodeArguments:
    """Returns what `exporter.tensorflow_1_code.find_tensorflow_1_code` takes, for the model and the input type."""
    specs = tuple(spec for spec in (options.model, options.input_type) if spec and ":" in spec)
    return specs, tuple(options.tf1_roots), options.allow_pickle, tuple(options.stub_modules)


def load_input_type(spec: str) -> str:
    """Imports and registers the input type that ``package.module:Attribute`` names; returns its name.

    Raises:
        UsageError: it is no input type, or another one has its name.
        ModelError: the module or the attribute is not there.
    """
    candidate = import_for_model(spec, "input_type")
    return register_input_type(candidate() if isinstance(candidate, type) else candidate).name
