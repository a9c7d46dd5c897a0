"""The names that NumPy had in 2016 to 2019 and has no more, for modules below the roots only."""

from __future__ import annotations

import builtins
import functools
import sys
import warnings
from collections.abc import Callable
from typing import Any

from exporter.tf1.surface.libraries.old_numpy_calls import call_names, taking_kinds
from exporter.tf1.surface.libraries.pickles import pickle_names, refuse_pickle

__all__ = ["numpy_names"]

_BUILTIN_TYPES = {"int": int, "float": float, "bool": bool, "object": object, "str": str, "complex": complex, "long": int,
                  "unicode": str}
_RENAMED = {
    "float_": "float64", "complex_": "complex128", "string_": "bytes_", "unicode_": "str_", "bool8": "bool_",
    "longfloat": "longdouble", "singlecomplex": "complex64", "cfloat": "complex128", "clongfloat": "clongdouble",
    "longcomplex": "clongdouble", "Inf": "inf", "Infinity": "inf", "NAN": "nan", "infty": "inf", "PINF": "inf", "NaN": "nan",
    "product": "prod", "cumproduct": "cumprod", "alltrue": "all", "sometrue": "any", "round_": "round",
    "row_stack": "vstack", "trapz": "trapezoid", "in1d": "isin", "rank": "ndim", "typeDict": "sctypeDict",
}
_EXCEPTIONS = ("AxisError", "ComplexWarning", "ModuleDeprecationWarning", "RankWarning", "TooHardError",
               "VisibleDeprecationWarning")
"""What `np.exceptions` took over in NumPy 2.0; `np.sys` and `np.warnings` were there by accident, and used."""

_STARRED = ("all", "any", "divmod", "sum")
"""Python's names that ``from numpy import *`` took the places of; it does so with more of them since NumPy 2.0."""


def numpy_names(allow_pickle: Callable[[], bool]) -> dict[str, Any]:
    """Returns what the overlay of NumPy adds or replaces.

    `np.int`, `np.float`, `np.bool`, `np.object`, `np.str` and so on are Python's own types, as they were until NumPy 1.24;
    the aliases that NumPy 2.0 removed are back under their names. `np.load` read pickled arrays without being asked until
    1.16.3; here it does so where pickles are allowed, and else raises UsageError.

    Args:
        allow_pickle: tells whether pickles may be loaded.
    """
    import numpy as np

    names: dict[str, Any] = {**_BUILTIN_TYPES, "NINF": -np.inf, "PZERO": 0.0, "NZERO": -0.0}
    names.update({old: getattr(np, new) for old, new in _RENAMED.items() if not hasattr(np, old) and hasattr(np, new)})
    names.update({name: getattr(np.exceptions, name) for name in _EXCEPTIONS if hasattr(np.exceptions, name)})
    names.update(call_names(), load=_guarded_load(np.load, allow_pickle), loads=_loads(allow_pickle),
                 asscalar=lambda array: array.item(), msort=_msort, asfarray=_asfarray, mat=np.asmatrix,
                 fromstring=_fromstring, set_printoptions=_set_printoptions,
                 array=_taking_old_arguments(taking_kinds(np.array)), sys=sys, warnings=warnings,
                 asarray=_taking_old_arguments(taking_kinds(np.asarray)))
    names["__all__"] = sorted(name for name in {*np.__all__, *names} if name in _STARRED or not hasattr(builtins, name))
    return names


def _loads(allow_pickle: Callable[[], bool]) -> Callable[..., Any]:
    def loads(data: bytes, **options: Any) -> Any:
        """`np.loads`, until NumPy 1.16: a pickled array."""
        return pickle_names(allow_pickle)["loads"](data, **options)

    return loads


def _guarded_load(load: Callable[..., Any], allow_pickle: Callable[[], bool]) -> Callable[..., Any]:
    def guarded_load(file: Any, mmap_mode: Any = None, allow_pickle_: Any = None, **options: Any) -> Any:
        """`np.load` as until NumPy 1.16.2, which read pickles too: here, only where they are allowed."""
        asked = options.pop("allow_pickle", allow_pickle_) in (None, True)
        try:
            loaded = load(file, mmap_mode, allow_pickle=asked and allow_pickle(), **options)
            return _naming_the_flag(loaded) if asked and not allow_pickle() else loaded
        except ValueError as error:
            if asked and "allow_pickle=False" in str(error):
                raise refuse_pickle("np.load") from error
            raise

    return guarded_load


def _naming_the_flag(loaded: Any) -> Any:
    """Has the arrays of an .npz file, which are read later, refused as a pickle is."""
    import numpy as np

    if not isinstance(loaded, np.lib.npyio.NpzFile):
        return loaded

    class GuardedFile(type(loaded)):  # type: ignore[misc]
        """`numpy.lib.npyio.NpzFile`."""

        def __getitem__(self, key: str) -> Any:
            try:
                return super().__getitem__(key)
            except ValueError as error:
                if "allow_pickle=False" not in str(error):
                    raise
                raise refuse_pickle(f"np.load, for {key},") from error

    loaded.__class__ = GuardedFile
    return loaded


def _taking_old_arguments(make: Callable[..., Any]) -> Callable[..., Any]:
    """`np.array` or `np.asarray` as in NumPy 1: of lists of different lengths they made an array of objects (until 1.24), of
    numbers out of the type's range what is left of them, and ``copy=False`` copied where that is needed.
    """

    @functools.wraps(make)
    def make_array(*arguments: Any, **options: Any) -> Any:
        """Makes an array."""
        try:
            return make(*arguments, **options)
        except ValueError as error:
            is_free = len(arguments) < 2 and options.get("dtype") is None
            if options.get("copy") is False and "Unable to avoid copy" in str(error):
                return make_array(*arguments, **{**options, "copy": None})
            if is_free and "inhomogeneous shape" in str(error):
                return make_array(*arguments, **{**options, "dtype": object})
            raise
        except OverflowError:
            dtype = options.pop("dtype", arguments[1] if len(arguments) > 1 else None)
            if dtype is None:
                raise
            return make(arguments[0]).astype(dtype)

    return make_array


def _set_printoptions(*arguments: Any, **options: Any) -> None:
    """`np.set_printoptions`; ``threshold=np.nan`` meant that arrays are printed whole."""
    import numpy as np

    if isinstance(options.get("threshold"), float) and not np.isfinite(options["threshold"]):
        options["threshold"] = sys.maxsize
    np.set_printoptions(*arguments, **options)


def _msort(array: Any) -> Any:
    """Sorts along the first axis."""
    import numpy as np

    return np.sort(array, axis=0)


def _asfarray(array: Any, dtype: Any = float) -> Any:
    """Returns a floating-point array."""
    import numpy as np

    return np.asarray(array, dtype=dtype if np.issubdtype(dtype, np.inexact) else float)


def _fromstring(string: Any, dtype: Any = float, count: int = -1, sep: str = "") -> Any:
    """Without a separator it reads binary data, which `np.frombuffer` does today; the array can be written to."""
    import numpy as np

    if sep:
        return np.fromstring(string, dtype=dtype, count=count, sep=sep)
    data = string.encode("latin1") if isinstance(string, str) else string
    return np.frombuffer(data, dtype=dtype, count=count).copy()
