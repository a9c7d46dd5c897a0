"""Act on modules as they are imported, so that nothing is imported only to be changed."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

__all__ = ["after_import", "alias_package"]

Action = Callable[[ModuleType], None]


def after_import(module_name: str, action: Action) -> None:
    """Calls `action(module)` once the named module has run: now if it is loaded, else when it is imported.

    A module that is loaded already gets its action at once, even if its import is still under way.
    """
    module = sys.modules.get(module_name)
    if module is not None:
        action(module)
        return
    _AFTER_IMPORT.actions.setdefault(module_name, []).append(action)
    _install(_AFTER_IMPORT)


def alias_package(missing_name: str, real_name: str) -> None:
    """Lets a package, and every module in it, be imported under a second name.

    The alias is the real module itself, imported when somebody asks for it. A package that exists under
    `missing_name` stays as it is.
    """
    _ALIASES.packages[missing_name] = real_name
    _install(_ALIASES)


def _install(finder: MetaPathFinder) -> None:
    if finder not in sys.meta_path:
        sys.meta_path.insert(0, finder)


class _AfterImportFinder(MetaPathFinder):
    """Finds the modules that have actions as everybody else does, and runs the actions behind their code."""

    def __init__(self) -> None:
        self.actions: dict[str, list[Action]] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Returns the spec that the other finders give, with the actions behind its loader; None for other modules."""
        if fullname not in self.actions:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        specs = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next(filter(None, specs), None)
        if spec is not None and spec.loader is not None:
            _run_behind(spec.loader, self.actions[fullname])
        return spec


def _run_behind(loader: Loader, actions: Sequence[Action]) -> None:
    run_module = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        run_module(module)
        for action in actions:
            action(module)

    setattr(loader, "exec_module", exec_module)  # noqa: B010 (a method of this one loader, not of its class)


class _AliasFinder(MetaPathFinder):
    def __init__(self) -> None:
        self.packages: dict[str, str] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        real_name = self._real_name(fullname, path)
        return ModuleSpec(fullname, _AliasLoader(real_name)) if real_name else None

    def _real_name(self, fullname: str, path: Sequence[str] | None) -> str | None:
        for missing_name, real_name in self.packages.items():
            if fullname == missing_name:
                return None if PathFinder.find_spec(fullname, path) else real_name
            if fullname.startswith(missing_name + "."):
                # By the real package's __path__, Python would load a second copy of its modules.
                is_alias = sys.modules[missing_name].__name__ == real_name
                return real_name + fullname.removeprefix(missing_name) if is_alias else None
        return None


class _AliasLoader(Loader):
    def __init__(self, real_name: str) -> None:
        self._real_name = real_name

    def exec_module(self, module: ModuleType) -> None:
        sys.modules[module.__name__] = importlib.import_module(self._real_name)


_AFTER_IMPORT = _AfterImportFinder()
_ALIASES = _AliasFinder()
