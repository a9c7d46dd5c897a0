"""Loads the modules below the roots, each with the builtins of the surface."""

from __future__ import annotations

import ast
import functools
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from exporter.errors import ModelError
from exporter.tf1.surface.libraries.generated_messages import renewed_messages
from exporter.tf1.surface.python2.builtin_functions import PYTHON2_BUILTINS
from exporter.tf1.surface.python2.idiom import may_be_old
from exporter.tf1.surface.python2.importers import Python2Importers
from exporter.tf1.surface.python2.source import old_tree
from exporter.tf1.surface.scripts import empty_command_line, let_flags_be_read, starts_program, without_program_start
from exporter.tf1.surface.stubs import StubFinder

__all__ = ["SurfaceFinder", "SurfaceLoader"]

_FOREIGN = ("site-packages", "dist-packages")


class SurfaceFinder(MetaPathFinder):
    """Finds modules as Python does, and has those below the roots loaded under the surface.

    Args:
        builtins: the ``__builtins__`` of these modules.
        stubs: stand-ins for modules that are not installed.
        python2: the modules that are Python 2 beyond doubt.

    Packages that are installed below a root (a virtual environment in the project's folder) are not the user's own:
    they stay as they are.
    """

    def __init__(self, builtins: Mapping[str, Any], stubs: StubFinder, python2: Python2Importers) -> None:
        self.python2 = python2
        self.builtins = builtins
        self.python2_builtins = {**builtins, **PYTHON2_BUILTINS}
        self.stubs = stubs
        self.roots: list[str] = []
        self.foreign: list[str] = []
        self.keeps_command_line = False
        self._known_folders: set[str] = set()
        self._running = 0

    def add_roots(self, roots: Sequence[Path]) -> None:
        """Adds folders whose modules are loaded under the surface from now on."""
        folders = (os.path.join(folder, "") for root in roots for folder in (root.resolve(), os.path.abspath(root)))
        self.roots += [folder for folder in dict.fromkeys(folders) if folder not in self.roots]

    def is_below_root(self, file: str | None) -> bool:
        """Whether a module's file is the user's."""
        if file is None or not file.endswith(".py"):
            return False
        path = os.path.join(_real_folder(os.path.dirname(file)), os.path.basename(file))
        paths = [path] if self.is_installed(path) else [path, os.path.abspath(file)]  # a root may hold links to folders
        return any(way.startswith(root) and not self._is_foreign(way, root) for way in paths for root in self.roots)

    def _is_foreign(self, path: str, root: str) -> bool:
        """Whether a file below a root is not the user's own: a Python, or its packages, may be installed there."""
        return (any(folder in path[len(root):].split("/") for folder in _FOREIGN)
                or any(path.startswith(folder) and folder.startswith(root) for folder in self.foreign))

    @contextmanager
    def adopting_folders(self) -> Iterator[None]:
        """Makes roots of the folders that the code which runs in the block, a module below a root, puts on `sys.path`.

        Scripts do that to find their library (``tools/_init_paths.py`` with ``../lib``). What is installed stays as it is.
        """
        if not self._running:
            self._known_folders = {*sys.path}
        self._running += 1
        try:
            yield
        finally:
            self._adopt_folders()
            self._running -= 1

    def _adopt_folders(self) -> None:
        for name in [name for name in sys.path if name not in self._known_folders]:
            self._known_folders.add(name)
            folder = os.path.join(os.path.realpath(name), "")
            if os.path.isdir(folder) and not self.is_installed(folder) and not folder.startswith(tuple(self.roots)):
                self.roots.append(folder)

    def is_installed(self, path: str) -> bool:
        """Whether a path lies in a Python or among its packages."""
        return not {*_FOREIGN}.isdisjoint(path.split("/")) or path.startswith(tuple(self.foreign))

    def file_loader(self, name: str, path: str) -> SurfaceLoader | None:
        """Returns the loader for a file that code below the roots loads by its path; None for one that is installed."""
        is_others = self.is_installed(os.path.realpath(path)) and not self.is_below_root(path)
        return None if is_others else SurfaceLoader(name, path, self)

    def is_loaded(self, module: ModuleType) -> bool:
        """Whether a module was loaded under the surface."""
        return any(vars(module).get("__builtins__") is names for names in (self.builtins, self.python2_builtins))

    def find_namesake(self, name: str, second_name: str) -> ModuleSpec | None:
        """Returns the spec of a top-level module below a root, to be loaded as ``second_name``; None if there is none."""
        folders = [folder for folder in sys.path if os.path.join(_real_folder(folder), "").startswith(tuple(self.roots))]
        found = PathFinder.find_spec(name, folders)
        if found is None or not self.is_below_root(found.origin):
            return None
        loader = SurfaceLoader(second_name, str(found.origin), self)
        return spec_from_file_location(second_name, found.origin, loader=loader,
                                       submodule_search_locations=found.submodule_search_locations)

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Returns the spec that the finders behind this one give, with the surface's loader for modules below a root."""
        if path is None and self._running:
            self._adopt_folders()
        finders = sys.meta_path[sys.meta_path.index(self) + 1:]
        spec = next(filter(None, (finder.find_spec(fullname, path, target) for finder in finders)), None)
        if path is None and spec is not None and not self.is_below_root(spec.origin):
            return self._earlier_folder(fullname, spec) or spec
        if spec is not None and isinstance(spec.loader, SourceFileLoader) and self.is_below_root(spec.origin):
            spec.loader = SurfaceLoader(fullname, spec.loader.path, self)
        return spec


    def _earlier_folder(self, name: str, spec: ModuleSpec) -> ModuleSpec | None:
        """A folder of modules without ``__init__.py`` below a root, which an installed package of that name would hide
        although it is later on the path.
        """
        home = os.path.dirname(spec.origin or "")
        found_in = os.path.dirname(home) if spec.submodule_search_locations else home
        for folder in sys.path:
            if folder == found_in:
                return None
            modules = os.path.join(folder, name)
            if os.path.isdir(modules) and self.is_below_root(os.path.join(modules, "any.py")):
                return PathFinder.find_spec(name, [folder])
        return None


