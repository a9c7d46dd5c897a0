"""``--set exports.0.input_type=tf_example``: values that lie over what config files say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from exporter.batch.config.document import Document
from exporter.batch.config.nodes import TextError, compose
from exporter.batch.config.problems import Place, Problem, Problems
from exporter.batch.config.values import ValueBuilder
from exporter.batch.config.words import KeyPath, did_you_mean, shortened

_FORM = "Write for example --set exports.0.input_type=tf_example or --set defaults.verify=false."


class _OverrideError(Exception):
    """An argument of ``--set`` can't be used."""


def apply_overrides(arguments: Sequence[str], documents: Sequence[Document], problems: Problems) -> None:
    """Puts the values of ``--set`` into the documents.

    Args:
        arguments: ``PATH=VALUE`` each. The path begins with ``defaults``, which are those of every document, or with
            ``exports`` and a position in the exports of all documents or a name as it is written; the value is YAML.
        documents: in the order of their exports; changed in place.
        problems: is told what is wrong.
    """
    for argument in arguments:
        place = Place(f"--set {argument if len(argument) <= 80 else argument[:80] + '...'}")
        try:
            path, equals, text = argument.partition("=")
            if not equals:
                raise _OverrideError(f"has no =. {_FORM}")
            node, value = _value(text)
            for document, target in _targets(path, documents):
                document.override(_with_defaults(document, target), str(place), node, value)
        except (_OverrideError, TextError, TypeError) as error:
            text = error.text if isinstance(error, TextError) else str(error)
            if isinstance(error, TypeError):
                text = f"leads into {text}. Give the whole value."
            problems.add(Problem(place, (), text))


def _value(text: str) -> tuple[yaml.Node, Any]:
    faults: list[str] = []
    node = compose(text) if text.strip() else compose("''")
    value = ValueBuilder(lambda path, node, fault: faults.append(fault)).build(node)
    if faults:
        raise _OverrideError(faults[0])
    return node, value


def _targets(path: str, documents: Sequence[Document]) -> list[tuple[Document, KeyPath]]:
    """Returns the documents that a path leads into, and the path in each."""
    head, _, rest = path.partition(".")
    if head == "defaults" and rest:
        return [(document, _steps(document.values.get("defaults"), ("defaults",), rest)) for document in documents]
    if head == "exports" and rest:
        exports = [(document, index, entry) for document in documents
                   for index, entry in enumerate(_exports(document)) if isinstance(entry, dict)]
        chosen, rest = _chosen(exports, rest)
        if not rest:
            raise _OverrideError(f"names an export and no key of it. {_FORM}")
        return [(document, _steps(entry, ("exports", index), rest)) for document, index, entry in chosen]
    raise _OverrideError(f"the path begins with {shortened(head)}, expected exports or defaults and a key."
                         f"{did_you_mean(head, ('exports', 'defaults'))} {_FORM}")


def _exports(document: Document) -> list[Any]:
    exports = document.values.get("exports")
    return exports if isinstance(exports, list) else []


def _chosen(exports: list[tuple[Document, int, Any]], path: str) -> tuple[list[tuple[Document, int, Any]], str]:
    """Returns the exports that a path names, by position or by name, and the rest of the path."""
    head, _, rest = path.partition(".")
    if head.isdecimal() and int(head) < len(exports):
        return [exports[int(head)]], rest
    names = [str(entry.get("name")) for _, _, entry in exports]
    named = [name for name in names if path == name or path.startswith(f"{name}.")]
    if named:
        longest = max(named, key=len)
        return [export for export, name in zip(exports, names, strict=True) if name == longest], path[len(longest) + 1:]
    if head.isdecimal():
        raise _OverrideError(f"there is no export {head}: there are {len(exports)}, counted from 0.")
    known = f" There are: {', '.join(names[:8])}." if names else " There are none."
    raise _OverrideError(f"there is no export {shortened(head)}.{did_you_mean(head, names) or known}")


def _steps(value: Any, path: KeyPath, text: str) -> KeyPath:
    """Returns a path with the keys in a text; positions are numbers where there is a list."""
    for key in text.split("."):
        if not key:
            raise _OverrideError(f"the path has an empty key. {_FORM}")
        if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            path, value = (*path, int(key)), value[int(key)]
        elif isinstance(value, list) or (value is None and key.isdecimal()):
            there = f"a list of {len(value)}" if isinstance(value, list) else "nothing"
            raise _OverrideError(f"leads to position {key} in {there}. Give the whole list.")
        else:
            path, value = (*path, key), value.get(key) if isinstance(value, dict) else None
    return path


def _with_defaults(document: Document, path: KeyPath) -> KeyPath:
    """Lets an export begin with the defaults' mapping, where one key is set in a mapping that it does not have itself."""
    defaults = document.values.get("defaults")
    if path[0] == "exports" and len(path) > 3 and isinstance(defaults, dict):
        option, entry = path[2], document.values["exports"][path[1]]
        if option not in entry and isinstance(defaults.get(option), dict):
            document.inherit(path[:3], defaults[option])
    return path
