"""Small packages that code of 2016 to 2019 imports besides TensorFlow, for where they are not installed.

`future` and its `past`, by which code ran on Python 2 and 3; `easydict`, `bunch` and `munch`, of which configurations were
made; `mock` and `simplejson`, which Python has itself; `numba`, whose functions are Python's own where it does not compile.
"""

from __future__ import annotations

import builtins
import itertools
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

from exporter.tf1.surface.python2.builtin_functions import PYTHON2_BUILTINS
from exporter.tf1.surface.python2.hidden_names import CLASSIC_DIVISION
from exporter.tf1.surface.python2.renamed_builtins import OLD_BUILTINS

__all__ = ["PACKAGES", "EasyDict"]


class EasyDict(dict[str, Any]):
    """A dictionary whose keys are attributes too, dictionaries in it likewise (the package easydict, 3 kB of code)."""

    def __init__(self, values: Mapping[str, Any] | None = None, **more: Any) -> None:
        super().__init__()
        for name, value in {**(values or {}), **more}.items():
            self[name] = value

    def __setitem__(self, name: str, value: Any) -> None:
        plain = type(value) is dict
        super().__setitem__(name, type(self)(value) if plain else value)

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return self[name]
        raise AttributeError(name)

    __setattr__ = __setitem__

    def update(self, *values: Any, **more: Any) -> None:
        """As `dict.update`."""
        for name, value in dict(*values, **more).items():
            self[name] = value


class Bunch(EasyDict):
    """The dictionary of the packages bunch and munch."""

    def toDict(self) -> dict[str, Any]:  # noqa: N802 (the packages' name)
        """Returns a plain dictionary."""
        return {name: value.toDict() if isinstance(value, Bunch) else value for name, value in self.items()}

    def __delattr__(self, name: str) -> None:
        if name not in self:
            raise AttributeError(name)
        del self[name]


def _builtins_of_python_2() -> dict[str, Any]:
    """`past.builtins`: all that Python 2 had under these names."""
    names = {name: value for name, value in OLD_BUILTINS.items() if not name.startswith("__")}
    return {**names, **PYTHON2_BUILTINS, "str": str, "dict": dict, "list": list, "chr": chr, "oct": oct, "hex": hex}


def _builtins_of_python_3() -> dict[str, Any]:
    """`future.builtins`: Python 3's own."""
    return {name: getattr(builtins, name) for name in dir(builtins) if not name.startswith("_")}


def _raise(error: Any, value: Any = None, traceback: Any = None) -> None:
    """`future.utils.raise_`."""
    raised = error if isinstance(error, BaseException) else error() if value is None else error(value)
    raise raised.with_traceback(traceback)


def _with_metaclass(meta: type, *bases: type) -> type:
    """`future.utils.with_metaclass`."""
    made: type = meta("temporary", bases or (object,), {})
    return made


def _utilities() -> dict[str, Any]:
    """`future.utils`."""
    views: dict[str, Callable[[Any], Iterable[Any]]] = {
        "iteritems": lambda values: iter(values.items()), "itervalues": lambda values: iter(values.values()),
        "iterkeys": lambda values: iter(values.keys()), "viewitems": lambda values: values.items(),
        "viewvalues": lambda values: values.values(), "viewkeys": lambda values: values.keys(),
        "listitems": lambda values: list(values.items()), "listvalues": lambda values: list(values.values()),
        "lrange": lambda *limits: list(range(*limits)), "lmap": lambda *given: list(map(*given)),
        "lzip": lambda *given: list(zip(*given, strict=False)), "lfilter": lambda *given: list(filter(*given))}
    return {**views, "PY2": False, "PY3": True, "PY26": False, "PY27": False, "string_types": (str,),
            "integer_types": (int,), "text_type": str, "binary_type": bytes, "old_div": OLD_BUILTINS[CLASSIC_DIVISION],
            "native": lambda value: value, "native_str": str, "raise_": _raise, "with_metaclass": _with_metaclass,
            "python_2_unicode_compatible": lambda kind: kind, "tobytes": lambda text: text.encode("latin-1"),
            "bytes_to_native_str": lambda data: data.decode("ascii"), "implements_iterator": lambda kind: kind,
            "izip": zip, "imap": map, "ifilter": filter, "izip_longest": itertools.zip_longest}


def _nothing(*arguments: Any) -> None:
    pass


def _decorator(*arguments: Any, **options: Any) -> Any:
    """``@jit`` or ``@jit(nopython=True)``: the function as it is."""
    if len(arguments) == 1 and not options and callable(arguments[0]):
        return arguments[0]
    return lambda function: function


def _uncompiled() -> dict[str, Any]:
    """`numba`: nothing is compiled."""
    return {**dict.fromkeys(("jit", "njit", "autojit"), _decorator), "prange": range}


def _package(name: str) -> Callable[[], dict[str, Any]]:
    """Returns what makes the names of a package: its modules here."""

    def modules() -> dict[str, Any]:
        """Makes the modules of the package."""
        return {below.removeprefix(f"{name}."): _module(below) for below in PACKAGES if below.startswith(f"{name}.")}

    return modules


def _module(name: str) -> ModuleType:
    module = ModuleType(name)
    names = PACKAGES[name]
    assert not isinstance(names, str)
    vars(module).update(names())
    return module


PACKAGES: Mapping[str, str | Callable[[], dict[str, Any]]] = {
    "past": _package("past"), "past.builtins": _builtins_of_python_2,
    "past.utils": lambda: {"old_div": OLD_BUILTINS[CLASSIC_DIVISION], "PY2": False, "PY3": True},
    "future": _package("future"), "future.builtins": _builtins_of_python_3, "future.utils": _utilities,
    "future.standard_library": lambda: dict.fromkeys(("install_aliases", "install_hooks", "remove_hooks"), _nothing),
    "easydict": lambda: {"EasyDict": EasyDict},
    "bunch": lambda: {"Bunch": Bunch, "bunchify": Bunch, "unbunchify": Bunch.toDict},
    "munch": lambda: {"Munch": Bunch, "munchify": Bunch, "unmunchify": Bunch.toDict},
    "mock": "unittest.mock", "simplejson": "json", "numba": _uncompiled,
}
"""Module -> what Python calls it, or a function that returns its names."""