class SurfaceLoader(SourceFileLoader):
    """Runs a module with the surface's builtins; translates it first if it is Python 2."""

    def __init__(self, fullname: str, path: str, finder: SurfaceFinder) -> None:
        super().__init__(fullname, path)
        self._finder = finder
        self._is_changed = self._is_python2 = False

    def exec_module(self, module: ModuleType) -> None:
        """Runs the module's code; of a script, what it defines.

        Raises:
            ModelError: the module ended the program: it is a script.
            SyntaxError: it is neither Python 3 nor Python 2.
        """
        try:
            code = self.get_code(module.__name__)
        except SyntaxError as error:
            raise error.with_traceback(None) from None  # it is about the module, not about who read it
        assert code is not None
        vars(module)["__builtins__"] = self._finder.python2_builtins if self._is_python2 else self._finder.builtins
        try:
            with self._finder.adopting_folders():
                if self._finder.keeps_command_line:
                    exec(code, vars(module))
                else:
                    self._run_imported(code, module)
        except Exception:  # a package may compile its library when it is imported, and fail with whatever it likes
            if (stand_in := self._finder.stubs.stand_in(module.__name__)) is None:
                raise
            sys.modules[module.__name__] = stand_in

    def _run_imported(self, code: CodeType, module: ModuleType) -> None:
        with empty_command_line(self.path):
            try:
                exec(code, vars(module))
            except SystemExit as error:
                raise ended_the_program(self.path, error) from error
        let_flags_be_read()

    def get_code(self, fullname: str) -> CodeType | None:
        """Returns the module's code, from Python's cache beside the source where the module is run as it is."""
        renewed = renewed_messages(self.get_data(self.path), self.path)
        if renewed is not None:
            return compile(renewed, self.path, "exec", dont_inherit=True)
        is_imported = fullname != "__main__" and not self._finder.keeps_command_line
        is_script = is_imported and starts_program(self.get_data(self.path))
        code = None if is_script else super().get_code(fullname)
        is_run = self._finder.keeps_command_line
        if code is None or (not self._is_changed and (self.inherits_python2 or may_be_old(code, is_run))):
            tree = self._old_tree(self.get_data(self.path))
            tree = without_program_start(tree, self.path) if is_imported else tree
            code = compile(tree, self.path, "exec", dont_inherit=True)
        return code

    def _old_tree(self, data: bytes) -> ast.Module:
        self._is_changed = True
        source = old_tree(data, self.path, self.inherits_python2)
        self._is_python2 = source.is_python2
        if source.is_beyond_doubt:
            self._finder.python2.add(self.name)
        return source.tree

    @property
    def inherits_python2(self) -> bool:
        """Whether the module is the user's, and is imported by one that no Python 3 could import."""
        return self._finder.python2.is_importing and not self._finder.is_installed(os.path.realpath(self.path))

    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> CodeType:  # type: ignore[override]
        """Compiles the source; translates it first if it is Python 2.

        Raises:
            SyntaxError: it is neither.
        """
        compile_python3: Callable[..., CodeType] = super().source_to_code
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            with suppress(SyntaxError):
                return compile_python3(data, path, _optimize=_optimize)
            code: CodeType = compile(self._old_tree(bytes(data)), path, "exec", dont_inherit=True)
            return code

    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:
        """Writes the bytecode beside the source, where Python would; not of translated modules, which Python refuses."""
        if not self._is_changed:
            super().set_data(path, data, _mode=_mode)


@functools.cache
def _real_folder(folder: str) -> str:
    return os.path.realpath(folder)


def ended_the_program(file: str, error: SystemExit) -> ModelError:
    """Returns the error for a module that exits when it is imported."""
    line = next((line for name, line in _frames(error) if name == file), None)
    where = f" in line {line}" if line else ""
    return ModelError(
        f"{file} is a script: it ended the program{where} (exit code {error.code!r}) while it was imported.",
        "Name a module that only defines the model. To run the script itself: run_tf1 script.py arguments...")


def _frames(error: BaseException) -> Iterator[tuple[str, int]]:
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
