"""`global` statements behind the first use of their names, which Python refuses since 3.6 and warned of before."""

from __future__ import annotations

import ast

__all__ = ["with_early_globals"]


def with_early_globals(tree: ast.Module) -> ast.Module:
    """Moves the `global` statements of a function to its beginning; leaves out those of a module, which say nothing."""
    for scope in ast.walk(tree):
        if isinstance(scope, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef):
            mover = _Mover()
            scope.body = [mover.visit(statement) for statement in scope.body]
            if not isinstance(scope, ast.Module):
                place = 1 if ast.get_docstring(scope, clean=False) is not None else 0
                scope.body[place:place] = mover.found
    return ast.fix_missing_locations(tree)


class _Mover(ast.NodeTransformer):
    """Takes the `global` statements out of a scope, and not out of the scopes inside of it."""

    def __init__(self) -> None:
        self.found: list[ast.stmt] = []

    def visit_Global(self, node: ast.Global) -> ast.stmt:
        """Keeps the statement, and puts one that does nothing in its place."""
        self.found.append(node)
        return ast.copy_location(ast.Pass(), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Leaves a function as it is."""
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """Leaves a function as it is."""
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Leaves a class as it is."""
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """Leaves a function as it is."""
        return node
