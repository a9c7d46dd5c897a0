"""The syntax tree of a module, which may be Python 2."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path

from exporter.tf1.surface.python2.translation import decode, translate

__all__ = ["read_syntax_tree"]


def read_syntax_tree(file: Path) -> ast.Module:
    """Parses a module, translated first if it is Python 2; runs nothing of it.

    Raises:
        OSError: it can't be read.
        SyntaxError, ValueError, RecursionError: it is no Python.
        ModelError: it is Python 2, and what translates it is not installed.
    """
    data = file.read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        try:
            return ast.parse(data, str(file))
        except SyntaxError as error:
            return ast.parse(translate(decode(data), str(file), error), str(file))
