"""Modules that parse as Python 3, and are Python 2 all the same: they use `xrange`, `unicode`, `cPickle`, `has_key`.

They ran under Python 2 alone, so they get the rest of it too (`meaning`, `builtin_functions`). A module that asks for
its version first, or takes these names from `six` or `functools`, runs under either and is left alone.
"""

from __future__ import annotations

import ast
from types import CodeType

from exporter.tf1.surface.need import PYTHON2_BUILTINS, PYTHON2_MODULES, Names, unguarded
from exporter.tf1.surface.python2.old_methods import NUMBERS, OLD_METHODS

__all__ = ["imports_python2", "is_python3_only", "may_be_old", "python2_line"]

_METHODS = ("iteritems", "itervalues", "iterkeys", "has_key")
_WORDS = frozenset({*OLD_METHODS, *PYTHON2_BUILTINS, *PYTHON2_MODULES})


def may_be_old(code: CodeType, of_script: bool = False) -> bool:
    """Whether a module's code uses words that only Python 2 knows, or methods that are gone; they may be bound to something
    else.

    Args:
        code: the module's.
        of_script: whether a script runs the module. Then numbers that it makes, perhaps of NumPy's arrays, count too;
            networks hardly do that, and are imported as they are.
    """
    return _uses(code, _WORDS) or (of_script and "numpy" in code.co_names and _uses(code, frozenset(NUMBERS)))


def _uses(code: CodeType, words: frozenset[str]) -> bool:
    return (not words.isdisjoint(code.co_names)
            or any(_uses(constant, words) for constant in code.co_consts if isinstance(constant, CodeType)))


def python2_line(tree: ast.Module) -> int | None:
    """Returns a line by which a module that parses as Python 3 is plainly Python 2; None if it is not.

    Methods that a class of the module has itself (its own `iteritems`) show nothing.
    """
    names = Names(tree)
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    lost = frozenset(_METHODS) - own
    return next((getattr(node, "lineno", 1) for node in unguarded(tree) if _is_python2(node, names, lost)), None)


def imports_python2(tree: ast.Module) -> bool:
    """Whether a module imports, unasked, modules of Python 2 as soon as it is imported: Python 3 could not import it."""
    for statement in tree.body:
        names = [alias.name for alias in statement.names] if isinstance(statement, ast.Import) else []
        if isinstance(statement, ast.ImportFrom) and not statement.level:
            names = [str(statement.module)]
        if any(name.partition(".")[0] in PYTHON2_MODULES for name in names):
            return True
    return False


_PYTHON3 = (ast.JoinedStr, ast.Nonlocal, ast.AsyncFunctionDef, ast.YieldFrom, ast.MatMult, ast.AnnAssign, ast.NamedExpr)


def is_python3_only(tree: ast.Module) -> bool:
    """Whether a module's syntax is Python 3's: no Python 2 could import it."""
    return any(isinstance(node, _PYTHON3) or (isinstance(node, ast.arg) and node.annotation is not None)
               or (isinstance(node, ast.FunctionDef) and node.returns is not None)
               or (isinstance(node, ast.arguments) and bool(node.kwonlyargs))
               or (isinstance(node, ast.Raise) and node.cause is not None)
               or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
                   and ((node.func.id == "super" and not node.args) or (node.func.id == "print" and bool(node.keywords))))
               for node in ast.walk(tree))


def _is_python2(node: ast.AST, names: Names, lost: frozenset[str]) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
        if node.func.attr not in lost or names.is_bound("pandas") or names.is_bound("pd"):  # where iteritems is a method
            return False
        return node.func.attr == "has_key" or not (node.args or node.keywords)
    reason = names.reason(node)
    return reason is not None and reason.endswith("of Python 2")
