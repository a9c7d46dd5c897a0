"""Nodes to plain values: text, numbers, booleans, None, lists and mappings; nothing else can come out of a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.constructor import ConstructorError, SafeConstructor

from exporter.batch.config.nodes import (
    BOOL,
    DEEPEST,
    FLOAT,
    INT,
    MAPPING,
    MERGE,
    MOST_NODES,
    NULL,
    ODD_TEXT,
    SEQUENCE,
    STR,
    TIMESTAMP,
    TextError,
    line_and_column,
)
from exporter.batch.config.readings import is_word, scalar_problem
from exporter.batch.config.words import KeyPath, found, shortened

Report = Callable[[KeyPath, yaml.Node, str], None]
"""Is told of the path, the node and the text of a problem."""

_FREE_MAPPINGS = "model_args"
_OPEN_VALUES = (_FREE_MAPPINGS, "fix")


@dataclass(frozen=True)
class _Built:
    """A list or mapping; ``size`` and ``depth`` count it as if every alias were written out."""

    value: Any
    size: int
    depth: int


class ValueBuilder:
    """Builds the values of one document. Aliases share one value, and are built once.

    Args:
        report: is told of duplicate keys, keys that are no text, and values of unknown tags; the value is then left away.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._built: dict[int, _Built | None] = {}
        self._path: list[Any] = []
        self._is_reported = False
        self._scalars = SafeConstructor()

    def build(self, node: yaml.Node, path: KeyPath = ()) -> Any:
        """Returns a node's value.

        Raises:
            TextError: an alias holds itself, or written out the document would be too large or too deep.
        """
        self._path = list(path)
        return self._build(node)[0]

    def _build(self, node: yaml.Node) -> tuple[Any, int, int]:
        if type(node) is yaml.ScalarNode:
            return self.scalar(node), 1, 0
        if id(node) not in self._built:
            self._built[id(node)] = None  # open: whoever meets it now is inside of it
            built = self._mapping(node) if isinstance(node, yaml.MappingNode) else self._sequence(node)
            if built.size > MOST_NODES:
                raise TextError(f"more than {MOST_NODES} values, aliases written out.", *line_and_column(node))
            if built.depth > DEEPEST:
                raise TextError(f"nested more than {DEEPEST} deep, aliases written out.", *line_and_column(node))
            self._built[id(node)] = built
        known = self._built[id(node)]
        if known is None:
            raise TextError("an alias to something that it is a part of.", *line_and_column(node))
        return known.value, known.size, known.depth

    def _sequence(self, node: yaml.Node) -> _Built:
        if node.tag != SEQUENCE:
            self._refuse_tag(node)
        values, size, depth = [], 1, 0
        for index, child in enumerate(node.value):
            if child.tag == STR:
                values.append(child.value)
                size += 1
                continue
            self._path.append(index)
            value, child_size, child_depth = self._build(child)
            self._path.pop()
            values.append(value)
            size, depth = size + child_size, max(depth, child_depth)
        return _Built(values, size, depth + 1)

    def _mapping(self, node: yaml.Node) -> _Built:
        if node.tag != MAPPING:
            self._refuse_tag(node)
        values: dict[Any, Any] = {}
        merged: list[dict[Any, Any]] = []
        size, depth = 1, 0
        for key_node, child in node.value:
            if key_node.tag == MERGE:
                sources, child_size, child_depth = self._merge_sources(child)
                merged += sources
            else:
                key = key_node.value if key_node.tag == STR else self._odd_key(key_node)
                if key is _NO_KEY:
                    continue
                self._path.append(key)
                if key in values:
                    self._report(tuple(self._path), key_node, "given twice. Remove one of the two.")
                value, child_size, child_depth = (child.value, 1, 0) if child.tag == STR else self._build(child)
                values[key] = value
                self._path.pop()
            size, depth = size + child_size + 1, max(depth, child_depth)
        for source in merged:  # the first that has a key wins, and the mapping's own keys win over all
            values = {**source, **values} if source else values
        return _Built(values, size, depth + 1)

    def _merge_sources(self, node: yaml.Node) -> tuple[list[dict[Any, Any]], int, int]:
        value, size, depth = self._build(node)
        sources = value if isinstance(value, list) else [value]
        if all(isinstance(source, dict) for source in sources):
            return sources, size, depth
        self._report((*self._path, "<<"), node, f"found {found(value)}, expected a mapping or a list of mappings to merge.")
        return [], size, depth

    def _odd_key(self, node: yaml.Node) -> Any:
        """Returns a key that is no text where such are allowed: deep within a model's arguments."""
        if type(node) is not yaml.ScalarNode:
            self._report((*self._path, "?"), node, "a list or mapping can't be a key. Write text that begins with { or [ in "
                         "quotes.")
            return _NO_KEY
        self._is_reported = False
        is_free = _FREE_MAPPINGS in self._path[:-1]
        self._path.append(node.value)
        key = self.scalar(node) if node.tag != ODD_TEXT or not is_word(node.value) else node.value
        if not isinstance(key, str) and not is_free and not self._is_reported:
            self._tell(node, f"found {found(key)} as a key{read_as(node, key)}, expected text. Write it in quotes.")
        self._path.pop()
        return _NO_KEY if self._is_reported else key

    def scalar(self, node: yaml.Node) -> Any:
        """Returns a scalar's value; None, after it was reported, where there is none."""
        self._is_reported = False
        if node.tag not in _SCALARS:
            self._refuse_tag(node)
            return None
        try:
            if not is_word(node.value) or any(key in self._path[:-1] for key in _OPEN_VALUES):  # else the type tells
                problem = scalar_problem(node.tag, node.value)
                if problem:
                    self._tell(node, problem)
                    return None
            return _SCALARS[node.tag](self._scalars, node)
        except (ValueError, ConstructorError, KeyError, IndexError):
            self._tell(node, f"{shortened(node.value)} can't be read as {node.tag.rpartition(':')[2]}. Write it in quotes, "
                             "if text is meant.")
            return None

    def _tell(self, node: yaml.Node, text: str) -> None:
        self._is_reported = True
        self._report(tuple(self._path), node, text)

    def _refuse_tag(self, node: yaml.Node) -> None:
        if node.tag == TIMESTAMP:
            text = f"found a date (YAML reads {node.value} as that), which is never expected. Write it in quotes."
        else:
            tag = node.tag.replace("tag:yaml.org,2002:", "!!")
            text = f"the tag {tag} can't be used. Write plain text, numbers, lists and mappings."
        self._tell(node, text)


def read_as(node: yaml.Node | None, value: Any) -> str:
    """Returns `` (YAML reads no as that)`` where a plain scalar is written otherwise than what it means."""
    if not isinstance(node, yaml.ScalarNode) or node.style in ("'", '"', "|", ">") or isinstance(value, str):
        return ""
    as_written = "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    written = node.value if len(node.value) < 100 else shortened(node.value)
    return f" (YAML reads {written or 'no value'} as that)" if node.value not in (as_written, "") else ""


_NO_KEY = object()
_SCALARS: dict[str, Callable[[Any, Any], Any]] = {
    STR: lambda builder, node: node.value,
    ODD_TEXT: lambda builder, node: node.value,
    BOOL: lambda builder, node: builder.construct_yaml_bool(node),
    INT: lambda builder, node: builder.construct_yaml_int(node),
    FLOAT: lambda builder, node: builder.construct_yaml_float(node),
    NULL: lambda builder, node: None,
}
