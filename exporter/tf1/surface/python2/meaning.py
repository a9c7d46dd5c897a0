"""Gives a syntax tree of Python 3 the meaning that Python 2 gave to the same words.

For modules that are plainly Python 2, translated or not. ``/`` divides integers as `//` does unless the module imports
`division` from the future, to attributes and items (``self.n /= 2``) too; ``<`` compares any two values; `decode`, `encode`,
`sort` and `translate` take what they took; ``str(...)`` and ``unicode(...)`` of bytes are text; a dictionary's `keys`,
`values` and `items` are lists; classes have `__cmp__`, `__div__`, `__getslice__`; an exception keeps its name behind its
block, and has a `message`. What builtins meant is in `builtin_functions`.
"""

from __future__ import annotations

import ast

from exporter.tf1.surface.need import Names
from exporter.tf1.surface.python2.builtin_functions import PYTHON2_METHODS
from exporter.tf1.surface.python2.classes import OLD_SPECIAL_METHODS
from exporter.tf1.surface.python2.hidden_names import (
    AS_LIST,
    CAUGHT,
    CLASSIC_DIVISION,
    CLASSIC_DIVISION_IN_PLACE,
    COMPARE,
    INDEX,
    MESSAGE,
    PYTHON2_CLASS,
    PYTHON2_METHOD,
    SLICE,
    STAR_IMPORT,
    TARGET,
    TEXT,
)
from exporter.tf1.surface.python2.scopes import with_leaking_lists

__all__ = ["with_python2_meaning"]

_VIEWS = ("keys", "values", "items")
_ORDERS = {ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge"}


def with_python2_meaning(tree: ast.Module) -> ast.Module:
    """Changes the tree, and returns it."""
    names = Names(tree)
    tree = with_leaking_lists(tree)
    if not _divides_truly(tree):
        tree = _ClassicDivision().visit(tree)
    changed: ast.Module = ast.fix_missing_locations(_Statements().visit(_Calls(names).visit(tree)))
    return changed


def _divides_truly(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.ImportFrom) and node.module == "__future__"
               and any(alias.name == "division" for alias in node.names) for node in tree.body)


def _call(place: ast.AST, function: str, *arguments: ast.expr) -> ast.expr:
    return ast.copy_location(ast.Call(ast.Name(function, ast.Load()), list(arguments), []), place)


class _ClassicDivision(ast.NodeTransformer):
    """Turns ``a / b`` into ``__classic_division__(a, b)``."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Replaces a division, and those inside of it."""
        self.generic_visit(node)
        return _call(node, CLASSIC_DIVISION, node.left, node.right) if isinstance(node.op, ast.Div) else node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST | list[ast.AST]:
        """Replaces ``name /= b``, ``a.n /= b`` and ``a[i] /= b``; ``a`` and ``i`` are evaluated once."""
        self.generic_visit(node)
        target = node.target
        if not isinstance(node.op, ast.Div):
            return node
        if isinstance(target, ast.Name):
            return self._divide(node, ast.Name(target.id, ast.Load()), target)
        kept = [self._keep(node, TARGET, target.value)]
        owner = ast.Name(TARGET, ast.Load())
        if isinstance(target, ast.Attribute):
            present: ast.expr = ast.Attribute(owner, target.attr, ast.Load())
            changed: ast.expr = ast.Attribute(owner, target.attr, ast.Store())
        else:
            kept.append(self._keep(node, INDEX, _index(target.slice)))
            index = ast.Name(INDEX, ast.Load())
            present, changed = ast.Subscript(owner, index, ast.Load()), ast.Subscript(owner, index, ast.Store())
        forgotten: list[ast.expr] = [ast.Name(name, ast.Del()) for name in (TARGET, INDEX)[:len(kept)]]
        return [*kept, self._divide(node, present, changed), ast.copy_location(ast.Delete(forgotten), node)]

    @staticmethod
    def _keep(place: ast.AST, name: str, value: ast.expr) -> ast.AST:
        return ast.copy_location(ast.Assign([ast.Name(name, ast.Store())], value), place)

    @staticmethod
    def _divide(node: ast.AugAssign, present: ast.expr, changed: ast.expr) -> ast.AST:
        quotient = _call(node, CLASSIC_DIVISION_IN_PLACE, present, node.value)
        return ast.copy_location(ast.Assign([changed], quotient), node)


