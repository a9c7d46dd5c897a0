"""Methods of Python's and NumPy's own types that are gone, under their old names.

Types of C can't be given methods, so the calls are changed, in all modules below the roots that have one: ``x.tostring()``
becomes ``__either_method__(x, "tostring")()``. Such a call goes to the method of that name where the object has one (a class
of the user's, `six`), else to what replaced it. In modules with NumPy ``int(x)`` becomes ``__number__(int, x)``.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Mapping
from typing import Any

from exporter.tf1.surface.python2.hidden_names import EITHER_METHOD, NUMBER

__all__ = ["NUMBERS", "OLD_METHODS", "either_method", "number", "with_old_methods"]

NUMBERS = ("int", "float")
"""What made a number of an array with one value, until NumPy 2.3."""


def _newbyteorder(array: Any, order: str = "S") -> Any:
    """`ndarray.newbyteorder`, until NumPy 1."""
    return array.view(array.dtype.newbyteorder(order))


def _ptp(array: Any, *arguments: Any, **options: Any) -> Any:
    """`ndarray.ptp`, until NumPy 1."""
    import numpy as np

    return np.ptp(array, *arguments, **options)


def _itemset(array: Any, *arguments: Any) -> None:
    """`ndarray.itemset`, until NumPy 1: of a value, of an index and a value, or of several indices and a value."""
    *index, value = arguments
    if not index:
        array[(0,) * array.ndim] = value
    elif len(index) == 1 and not isinstance(index[0], tuple):
        array.flat[index[0]] = value
    else:
        array[index[0] if len(index) == 1 else tuple(index)] = value


def _decode(text: Any, *arguments: Any, **options: Any) -> Any:
    """`str.decode`: what is text in Python 3 needs no decoding, but by codecs that are none of characters."""
    from exporter.tf1.surface.python2.builtin_functions import PYTHON2_METHODS

    if not isinstance(text, str):
        raise AttributeError(f"{type(text).__name__!r} object has no attribute 'decode'")
    return PYTHON2_METHODS["decode"][1](text, *arguments, **options)


def _iterator(view: str, mapping: Any) -> Any:
    """`iteritems` and its like."""
    return iter(getattr(mapping, view)())


OLD_METHODS: Mapping[str, str | Callable[..., Any]] = {
    **{f"iter{view}": functools.partial(_iterator, view) for view in ("items", "values", "keys")},
    "has_key": "__contains__",
    "viewitems": "items", "viewvalues": "values", "viewkeys": "keys",
    "tostring": "tobytes", "newbyteorder": _newbyteorder, "ptp": _ptp, "itemset": _itemset,
    "decode": _decode, "getchildren": list, "getiterator": "iter", "isAlive": "is_alive",
}
"""Method that is gone -> the method, or the function of the object, that replaced it: of dictionaries; of text; of
`ndarray`, `array.array` and Pillow's images; of `xml.etree`'s elements (until Python 3.8); of threads (3.8).
"""


def either_method(value: Any, old_name: str) -> Any:
    """Returns the method of the old name; where there is none, what replaced it.

    Raises:
        AttributeError: the object has neither; the error names the old one.
    """
    if (method := getattr(value, old_name, None)) is not None:
        return method
    new = OLD_METHODS[old_name]
    if not isinstance(new, str):
        return functools.partial(new, value)
    return getattr(value, new) if hasattr(value, new) else getattr(value, old_name)


def number(kind: Callable[[Any], Any], value: Any) -> Any:
    """Returns ``int(value)`` or ``float(value)``, also of an array with one value and any number of dimensions."""
    is_one = getattr(value, "ndim", 0) and getattr(value, "size", 0) == 1 and hasattr(value, "item")
    return kind(value.item() if is_one else value)


def with_old_methods(tree: ast.Module) -> ast.Module:
    """Changes the calls of methods that are gone, and those that make numbers."""
    changed: ast.Module = ast.fix_missing_locations(_Methods().visit(tree))
    return changed


class _Methods(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Replaces the method of a call, and those inside of it."""
        self.generic_visit(node)
        method = node.func
        if isinstance(method, ast.Attribute) and method.attr in OLD_METHODS:
            chosen = ast.Call(ast.Name(EITHER_METHOD, ast.Load()), [method.value, ast.Constant(method.attr)], [])
            node.func = ast.copy_location(chosen, method)
        elif (isinstance(method, ast.Name) and method.id in NUMBERS and len(node.args) == 1 and not node.keywords
              and not isinstance(node.args[0], ast.Starred)):
            node.func, node.args = ast.copy_location(ast.Name(NUMBER, ast.Load()), method), [method, *node.args]
        return node
