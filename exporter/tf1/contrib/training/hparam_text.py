"""Hyperparameters as text: ``"learning_rate=0.1,layers=[64,128],layers[0]=32,name=net"``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["parse_values"]

_ASSIGNMENT = re.compile(r"""
    (?P<name>[a-zA-Z][\w.]*) (\[\s*(?P<index>\d+)\s*\])? \s*=\s*
    ( \[(?P<list>[^\]]*)\] | (?P<value>[^,\[]*) )
    ($|,\s*)""", re.VERBOSE)


def parse_values(values: str, type_map: Mapping[str, type], ignore_unknown: bool = False) -> dict[str, Any]:
    """Reads hyperparameters from text.

    Args:
        values: assignments, separated by commas: ``name=value``, ``name=[value,value]``, ``name[index]=value``.
        type_map: name -> type of its value, or of each of its values.
        ignore_unknown: whether names that ``type_map`` lacks are passed over.

    Returns:
        name -> value, list of values, or {index: value}.

    Raises:
        ValueError: what can't be read, an unknown name, or a second assignment to one name.
    """
    results: dict[str, Any] = {}
    position = 0
    while position < len(values):
        found = _ASSIGNMENT.match(values, position)
        if found is None:
            raise ValueError(f"Malformed hyperparameter value: {values[position:]}")
        position = found.end()
        name = found["name"]
        if name in type_map:
            _assign(results, name, found, _parser(name, type_map[name], values), values)
        elif not ignore_unknown:
            raise ValueError(f"Unknown hyperparameter type for {name}")
    return results


def _assign(results: dict[str, Any], name: str, found: re.Match[str], parse: Any, values: str) -> None:
    if found["index"] is not None:
        if found["value"] is None:
            raise ValueError(f"Assignment of a list to a list index. Error in '{found.group().strip()}', in '{values}'")
        items = results.setdefault(name, {})
        if not isinstance(items, dict) or int(found["index"]) in items:
            raise ValueError(f"Multiple assignments to variable '{name}[{found['index']}]' in {values}")
        items[int(found["index"])] = parse(found["value"])
        return
    if name in results:
        raise ValueError(f"Multiple assignments to variable '{name}' in {values}")
    if found["list"] is not None:
        results[name] = [parse(item) for item in re.split("[ ,]", found["list"]) if item]
    else:
        results[name] = parse(found["value"])


def _parser(name: str, kind: type, values: str) -> Any:
    convert = _truth if kind is bool else kind

    def parse(text: str) -> Any:
        """Reads one value."""
        try:
            return convert(text)
        except ValueError as error:
            raise ValueError(f"Could not parse hparam '{name}' of type '{kind.__name__}' with value '{text}' in "
                             f"{values}") from error

    return parse


def _truth(text: str) -> bool:
    if text in ("true", "True"):
        return True
    return False if text in ("false", "False") else bool(int(text))
