"""One config file: its values, and where each of them is written."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

from exporter.batch.config.nodes import LARGEST_FILE, MERGE, TextError, compose, line_and_column
from exporter.batch.config.problems import Place, Problem, Problems
from exporter.batch.config.values import ValueBuilder
from exporter.batch.config.words import KeyPath, found


@dataclass(frozen=True)
class _Override:
    """A value of ``--set``, see `Document.override`."""

    argument: str
    shown_path: KeyPath
    node: yaml.Node


class Document:
    """A config file, and the ``--set`` values that lie over it.

    Only values are kept of a text: where it says them is found out by reading it again, when there is a problem.

    Args:
        content: the file's bytes.
        faulty: paths of what has problems already.

    Attributes:
        file: its path, as messages show it.
        values: what it says: a mapping.
    """

    def __init__(self, file: str, content: bytes, values: dict[str, Any], faulty: Iterable[KeyPath]) -> None:
        self.file, self.values = file, values
        self._content = content
        self._faulty: set[KeyPath] = set()
        self._faulty_keys: dict[KeyPath, set[Any]] = {}
        for path in faulty:
            self.mark_faulty(path)
        self._overrides: dict[KeyPath, _Override] = {}

    @cached_property
    def _root(self) -> yaml.Node:
        return compose(self._content)

    def override(self, path: KeyPath, argument: str, shown_path: KeyPath, node: yaml.Node, value: Any) -> None:
        """Puts a value in its place, as ``--set`` asks for; missing mappings on the way are made.

        Args:
            path: in this document.
            argument: what messages call the place.
            shown_path: what messages call the path: its position is that in the exports of all files.
            node: the value as it is written.
            value: what it means.

        Raises:
            TypeError: a value on the way is neither a mapping nor a list.
        """
        self.values = _with_value(self.values, path, value)
        self._overrides = {known: entry for known, entry in self._overrides.items() if known[:len(path)] != path}
        self._overrides[path] = _Override(argument, shown_path, node)
        remaining = [known for known in self._faulty if known[:len(path)] != path]
        self._faulty, self._faulty_keys = set(), {}
        for known in remaining:
            self.mark_faulty(known)

    def mark_faulty(self, path: KeyPath) -> None:
        """Remembers that what is at a path has a problem, so that nothing more is to be said of it."""
        self._faulty.add(path)
        for length in range(len(path)):
            self._faulty_keys.setdefault(path[:length], set()).add(path[length])

    def is_faulty(self, path: KeyPath) -> bool:
        """Tells whether something at a path or around it has a problem."""
        return any(path[:length] in self._faulty for length in range(1, len(path) + 1))

    def faulty_keys(self, path: KeyPath) -> Set[Any]:
        """Returns the keys in a mapping that have problems, or something in them."""
        return self._faulty_keys.get(path, frozenset())

    def inherit(self, path: KeyPath, value: Any) -> None:
        """Puts a value that is written elsewhere in this document in a place where there is none."""
        self.values = _with_value(self.values, path, value)

    def place(self, path: KeyPath, of_key: bool = False) -> Place:
        """Returns where a value is written, or its key; of the nearest thing around it, where it is not written at all."""
        override = self._override_of(path)
        if override is not None:
            return Place(override[1].argument)
        key, value = self._nodes(path)
        node = key if of_key and key is not None else value
        return Place(self.file, *line_and_column(node))

    def node(self, path: KeyPath) -> yaml.Node | None:
        """Returns the node of a value that is written; None where there is none."""
        override = self._override_of(path)
        if override is not None:
            return _child(override[1].node, path[len(override[0]):])
        return _child(self._root, path)

    def problem(self, path: KeyPath, text: str, of_key: bool = False) -> Problem:
        """Returns a problem of a value, or of its key."""
        override = self._override_of(path)
        shown = None if override is None else (*override[1].shown_path, *path[len(override[0]):])[:len(path)]
        return Problem(self.place(path, of_key), path, text, shown)

    def _override_of(self, path: KeyPath) -> tuple[KeyPath, _Override] | None:
        """Returns the override that gives a value, or a part of one that is written nowhere; and its path."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._overrides:
                return path[:length], self._overrides[path[:length]]
        parts = [known for known in self._overrides if known[:len(path)] == path]
        return (parts[0], self._overrides[parts[0]]) if parts and _child(self._root, path) is None else None

    def _nodes(self, path: KeyPath) -> tuple[yaml.Node | None, yaml.Node]:
        """Returns the nodes of the last key on a path that is written, and of its value."""
        key, value = None, self._root
        for step in path:
            entry = _entry(value, step)
            if entry is None:
                break
            key, value = entry
        return key, value


