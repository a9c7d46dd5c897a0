"""Modules of `tf.contrib` whose names are found where they are today, when somebody asks for them."""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from exporter.tf1.contrib.missing import missing_symbol, training_only, unwritten, without_kernel

__all__ = ["lazy_names", "present"]

_PUBLIC = "tensorflow.compat.v1"


def lazy_names(module: str, homes: Mapping[str, str] | None = None, training: str = "", modules: Sequence[str] = (), *,
               no_kernel: str = "", no_code: str = "", instead: str = "",
               ) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Returns the ``__getattr__`` and ``__dir__`` of a module.

    Args:
        module: its ``__name__`` (``exporter.tf1.contrib.tpu``).
        homes: name -> where it is today: ``"tensorflow.python.util:nest"``, or without a colon a name of
            `tensorflow.compat.v1`, ``"nn.softplus"``.
        training: names, separated by blanks, that only training uses; they become stubs (see `training_only`).
        modules: modules whose public names are names of this one too, looked up in this order, after ``homes``.
        no_kernel: names whose operations TensorFlow 2 can't run; stubs too (see `without_kernel`).
        no_code: names that nobody has written yet; stubs too (see `unwritten`).
        instead: what to do without the names of ``no_kernel`` and ``no_code``, where there is something to say.

    What is found is kept in the module. What is not raises AttributeError, with the symbol and the line that asked.
    """
    symbol = module.replace("exporter.tf1.contrib", "tf.contrib")
    places = homes or {}
    stubs: dict[str, Callable[[str], Any]] = {
        **dict.fromkeys(training.split(), training_only),
        **dict.fromkeys(no_kernel.split(), functools.partial(without_kernel, instead=instead)),
        **dict.fromkeys(no_code.split(), functools.partial(unwritten, instead=instead))}

    def find(name: str) -> Any:
        """Finds a name of the module."""
        if name.startswith("__"):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        stub, dotted_name = stubs.get(name), f"{symbol}.{name}"
        value = stub(dotted_name) if stub else _find(dotted_name, places.get(name), [f"{other}:{name}" for other in modules])
        setattr(sys.modules[module], name, value)
        return value

    def names() -> list[str]:
        """Lists the names of the module."""
        others = [name for other in modules for name in dir(importlib.import_module(other)) if not name.startswith("_")]
        return sorted({*vars(sys.modules[module]), *places, *stubs, *others})

    return find, names


def _find(symbol: str, home: str | None, others: Sequence[str]) -> Any:
    for place in [home] if home is not None else others:
        try:
            return present(place)
        except (AttributeError, ModuleNotFoundError):  # it moved in this version of TensorFlow
            continue
    raise missing_symbol(symbol)


def present(home: str) -> Any:
    """Returns what is at ``"module:name"``, or at ``"name"`` of `tensorflow.compat.v1`; names may have dots.

    ``"module:"`` is the module itself.
    """
    module, _, names = home.rpartition(":")
    return functools.reduce(getattr, filter(None, names.split(".")), importlib.import_module(module or _PUBLIC))
