"""``--set exports.0.input_type=tf_example``: values that lie over what config files say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
            targets = _targets(path, documents)
            node, value = _value(text, targets[0].path if targets else ())
            for target in targets:
                target.document.override(_with_defaults(target), str(place), target.shown_path, node, value)
        except (_OverrideError, TextError, TypeError) as error:
            text = error.text if isinstance(error, TextError) else str(error)
            if isinstance(error, TypeError):
                text = f"leads into {text}. Give the whole value."
            problems.add(Problem(place, (), text))


@dataclass(frozen=True)
class _Target:
    """What an argument sets: the path in a document, and the same counted through the exports of all of them."""

    document: Document
    path: KeyPath
    shown_path: KeyPath


@dataclass(frozen=True)
class _Export:
    """An export: its document, its positions there and in all documents, and what it says."""

    document: Document
    index: int
    number: int
    values: dict[str, Any]


def _value(text: str, path: KeyPath) -> tuple[yaml.Node, Any]:
    faults: list[str] = []
    node = compose(text) if text.strip() else compose("''")
    value = ValueBuilder(lambda path, node, fault: faults.append(fault)).build(node, path)
    if faults:
        raise _OverrideError(faults[0])
    return node, value


def _targets(path: str, documents: Sequence[Document]) -> list[_Target]:
    """Returns what a path leads to; in every document where it begins with defaults."""
    head, _, rest = path.partition(".")
    if head == "defaults" and rest:
        paths = [_steps(document.values.get("defaults"), ("defaults",), rest) for document in documents]
        return [_Target(document, steps, steps) for document, steps in zip(documents, paths, strict=True)]
    if head == "exports" and rest:
        exports = [(document, index, entry) for document in documents
                   for index, entry in enumerate(_exports(document)) if isinstance(entry, dict)]
        chosen, rest = _chosen([_Export(document, index, number, entry)
                                for number, (document, index, entry) in enumerate(exports)], rest)
        if not rest:
            raise _OverrideError(f"names an export and no key of it. {_FORM}")
        return [_Target(export.document, ("exports", export.index, *steps), ("exports", export.number, *steps))
                for export in chosen for steps in [_steps(export.values, (), rest)]]
    raise _OverrideError(f"the path begins with {shortened(head)}, expected exports or defaults and a key."
                         f"{did_you_mean(head, ('exports', 'defaults'))} {_FORM}")


def _exports(document: Document) -> list[Any]:
    exports = document.values.get("exports")
    return exports if isinstance(exports, list) else []


def _chosen(exports: list[_Export], path: str) -> tuple[list[_Export], str]:
    """Returns the exports that a path names, by position or by name, and the rest of the path."""
    head, _, rest = path.partition(".")
    if head.isdecimal() and int(head) < len(exports):
        return [exports[int(head)]], rest
    names = [str(export.values.get("name")) for export in exports]
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


def _with_defaults(target: _Target) -> KeyPath:
    """Lets an export begin with the defaults' mapping, where one key is set in a mapping that it does not have itself."""
    document, path = target.document, target.path
    defaults = document.values.get("defaults")
    if path[0] == "exports" and len(path) > 3 and isinstance(defaults, dict):
        option, entry = path[2], document.values["exports"][path[1]]
        if option not in entry and isinstance(defaults.get(option), dict):
            document.inherit(path[:3], defaults[option])
    return path
