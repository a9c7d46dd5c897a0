"""Placeholders in text: ``{name}``, ``{step}``, ``{env:HOME}``; ``{{`` and ``}}`` are braces."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

from exporter.batch.config.words import did_you_mean

VERBATIM = ("variable_map",)
ONLY_ENVIRONMENT = ("model_args", "fix")

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_ENVIRONMENT_TOKEN = re.compile(r"\{env:(\w+)\}")
_ENVIRONMENT = "env:"


class PlaceholderError(Exception):
    """A placeholder can't be replaced; the text says why, and what to do."""


def has_braces(text: str) -> bool:
    """Tells whether there is anything to replace."""
    return "{" in text or "}" in text


def placeholders_in(text: str) -> set[str]:
    """Returns the names of the placeholders in a text."""
    return {match[1] for match in _TOKEN.finditer(text) if match[1] is not None}


def substitute(text: str, look_up: Callable[[str], str]) -> str:
    """Returns a text with its placeholders replaced.

    Args:
        text: a text with placeholders.
        look_up: returns the text for a name; those of environment variables don't get there.

    Raises:
        PlaceholderError: a brace stands alone, an environment variable is not set, or ``look_up`` knows no such name.
    """
    return _TOKEN.sub(lambda match: _replacement(match, look_up), text) if has_braces(text) else text


def _replacement(match: re.Match[str], look_up: Callable[[str], str]) -> str:
    name = match[1]
    if name is None:
        if len(match[0]) == 2:
            return match[0][0]
        raise PlaceholderError(f"found a single {match[0]}. Write {match[0] * 2} for a brace.")
    return _environment_variable(name.removeprefix(_ENVIRONMENT)) if name.startswith(_ENVIRONMENT) else look_up(name)


def _environment_variable(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise PlaceholderError(f"the environment variable {name!r} is not set.{did_you_mean(name, os.environ)}")
    return value


def substitute_environment(value: Any) -> Any:
    """Returns a value in whose texts, however deep, ``{env:NAME}`` is replaced; all other braces stay.

    Raises:
        PlaceholderError: an environment variable is not set.
    """
    if isinstance(value, str):
        return _ENVIRONMENT_TOKEN.sub(lambda match: _environment_variable(match[1]), value)
    if isinstance(value, list):
        return [substitute_environment(entry) for entry in value]
    if isinstance(value, dict):
        return {key: substitute_environment(entry) for key, entry in value.items()}
    return value


def unknown_placeholder(name: str, known: list[str]) -> PlaceholderError:
    """Returns the error for a name that stands for nothing."""
    choices = ", ".join(f"{{{entry}}}" for entry in (*known, "env:VARIABLE"))
    return PlaceholderError(f"unknown placeholder {{{name}}}.{did_you_mean(name, known) or f' There are: {choices}.'} Write "
                            "{{ and }} for braces.")


def placeholder_text(value: Any) -> str:
    """Returns how a text, number or boolean is written in place of a placeholder."""
    return str(value).lower() if isinstance(value, bool) else str(value)
