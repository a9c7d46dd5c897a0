"""YAML text to nodes: safe against texts that are made to exhaust memory or the stack."""

from __future__ import annotations

import re
from typing import Any

import yaml

LARGEST_FILE = 16 << 20
MOST_NODES = 1_000_000
DEEPEST = 100

STR, BOOL, INT, FLOAT, NULL, MERGE, MAPPING, SEQUENCE, TIMESTAMP = (f"tag:yaml.org,2002:{name}" for name in (
    "str", "bool", "int", "float", "null", "merge", "map", "seq", "timestamp"))
ODD_TEXT = "tag:yaml.org,2002:str, a number or boolean to others"
"""The tag of plain text that is not to everyone: 1e3, 0o17 and -.5 are numbers in YAML 1.2, y and n booleans in 1.1."""

_UNPRINTABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNQUOTED_PLACEHOLDER = re.compile(r"[:\-,\[]\s+\{(?:env:)?\w+\}")
_ODD_TEXT = re.compile(r"[yYnN]|0o[0-7]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_ADVICE = {
    "character that cannot start any token": "Indent with spaces, not with tabs; write text that begins with one of "
                                             "% @ ` * & ! | > in quotes.",
    "mapping values are not allowed": "A text with a colon and a space in it needs quotes; all keys of a mapping begin in "
                                      "one column.",
    "found another document": "Write one document per file; give several files on the command line.",
    "found undefined alias": "Define it before, with &; or write the text in quotes.",
}


class TextError(Exception):
    """A text is no YAML that can be used.

    Args:
        text: what is wrong, and what to do.
        line: from 1; 0 where there is none.
        column: from 1; 0 where there is none.
    """

    def __init__(self, text: str, line: int = 0, column: int = 0) -> None:
        super().__init__(text, line, column)
        self.text, self.line, self.column = text, line, column


class _Limits:
    """Mixed into PyYAML's loaders: counts nodes and depth while they are composed, and remembers what plain scalars are.

    The C loader would crash on a deep text, and a text of 16 MiB may have enough nodes to fill the memory.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)  # type: ignore[call-arg]  # the loader's
        self._nodes, self._depth = 0, 0
        self._tags: dict[str, str] = {}

    def descend_resolver(self, parent: Any, index: Any) -> None:
        """Counts a node that is about to be composed; raises a YAML error where there are too many, or too deep ones."""
        self._nodes += 1
        self._depth += 1
        if self._depth > DEEPEST:
            raise _error_at(parent, f"nested more than {DEEPEST} deep.")
        if self._nodes > MOST_NODES:
            raise _error_at(parent, f"more than {MOST_NODES} values. Divide the file into several.")

    def ascend_resolver(self) -> None:
        """Leaves the node."""
        self._depth -= 1

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        """Returns the tag of a node without one: YAML 1.1's, or ODD_TEXT for text that YAML 1.2 reads as something else."""
        if kind is not yaml.ScalarNode:
            return MAPPING if kind is yaml.MappingNode else SEQUENCE
        if not implicit[0]:
            return STR
        tag = self._tags.get(value)
        if tag is None:
            tag = super().resolve(kind, value, implicit)  # type: ignore[misc]  # the loader's
            self._tags[value] = tag = ODD_TEXT if tag == STR and _ODD_TEXT.fullmatch(value) else tag
        return tag


_Loader: Any = type("_Loader", (_Limits, getattr(yaml, "CSafeLoader", yaml.SafeLoader)), {})


def compose(content: bytes | str) -> yaml.Node:
    """Returns the root node of the one document in a text.

    Raises:
        TextError: it is empty, not UTF-8, no YAML, or has more than one document.
    """
    text = content if isinstance(content, str) else _decoded(content)
    _refuse_unprintable(text)
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise _text_error(error, text) from error
    finally:
        loader.dispose()
    if root is None:
        raise TextError("the file is empty. It needs version: 1 and exports.")
    assert isinstance(root, yaml.Node)
    return root


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[:error.start]
        raise TextError("not UTF-8. Save the file in this encoding.", before.count(b"\n") + 1,
                        error.start - before.rfind(b"\n")) from error


def _refuse_unprintable(text: str) -> None:
    match = _UNPRINTABLE.search(text)
    if match:
        raise TextError(f"the control character {match[0]!r}. Remove it, or write it as an escape in double quotes.",
                        text.count("\n", 0, match.start()) + 1, match.start() - text.rfind("\n", 0, match.start()))


def _error_at(node: Any, text: str) -> TextError:
    return TextError(text, *line_and_column(node)) if node is not None else TextError(text)


def line_and_column(node: yaml.Node) -> tuple[int, int]:
    """Returns where a node begins, both from 1."""
    return node.start_mark.line + 1, node.start_mark.column + 1


def _text_error(error: yaml.MarkedYAMLError, text: str) -> TextError:
    mark = error.problem_mark or error.context_mark
    problem = str(error.problem or error.context)
    advice = next((advice for part, advice in _ADVICE.items() if part in problem), "")
    if mark is None:
        return TextError(f"not YAML: {problem}. {advice}".strip())
    lines = text.splitlines()
    if any(_UNQUOTED_PLACEHOLDER.search(line) for line in lines[max(0, mark.line - 1):mark.line + 1]):
        advice = "A value that begins with a placeholder needs quotes: \"{name}/model\"."
    context = f"{error.context}: " if error.context and error.problem else ""
    if context and error.context_mark is not None and error.context_mark.line < mark.line:
        context = f"{error.context} that begins in line {error.context_mark.line + 1}: "
    return TextError(f"not YAML: {context}{problem}. {advice}".strip(), mark.line + 1, mark.column + 1)
