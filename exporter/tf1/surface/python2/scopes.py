"""List comprehensions of Python 2, whose variables stay behind: ``[i for i in range(3)]; print i``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

__all__ = ["with_leaking_lists"]

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.GeneratorExp, ast.SetComp, ast.DictComp)
_ITEM = "__item_of_{}__"


def with_leaking_lists(tree: ast.Module) -> ast.Module:
    """Changes the list comprehensions whose variable the module, or the function around them, uses elsewhere.

    Only where nothing else binds the variable. ``[f(i) for i in x]`` becomes ``[f(i) for item in x if [i := item]]``, which
    leaves ``i`` behind.
    """
    for scope in ast.walk(tree):
        if isinstance(scope, (ast.Module, ast.FunctionDef)):
            _change(scope)
    return tree


def _change(scope: ast.Module | ast.FunctionDef) -> None:
    lists = [node for node in _own_nodes(scope) if isinstance(node, ast.ListComp)]
    if not lists:
        return
    targets = {id(node): _targets(node) for node in lists}
    inside = {(id(node), name) for comprehension in lists for node in ast.walk(comprehension)
              for name in targets[id(comprehension)]}
    names = [node for node in _own_nodes(scope) if isinstance(node, ast.Name) and (id(node), node.id) not in inside]
    used = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    bound = {node.id for node in names if not isinstance(node.ctx, ast.Load)} | _defined(scope)
    inner = {id(node) for comprehension in lists for node in ast.walk(comprehension) if node is not comprehension}
    for comprehension in lists:
        leaked = targets[id(comprehension)] & used - bound
        if leaked and id(comprehension) not in inner:  # in the list of another one Python has no place for it
            _leak(comprehension, leaked)


def _targets(comprehension: ast.ListComp) -> set[str]:
    return {node.id for generator in comprehension.generators for node in ast.walk(generator.target)
            if isinstance(node, ast.Name)}


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """Gives the nodes of a function or module, without those of the scopes inside of it."""
    body = scope.body if isinstance(scope, ast.Module | ast.FunctionDef) else ast.iter_child_nodes(scope)
    for node in body:
        if not isinstance(node, _SCOPES):
            yield node
            yield from _own_nodes(node)


def _defined(scope: ast.Module | ast.FunctionDef) -> set[str]:
    """The names that arguments, functions, classes and imports bind, anywhere in the scope."""
    names: set[str] = set()
    for node in ast.walk(scope):
        if isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
    return names


def _leak(comprehension: ast.ListComp, leaked: set[str]) -> None:
    for generator in comprehension.generators:
        names = [node for node in ast.walk(generator.target) if isinstance(node, ast.Name) and node.id in leaked]
        kept = [ast.NamedExpr(ast.Name(node.id, ast.Store()), ast.Name(_ITEM.format(node.id), ast.Load()))
                for node in names]
        for node in names:
            node.id = _ITEM.format(node.id)
        if kept:
            generator.ifs.insert(0, ast.copy_location(ast.List(list(kept), ast.Load()), generator.target))
