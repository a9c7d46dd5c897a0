"""Plain scalars that YAML 1.1, which is read here, and YAML 1.2, which editors read, take for different values."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import yaml
from yaml.constructor import ConstructorError, SafeConstructor

from exporter.batch.config.nodes import BOOL, FLOAT, INT, ODD_TEXT
from exporter.batch.config.words import shortened

LONGEST_NUMBER = 1000

_SHOWN = 40
_FLOAT_OF_12 = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
_SAME = {  # what both take for the same value, by the tag that YAML 1.1 gives it
    BOOL: re.compile("true|True|TRUE|false|False|FALSE"),
    INT: re.compile(r"[-+]?(?:[1-9][0-9]*|0+[0-7]?)|0x[0-9a-fA-F]+"),
    FLOAT: re.compile(_FLOAT_OF_12),
}
_PARTS = re.compile(r"([-+]?)([0-9]*)\.?([0-9]*)(?:[eE]([-+]?)([0-9]+))?")
_WORDS = {"y": "true", "n": "false"}


def scalar_problem(tag: str, text: str) -> str:
    """Returns what is wrong with a scalar that versions of YAML read differently, or that is too long; or "".

    Args:
        tag: as YAML 1.1 resolves it; `ODD_TEXT` for text that YAML 1.2 takes for a number, and for y and n.
        text: as it is written. It is not read as a number where it is long: that takes time, or is refused by Python.

    Raises:
        ValueError: it has the tag of a number and is none.
    """
    if tag in (INT, FLOAT) and len(text) > LONGEST_NUMBER:
        return (f"found a number of {len(text)} characters, expected at most {LONGEST_NUMBER}. Write it in quotes, if "
                "text is meant.")
    same = _SAME.get(tag)
    if tag != ODD_TEXT and (same is None or same.fullmatch(text)):
        return ""
    old, new = _old_reading(tag, text), _new_reading(text)
    forms = [form for form in dict.fromkeys((old, new)) if form]
    ways = f"Write {' or '.join(forms)}; " if forms else "Write a plain number; "
    return (f"found {text if len(text) <= _SHOWN else shortened(text)}, which is {_described(tag, old)} in YAML 1.1 and "
            f"{_described_number(new) if _is_number(text) else 'text'} in YAML 1.2. {ways}for text, write it in quotes.")


def is_word(text: str) -> bool:
    """Tells whether a scalar is one of the words (yes, off, y, ...) that may mean true or false."""
    return text.lower() in ("yes", "no", "on", "off", "true", "false", *_WORDS)


def _described(tag: str, form: str) -> str:
    if tag == ODD_TEXT and not form:
        return "text"
    return _described_number(form) if tag in (INT, FLOAT) else form


def _described_number(form: str) -> str:
    return f"the number {form}" if form else "a number"


def _old_reading(tag: str, text: str) -> str:
    """Returns how to write what YAML 1.1 reads; "" for text, and where that is too long to be shown."""
    if tag == ODD_TEXT:
        return _WORDS.get(text.lower(), "")
    if len(text) > _SHOWN:
        return ""
    value = _constructed(tag, text)
    return _plain_float(repr(value)) if isinstance(value, float) else str(value).lower()


def _constructed(tag: str, text: str) -> Any:
    constructor, node = SafeConstructor(), yaml.ScalarNode(tag, text)
    with suppress(ConstructorError, KeyError, IndexError):
        if tag == BOOL:
            return constructor.construct_yaml_bool(node)
        return constructor.construct_yaml_int(node) if tag == INT else constructor.construct_yaml_float(node)
    raise ValueError(text)


def _is_number(text: str) -> bool:
    return re.fullmatch(rf"0o[0-7]+|0x[0-9a-fA-F]+|{_FLOAT_OF_12}", text) is not None


def _new_reading(text: str) -> str:
    """Returns how to write the number that YAML 1.2 reads; "" for text, and where that is too long to be shown."""
    if not _is_number(text) or len(text) > _SHOWN:
        return ""
    if text.startswith("0o"):
        return str(int(text, 8))
    return _plain_float(text) if re.search("[.eE]", text) else str(int(text))


def _plain_float(text: str) -> str:
    """Returns a float as both versions read it: digits on both sides of a point, and a sign after the e."""
    match = _PARTS.fullmatch(text)
    if match is None:  # inf, nan
        return f"{'-' if text.startswith('-') else ''}.{text[-3:].lower()}"
    sign, whole, fraction, exponent_sign, exponent = match.groups()
    tail = f"e{exponent_sign or '+'}{exponent}" if exponent else ""
    return f"{sign}{whole or '0'}.{fraction or '0'}{tail}"
