"""What an artifact format is, and the registry of formats.

A format is one file with one class in this folder. It is found by its file, so adding one touches no other file.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, TypeVar

import numpy as np

import exporter.formats
from exporter.errors import UsageError
from exporter.graph.inference_graph import InferenceGraph
from exporter.graph.tensor_spec import Signature, TensorSpec
from exporter.weights.binding import Weights

DEFAULT_FORMATS = ("checkpoint", "frozen_graph", "saved_model")

EXACT = (0.0, 0.0)


@dataclass(frozen=True)
class FormatOptions:
    """Options of single formats.

    Attributes:
        saved_model_variables: the SavedModel keeps real variables instead of constants.
        write_inference_graph: ``inference_graph.pbtxt`` is written beside the other artifacts.
        optimize_for_inference: ``optimized_inference_graph.pb`` is written beside the other artifacts.
    """

    saved_model_variables: bool = False
    write_inference_graph: bool = False
    optimize_for_inference: bool = False


class LoadedArtifact:
    """An artifact ready to run: call it with arrays by input key, get arrays by output name.

    Attributes:
        inputs: what to feed, by key.
        outputs: what comes back, by name.
    """

    def __init__(self, inputs: Mapping[str, TensorSpec], outputs: Mapping[str, TensorSpec],
                 run: Callable[[dict[str, Any]], dict[str, np.ndarray[Any, Any]]],
                 close: Callable[[], None] = lambda: None) -> None:
        self.inputs = inputs
        self.outputs = outputs
        self._run = run
        self._close = close

    def __call__(self, feeds: Mapping[str, Any]) -> dict[str, np.ndarray[Any, Any]]:
        """Runs the artifact.

        Raises:
            UsageError: ``feeds`` has other keys than `inputs`.
        """
        if set(feeds) != set(self.inputs):
            raise UsageError(f"Found values for {sorted(feeds)}, expected {sorted(self.inputs)}.")
        return self._run(dict(feeds))

    def close(self) -> None:
        """Frees what it holds."""
        self._close()

    def __enter__(self) -> LoadedArtifact:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()


class Format(Protocol):
    """One artifact format.

    Attributes:
        name: what ``--formats`` calls it.
        file_name: the artifact's file, folder or checkpoint prefix within the export.
        requires: the extra of this package that it needs, or "".
        is_runnable: whether `load` can run it.
        tolerance: relative and absolute difference of floats that is allowed to its own runtime; zeros: equal to the bit.
    """

    name: str
    file_name: str
    requires: str
    is_runnable: bool
    tolerance: tuple[float, float]

    def files(self, options: FormatOptions) -> Sequence[str]:
        """Returns the files and folders that `write` makes, relative to the export."""

    def byte_size(self, graph: InferenceGraph, weights: Weights, options: FormatOptions) -> int:
        """Returns how many bytes of weights `write` will write, before anything is read."""

    def write(self, graph: InferenceGraph, weights: Weights, directory: Path, options: FormatOptions) -> None:
        """Writes the artifact into ``directory``."""

    def load(self, path: Path, signature: Signature | None = None) -> LoadedArtifact:
        """Loads an artifact by its own runtime.

        Args:
            path: the artifact.
            signature: for artifacts that hold none of their own.
        """


_FormatClass = TypeVar("_FormatClass", bound=type)
_registry: dict[str, Format] = {}


def register_format(format_class: _FormatClass) -> _FormatClass:
    """Class decorator: makes a format known by its name.

    Raises:
        UsageError: another format has this name.
    """
    instance = format_class()
    if instance.name in _registry:
        raise UsageError(f"There is a format {instance.name!r} already.", "Choose another name.")
    _registry[instance.name] = instance
    return format_class


@cache
def _discover() -> None:
    for module in pkgutil.iter_modules(exporter.formats.__path__):
        importlib.import_module(f"exporter.formats.{module.name}")


def format_names() -> list[str]:
    """Returns the names of all formats, the default ones first."""
    _discover()
    return [*DEFAULT_FORMATS, *sorted(set(_registry) - set(DEFAULT_FORMATS))]


def find_format(name: str) -> Format:
    """Returns the format of this name.

    Raises:
        UsageError: there is none.
    """
    _discover()
    if name in _registry:
        return _registry[name]
    near = difflib.get_close_matches(name, _registry, n=1)
    raise UsageError(f"Unknown format: {name!r}." + (f" Did you mean {near[0]}?" if near else ""),
                     f"Known: {', '.join(format_names())}.")
