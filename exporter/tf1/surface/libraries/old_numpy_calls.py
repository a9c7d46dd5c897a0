"""Functions of NumPy as they could be called in 2016 to 2019, for modules below the roots only."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Generator, Iterable
from inspect import signature
from typing import Any

__all__ = ["call_names", "taking_kinds"]

_STACKS = ("vstack", "hstack", "dstack", "column_stack", "stack", "concatenate")
_PERCENTILES = ("percentile", "quantile", "nanpercentile", "nanquantile")
_MAKERS = ("arange", "empty", "empty_like", "full", "full_like", "ones", "ones_like", "zeros", "zeros_like")
_KINDS = {"integer": "int_", "signedinteger": "int_", "unsignedinteger": "uint", "inexact": "float64", "floating": "float64",
          "number": "float64", "complexfloating": "complex128", "character": "bytes_", "flexible": "void", "generic": "void"}


def call_names() -> dict[str, Any]:
    """Returns what the overlay of NumPy adds or replaces: functions that are gone, and those that took other arguments."""
    import numpy as np

    names: dict[str, Any] = {name: _taking_any_sequence(getattr(np, name)) for name in _STACKS}
    names.update({name: taking_kinds(getattr(np, name)) for name in _MAKERS})
    return {**names, "math": math, "cast": _Casts(), "alen": lambda array: len(np.asarray(array)), "int0": np.intp,
            "uint0": np.uintp, "sctypes": _scalar_types(), "find_common_type": _find_common_type,
            "linspace": _taking_a_float_count(np.linspace), "histogram": _histogram,
            "unravel_index": _renaming(np.unravel_index, {"dims": "shape"}),
            "reshape": _renaming(np.reshape, {"newshape": "shape"} if "shape" in signature(np.reshape).parameters else {}),
            **{name: _renaming(getattr(np, name), {"interpolation": "method"}) for name in _PERCENTILES},
            "expand_dims": _expand_dims, "unique": _unique, "sum": _taking_a_generator(np.sum), "issubdtype": _issubdtype}


def _taking_any_sequence(function: Callable[..., Any]) -> Callable[..., Any]:
    """``np.vstack(map(...))``: until NumPy 1.16 the arrays could come from an iterator."""

    @functools.wraps(function)
    def stack(arrays: Iterable[Any], *arguments: Any, **options: Any) -> Any:
        """Stacks arrays, which may come from a generator."""
        return function(arrays if hasattr(arrays, "__len__") else list(arrays), *arguments, **options)

    return stack


def taking_kinds(function: Callable[..., Any]) -> Callable[..., Any]:
    """``np.zeros(3, dtype=np.integer)``: the kinds of numbers were data types too, until NumPy 1.24."""
    import numpy as np

    types = {getattr(np, kind): getattr(np, name) for kind, name in _KINDS.items()}

    def type_for(value: Any) -> Any:
        """Returns the data type for a kind; other values as they are."""
        return types.get(value, value) if isinstance(value, type) else value

    @functools.wraps(function)
    def make(*arguments: Any, **options: Any) -> Any:
        """Makes an array, of any kind of numbers."""
        return function(*map(type_for, arguments), **{name: type_for(value) for name, value in options.items()})

    return make


def _expand_dims(a: Any, axis: Any) -> Any:
    """`np.expand_dims`; until NumPy 1.17 an axis beyond the last was the last."""
    import numpy as np

    array = np.asanyarray(a)
    return np.expand_dims(array, min(axis, array.ndim) if isinstance(axis, int) else axis)


def _unique(ar: Any, return_index: bool = False, return_inverse: bool = False, *arguments: Any, **options: Any) -> Any:
    """`np.unique`, whose ``inverse`` was flat until NumPy 1."""
    import numpy as np

    unique: Callable[..., Any] = np.unique
    found = unique(ar, return_index, return_inverse, *arguments, **options)
    if not return_inverse:
        return found
    place = 1 + bool(return_index)
    return (*found[:place], found[place].reshape(-1), *found[place + 1:])


def _taking_a_generator(function: Callable[..., Any]) -> Callable[..., Any]:
    """``np.sum(size for size in sizes)``: Python's own sum, until NumPy 2.3."""

    @functools.wraps(function)
    def total(a: Any, *arguments: Any, **options: Any) -> Any:
        """`np.sum`, of a generator as well."""
        return sum(a) if isinstance(a, Generator) else function(a, *arguments, **options)

    return total


def _issubdtype(arg1: Any, arg2: Any) -> bool:
    """`np.issubdtype`, to which Python's `float` was any kind of float, until NumPy 1.14 and, with a warning, later."""
    import numpy as np

    kinds = {int: np.signedinteger, float: np.floating, complex: np.complexfloating}
    return bool(np.issubdtype(arg1, kinds.get(arg2, arg2) if isinstance(arg2, type) else arg2))


def _renaming(function: Callable[..., Any], renamed: dict[str, str]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        """Calls the function by the arguments of today."""
        return function(*arguments, **{renamed.get(name, name): value for name, value in options.items()})

    return call


def _taking_a_float_count(function: Callable[..., Any]) -> Callable[..., Any]:
    """``np.linspace(0, 1, 5.)``, until NumPy 1.17."""

    @functools.wraps(function)
    def linspace(start: Any, stop: Any, num: Any = 50, *arguments: Any, **options: Any) -> Any:
        """`np.linspace`, which took a whole float for the count."""
        return function(start, stop, int(num), *arguments, **options)

    return linspace


def _histogram(a: Any, bins: Any = 10, range: Any = None, normed: Any = None, weights: Any = None,
               density: Any = None) -> Any:
    """`np.histogram` with ``normed``, until NumPy 1.23: today's ``density``."""
    import numpy as np

    return np.histogram(a, bins, range, density=normed if density is None else density, weights=weights)


class _Casts:
    """`np.cast`: ``np.cast["float32"](value)`` is an array of that type."""

    def __getitem__(self, dtype: Any) -> Callable[[Any], Any]:
        import numpy as np

        return lambda value: np.asarray(value).astype(dtype)


def _scalar_types() -> dict[str, list[Any]]:
    import numpy as np

    names = {"int": ("int8", "int16", "int32", "int64"), "uint": ("uint8", "uint16", "uint32", "uint64"),
             "float": ("float16", "float32", "float64", "longdouble"), "complex": ("complex64", "complex128", "clongdouble"),
             "others": ("bool_", "object_", "bytes_", "str_", "void")}
    return {kind: [getattr(np, name) for name in types] for kind, types in names.items()}


def _find_common_type(array_types: Iterable[Any], scalar_types: Iterable[Any]) -> Any:
    """`np.find_common_type`: the arrays' type, unless the scalars are of a higher kind (integer, float, complex)."""
    import numpy as np

    arrays, scalars = [*map(np.dtype, array_types)], [*map(np.dtype, scalar_types)]
    if not arrays or not scalars:
        return np.result_type(*(arrays or scalars))
    of_arrays, of_scalars = np.result_type(*arrays), np.result_type(*scalars)
    order = "buifc"
    higher = order.find(of_scalars.kind.replace("u", "i")) > order.find(of_arrays.kind.replace("u", "i"))
    return of_scalars if higher else of_arrays
