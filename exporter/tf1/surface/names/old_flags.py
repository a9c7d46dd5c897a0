"""`tf.app.flags` as code below the roots sees it.

Defaults may be of another type than the flag's (``DEFINE_string("classes", 21)``): until TensorFlow 1.4 nobody checked. And
flags that today's absl has by itself can be defined by the code: absl defines some when its logging is imported, `log_dir`
among them, which is a name that training scripts like too. TensorFlow 1.15 and later import it, and raise
`DuplicateFlagError`; scripts that were written before meet it here only.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from absl import flags

_HOME = "tensorflow.python.platform.flags"
_LIBRARIES = ("absl.", "tensorflow.")


flags.disclaim_key_flags()  # a flag belongs to the script that defines it, whose --help lists it


def __getattr__(name: str) -> Any:
    """Returns the function of TensorFlow's own module; those that define a flag replace one of a library's."""
    value = getattr(importlib.import_module(_HOME), name)
    if name == "FLAGS":
        return _OldFlagValues(value)
    return _replacing(value) if name.startswith("DEFINE_") else value


_UNDEFINED: dict[str, Any] = {}  # FLAGS.num_words = 5, without a definition of the flag


class _OldFlagValues:
    """`FLAGS` with what scripts used until TensorFlow 1.4: ``FLAGS._parse_flags()``, ``FLAGS.__dict__["__flags"]``, and
    attributes that are no flags. Read before `tf.app.run`, it parses those that are defined so far.
    """

    __slots__ = ("_flag_values",)

    def __init__(self, flag_values: Any) -> None:
        object.__setattr__(self, "_flag_values", flag_values)

    def _parse_flags(self, args: Sequence[str] | None = None) -> None:
        if not self._flag_values.is_parsed():
            self._flag_values(sys.argv if args is None else [sys.argv[0], *args], known_only=True)

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        """The flags' values, as they were kept then."""
        values = {name: getattr(self._flag_values, name) for name in self._flag_values}
        return {"__flags": {**values, **_UNDEFINED}, "__parsed": True}

    def __getattr__(self, name: str) -> Any:
        if name in _UNDEFINED and name not in self._flag_values:
            return _UNDEFINED[name]
        if name in self._flag_values:
            self._parse_flags()
        return getattr(self._flag_values, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._flag_values:
            setattr(self._flag_values, name, value)
        else:
            _UNDEFINED[name] = value

    def __delattr__(self, name: str) -> None:
        delattr(self._flag_values, name)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self._flag_values(*arguments, **options)

    def __getitem__(self, name: str) -> Any:
        return self._flag_values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._flag_values)

    def __len__(self) -> int:
        return len(self._flag_values)

    def __contains__(self, name: str) -> bool:
        return name in self._flag_values

    def __dir__(self) -> list[str]:
        return dir(self._flag_values)


@functools.cache
def _replacing(define: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(define)
    def define_flag(*arguments: Any, **options: Any) -> Any:
        """Defines a flag, in the place of a library's."""
        name = arguments[0] if arguments else options.get("name", options.get("flag_name"))
        if _is_a_librarys(str(name)):
            options["allow_override"] = True
        return _define(define, arguments, options)

    return define_flag


def _define(define: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Defines a flag; keeps a default of another type than the flag's as it is."""
    try:
        return define(*arguments, **options)
    except flags.IllegalFlagValueError:
        if len(arguments) < 2:
            raise
        name, default, *others = arguments
        defined = define(name, None, *others, **options)
        flag = flags.FLAGS[name]
        flag.default = flag.value = default
        return defined


def _is_a_librarys(name: str) -> bool:
    owner = flags.FLAGS.find_module_defining_flag(name)
    return str(owner).startswith(_LIBRARIES)
