"""Modules of the standard library to which Python 2 gave text where Python 3 wants bytes, and the other way round.

What fails in Python 3 works below the roots: ``hashlib.md5("abc")``, ``csv.reader(open(path, "rb"))``,
``codecs.getwriter("utf8")(sys.stdout)``. What works in Python 3 is as it is there. Text is taken as UTF-8.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["TEXT_OVERLAYS"]

_HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")


def _encoded(value: Any) -> Any:
    return value.encode("utf-8") if isinstance(value, str) else value


def _taking_text(function: Callable[..., Any], skipped: int = 0) -> Callable[..., Any]:
    """Returns the function, which takes text for bytes but in its first ``skipped`` arguments."""

    @functools.wraps(function)
    def encoding_function(*arguments: Any, **options: Any) -> Any:
        """Calls the function with bytes in the place of text."""
        return function(*arguments[:skipped], *map(_encoded, arguments[skipped:]), **options)

    return encoding_function


def _hashlib() -> dict[str, Any]:
    import hashlib

    return {**{name: _taking_text(getattr(hashlib, name)) for name in _HASHES}, "new": _taking_text(hashlib.new, 1)}


def _struct() -> dict[str, Any]:
    import struct

    return {"pack": _taking_text(struct.pack, 1)}


def _text_to_text(function: Callable[[bytes], bytes]) -> Callable[..., Any]:
    """Returns a function of bytes, which of text makes text."""

    @functools.wraps(function)
    def convert(value: Any, *arguments: Any) -> Any:
        """Converts text as well as bytes."""
        if isinstance(value, str):
            return function(value.encode("utf-8"), *arguments).decode("ascii")
        return function(value, *arguments)

    return convert


def _base64() -> dict[str, Any]:
    import base64

    return {"encodestring": _text_to_text(base64.encodebytes), "decodestring": _taking_text(base64.decodebytes),
            **{name: _text_to_text(getattr(base64, name)) for name in
               ("b64encode", "urlsafe_b64encode", "standard_b64encode", "b32encode", "b16encode")}}


def _is_binary(file: Any) -> bool:
    return isinstance(file, io.IOBase) and not isinstance(file, io.TextIOBase)


def _lines(file: Any) -> Any:
    """The lines of a file, as text: Python 2 wanted files of `csv` in binary mode."""
    return (line.decode("utf-8", "surrogateescape") for line in file) if _is_binary(file) else file


class _TextWriter:
    """Writes text to a binary file."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Writes the text; returns the number of bytes."""
        return int(self._file.write(text.encode("utf-8", "surrogateescape")))


def _written(file: Any) -> Any:
    return _TextWriter(file) if _is_binary(file) else file


def _csv() -> dict[str, Any]:
    import csv

    class DictReader(csv.DictReader):  # type: ignore[type-arg]
        """`csv.DictReader`."""

        def __init__(self, f: Any, *arguments: Any, **options: Any) -> None:
            super().__init__(_lines(f), *arguments, **options)

    class DictWriter(csv.DictWriter):  # type: ignore[type-arg]
        """`csv.DictWriter`."""

        def __init__(self, f: Any, *arguments: Any, **options: Any) -> None:
            super().__init__(_written(f), *arguments, **options)

    def reader(file: Any, *arguments: Any, **options: Any) -> Iterator[list[str]]:
        """`csv.reader`."""
        return csv.reader(_lines(file), *arguments, **options)

    def writer(file: Any, *arguments: Any, **options: Any) -> Any:
        """`csv.writer`."""
        return csv.writer(_written(file), *arguments, **options)

    return {"DictReader": DictReader, "DictWriter": DictWriter, "reader": reader, "writer": writer}


def _codecs() -> dict[str, Any]:
    import codecs

    def taking_text_files(get: Callable[[str], Any]) -> Callable[[str], Any]:
        """Returns the codecs by name, which take files of text too."""
        @functools.wraps(get)
        def get_kind(encoding: str) -> Any:
            """Returns the codec of an encoding."""
            kind = get(encoding)
            return lambda stream, *errors: _recoded(stream, encoding) if isinstance(stream, io.TextIOBase) else kind(
                stream, *errors)

        return get_kind

    return {"getwriter": taking_text_files(codecs.getwriter), "getreader": taking_text_files(codecs.getreader)}


def _recoded(stream: io.TextIOBase, encoding: str) -> io.TextIOBase:
    """A file of text as it is, in the encoding that is asked for, where it can change that."""
    if isinstance(stream, io.TextIOWrapper):
        stream.flush() if stream.writable() else None
        stream.reconfigure(encoding=encoding)
    return stream


TEXT_OVERLAYS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "base64": _base64, "codecs": _codecs, "csv": _csv, "hashlib": _hashlib, "struct": _struct}
"""Module -> the names that take more than today."""