def _child(node: yaml.Node, path: KeyPath) -> yaml.Node | None:
    for step in path:
        entry = _entry(node, step)
        if entry is None:
            return None
        node = entry[1]
    return node


def _entry(node: yaml.Node, step: Any) -> tuple[yaml.Node | None, yaml.Node] | None:
    """Returns a child's key and value; those that are merged in count where the mapping itself has none."""
    if isinstance(node, yaml.SequenceNode):
        known = isinstance(step, int) and 0 <= step < len(node.value)
        return (None, node.value[step]) if known else None
    if not isinstance(node, yaml.MappingNode):
        return None
    text = str(step)
    for key, value in node.value:
        if key.value == text and key.tag != MERGE:
            return key, value
    for source in (value for key, value in node.value if key.tag == MERGE):
        for mapping in source.value if isinstance(source, yaml.SequenceNode) else [source]:
            if (entry := _entry(mapping, step)) is not None:
                return entry
    return None


def _with_value(container: Any, path: KeyPath, value: Any) -> Any:
    """Returns a container with one value replaced; whatever lies beside the path is shared, not copied."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(container, list):
        return [*container[:step], _with_value(container[step], rest, value), *container[step + 1:]]
    if not isinstance(container, dict):
        raise TypeError(found(container))
    return {**container, step: _with_value(container.get(step, {}), rest, value)}


def read_document(path: str, problems: Problems) -> Document | None:
    """Reads a config file.

    Args:
        path: the file; relative paths are relative to the current directory.
        problems: is told what is wrong.

    Returns:
        The document, or None where the file can't be used at all.
    """
    problems.add_file(path)
    try:
        content = _content(path)
        root = compose(content)
        faulty: set[KeyPath] = set()
        values = ValueBuilder(_reporter(path, problems, faulty)).build(root)
    except TextError as error:
        problems.add(Problem(Place(path, error.line, error.column), (), error.text))
        return None
    if not isinstance(values, dict):
        problems.add(Problem(Place(path, *line_and_column(root)), (),
                             f"found {found(values)}, expected a mapping with version and exports."))
        return None
    return Document(path, content, values, faulty)


def _reporter(file: str, problems: Problems, faulty: set[KeyPath]) -> Callable[[KeyPath, yaml.Node, str], None]:
    def report(path: KeyPath, node: yaml.Node, text: str) -> None:
        faulty.add(path)
        problems.add(Problem(Place(file, *line_and_column(node)), path, text))

    return report


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode) and not stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode):
                raise TextError("not a file. Give a YAML file.")
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise TextError(_file_problem(path, error)) from error
    except ValueError as error:  # a null character
        raise TextError(f"not a path: {error}.") from error
    if len(content) > LARGEST_FILE:
        raise TextError(f"larger than {LARGEST_FILE >> 20} MiB. Divide the file into several.")
    return content


def _file_problem(path: str, error: OSError) -> str:
    if error.errno == errno.EISDIR:
        return "a directory. Give a YAML file."
    if error.errno == errno.ENOENT:
        folder = os.path.dirname(path) or "."
        if not os.path.isdir(folder):
            return f"there is no such file, and no directory {folder}."
        return "there is no such file. Check the path."
    return f"can't be read: {error.strerror or error}."