def _index(index: ast.expr) -> ast.expr:
    """The expression between brackets as one that can be kept in a variable."""
    if isinstance(index, ast.Slice):
        return _call(index, SLICE, *(limit or ast.Constant(None) for limit in (index.lower, index.upper, index.step)))
    if isinstance(index, ast.Tuple):
        return ast.copy_location(ast.Tuple([_index(part) for part in index.elts], ast.Load()), index)
    return index


class _Calls(ast.NodeTransformer):
    """Changes calls and comparisons."""

    def __init__(self, names: Names) -> None:
        self._texts = [name for name in ("str", "unicode") if not names.is_bound(name)]

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """Turns ``a < b`` into ``__compare__("lt", a, b)``; ``a < b < c`` stays as it is."""
        self.generic_visit(node)
        name = _ORDERS.get(type(node.ops[0]))
        if name is None or len(node.ops) > 1:
            return node
        return _call(node, COMPARE, ast.Constant(name), node.left, node.comparators[0])

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Changes a call of `str`, of a string's or a list's method, and makes a list of a dictionary's view."""
        self.generic_visit(node)
        function = node.func
        if isinstance(function, ast.Name) and function.id in self._texts and (node.args or node.keywords):
            kind = ast.copy_location(ast.Name(function.id, ast.Load()), function)
            return ast.copy_location(ast.Call(ast.Name(TEXT, ast.Load()), [kind, *node.args], node.keywords), node)
        if not isinstance(function, ast.Attribute):
            return node
        if function.attr in _VIEWS and not node.args and not node.keywords:
            return _call(node, AS_LIST, node)
        if function.attr in PYTHON2_METHODS and (function.attr != "next" or not (node.args or node.keywords)):
            node.func = _call(function, PYTHON2_METHOD, function.value, ast.Constant(function.attr))
        return node


class _Statements(ast.NodeTransformer):
    """Changes classes, exceptions' names, and imports of all names inside of functions."""

    def __init__(self) -> None:
        self._caught: list[str] = []
        self._depth = 0

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Decorates a class that has special methods of Python 2."""
        self.generic_visit(node)
        defined = {child.name for child in node.body if isinstance(child, ast.FunctionDef)}
        defined |= {name.id for child in node.body if isinstance(child, ast.Assign) for name in child.targets
                    if isinstance(name, ast.Name)}
        if not OLD_SPECIAL_METHODS.isdisjoint(defined):
            node.decorator_list.append(ast.copy_location(ast.Name(PYTHON2_CLASS, ast.Load()), node))
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Changes what is inside of the function."""
        self._depth += 1
        self.generic_visit(node)
        self._depth -= 1
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        """``from m import *`` in a function brings the names into the module: Python 3 has it there only."""
        if not self._depth or node.names[0].name != "*":
            return node
        module = ", ".join([repr(node.module or ""), "globals()", "None", "['*']", str(node.level)])
        call = ast.parse(f"{STAR_IMPORT}(globals(), __import__({module}))").body[0]
        for child in ast.walk(call):
            ast.copy_location(child, node)
        return call

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        """Keeps the exception under its name when the block has ended."""
        self._caught += [node.name] if node.name else []
        self.generic_visit(node)
        if node.name:
            name = ast.Name(node.name, ast.Store())
            node.body.insert(0, ast.copy_location(ast.Assign([name], ast.Name(CAUGHT, ast.Load())), node.body[0]))
            self._caught.pop()
            node.name = CAUGHT
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """``error.message``, of an exception."""
        self.generic_visit(node)
        if (node.attr == "message" and isinstance(node.ctx, ast.Load) and isinstance(node.value, ast.Name)
                and node.value.id in self._caught):
            return _call(node, MESSAGE, node.value)
        return node
