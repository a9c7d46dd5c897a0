"""Installs the surface: from then on, modules below the roots see TensorFlow 1.15 where they write `tensorflow`."""

from __future__ import annotations

import builtins
import os
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from exporter.errors import UsageError
from exporter.tf1.surface.importing import SurfaceImports
from exporter.tf1.surface.libraries.old_modules import OldModules
from exporter.tf1.surface.loading import SurfaceFinder, SurfaceLoader
from exporter.tf1.surface.process_wide import switch_to_version_1
from exporter.tf1.surface.python2.importers import Python2Importers
from exporter.tf1.surface.python2.renamed_builtins import OLD_BUILTINS
from exporter.tf1.surface.stubs import StubFinder

__all__ = ["install_surface", "surface_builtins", "surface_loader"]

_PACKAGE = Path(__file__).resolve().parents[2]


@dataclass
class _Surface:
    """The one surface of the process: its finders, and what its modules may do."""

    allow_pickle: bool = False
    stubs: StubFinder = field(default_factory=StubFinder)
    finder: SurfaceFinder = field(init=False)

    def __post_init__(self) -> None:
        python2 = Python2Importers()
        old_modules = OldModules(lambda: self.allow_pickle, self._import_module,
                                 lambda *place: self.finder.file_loader(*place))
        self._imports = SurfaceImports(old_modules, lambda *names: self.finder.find_namesake(*names), python2)
        own = {**OLD_BUILTINS, "__import__": self._imports.import_}
        self.finder = SurfaceFinder({**vars(builtins), **own}, self.stubs, python2)
        paths = sysconfig.get_paths()
        self.finder.foreign += [os.path.join(os.path.realpath(folder), "")
                                for folder in (_PACKAGE, paths["stdlib"], paths["platstdlib"])]

    def _import_module(self, name: str, package: str | None = None) -> ModuleType:
        return self._imports.import_module(name, package)


_SURFACE = _Surface()


def install_surface(roots: Sequence[Path], *, allow_pickle: bool = False, stub_modules: Sequence[str] = (),
                    keep_command_line: bool = False) -> None:
    """Lets modules whose file lies below one of ``roots`` see TensorFlow 1.15, and the Python and NumPy of its time.

    Call it before the first of these modules is imported. A further call adds its roots and stand-ins, and its other options
    take the place of the former. Everyone else's
    `tensorflow`, `numpy` and builtins stay as they are; what has to change for the whole process is listed in
    exporter/tf1/surface/process_wide.py, and changed by this function.

    Args:
        roots: folders of the user's code.
        allow_pickle: whether this code may load pickles (`pickle.load`, `np.load` of object arrays).
        stub_modules: modules that become stand-ins where they are not installed (``gpu_nms``, ``pycocotools``).
        keep_command_line: whether modules see the process's command line while they are imported, as scripts do. By
            default it is empty to them.

    Raises:
        UsageError: a root is no folder, or a module below it was imported before.
    """
    for root in roots:
        if not root.is_dir():
            raise UsageError(f"The root {root} of the TensorFlow 1 code is no directory.", "Name the folder of the code.")
    _SURFACE.finder.add_roots([*roots, *_tf_slim_folders()])
    _refuse_imported_modules(roots)
    _SURFACE.finder.keeps_command_line = keep_command_line
    _SURFACE.allow_pickle = allow_pickle
    _SURFACE.stubs.names += [name for name in stub_modules if name not in _SURFACE.stubs.names]
    if _SURFACE.finder not in sys.meta_path:
        sys.meta_path.insert(sys.meta_path.index(PathFinder), _SURFACE.finder)
        sys.meta_path.append(_SURFACE.stubs)
    switch_to_version_1()


def surface_loader(name: str, path: Path) -> SurfaceLoader | None:
    """Returns the loader for a file that is imported by its path; None if it lies below no root.

    Args:
        name: the module's name.
        path: its file. Pass the loader to `importlib.util.spec_from_file_location(name, path, loader=...)`.
    """
    finder = _SURFACE.finder
    return SurfaceLoader(name, str(path), finder) if finder.is_below_root(str(path)) else None


def surface_builtins() -> dict[str, Any]:
    """Returns the ``__builtins__`` of modules below the roots; code that is run with them is under the surface."""
    return dict(_SURFACE.finder.builtins)


def _tf_slim_folders() -> list[Path]:
    """The folder of tf-slim: it is TensorFlow 1 code itself, and finds what moved through the surface."""
    specification = PathFinder.find_spec("tf_slim")
    return [Path(folder) for folder in specification.submodule_search_locations or ()] if specification else []


def _refuse_imported_modules(roots: Sequence[Path]) -> None:
    finder = _SURFACE.finder
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if (module is not sys.modules["__main__"] and isinstance(file, str) and finder.is_below_root(file)
                and not finder.is_loaded(module) and not name.startswith("tf_slim")):
            raise UsageError(f"The module {name} ({file}) was imported before its root became TensorFlow 1 code.",
                             "Call install_surface before the import.")
