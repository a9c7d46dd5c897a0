"""Weights that are no numbers any more: what a training run leaves that has diverged."""

from __future__ import annotations

import numpy as np

from exporter.weights.binding import Weights


def nonfinite_weights(weights: Weights) -> dict[str, int]:
    """Returns variable -> how many of its values are NaN or infinite, for those that have any. Values are read in pieces."""
    found = {}
    for name, source in weights.sources.items():
        if not source.dtype.startswith(("float", "bfloat", "complex")):
            continue
        values = source.read()
        count = values.size - int(np.count_nonzero(np.isfinite(values)))
        if count:
            found[name] = count
    return found
