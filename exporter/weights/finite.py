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
        count = int(np.size(array := source.read()) - np.count_nonzero(np.isfinite(array.astype(np.complex64)
                    if source.dtype.startswith("bfloat") else array)))
        if count:
            found[name] = count
    return found
