"""Checking a document against the schema: pydantic's errors as problems with places, in the words of YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from exporter.batch.config.document import Document
from exporter.batch.config.problems import Problem, Problems
from exporter.batch.config.schema import VERSION, file_schema, keys_at
from exporter.batch.config.values import read_as
from exporter.batch.config.words import CHECKPOINT_KEY, PREFIX_OPTION, KeyPath, did_you_mean, found, nearest_of

_EXPECTED = {"string_type": "text", "bool_type": "true or false", "int_type": "a whole number", "float_type": "a number",
             "list_type": "a list", "dict_type": "a mapping"}
_EXPECTED_OF = {
    "steps": "all, latest, a list of steps such as [1000, 2000], or a mapping such as {every: 5000}",
    "input_shape": "a list such as [-1, 28, 28, 3], or a mapping from names to such lists",
}
_PATHS = (CHECKPOINT_KEY, PREFIX_OPTION, "input_graph", "output_directory", "verification_inputs")
_NUMBER = re.compile(r"[-+]?(\d[\d_]*)(\.\d*)?[eE][-+]?\d+")
_MAPPING_ITEM = re.compile(r"[^=]+=>?.*")


def check(document: Document, problems: Problems) -> None:
    """Tells ``problems`` of everything in a document that does not fit the schema, and marks it as faulty."""
    _check_version(document, problems)
    try:
        file_schema().validate_python(document.values)
    except ValidationError as error:
        for problem in _problems_of(document, error.errors(include_url=False)):
            if not document.is_faulty(problem.path):
                document.mark_faulty(problem.path)
                problems.add(problem)
    for path, mapping in _mappings(document.values):
        for problem in _further_problems(document, path, mapping):
            document.mark_faulty(problem.path)
            problems.add(problem)


def _check_version(document: Document, problems: Problems) -> None:
    version = document.values.get("version", VERSION)
    if type(version) is int and version == VERSION:
        return
    advice = f"Write version: {VERSION}."
    if type(version) is int and version > VERSION:
        advice = "The file was written for a newer version of this program: update the program."
    document.mark_faulty(("version",))
    problems.add(document.problem(("version",), f"found {found(version)}, expected {VERSION}. {advice}"))


def _problems_of(document: Document, errors: list[Any]) -> Iterator[Problem]:
    """Yields one problem per faulty value; of a value that may be of several types, that of the type which fits furthest."""
    unions: dict[KeyPath, list[tuple[KeyPath, Any]]] = {}
    for error in errors:
        path, union = _path_in(document.values, error["loc"], error["type"] in ("missing", "invalid_key"))
        if union is None:
            yield _problem(document, path, error)
        else:
            unions.setdefault(union, []).append((path, error))
    for union, found_errors in unions.items():
        deepest = max(len(path) for path, _ in found_errors)
        furthest = [entry for entry in found_errors if len(entry[0]) == deepest]
        path, error = next((entry for entry in furthest if entry[1]["type"] == "extra_forbidden"), furthest[0])
        yield _problem(document, path, error, union if deepest == len(union) else None)


def _path_in(values: Any, location: tuple[Any, ...], may_be_missing: bool) -> tuple[KeyPath, KeyPath | None]:
    """Returns the path of pydantic's location, which names types of unions too; and that of the outermost union."""
    path: list[Any] = []
    union: KeyPath | None = None
    for number, step in enumerate(location):
        is_last = number == len(location) - 1
        if _has(values, step):
            values = values[step]
            path.append(step)
        elif is_last and may_be_missing:
            path.append(step)
        elif step != "[key]" and union is None:
            union = tuple(path)
    return tuple(path), union


def _has(values: Any, step: Any) -> bool:
    return step in values if isinstance(values, dict) else (
        isinstance(values, list) and isinstance(step, int) and step < len(values))


def _problem(document: Document, path: KeyPath, error: Any, union: KeyPath | None = None) -> Problem:
    kind = error["type"]
    if kind == "extra_forbidden":
        return document.problem(path, _unknown_key(path), of_key=True)
    if kind == "missing":
        return document.problem(path, _missing(path))
    if kind in ("invalid_key", "string_type") and error["loc"][-1] in ("[key]",):
        return document.problem(path, f"found {found(path[-1])} as a key, expected text. Write it in quotes.", of_key=True)
    value = _value_at(document.values, path)
    expected = _expected(path, error, union)
    node = document.node(path)
    return document.problem(path, f"found {found(value)}{read_as(node, value)}, expected {expected}."
                            f"{_advice(path, value, expected)}")


def _unknown_key(path: KeyPath) -> str:
    key, known = str(path[-1]), keys_at(path[:-1])
    if path[:-1] == () and key in keys_at(("exports", 0)):
        return "unknown key here. It belongs to defaults or to one of the exports."
    if path == ("defaults", "name"):
        return "unknown key here. Give each of the exports a name of its own."
    if key in ("name", "steps", "matrix") and path[-2] == "matrix":
        return "a matrix has options only."
    suggestion = did_you_mean(key, known)
    return f"unknown key.{suggestion}" if suggestion else "unknown key. See --print_schema for all keys."


