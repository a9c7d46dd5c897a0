"""`tf.contrib.constrained_optimization`: optimizers with constraints."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, training=(
    "AdditiveExternalRegretOptimizer AdditiveSwapRegretOptimizer ConstrainedMinimizationProblem "
    "ConstrainedOptimizer MultiplicativeSwapRegretOptimizer find_best_candidate_distribution "
    "find_best_candidate_index"))
