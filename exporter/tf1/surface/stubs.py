"""Stand-ins for modules that are not installed, by name only: compiled helpers that the model itself does not run."""

from __future__ import annotations

import functools
import sys
from abc import ABCMeta
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import FrameType, FunctionType, ModuleType
from typing import Any

from exporter.errors import ModelError
from exporter.tf1.contrib.missing import asking_line
from exporter.tf1.surface.libraries.old_standard_library import RENAMED
from exporter.tf1.surface.python2.hidden_names import EITHER_METHOD

__all__ = ["StubFinder", "StubUsedError"]


_SURFACE = "exporter.tf1.surface."
_ON_THE_WAY = ("importlib", "exporter.tf1.surface.loading", "exporter.tf1.import_hooks")


class StubUsedError(ModelError):
    """Code called something of a module that is only a stand-in."""


class StubFinder(MetaPathFinder):
    """Comes last: a module that nobody else found, whose name was given, and that the user's code asks for becomes a
    stand-in. Whoever else asks first does not find it.

    A name stands for the module, for one of that last name in any package (``gpu_nms`` for ``lib.nms.gpu_nms``), and for
    everything below it. What code takes from the stand-in can be imported, be a base of classes, decorate functions, and be
    called by the outermost statements of a module; calling it for anything else raises StubUsedError.
    A module that the surface has itself (`easydict`, `cPickle`) needs none, and is that one.
    TensorBoard, which TensorFlow 1 came with and which training alone uses, has one without being named.
    """

    def __init__(self) -> None:
        self.names = ["tensorboard"]

    def stand_in(self, fullname: str) -> ModuleType | None:
        """Returns what stands for a module that is there but can't be imported, if its name was given."""
        return _StubModule(fullname) if self._is_named(fullname) else None

    def _is_named(self, fullname: str) -> bool:
        return any(f".{fullname}".endswith(f".{name}") for name in self.names)

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Returns the spec of a stand-in for the given names, None for others."""
        is_below = isinstance(sys.modules.get(fullname.rpartition(".")[0]), _StubModule)
        if fullname in RENAMED or not (is_below or self._is_named(fullname)) or not _is_asked_by_the_surface():
            return None
        return ModuleSpec(fullname, _StubLoader(), is_package=True)


def _is_asked_by_the_surface() -> bool:
    """Whether the import that is under way was begun by the surface, for the user's code."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and str(frame.f_globals.get("__name__")).startswith(_ON_THE_WAY):
        frame = frame.f_back
    return frame is not None and str(frame.f_globals.get("__name__")).startswith(_SURFACE)


class _StubLoader(Loader):
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Makes the stand-in."""
        return _StubModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


class _StubModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name.endswith("_swigregister"):  # SWIG's wrappers call it when they are imported
            return _do_nothing
        value = sys.modules.get(f"{self.__name__}.{name}") or _stub(f"{self.__name__}.{name}")
        setattr(self, name, value)
        return value


def _do_nothing(*arguments: Any, **keywords: Any) -> None:
    pass


class _StubType(ABCMeta):
    """The type of what code takes from a stand-in: its attributes are stand-ins as well. Classes derived from it may be
    abstract.
    """

    @property
    def register(cls) -> Any:
        """``gym.envs.register``; of a class of the user's, what `abc.ABCMeta` has."""
        return cls.__getattr__("register") if _is_stand_in(cls) else functools.partial(ABCMeta.register, cls)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__") or not _is_stand_in(cls):
            raise AttributeError(f"{cls.__name__} has no attribute {name}")
        return _stub(f"{cls.__module__}.{cls.__name__}.{name}")


def _is_stand_in(cls: type) -> bool:
    """Whether a class is a stand-in itself, and none that the user has derived from one."""
    return "__stand_in__" in vars(cls)


@functools.cache
def _stub(dotted_name: str) -> type:
    """Makes what stands for a name: a class to derive from, and a decorator that changes nothing.

    Called with anything else it raises StubUsedError, but while a module is imported: then the call gives another stand-in
    (``words = inflect.engine()``), which raises when it is used.
    """

    def make(cls: type, *arguments: Any, **keywords: Any) -> Any:
        """Makes an instance of a class of the user's, or decorates one of the user's functions."""
        if not _is_stand_in(cls):
            return _next(stub, cls, "__new__")(cls, *arguments, **keywords)
        if len(arguments) == 1 and not keywords and isinstance(arguments[0], FunctionType | type):
            return arguments[0]
        if _is_importing():
            return _stub(f"{dotted_name}()")
        raise StubUsedError(f"{dotted_name} was used{asking_line()}, but its module is a stand-in: it is not installed.",
                            "Install or build the module, or call a part of the code that does without it.")

    def start(self: Any, *arguments: Any, **keywords: Any) -> None:
        """Does nothing, whatever a class of the user's passes on."""
        _next(stub, self, "__init__")(*arguments, **keywords)

    owner, _, name = dotted_name.rpartition(".")
    stub = _StubType(name, (), {"__new__": make, "__init__": start, "__module__": owner, "__stand_in__": True})
    return stub


def _is_importing() -> bool:
    """Whether a module of the user's is being imported, and no function of one that was."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_name == "<module>" and EITHER_METHOD in frame.f_builtins:
            return frame.f_globals.get("__name__") != "__main__"
        frame = frame.f_back
    return False


def _next(stub: type, owner: Any, method: str) -> Any:
    """The method of the base behind the stand-in; of `object`, one that takes any arguments."""
    following = getattr(super(stub, owner), method)
    if following == object.__new__:
        return lambda cls, *arguments, **keywords: object.__new__(cls)
    return _do_nothing if getattr(following, "__objclass__", None) is object else following