def _missing(path: KeyPath) -> str:
    advice = {"version": "Write version: 1.", "name": "Give the export a name.", "every": "Write {every: 5000}."}
    return f"missing. {advice.get(str(path[-1]), '')}".rstrip()


def _expected(path: KeyPath, error: Any, union: KeyPath | None) -> str:
    """Returns what was expected, for "expected ..."."""
    option = str(path[-2] if path and isinstance(path[-1], int) and len(path) > 1 else path[-1] if path else "")
    if union is not None and option in _EXPECTED_OF:
        return _EXPECTED_OF[option]
    kind, context = error["type"], error.get("ctx", {})
    if kind in _EXPECTED:
        return _EXPECTED[kind]
    if kind == "too_short":
        has_default = option == "formats" and path[-2:-1] != ("matrix",)
        return "at least one value. Leave it away for the default" if has_default else "at least one value"
    if kind == "string_too_short":
        return "some text"
    if kind in ("greater_than", "greater_than_equal"):
        return f"a number of at least {context.get('ge', context.get('gt', 0) + 1)}"
    return str(context.get("expected", error["msg"]))


def _advice(path: KeyPath, value: Any, expected: str) -> str:
    """Returns what to do about a value of the wrong type, with a space before it; nothing where it is plain."""
    if expected.startswith("text"):
        if isinstance(value, dict) and len(value) == 1 and next(iter(value.values())) is None:
            return f" Write it in quotes, if a placeholder is meant: \"{{{next(iter(value))}}}\"."
        if isinstance(value, bool | int | float):
            return " Write it in quotes, if it is text."
    if not isinstance(value, str):
        is_step = path[-1] == "steps" and isinstance(value, int) and not isinstance(value, bool)
        return f" Write [{value}]." if is_step and len(str(value)) < 20 else ""
    if expected == "a mapping" and path[-1] in ("variable_map", "fix") and _MAPPING_ITEM.fullmatch(value):
        key, _, entry = value.partition("=>" if "=>" in value else "=")
        return f" Write {{{json.dumps(key)}: {entry if entry and path[-1] == 'fix' else json.dumps(entry)}}}."
    if expected.startswith("a list") and value:
        return f" Write [{', '.join(part.strip() for part in value.split(','))}]."
    if "number" in expected and (match := _NUMBER.fullmatch(value)) and not match[2]:
        with_point = re.sub("([eE])", r".0\1", value, count=1)
        return f" Numbers with an exponent need a point in YAML: {with_point}."
    if expected == "true or false" and value.lower() in ("true", "false"):
        return " Leave the quotes away."
    nearest = nearest_of(value, ("all", "latest")) if path[-1] == "steps" else ""
    return f" Did you mean {nearest}?" if nearest else ""


def _value_at(values: Any, path: KeyPath) -> Any:
    for step in path:
        values = values[step]
    return values


def _mappings(values: dict[str, Any]) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Yields the defaults and the exports."""
    if isinstance(defaults := values.get("defaults"), dict):
        yield ("defaults",), defaults
    exports = values.get("exports")
    for index, export in enumerate(exports if isinstance(exports, list) else ()):
        if isinstance(export, dict):
            yield ("exports", index), export


def _further_problems(document: Document, path: KeyPath, mapping: dict[str, Any]) -> Iterator[Problem]:
    """Yields what a schema can't say: one thing given in two words, and one value given twice."""
    matrix = mapping.get("matrix")
    matrix = matrix if isinstance(matrix, dict) else {}
    for where, entry in ((path, mapping), ((*path, "matrix"), matrix)):
        if CHECKPOINT_KEY in entry and PREFIX_OPTION in entry:
            yield document.problem((*where, PREFIX_OPTION), f"given beside {CHECKPOINT_KEY}, which means the same. Remove "
                                   "one of the two.", of_key=True)
    for key in _PATHS:
        if str(mapping.get(key, "")).startswith("~"):
            yield document.problem((*path, key), "found a path that begins with ~, which nothing expands here. Write "
                                   "\"{env:HOME}/...\".")
    for key in ("formats", "input_shape"):
        choices = matrix.get(key)
        yield from _list_problems(document, (*path, key), mapping.get(key))
        for index, value in enumerate(choices if isinstance(choices, list) else ()):
            yield from _list_problems(document, (*path, "matrix", key, index), value)
    yield from _repeated(document, (*path, "steps"), mapping.get("steps"))
    for key, values in matrix.items():
        yield from _repeated(document, (*path, "matrix", key), values)


def _list_problems(document: Document, path: KeyPath, value: Any) -> Iterator[Problem]:
    """Yields what is wrong with a list of formats or with a shape, besides the type of what is in it."""
    if "formats" in path:
        yield from _repeated(document, path, value)
    elif value == []:
        yield document.problem(path, f"found an empty list, expected {_EXPECTED_OF['input_shape']}.")


def _repeated(document: Document, path: KeyPath, values: Any) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, value in enumerate(values if isinstance(values, list) else ()):
        if repr(value) in seen:
            yield document.problem((*path, index), f"found {found(value)} a second time. Remove it.")
        seen.add(repr(value))
