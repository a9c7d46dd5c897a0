"""The files that an export's code is in: a model's module, and what it imports that is no installed package."""

from __future__ import annotations

import ast
import importlib.util
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from exporter.errors import ModelError
from exporter.tf1.surface.python2.syntax_tree import read_syntax_tree

_SITE_FOLDERS = ("site-packages", "dist-packages")


def source_files(objects: Iterable[Any]) -> dict[str, Path]:
    """Finds the sources of classes, functions and objects, through the imports of their modules.

    Imports are read from the text, so those inside functions count as well. The standard library, packages that are
    installed (but for those of the objects themselves) and this package do not count. The result is the same whatever else
    the process has imported.

    Args:
        objects: classes, functions, or instances.

    Returns:
        Module name -> its file, by name.
    """
    waiting = [module for value in objects for module in _with_parents(_module_name(value))]
    packages = {name.partition(".")[0] for name in waiting}
    found: dict[str, Path] = {}
    while waiting:
        name = waiting.pop()
        module = sys.modules.get(name)
        path = None if module is None or name in found else _own_file(module, packages)
        if path is not None:
            found[name] = path
            imported = _imports(path, name if _is_package(module) else name.rpartition(".")[0])
            waiting += [parent for module_name in imported for parent in _with_parents(module_name)]
    return {name.partition(" (")[0]: found[name] for name in sorted(found)}


def find_source(name: str, folders: Sequence[str]) -> Path | None:
    """Returns the file that a module would be imported from, and imports nothing.

    Args:
        name: of the module, as `source_files` gives it.
        folders: where it is looked for before Python's own path.
    """
    top, *inner = name.split(".")
    if not all((top, *inner)):
        return None
    specification = PathFinder.find_spec(top, list(folders)) or importlib.util.find_spec(top)
    if specification is None or specification.origin is None:
        return None
    if not inner:
        return Path(specification.origin)
    for location in specification.submodule_search_locations or ():
        for file in (Path(location, *inner).with_suffix(".py"), Path(location, *inner, "__init__.py")):
            if file.is_file():
                return file
    return None


def _module_name(value: Any) -> str:
    return str(getattr(value if hasattr(value, "__qualname__") else type(value), "__module__", ""))


def _with_parents(name: str) -> list[str]:
    """A module and the packages that it is in: importing it runs their code too."""
    if name in sys.modules and "." not in name:
        return [name]
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]


def _own_file(module: ModuleType, packages: set[str]) -> Path | None:
    """The file of a module that counts: it is not installed, or in one of ``packages``."""
    file = getattr(module, "__file__", None)
    if not file or not file.endswith(".py") or module.__name__ == "__main__":
        return None
    path = Path(file).resolve()
    folder = next((parent for parent in path.parents if parent in _installed_folders()), None)
    is_installed_own = folder is not None and folder.name in _SITE_FOLDERS and module.__name__.partition(".")[0] in packages
    return path if folder is None or is_installed_own else None


@cache
def _installed_folders() -> frozenset[Path]:
    paths = sysconfig.get_paths()
    standard = {Path(paths[name]).resolve() for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return frozenset(standard | {Path(folder).resolve() for folder in sys.path if Path(folder).name in _SITE_FOLDERS}
                     | {Path(__file__).resolve().parent})


def _is_package(module: ModuleType | None) -> bool:
    return hasattr(module, "__path__")


def imported_names(nodes: Iterable[ast.AST], package: str) -> Iterator[str]:
    """Yields the names of modules that statements may import; some of them are attributes of modules.

    Args:
        nodes: of a module's syntax tree; all but import statements are passed over.
        package: the one that the module is in, for relative imports.
    """
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _resolved(node, package)
            yield from (base, *(f"{base}.{alias.name}" for alias in node.names)) if base else ()


def is_installed(path: Path) -> bool:
    """Whether a file is of the standard library, an installed package or this package."""
    return any(parent in _installed_folders() for parent in path.parents)


def _imports(path: Path, package: str) -> Iterator[str]:
    try:
        yield from imported_names(ast.walk(read_syntax_tree(path)), package)
    except (OSError, SyntaxError, ValueError, RecursionError, ModelError):
        return  # its own file counts, what it imports can't be told


def _resolved(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    try:
        return importlib.util.resolve_name("." * node.level + (node.module or ""), package)
    except ImportError:
        return ""
