"""Loading the code that options name: an input type of the user's own."""

from __future__ import annotations

from exporter.graph.input_types import register_input_type
from exporter.python_object import load_object


def load_input_type(spec: str) -> str:
    """Imports and registers the input type that ``package.module:Attribute`` names; returns its name.

    Raises:
        UsageError: it is no input type, or another one has its name.
        ModelError: the module or the attribute is not there.
    """
    candidate = load_object(spec, "input_type")
    return register_input_type(candidate() if isinstance(candidate, type) else candidate).name
