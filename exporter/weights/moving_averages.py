"""Moving averages: the shadow copies that ``tf.train.ExponentialMovingAverage`` leaves in a checkpoint."""

from __future__ import annotations

from collections.abc import Container, Iterable

SHADOW_SUFFIX = "/ExponentialMovingAverage"


def shadow_key(key: str) -> str:
    """Returns the key of a variable's shadow."""
    return key + SHADOW_SUFFIX


def shadow_keys(keys: Iterable[str]) -> list[str]:
    """Returns those ``keys`` that are shadows of a variable."""
    return [key for key in keys if key.endswith(SHADOW_SUFFIX)]


def has_shadows(variable_names: Iterable[str], keys: Container[str]) -> bool:
    """Tells whether any of these variables has a shadow among ``keys``."""
    return any(shadow_key(name) in keys for name in variable_names)
