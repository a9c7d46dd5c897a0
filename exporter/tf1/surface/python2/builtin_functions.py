"""What builtins meant in Python 2, for modules that are plainly Python 2, and what their changed code calls.

`PYTHON2_BUILTINS` take the place of builtins of today in such modules only: `range`, `map`, `filter` and `zip` make lists,
`round` a float. `HIDDEN_BUILTINS` stand for methods of strings and lists, classes and statements (`meaning`).
"""

from __future__ import annotations

import ast
import builtins
import codecs
import itertools
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from exporter.tf1.surface.python2 import order
from exporter.tf1.surface.python2.classes import python2_class
from exporter.tf1.surface.python2.hidden_names import (
    AS_LIST,
    CLASSIC_DIVISION,
    CLASSIC_DIVISION_IN_PLACE,
    COMPARE,
    EITHER_METHOD,
    MESSAGE,
    NUMBER,
    PYTHON2_CLASS,
    PYTHON2_METHOD,
    SLICE,
    STAR_IMPORT,
    TEXT,
)
from exporter.tf1.surface.python2.old_methods import either_method, number

__all__ = ["HIDDEN_BUILTINS", "PYTHON2_BUILTINS", "PYTHON2_METHODS"]

_LAZY: tuple[Any, ...] = (range, map, filter, zip, type({}.keys()), type({}.values()), type({}.items()))
_BYTE_CODECS = ("hex", "base64", "bz2", "zlib", "quopri", "uu")
_DECODE: Callable[..., Any] = codecs.decode
_ENCODE: Callable[..., Any] = codecs.encode
_ESCAPES = ("string_escape", "string-escape", "unicode_escape", "unicode-escape")


def _as_list(value: Any) -> Any:
    """Returns what Python 2's `keys`, `values` and `items` did; other values unchanged."""
    return list(value) if isinstance(value, _LAZY) else value


def _range(*limits: Any) -> list[int]:
    """`range`: a list."""
    return list(range(*limits))


def _map(function: Callable[..., Any] | None, *sequences: Iterable[Any]) -> list[Any]:
    """`map`: a list; without a function it pairs; the shorter sequences are filled with `None`."""
    if len(sequences) == 1:
        return list(sequences[0]) if function is None else [function(value) for value in sequences[0]]
    rows = itertools.zip_longest(*sequences)
    return list(rows) if function is None else [function(*row) for row in rows]


def _filter(function: Callable[[Any], Any] | None, values: Iterable[Any]) -> Any:
    """`filter`: a list; a string of a string and a tuple of a tuple."""
    kept = list(filter(function, values))
    if isinstance(values, str):
        return "".join(kept)
    return tuple(kept) if isinstance(values, tuple) else kept


def _zip(*sequences: Iterable[Any]) -> list[tuple[Any, ...]]:
    """`zip`: a list."""
    return list(zip(*sequences, strict=False))


def _text(kind: type, /, *arguments: Any, **options: Any) -> Any:
    """``str(...)`` or ``unicode(...)``: of bytes, the text; of text, the same, whatever the encoding."""
    if not arguments or kind is not str:
        return kind(*arguments, **options)
    value = arguments[0]
    if isinstance(value, bytes | bytearray):
        return value.decode(*arguments[1:], **options) if len(arguments) > 1 or options else _decoded(value)
    if hasattr(type(value), "__unicode__"):
        return value.__unicode__()
    return value if isinstance(value, str) else str(value)


