"""The modules of TensorFlow 1.15, found by their dotted names on the TensorFlow that is installed.

`tensorflow` is `tensorflow.compat.v1` with `contrib`, and so is `tensorflow.compat.v1`: code of 1.13 to 1.15 wrote either.
TensorFlow 2.21 has all of the public interface of 1.15 there but for `tf.contrib`, `tf.estimator` and
`tf.pywrap_tensorflow` (and a few names of tf.keras and TPU training, for which see `missing_symbol`).
"""

from __future__ import annotations

import importlib
import pkgutil
import threading
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import Any

from exporter.tf1.contrib.missing import missing_symbol
from exporter.tf1.contrib.python_modules import PYTHON_MODULES
from exporter.tf1.surface.names.keras_names import KERAS_HOMES
from exporter.tf1.surface.names.old_functions import OLD_FUNCTIONS
from exporter.tf1.surface.names.python_homes import MODULE_HOMES, NAME_HOMES, PACKAGE_HOMES
from exporter.tf1.surface.names.version_0_names import RENAMED_MODULES
from exporter.tf1.surface.namespace import NOT_THERE, Namespace, is_fixed

__all__ = ["VERSION", "TensorflowNames"]

VERSION = "1.15.5"
"""What `tf.__version__` is: code branches on ``tf.__version__.split('.')``, `LooseVersion` and ``startswith('1.')``."""

_PUBLIC = "tensorflow.compat.v1"
_CONTRIB = "exporter.tf1.contrib"
_NOT_CONTRIB = ("missing", "homes", "rnn_homes", "estimator_surface", "lazy_names", "python_modules")
_EXAMPLES: dict[str, tuple[str, ...]] = {
    "tensorflow.examples": (),
    "tensorflow.examples.tutorials": (),
    "tensorflow.examples.tutorials.mnist": (),
    "tensorflow.examples.tutorials.mnist.input_data": (f"{_CONTRIB}.learn.mnist",),
}
_STAND_INS = {"estimator": f"{_CONTRIB}.estimator_surface"}


class _Thread(threading.local):
    """The modules that a thread is making."""

    def __init__(self) -> None:
        self.makes: set[str] = set()


