"""Translates modules that are Python 2 and don't parse as Python 3, with fissix, the maintained fork of lib2to3.

The syntax is translated in place, so that the lines keep their numbers: print statements, ``except X, error``, backticks,
``<>``, octals, `exec` and `raise` statements, tuples as parameters, tabs among spaces. What words mean that are the same in
both (``/``, `range`) is for `meaning`. Renamed modules and builtins are not translated: the surface has them.
"""

from __future__ import annotations

import ast
import difflib
import importlib
import io
import re
import tokenize
import warnings
from types import CodeType

from exporter.errors import ModelError

__all__ = ["compile_python2", "decode", "expand_tabs", "python2_tree", "translate"]

_FIXES = ("apply", "except", "exec", "funcattrs", "methodattrs", "ne", "metaclass", "numliterals", "paren", "print", "raise",
          "repr", "throw", "tuple_params", "unicode")
_FIXERS = [f"fissix.fixes.fix_{name}" for name in _FIXES]
_INSTALL = "pip install fissix"


def compile_python2(data: bytes, path: str, error: SyntaxError) -> CodeType:
    """Translates and compiles a module; takes and raises what `python2_tree` does."""
    code: CodeType = compile(python2_tree(data, path, error), path, "exec", dont_inherit=True)
    return code


def python2_tree(data: bytes, path: str, error: SyntaxError) -> ast.Module:
    """Translates a module; returns its tree, with the original's line numbers.

    Args:
        data: the module's bytes.
        path: its file, which the code object and its tracebacks name.
        error: what Python 3 said to it; raised again if it is no Python 2 either.

    Raises:
        SyntaxError: it parses as neither.
        ModelError: fissix is not installed.
    """
    original = decode(data)
    source = translate(original, path, error)
    try:
        tree = ast.parse(source, path)
    except SyntaxError:
        raise error from None
    _number_as(tree, original, source)
    return tree


def _number_as(tree: ast.Module, original: str, source: str) -> None:
    """Numbers the tree's lines as the original's, where the translation added some (tuples as parameters do)."""
    if source.count("\n") <= original.rstrip("\n").count("\n") + 1:
        return
    numbers = [0]
    matcher = difflib.SequenceMatcher(None, expand_tabs(original).splitlines(), source.splitlines(), autojunk=False)
    for _, start, stop, new_start, new_stop in matcher.get_opcodes():
        last = max(start + 1, stop)
        numbers += [min(start + 1 + offset, last) for offset in range(new_stop - new_start)]
    for node in ast.walk(tree):
        for field in ("lineno", "end_lineno"):
            if getattr(node, field, None):
                setattr(node, field, numbers[min(getattr(node, field), len(numbers) - 1)])


def translate(source: str, path: str, error: SyntaxError) -> str:
    """Returns the module's text in Python 3's syntax; the lines keep their numbers.

    Raises:
        SyntaxError: ``error``, if it is no Python 2 either.
        ModelError: fissix is not installed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            refactor = importlib.import_module("fissix.refactor")
            parsing = importlib.import_module("fissix.pgen2.parse")
            tokens = importlib.import_module("fissix.pgen2.tokenize")
        except ModuleNotFoundError as missing:
            raise ModelError(f"{path} is Python 2 ({error.msg}, line {error.lineno}), and fissix, which translates it, is "
                             f"not installed.", _INSTALL) from missing
        tool = refactor.RefactoringTool(_FIXERS, {"print_function": "print_function" in source})
        text = expand_tabs(source if source.endswith("\n") else f"{source}\n")
        try:
            return str(tool.refactor_string(text, path))
        except (parsing.ParseError, tokens.TokenError, IndentationError) as python2_error:
            raise _further(error, python2_error, text) from None


def _further(error: SyntaxError, python2_error: Exception, text: str) -> SyntaxError:
    """The complaint that is further down: a module whose first part is Python 2 fails where it is that no more."""
    line, column = (error.lineno or 0), 0
    if isinstance(python2_error, SyntaxError):
        line = python2_error.lineno or 0
    elif place := getattr(python2_error, "context", None):
        line, column = place[1]
    elif len(python2_error.args) > 1:
        line, column = python2_error.args[1]
    lines = text.splitlines()
    if line <= (error.lineno or 0) or line > len(lines):
        return error
    return SyntaxError("invalid syntax, in Python 2 as well", (error.filename, line, column + 1, lines[line - 1]))


def expand_tabs(source: str) -> str:
    """Returns the text with the tabs of its indentation expanded to columns of eight, as Python 2 reads them.

    Lines inside of strings in triple quotes stay as they are.
    """
    lines: list[str] = []
    quote = ""
    for line in source.splitlines(keepends=True):
        body = line.lstrip(" \t")
        indentation = line[:len(line) - len(body)]
        lines.append(line if quote else indentation.expandtabs(8) + body)
        quote = _open_quote(line, quote)
    return "".join(lines)


_STRING_PARTS = re.compile(r"""\\.|\"\"\"|'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\#[^\n]*""", re.DOTALL)


def _open_quote(line: str, quote: str) -> str:
    """The triple quote that is open at the line's end, given the one open at its start; empty for none."""
    position = 0
    while position < len(line):
        if quote:
            end = line.find(quote, position)
            if end < 0:
                return quote
            position, quote = end + 3, ""
        part = _STRING_PARTS.search(line, position)
        if part is None:
            return ""
        position = part.end()
        quote = part.group() if part.group() in ('"""', "'''") else ""
    return quote


def decode(data: bytes) -> str:
    """Python 2 read a file without a coding line as bytes: what is no UTF-8 is taken for latin-1."""
    encoding = "utf-8"
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return io.TextIOWrapper(io.BytesIO(data), encoding).read()
    except (SyntaxError, UnicodeDecodeError):
        return io.TextIOWrapper(io.BytesIO(data), "latin-1").read()