def _decoded(value: bytes | bytearray) -> str:
    """Bytes as text; what is no UTF-8 is taken for latin-1."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _decode(text: Any, encoding: str = "utf-8", errors: str = "strict") -> Any:
    """`str.decode`: text is text already, but for codecs that are none of characters."""
    if not isinstance(text, str):
        return text.decode(encoding, errors)
    if encoding in _BYTE_CODECS:
        return _DECODE(text.encode("latin-1"), encoding, errors).decode("latin-1")
    if encoding in _ESCAPES:
        return _DECODE(text.encode("latin-1", "backslashreplace"), "unicode_escape", errors)
    return text


def _encode(text: Any, encoding: str = "utf-8", errors: str = "strict") -> Any:
    """`str.encode`: codecs that are none of characters give text; bytes are encoded already."""
    if isinstance(text, bytes):
        return _ENCODE(text, encoding, errors).decode("latin-1") if encoding in _BYTE_CODECS else text
    if isinstance(text, str) and encoding in _BYTE_CODECS:
        return _ENCODE(text.encode("utf-8"), encoding, errors).decode("latin-1")
    if isinstance(text, str) and encoding in _ESCAPES:
        return text.encode("unicode_escape", errors).decode("ascii")
    return text.encode(encoding, errors)


def _translate(text: Any, table: Any, deleted: str | None = None) -> Any:
    """`str.translate` with characters that are left out, and a table of 256 characters."""
    if not isinstance(text, str):
        return text.translate(table) if deleted is None else text.translate(table, deleted)
    kept = text if deleted is None else "".join(letter for letter in text if letter not in deleted)
    return kept if table is None else kept.translate(table)


def _next(iterator: Any) -> Any:
    """`iterator.next()`."""
    return next(iterator)


PYTHON2_METHODS: dict[str, tuple[type | tuple[type, ...] | None, Callable[..., Any]]] = {
    "decode": (str, _decode), "encode": ((str, bytes), _encode), "translate": (str, _translate),
    "sort": (list, order.in_place_sort), "next": (None, _next)}
"""Method -> the types whose method took more in Python 2, and the function that stands for it; None: for objects that have
no method of that name.
"""


def _python2_method(value: Any, name: str) -> Any:
    """Returns a method as Python 2 had it."""
    kinds, function = PYTHON2_METHODS[name]
    if not hasattr(value, name) if kinds is None else isinstance(value, kinds):
        return lambda *arguments, **options: function(value, *arguments, **options)
    return getattr(value, name)


def _message_of(error: Any) -> Any:
    """``error.message``: an attribute of the user's, or an exception's only argument."""
    if not isinstance(error, BaseException) or hasattr(error, "message"):
        return error.message
    return error.args[0] if len(error.args) == 1 else ""


def _star_import(names: dict[str, Any], module: ModuleType) -> None:
    """``from module import *`` inside of a function: its names become the module's."""
    public = getattr(module, "__all__", None)
    if public is None:
        public = [name for name in dir(module) if not name.startswith("_")]
    names.update({name: getattr(module, name) for name in public})


def _coerce(left: Any, right: Any) -> tuple[Any, Any]:
    """Returns two numbers as numbers of one type."""
    kind = type(left + right)
    return kind(left), kind(right)


def _input(prompt: object = "") -> Any:
    """`input` of Python 2: the number, text or list that is typed. Other expressions are given as text, not evaluated."""
    typed = builtins.input(prompt)
    try:
        return ast.literal_eval(typed)
    except (ValueError, SyntaxError):
        return typed


PYTHON2_BUILTINS: dict[str, Any] = {
    "range": _range, "map": _map, "filter": _filter, "zip": _zip, "round": order.rounded,
    "sorted": order.sorted_list, "max": order.largest, "min": order.smallest, "coerce": _coerce,
    "input": _input}
"""Builtins that meant something else, by name."""

HIDDEN_BUILTINS: dict[str, Any] = {
    AS_LIST: _as_list, CLASSIC_DIVISION: order.classic_division,
    CLASSIC_DIVISION_IN_PLACE: order.classic_division_in_place, COMPARE: order.compare,
    EITHER_METHOD: either_method, MESSAGE: _message_of, NUMBER: number, PYTHON2_CLASS: python2_class,
    PYTHON2_METHOD: _python2_method, SLICE: slice, STAR_IMPORT: _star_import, TEXT: _text}
"""What changed code calls; modules below the roots all have them."""