class TensorflowNames:
    """Finds each module once; code gets the same object whichever way it names it."""

    def __init__(self) -> None:
        self._modules: dict[str, ModuleType | None] = {}
        self._thread = _Thread()

    def find(self, name: str) -> ModuleType | None:
        """Returns the module called ``name`` (``tensorflow.contrib.slim``), or None if there is none.

        Threads may ask at once. No lock is held while modules are imported, which have locks of their own: what two
        threads have made is the first one's.
        """
        if name in self._modules:
            return self._modules[name]
        if name in self._thread.makes:  # what is asked for again while it is made, is not there
            return None
        self._thread.makes.add(name)
        try:
            return self._modules.setdefault(name, self._make(name))
        finally:
            self._thread.makes.discard(name)

    def _make(self, name: str) -> ModuleType | None:
        if name == "tensorflow":
            return self._root()
        room, _, below = name.removeprefix("tensorflow.").partition(".")
        if room == "contrib":
            return self._contrib(name, below)
        if room == "python":
            return self._python(name, below)
        if name in _EXAMPLES:
            return self._over(name, [*map(importlib.import_module, _EXAMPLES[name])])
        if name in RENAMED_MODULES:
            return self.find(RENAMED_MODULES[name])
        if name == "tensorflow.compat":
            return self._compat()
        if below.partition(".")[0] == "v1" and room == "compat":
            return self.find(".".join(filter(None, ("tensorflow", below.partition(".")[2]))))
        return self._public(name)

    def _root(self) -> Namespace:
        base = importlib.import_module(_PUBLIC)
        added = {"__version__": VERSION, "VERSION": VERSION}
        rooms = ("contrib", "python", "compat", "core", "tools", "examples", "pywrap_tensorflow", *_STAND_INS)

        def find(name: str) -> Any:
            """Finds a name of the module."""
            if name in added:
                return added[name]
            if (replaced := OLD_FUNCTIONS.get(f"tensorflow.{name}")) is not None:
                return replaced()
            value = NOT_THERE if name in rooms else getattr(base, name, NOT_THERE)
            return self._child("tensorflow", name, value)

        def names() -> set[str]:
            """Lists the names of the module."""
            return {*dir(base), *added, *(room for room in rooms if self.find(f"tensorflow.{room}") is not None)}

        return Namespace("tensorflow", find, names)

    def _compat(self) -> Namespace:
        base = importlib.import_module(f"{_PUBLIC}.compat")

        def find(name: str) -> Any:
            """Finds a name of the module."""
            return self.find("tensorflow") if name == "v1" else getattr(base, name)

        return Namespace("tensorflow.compat", find, lambda: dir(base))

    def _public(self, name: str) -> ModuleType | None:
        """A module of the public interface, `tensorflow.nn`, or one that is merely there, `tensorflow.core`."""
        parent_name, _, last = name.rpartition(".")
        if name == "tensorflow.pywrap_tensorflow":
            return self.find("tensorflow.python.pywrap_tensorflow")
        if name.removeprefix("tensorflow.") in _STAND_INS:
            stand_in = import_or_none(_STAND_INS[last])
            return stand_in and self._over(name, [stand_in])
        parent = self.find(parent_name)
        base = _peek(parent, last) if parent is not None else None
        if isinstance(base, Namespace):
            return base
        if isinstance(base, ModuleType):
            return self._over(name, [base])
        if name.startswith("tensorflow.keras."):
            return self.find(name.replace("tensorflow.keras", "tensorflow.python.keras", 1))
        return import_or_none(name)

    def _contrib(self, name: str, below: str) -> ModuleType | None:
        if not below:
            return Namespace(name, lambda attribute: self._child(name, attribute, NOT_THERE), _contrib_modules)
        homes = _contrib_homes()
        if below in homes:
            return self._over(name, [importlib.import_module(homes[below])])
        if below not in _NOT_CONTRIB and (module := import_or_none(f"{_CONTRIB}.{below}")) is not None:
            return self._over(name, [module])
        first = below.partition(".")[0]
        is_package = any(home.startswith(f"{below}.") for home in homes)
        if below == first:
            return self._over(name, []) if is_package else None
        # contrib.layers.python.layers re-exports what contrib.layers has
        owner = self.find(f"tensorflow.contrib.{first}")
        return self._over(name, [owner]) if owner and (is_package or below in PYTHON_MODULES) else None

    def _python(self, name: str, below: str) -> ModuleType | None:
        package = next((key for key in sorted(PACKAGE_HOMES, key=len, reverse=True)
                        if below == key or below.startswith(f"{key}.")), None)
        if package is not None:
            inside = below.removeprefix(package)
            homes = [home + inside for home in PACKAGE_HOMES[package]]
            if package.endswith("keras"):
                homes += KERAS_HOMES.get(inside[1:], ())
            homes += MODULE_HOMES.get(below, ())
        else:
            homes = [*MODULE_HOMES.get(below, (name,))]
        bases = [module for module in map(import_or_none, homes) if module is not None]
        return self._over(name, bases, self._moved_name(below), is_fixed) if bases else None

    def _moved_name(self, below: str) -> Callable[[str], Any]:
        """Looks a name up where TensorFlow moved it to; at last in the public interface, where most names are too."""
        moved = NAME_HOMES.get(below, {})

        def find(name: str) -> Any:
            """Finds a name of the module."""
            if name in moved:
                home, _, present = moved[name].partition(":")
                module = import_or_none(home)
                return NOT_THERE if module is None else getattr(module, present, NOT_THERE)
            if below.startswith("ops.gen_") and name.startswith("_"):  # functions of operations were private until 1.9
                return getattr(importlib.import_module(f"tensorflow.python.{below}"), name.lstrip("_"), NOT_THERE)
            return NOT_THERE if name.startswith("_") else getattr(importlib.import_module(_PUBLIC), name, NOT_THERE)

        return find

    def _over(self, name: str, bases: Sequence[ModuleType], last: Callable[[str], Any] = lambda name: NOT_THERE,
              keep: Callable[[Any], bool] = lambda value: True) -> Namespace:
        """A module with what the ``bases`` have, the submodules of ``name``, and what ``last`` finds."""
        more = KERAS_HOMES.get(name.removeprefix("tensorflow.keras."), ()) if name.startswith("tensorflow.keras.") else ()
        bases = [*bases, *map(importlib.import_module, more)]

        def find(attribute: str) -> Any:
            """Finds a name of the module."""
            if (replaced := OLD_FUNCTIONS.get(f"{name}.{attribute}")) is not None:
                return replaced()
            if attribute == "tf" and name.endswith("keras.backend"):  # Keras imported TensorFlow there, and code took it
                return self.find("tensorflow")
            found = (_peek(base, attribute) for base in bases)
            value = next((candidate for candidate in found if candidate is not NOT_THERE), NOT_THERE)
            if value is NOT_THERE and attribute != "__path__":
                value = last(attribute)
            return self._child(name, attribute, value)

        space = Namespace(name, find, lambda: {attribute for base in bases for attribute in dir(base)}, keep)
        for attribute in ("__file__", "__doc__"):
            setattr(space, attribute, getattr(bases[0], attribute, None) if bases else None)
        return space

    def _child(self, parent: str, name: str, value: Any) -> Any:
        """What the code gets for an attribute: modules of TensorFlow in the shape of 1.15, all else as it is."""
        if isinstance(value, Namespace) or not (value is NOT_THERE or isinstance(value, ModuleType)):
            return value
        if value is not NOT_THERE:
            return self._module_value(parent, name, value)
        module = None if name.startswith("__") else self.find(f"{parent}.{name}")
        if module is None:
            raise missing_symbol(f"{parent}.{name}".replace("tensorflow", "tf", 1))
        return module

    def _module_value(self, parent: str, name: str, value: ModuleType) -> ModuleType:
        path = f"{parent}.{name}"
        if value.__name__.startswith("tensorflow.python."):
            return self.find(value.__name__) or value
        if path.startswith("tensorflow.contrib.") or self._has_other_home(path):
            return self.find(path) or value
        if value.__name__.startswith(("tensorflow._api", "tensorflow.compat", "tf_keras.api")):
            if self._modules.get(path) is None:
                self._modules[path] = self._over(path, [value])
            return self._modules[path] or value
        return value

    def _has_other_home(self, path: str) -> bool:
        """Whether a module below `tensorflow.python` is made of others (`layers.base` has what moved out of it, too)."""
        return path.removeprefix("tensorflow.python.") in MODULE_HOMES


def _peek(module: ModuleType, name: str) -> Any:
    return getattr(module, name, NOT_THERE)


def import_or_none(name: str) -> ModuleType | None:
    """Imports a module; None if it, or a package above it, is not there. What it raises itself is raised."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            return None
        raise


def _contrib_modules() -> Iterable[str]:
    package = importlib.import_module(_CONTRIB)
    return {module.name for module in pkgutil.iter_modules(package.__path__)} - {*_NOT_CONTRIB}


def _contrib_homes() -> dict[str, str]:
    homes: dict[str, str] = {}
    for table in ("homes", "rnn_homes"):
        module = import_or_none(f"{_CONTRIB}.{table}")
        homes.update(getattr(module, "HOMES", {}))
    return homes
