"""`HParams`: hyperparameters as attributes, changed by text or by a dictionary.

They do what tensorflow/contrib/training/python/training/hparam.py of TensorFlow 1.15 does, but for protocol buffers.
"""

from __future__ import annotations

import json
import numbers
from collections.abc import Callable, Mapping
from typing import Any

from exporter.tf1.contrib.training.hparam_text import parse_values

__all__ = ["HParams", "parse_values"]


class HParams:
    """A set of hyperparameters, each an attribute of a fixed type.

    Args:
        model_structure: anything; kept.
        kwargs: name -> value. A list or tuple makes a hyperparameter of several values.

    Raises:
        ValueError: a name that the class itself uses, or an empty list.
        NotImplementedError: ``hparam_def``: TensorFlow 2 has no such protocol buffer.
    """

    _HAS_DYNAMIC_ATTRIBUTES = True

    def __init__(self, hparam_def: Any = None, model_structure: Any = None, **kwargs: Any) -> None:
        self._hparam_types: dict[str, tuple[type, bool]] = {}
        self._model_structure = model_structure
        if hparam_def is not None:
            raise NotImplementedError("HParams can't be made of a protocol buffer here. Pass the values by name.")
        for name, value in kwargs.items():
            self.add_hparam(name, value)

    def add_hparam(self, name: str, value: Any) -> None:
        """Adds a hyperparameter; its type is the value's from now on."""
        if getattr(self, name, None) is not None:
            raise ValueError(f"Hyperparameter name is reserved: {name}")
        is_list = isinstance(value, (list, tuple))
        if is_list and not value:
            raise ValueError(f"Multi-valued hyperparameters cannot be empty: {name}")
        self._hparam_types[name] = (type(value[0]) if is_list else type(value), is_list)
        setattr(self, name, value)

    def set_hparam(self, name: str, value: Any) -> None:
        """Sets a hyperparameter that is there.

        Raises:
            KeyError: it isn't.
            ValueError: the value is of another type, or a list where a single value belongs, or the reverse.
        """
        param_type, is_list = self._hparam_types[name]
        if isinstance(value, list):
            if not is_list:
                raise ValueError(f"Must not pass a list for single-valued parameter: {name}")
            setattr(self, name, [_cast(name, param_type, item) for item in value])
            return
        if is_list:
            raise ValueError(f"Must pass a list for multi-valued parameter: {name}.")
        setattr(self, name, _cast(name, param_type, value))

    def del_hparam(self, name: str) -> None:
        """Removes a hyperparameter, if it is there."""
        if hasattr(self, name):
            delattr(self, name)
            del self._hparam_types[name]

    def parse(self, values: str) -> HParams:
        """Changes hyperparameters by text, ``"learning_rate=0.1,layers=[64,128],name=net"``.

        Raises:
            ValueError: the text can't be read, or names an unknown hyperparameter.
        """
        types = {name: param_type for name, (param_type, _) in self._hparam_types.items()}
        return self.override_from_dict(parse_values(values, types))

    def override_from_dict(self, values_dict: Mapping[str, Any]) -> HParams:
        """Changes hyperparameters by name; see `set_hparam`."""
        for name, value in values_dict.items():
            self.set_hparam(name, value)
        return self

    def set_from_map(self, values_map: Mapping[str, Any]) -> HParams:
        """Is the older name of `override_from_dict`."""
        return self.override_from_dict(values_map)

    def parse_json(self, values_json: str) -> HParams:
        """Changes hyperparameters by a JSON object; see `set_hparam`."""
        return self.override_from_dict(json.loads(values_json))

    def to_json(self, indent: int | None = None, separators: tuple[str, str] | None = None, sort_keys: bool = False) -> str:
        """Returns the values as a JSON object."""
        return json.dumps(self.values(), indent=indent, separators=separators, sort_keys=sort_keys)

    def values(self) -> dict[str, Any]:
        """Returns name -> value."""
        return {name: getattr(self, name) for name in self._hparam_types}

    def get(self, key: str, default: Any = None) -> Any:
        """Returns a value, or ``default`` if there is no such hyperparameter.

        Raises:
            ValueError: the default does not fit the hyperparameter's type.
        """
        if key not in self._hparam_types:
            return default
        if default is not None:
            param_type, is_list = self._hparam_types[key]
            if isinstance(default, list) != is_list:
                kind = "is" if is_list else "is not"
                raise ValueError(f"Hyperparameter '{key}' {kind} a list, which does not fit default={default}")
            for item in default if isinstance(default, list) else [default]:
                _cast(key, param_type, item)
        return getattr(self, key)

    def set_model_structure(self, model_structure: Any) -> None:
        """Keeps something beside the hyperparameters."""
        self._model_structure = model_structure

    def get_model_structure(self) -> Any:
        """Returns what `set_model_structure` was given."""
        return self._model_structure

    def __contains__(self, key: str) -> bool:
        return key in self._hparam_types

    def __str__(self) -> str:
        return ",".join(f"{name}={value}" for name, value in sorted(self.values().items()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({sorted(self.values().items())})"


def _cast(name: str, param_type: type, value: Any) -> Any:
    """Returns the value in the hyperparameter's type.

    Raises:
        ValueError: it would lose something: text for a number, a fraction for an integer, a truth value for a number.
    """
    if issubclass(param_type, type(None)):
        return value
    is_text = issubclass(param_type, (str, bytes)) and not isinstance(value, (str, bytes))
    is_other_truth = issubclass(param_type, bool) != isinstance(value, bool)
    is_fraction = issubclass(param_type, numbers.Integral) and not isinstance(value, numbers.Integral)
    is_no_number = issubclass(param_type, numbers.Number) and not isinstance(value, numbers.Number)
    if is_text or is_other_truth or is_fraction or is_no_number:
        raise ValueError(f"Could not cast hparam '{name}' of type '{param_type}' from value {value!r}")
    convert: Callable[[Any], Any] = param_type
    return convert(value)
