"""Fingerprints: short summaries of arrays, kept in the manifest for a later comparison without the reference."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

_FIRST = 8
_RTOL = 1e-4
"""Relative tolerance for floats: a later run may be on another machine, whose last bits differ."""


def fingerprint(array: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Returns shape, data type, mean, mean magnitude and the first eight values; of strings a digest."""
    is_string = array.dtype.kind in "OSU"
    summary: dict[str, Any] = {"dtype": "string" if is_string else str(array.dtype), "shape": list(array.shape)}
    if is_string:
        joined = b"\0".join(value if isinstance(value, bytes) else str(value).encode() for value in array.reshape(-1))
        return {**summary, "sha256": hashlib.sha256(joined).hexdigest()}
    values = np.nan_to_num(np.asarray(array, np.float64).reshape(-1))
    mean, magnitude = (float(values.mean()), float(np.abs(values).mean())) if values.size else (0.0, 0.0)
    return {**summary, "mean": mean, "magnitude": magnitude, "first": [float(value) for value in values[:_FIRST]]}


def matches(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> bool:
    """Tells whether two fingerprints are the same, up to a relative difference of 1e-4 in floats."""
    if any(actual.get(key) != expected.get(key) for key in ("dtype", "shape", "sha256")):
        return False
    scale = max(expected.get("magnitude", 0.0), float(np.finfo(np.float32).tiny))
    return all(np.allclose(actual.get(key, 0.0), expected.get(key, 0.0), rtol=_RTOL, atol=_RTOL * scale)
               for key in ("mean", "magnitude", "first"))
