"""Modules beside `pickle` that load pickles, or build any object that a file names: `shelve`, `yaml`, `joblib`, `dill`."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Mapping
from typing import Any

from exporter.tf1.surface.libraries.pickles import refuse_pickle

__all__ = ["LIBRARIES", "SAME_AS_PICKLE", "reader_overlays"]

SAME_AS_PICKLE = ("_pickle", "six.moves.cPickle", "future.moves.pickle", "pickle5")
"""Modules that are `pickle` by another name."""

_READERS: Mapping[str, tuple[str, ...]] = {
    "shelve": ("open", "Shelf", "BsdDbShelf", "DbfilenameShelf"),
    "dill": ("load", "loads", "Unpickler", "load_session", "load_module", "load_module_asdict"),
    "cloudpickle": ("load", "loads"), "joblib": ("load",), "joblib.numpy_pickle": ("load", "NumpyUnpickler"),
    "sklearn.externals.joblib": ("load",), "pandas": ("read_pickle",), "pandas.io.pickle": ("read_pickle",),
    "torch": ("load",), "jsonpickle": ("decode", "loads")}
LIBRARIES = frozenset({"cloudpickle", "dill", "future", "joblib", "jsonpickle", "pandas", "pickle5", "six", "sklearn",
                       "torch", "yaml"})
"""Those that may not be installed."""


def reader_overlays(allowed: Callable[[], bool]) -> dict[str, Callable[[], dict[str, Any]]]:
    """Returns, for each of these modules, what stands for the names that read: module -> function that returns them.

    Args:
        allowed: tells whether pickles may be loaded.
    """
    return {**{module: functools.partial(_guarded_names, module, names, allowed) for module, names in _READERS.items()},
            "yaml": lambda: _yaml(allowed), "yaml.loader": lambda: _safe_loaders(allowed),
            "numpy.lib": _numpy_lib,
            "numpy.lib.format": lambda: _numpy_format(allowed)}


def _numpy_lib() -> dict[str, Any]:
    """`np.lib.pad` and its like: until NumPy 1 the names of `numpy` were there too."""
    numpy, lib = importlib.import_module("numpy"), importlib.import_module("numpy.lib")
    return {name: getattr(numpy, name) for name in numpy.__all__ if not hasattr(lib, name)}


def _guarded_names(module: str, names: tuple[str, ...], allowed: Callable[[], bool]) -> dict[str, Any]:
    present = importlib.import_module(module)
    return {name: _guarded(getattr(present, name), f"{module}.{name}", allowed) for name in names if hasattr(present, name)}


def _guarded(value: Any, dotted_name: str, allowed: Callable[[], bool]) -> Any:
    """Returns the function or class, which raises UsageError where pickles are not allowed."""

    def check() -> None:
        """Raises UsageError where pickles are not allowed."""
        if not allowed():
            raise refuse_pickle(dotted_name)

    if not isinstance(value, type):
        @functools.wraps(value)
        def guarded_function(*arguments: Any, **options: Any) -> Any:
            """Calls the function, where that is allowed."""
            check()
            return value(*arguments, **options)

        return guarded_function

    def start(self: Any, *arguments: Any, **options: Any) -> None:
        """Makes an instance, where that is allowed."""
        check()
        value.__init__(self, *arguments, **options)  # type: ignore[misc]

    return type(value.__name__, (value,), {"__init__": start, "__doc__": value.__doc__})


def _numpy_format(allowed: Callable[[], bool]) -> dict[str, Any]:
    read = importlib.import_module("numpy.lib.format").read_array

    @functools.wraps(read)
    def read_array(fp: Any, allow_pickle: bool = False, *arguments: Any, **options: Any) -> Any:
        """`numpy.lib.format.read_array`, guarded."""
        try:
            return read(fp, bool(allow_pickle and allowed()), *arguments, **options)
        except ValueError as error:
            if not allow_pickle or "allow_pickle=False" not in str(error):
                raise
            raise refuse_pickle("numpy.lib.format.read_array") from error

    return {"read_array": read_array}


def _safe_loaders(allowed: Callable[[], bool]) -> dict[str, Any]:
    """PyYAML's loaders that build any Python object are, where pickles are not allowed, those that build values only.

    Constructors that code adds (``!join``) are known to these too, and classes can be made of them.
    """
    if allowed():
        return {}
    import yaml

    return {"Loader": yaml.FullLoader, "UnsafeLoader": yaml.FullLoader}


def _yaml(allowed: Callable[[], bool]) -> dict[str, Any]:
    """The functions of PyYAML; a loader is not needed to `load`, as until PyYAML 5."""
    import yaml

    def reading(function: Callable[..., Any], name: str, usual: Any) -> Callable[..., Any]:
        """Returns a function of PyYAML with a loader that builds values only."""
        @functools.wraps(function)
        def read(stream: Any, Loader: Any = None) -> Any:  # noqa: N803 (PyYAML's name)
            """Reads with the usual loader where none is given."""
            kind = usual() if Loader is None else Loader
            if not allowed() and issubclass(kind, yaml.constructor.UnsafeConstructor):
                raise refuse_pickle(f"yaml.{name}", "Python objects")
            try:
                return function(stream, kind)
            except yaml.constructor.ConstructorError as error:
                if allowed() or "tag:yaml.org,2002:python/" not in str(error):
                    raise
                raise refuse_pickle(f"yaml.{name}", "Python objects") from error

        return read

    names = {**_safe_loaders(allowed), "load": reading(yaml.load, "load", lambda: yaml.SafeLoader),
             "load_all": reading(yaml.load_all, "load_all", lambda: yaml.SafeLoader)}
    unsafe: Callable[[], Any] = lambda: yaml.UnsafeLoader if allowed() else yaml.FullLoader  # noqa: E731
    names.update(unsafe_load=reading(yaml.load, "unsafe_load", unsafe),
                 unsafe_load_all=reading(yaml.load_all, "unsafe_load_all", unsafe))
    if hasattr(yaml, "CLoader") and not allowed():
        names.update(CLoader=yaml.CFullLoader, CUnsafeLoader=yaml.CFullLoader)
    return names
