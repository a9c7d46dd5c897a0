"""One entry of ``exports`` with the defaults that lie below it: what it says, and where that is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from exporter.batch.config.document import Document
from exporter.batch.config.problems import Problem
from exporter.batch.config.schema import keys_at
from exporter.batch.config.words import CHECKPOINT_KEY, PREFIX_OPTION, KeyPath, nearest_of


@dataclass(frozen=True)
class Layer:
    """A mapping of options in a document: defaults, or an export's own.

    Attributes:
        document: where it is written.
        path: its path there.
        values: what is sound of it; the checkpoint is called ``checkpoint`` whatever word is written.
        faulty: keys that have problems, and those that unknown keys are likely to mean.
    """

    document: Document
    path: KeyPath
    values: Mapping[str, Any]
    faulty: frozenset[str]

    def path_of(self, key: str) -> KeyPath:
        """Returns the path of a key, by the word that is written."""
        written = self._written(self.document.values, self.path)
        return (*self.path, PREFIX_OPTION if key == CHECKPOINT_KEY and key not in written else key)

    @staticmethod
    def _written(values: Any, path: KeyPath) -> Any:
        for step in path:
            values = values[step]
        return values


def read_layer(document: Document, path: KeyPath) -> Layer | None:
    """Returns the layer at a path; None where no sound mapping is there.

    Args:
        document: checked, so that it knows what is faulty.
        path: of defaults or of an export.
    """
    values: Any = document.values
    for step in path:
        values = values.get(step) if isinstance(values, dict) else values[step]
    if not isinstance(values, dict) or document.is_faulty(path):
        return None
    troubled = document.faulty_keys(path)
    faulty = {_canonical(key) for key in troubled}
    faulty |= {_canonical(nearest_of(str(key), keys_at(path))) for key in troubled if key not in keys_at(path)}
    sound = {_canonical(key): value for key, value in values.items() if key not in troubled}
    if "matrix" in sound:
        sound["matrix"] = {_canonical(key): choices for key, choices in sound["matrix"].items()}
    return Layer(document, path, sound, frozenset(faulty))


def unknown_layer(document: Document, path: KeyPath) -> Layer:
    """Returns a layer for a mapping that can't be used: it may have meant anything."""
    return Layer(document, path, {}, frozenset(map(_canonical, keys_at(path))))


def _canonical(key: Any) -> str:
    return CHECKPOINT_KEY if key == PREFIX_OPTION else str(key)


@dataclass(frozen=True)
class Entry:
    """One entry of ``exports``.

    Attributes:
        layers: what it is merged from, the lowest first: the base's defaults, the file's defaults, its own values.
    """

    layers: tuple[Layer, ...]

    @cached_property
    def values(self) -> dict[str, Any]:
        """All that it says, key by key from the highest layer that has it."""
        merged: dict[str, Any] = {}
        for layer in self.layers:
            merged |= layer.values
        return merged

    @cached_property
    def faulty(self) -> frozenset[str]:
        """Keys of which a problem is known, so that nothing that follows from them is to be said."""
        faulty: set[str] = set()
        for layer in self.layers:
            faulty = (faulty - set(layer.values)) | layer.faulty
        return frozenset(faulty)

    def level(self, key: str) -> int:
        """Returns the position of the highest layer that has a key; -1 where none has it."""
        return max((number for number, layer in enumerate(self.layers) if key in layer.values), default=-1)

    def problem(self, key: str, text: str, within: KeyPath = (), in_matrix: bool = False) -> Problem:
        """Returns a problem of what a key says; of the export itself, where no layer has the key.

        Args:
            key: an option or another key of an export.
            text: what was found, what was expected, what to do.
            within: the way to the part that is wrong, in the value.
            in_matrix: whether the value is one of the matrix's.
        """
        if in_matrix:
            layer = self.layers[self.level("matrix")]
            path = layer.path_of("matrix")
            written = PREFIX_OPTION if layer.document.node((*path, key)) is None and key == CHECKPOINT_KEY else key
            return layer.document.problem((*path, written, *within), text)
        level = self.level(key)
        if level < 0:
            own = self.layers[-1]
            return own.document.problem((*own.path, key), text)
        layer = self.layers[level]
        return layer.document.problem((*layer.path_of(key), *within), text)
