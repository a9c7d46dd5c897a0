"""Modules that are scripts too: importing one neither reads the command line nor starts the program.

Research code keeps its networks in the file that trains them: `parse_args()` at the top, an unguarded `main()` at the end.
Whoever imports such a file wants the functions in it. To it the command line is empty, arguments that it requires are
missing without an error, and its last call, which starts the program, is left out and said to be. `run_tf1` runs the same
file as it is.
"""

from __future__ import annotations

import argparse
import ast
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["ArgumentParser", "empty_command_line", "let_flags_be_read", "starts_program", "without_program_start"]

_START = re.compile(rb"^(main|(tf\.|tf\.compat\.v1\.|tensorflow\.)?app\.run)\(", re.MULTILINE)
_RUNNERS = ("tf.app.run", "app.run", "tensorflow.app.run", "tf.compat.v1.app.run")
_LOG = logging.getLogger("exporter")


class _ImportedScript(str):
    """The first word of the command line that a module sees while it is imported."""

    __slots__ = ()


@contextmanager
def empty_command_line(file: str) -> Iterator[None]:
    """Lets the code that runs in the block, a module that is imported, see no arguments."""
    arguments = sys.argv[:]
    sys.argv[:] = [_ImportedScript(file)]
    try:
        yield
    finally:
        sys.argv[:] = arguments


def let_flags_be_read() -> None:
    """Gives absl's flags their defaults, if nobody has parsed them: a module's functions may read them."""
    flags = sys.modules.get("absl.flags")
    if flags is not None and not flags.FLAGS.is_parsed():
        flags.FLAGS.mark_as_parsed()


class ArgumentParser(argparse.ArgumentParser):
    """`argparse.ArgumentParser`; in a module that is imported nothing is required: what is missing has its default."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Takes and returns what it does in Python."""
        if args is None and sys.argv and isinstance(sys.argv[0], _ImportedScript):
            required: list[Any] = [*self._actions, *self._mutually_exclusive_groups]
            for part in required:
                part.required = False
        return super().parse_known_args(args, namespace)


def starts_program(source: bytes) -> bool:
    """Whether a module may call `main()` or `tf.app.run()` outside of any guard."""
    return _START.search(source) is not None


def without_program_start(tree: ast.Module, path: str) -> ast.Module:
    """Leaves out the unguarded calls of the module's own `main` and of `tf.app.run`, and logs which."""
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for index, statement in enumerate(tree.body):
        if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)):
            continue
        called = ast.unparse(statement.value.func)
        if called in _RUNNERS or (called == "main" and "main" in functions):
            _LOG.warning("%s, line %d: %s was not called, since the module is only imported.", path, statement.lineno,
                         f"{called}()")
            tree.body[index] = ast.copy_location(ast.Pass(), statement)
    return tree
