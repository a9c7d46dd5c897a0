"""Modules that parse as Python 3, and are Python 2 all the same: they use `xrange`, `unicode`, `cPickle`, `has_key`.

They ran under Python 2 alone, so they get the rest of it too: ``/`` divides integers as `//` does (unless the module imports
`division` from the future), `range`, `map`, `filter`, `zip` and a dictionary's `keys`, `values` and `items` are lists. A
module that asks for its version first, or takes these names from `six` or `functools`, runs under either and is left alone.
"""

from __future__ import annotations

import ast
from types import CodeType

from exporter.tf1.surface.need import PYTHON2_BUILTINS, PYTHON2_MODULES, Names, unguarded
from exporter.tf1.surface.old_builtins import AS_LIST, EITHER_METHOD
from exporter.tf1.surface.python2 import with_classic_division

__all__ = ["may_be_python2", "with_python2_idiom"]

_METHODS = {"iteritems": "items", "itervalues": "values", "iterkeys": "keys", "has_key": "__contains__"}
_LISTS = ("range", "map", "filter", "zip")
_VIEWS = ("keys", "values", "items")
_WORDS = frozenset({*_METHODS, *PYTHON2_BUILTINS, *PYTHON2_MODULES})


def may_be_python2(code: CodeType) -> bool:
    """Whether a module's code uses words that only Python 2 knows; they may be bound to something else."""
    return (not _WORDS.isdisjoint(code.co_names)
            or any(may_be_python2(constant) for constant in code.co_consts if isinstance(constant, CodeType)))


def with_python2_idiom(tree: ast.Module) -> ast.Module:
    """Changes a module that parses as Python 3 but is Python 2; of others, only calls of methods that dictionaries lost.

    Such a call goes to the method of that name where the object has one (a class of the user's, `six`), else to what
    replaced it.
    """
    names = Names(tree)
    if any(_is_python2(node, names) for node in unguarded(tree)):
        tree = with_classic_division(_Lists(names).visit(tree))
    changed: ast.Module = ast.fix_missing_locations(_Methods().visit(tree))
    return changed


def _is_python2(node: ast.AST, names: Names) -> bool:
    reason = names.reason(node)
    lost = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS
    if lost and not names.is_bound("pandas") and not names.is_bound("pd"):  # where iteritems is a method of today's
        assert isinstance(node, ast.Call)
        return node.func.attr == "has_key" or not (node.args or node.keywords)  # type: ignore[attr-defined]
    return reason is not None and reason.endswith("of Python 2")


class _Methods(ast.NodeTransformer):
    """Turns ``x.iteritems()`` into ``__either_method__(x, "iteritems", "items")()``."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Replaces the method of a call, and those inside of it."""
        self.generic_visit(node)
        method = node.func
        if isinstance(method, ast.Attribute) and method.attr in _METHODS:
            names = [ast.Constant(method.attr), ast.Constant(_METHODS[method.attr])]
            chosen = ast.Call(ast.Name(EITHER_METHOD, ast.Load()), [method.value, *names], [])
            node.func = ast.copy_location(chosen, method)
        return node


class _Lists(ast.NodeTransformer):
    """Makes lists of `range`, `map`, `filter`, `zip` and dictionaries' views, but where they are only iterated over."""

    def __init__(self, names: Names) -> None:
        self._builtins = [name for name in _LISTS if not names.is_bound(name)]

    def visit_For(self, node: ast.For) -> ast.AST:
        """What a loop iterates over stays as it is; the rest of the loop is changed."""
        return self._without_iterable(node)

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        """As in a loop."""
        return self._without_iterable(node)

    def _without_iterable(self, node: ast.For | ast.comprehension) -> ast.AST:
        iterable = node.iter
        self.generic_visit(node)
        if isinstance(node.iter, ast.Call) and node.iter.args[:1] == [iterable]:
            node.iter = iterable
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Makes a list of a call's result."""
        self.generic_visit(node)
        function = node.func
        if isinstance(function, ast.Name):
            wanted = function.id in self._builtins
        else:
            wanted = isinstance(function, ast.Attribute) and function.attr in _VIEWS and not node.args and not node.keywords
        if not wanted:
            return node
        return ast.copy_location(ast.Call(ast.Name(AS_LIST, ast.Load()), [node], []), node)
