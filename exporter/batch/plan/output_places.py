"""Output directories of a batch: none may be another's, lie within another, or hold what is read."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from exporter.storage.places import is_remote, local_path, normalized


@dataclass(frozen=True)
class Conflict:
    """Two places that get into each other's way.

    Attributes:
        outer: position of the output that holds the other, in the order in which they were given; the first of two equals.
        inner: position of the other output, or of the thing that is read.
        is_equal: both are the same place.
        is_read: the inner one is read.
    """

    outer: int
    inner: int
    is_equal: bool
    is_read: bool


class Places:
    """Turns paths into real ones: symbolic links are followed, each directory's once."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def real(self, place: str) -> str:
        """Returns the one spelling of a place that all others of it share."""
        if is_remote(place):
            protocol, mark, path = normalized(place).partition("://")
            return f"{protocol}{mark}{posixpath.normpath(path)}"
        parent, name = os.path.split(local_path(place).rstrip("/") or "/")
        if name in ("", os.curdir, os.pardir):
            return os.path.realpath(local_path(place))
        if parent not in self._parents:
            self._parents[parent] = os.path.realpath(parent)
        path = os.path.join(self._parents[parent], name)
        return os.path.realpath(path) if os.path.islink(path) else path


def conflicts(outputs: Iterable[str], inputs: Iterable[str]) -> Iterator[Conflict]:
    """Yields every pair of places that collide.

    Args:
        outputs: real places that are replaced.
        inputs: real places of directories that are read.
    """
    entries = [(_as_prefix(place), False, number) for number, place in enumerate(outputs)]
    entries += [(_as_prefix(place), True, number) for number, place in enumerate(inputs)]
    around: list[tuple[str, int]] = []  # the outputs that the current place lies within, the outermost first
    for place, is_read, number in sorted(entries):
        while around and not place.startswith(around[-1][0]):
            around.pop()
        if around:
            outer, outer_number = around[-1]
            yield Conflict(outer_number, number, place == outer, is_read)
        if not is_read and not (around and around[-1][0] == place):
            around.append((place, number))


def _as_prefix(place: str) -> str:
    return place if place.endswith("/") else f"{place}/"
