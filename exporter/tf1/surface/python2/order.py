"""How Python 2 ordered and divided values: any two can be compared, integers are divided to integers."""

from __future__ import annotations

import decimal
import functools
import math
import numbers
import operator
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["classic_division", "classic_division_in_place", "cmp", "compare", "in_place_sort", "largest", "rounded",
           "smallest", "sorted_list"]

_PLAIN = (type(None), bool, int, float, str, bytes, list, tuple, dict, set, frozenset)


def cmp(left: Any, right: Any) -> int:
    """Returns -1, 0 or 1, as Python 2's `cmp` does."""
    method = getattr(type(left), "__cmp__", None)
    if method is not None:
        return int(method(left, right))
    try:
        return int(left > right) - int(left < right)
    except TypeError:
        if not _are_plain(left, right):
            raise
        if type(left) is type(right) and isinstance(left, (list, tuple)):
            return next((order for pair in zip(left, right, strict=False) if (order := cmp(*pair))),
                        cmp(len(left), len(right)))
        first, second = _rank(left), _rank(right)
        return (first > second) - (first < second)


def _are_plain(left: Any, right: Any) -> bool:
    """Whether the values may be ordered by their types: `None` and anything, or two of Python's own types."""
    return left is None or right is None or (isinstance(left, _PLAIN) and isinstance(right, _PLAIN))


def _rank(value: Any) -> tuple[int, str]:
    """`None` comes first, numbers next, and the rest by the names of their types."""
    if value is None:
        return 0, ""
    return (1, "") if isinstance(value, numbers.Number) else (2, type(value).__name__)


def compare(name: str, left: Any, right: Any) -> Any:
    """Returns ``left < right`` (``name`` is "lt", or "le", "gt", "ge"), also where Python 3 doesn't compare them: `None` is
    less than anything.
    """
    operation: Callable[[Any, Any], Any] = getattr(operator, name)
    try:
        return operation(left, right)
    except TypeError:
        if not _are_plain(left, right):
            raise
        return operation(cmp(left, right), 0)


def sorted_list(values: Iterable[Any], cmp: Callable[[Any, Any], int] | None = None, key: Callable[[Any], Any] | None = None,
                reverse: bool = False) -> list[Any]:
    """`sorted` of Python 2."""
    result = list(values)
    in_place_sort(result, cmp, key, reverse)
    return result


def in_place_sort(values: list[Any], cmp: Callable[[Any, Any], int] | None = None, key: Callable[[Any], Any] | None = None,
                  reverse: bool = False) -> None:
    """`list.sort` of Python 2."""
    if cmp is None:
        try:
            values.sort(key=key, reverse=reverse)
            return
        except TypeError:
            cmp = _cmp
    order = functools.cmp_to_key(cmp)
    values.sort(key=order if key is None else lambda value: order(key(value)), reverse=reverse)


_cmp = cmp


def largest(*values: Any, **options: Any) -> Any:
    """`max` of Python 2, which compares any two values."""
    return _extreme(max, values, options)


def smallest(*values: Any, **options: Any) -> Any:
    """`min` of Python 2."""
    return _extreme(min, values, options)


def _extreme(choose: Callable[..., Any], values: tuple[Any, ...], options: dict[str, Any]) -> Any:
    if len(values) == 1 and not hasattr(values[0], "__len__"):
        values = (list(values[0]),)
    try:
        return choose(*values, **options)
    except TypeError:
        if options:
            raise
        return choose(*values, key=functools.cmp_to_key(cmp))


def rounded(number: Any, ndigits: int = 0) -> Any:
    """`round` of Python 2: a float, and halves away from zero; what is no plain number is rounded as today."""
    if not isinstance(number, numbers.Real):
        return round(number, ndigits) if ndigits else round(number)
    value = float(number)
    if not math.isfinite(value):
        return value
    with decimal.localcontext() as context:
        context.prec = 700  # the longest of floats, 1.8e308 and 5e-324, have fewer digits
        exact = decimal.Decimal(value)
        if -ndigits > exact.adjusted() + 1 or ndigits > 330:
            return value if ndigits > 0 else math.copysign(0.0, value)
        return float(exact.quantize(decimal.Decimal(1).scaleb(-ndigits), decimal.ROUND_HALF_UP))


def classic_division(left: Any, right: Any) -> Any:
    """Returns ``left / right`` as Python 2 computes it: integers, NumPy's and tensors of them too, are rounded down."""
    if isinstance(left, int) and isinstance(right, int):
        return left // right
    if _is_integer(left) and _is_integer(right):
        return left // right
    return left / right


_FLOORED: Callable[[Any, Any], Any] = operator.ifloordiv
_DIVIDED: Callable[[Any, Any], Any] = operator.itruediv


def classic_division_in_place(left: Any, right: Any) -> Any:
    """Returns what ``left /= right`` makes of ``left``; an array is changed itself."""
    if _is_integer(left) and _is_integer(right):
        return _FLOORED(left, right)
    return _DIVIDED(left, right)


def _is_integer(value: Any) -> bool:
    dtype = getattr(value, "dtype", None)
    return isinstance(value, int) or getattr(dtype, "kind", "") in ("i", "u") or bool(getattr(dtype, "is_integer", False))
