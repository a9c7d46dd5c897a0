"""Compiles source code below the roots: of Python 3, of Python 2, and of Python 3 that uses what is gone."""

from __future__ import annotations

import ast
import logging
import warnings
from typing import NamedTuple

from exporter.tf1.surface.python2.global_statements import with_early_globals
from exporter.tf1.surface.python2.idiom import imports_python2, is_python3_only, python2_line
from exporter.tf1.surface.python2.meaning import with_python2_meaning
from exporter.tf1.surface.python2.old_methods import with_old_methods
from exporter.tf1.surface.python2.translation import python2_tree

__all__ = ["OldSource", "old_tree"]


_LOG = logging.getLogger("exporter")


class OldSource(NamedTuple):
    """A module's changed tree; whether it is Python 2, and so beyond doubt that no Python 3 could import it."""

    tree: ast.Module
    is_python2: bool
    is_beyond_doubt: bool


def old_tree(data: bytes, path: str, is_of_python2: bool = False) -> OldSource:
    """Returns a module's tree, changed so that it means today what it meant then.

    Args:
        data: the module's bytes.
        path: its file, which the tree's code and its tracebacks name.
        is_of_python2: whether a module imports it that no Python 3 could import. Then it is Python 2 too, unless its syntax
            is of Python 3.

    Raises:
        SyntaxError: it parses neither as Python 3 nor as Python 2.
        ModelError: it is Python 2, and fissix is not installed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        try:
            tree = _with_usable_globals(ast.parse(data, path), path)
            compile(tree, path, "exec", dont_inherit=True)
            beyond_doubt = imports_python2(tree) or (is_of_python2 and not is_python3_only(tree))
            line = python2_line(tree)
            python2 = beyond_doubt or line is not None
            if python2:
                _LOG.info("%s%s is taken as Python 2: / divides integers to integers, range and zip are lists.", path,
                          f", line {line}," if line else "")
        except SyntaxError as error:
            tree, python2, beyond_doubt = _with_usable_globals(python2_tree(data, path, error), path), True, True
        tree = with_old_methods(with_python2_meaning(tree) if python2 else tree)
    return OldSource(tree, python2, beyond_doubt)


def _with_usable_globals(tree: ast.Module, path: str) -> ast.Module:
    """Returns the tree; with `global` statements before the names that they are for, where it does not compile for them."""
    try:
        compile(tree, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        if "global declaration" in error.msg:
            return with_early_globals(tree)
    return tree
