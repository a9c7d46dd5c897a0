"""How far the moving averages of a checkpoint are from the raw values."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from exporter.weights.binding import WeightOptions
from exporter.weights.checkpoint import Checkpoint
from exporter.weights.moving_averages import shadow_key

_CHUNK = 1 << 20


@dataclass(frozen=True)
class WeightDifference:
    """A variable's moving average against its raw value.

    Attributes:
        name: the variable.
        relative_rms: root mean square of their difference, relative to the raw value's; infinite where that is zero or
            either is not finite.
        element_count: how many numbers it has.
    """

    name: str
    relative_rms: float
    element_count: int


def weight_differences(names: Iterable[str], checkpoint: Checkpoint, options: WeightOptions) -> list[WeightDifference]:
    """Compares each variable with its moving average, where the checkpoint has both; the largest difference first.

    Args:
        names: variables of the graph.
        checkpoint: where both values are.
        options: how the variables are called there.

    Raises:
        CheckpointError: a value is damaged.
    """
    found = []
    for name in names:
        keys = [_key(key, checkpoint) for key in (options.checkpoint_name(name), shadow_key(options.checkpoint_name(name)))]
        raw, average = (None if key is None else checkpoint.source(key) for key in keys)
        if raw is not None and average is not None and raw.dtype.startswith(("float", "bfloat")):
            relative_rms, count = _relative_rms(raw.read(), average.read())
            found.append(WeightDifference(name, relative_rms, count))
    return sorted(found, key=lambda difference: (-difference.relative_rms, difference.name))


def _key(name: str, checkpoint: Checkpoint) -> str | None:
    return name if name in checkpoint.entries else checkpoint.key_by_variable_name.get(name)


def _relative_rms(raw: np.ndarray[Any, Any], average: np.ndarray[Any, Any]) -> tuple[float, int]:
    """Sums in pieces, so that large variables are not copied as float64."""
    raw, average = raw.reshape(-1), average.reshape(-1)
    off = scale = 0.0
    with np.errstate(invalid="ignore", over="ignore"):
        for start in range(0, raw.size, _CHUNK):
            left = raw[start:start + _CHUNK].astype(np.float64)
            off += float(np.square(average[start:start + _CHUNK].astype(np.float64) - left).sum())
            scale += float(np.square(left).sum())
    if not math.isfinite(off + scale):
        return math.inf, raw.size
    return (math.sqrt(off / scale) if scale else math.inf if off else 0.0), raw.size
