"""`tf.contrib.distributions`: `tf.distributions`, and the most used of those that never left contrib."""

from __future__ import annotations

from exporter.tf1.contrib.distributions.categories import OneHotCategorical, RelaxedOneHotCategorical
from exporter.tf1.contrib.distributions.functions import percentile
from exporter.tf1.contrib.distributions.normals import (
    MultivariateNormalDiag,
    MultivariateNormalDiagWithSoftplusScale,
    MultivariateNormalFullCovariance,
    MultivariateNormalTriL,
)
from exporter.tf1.contrib.distributions.scalars import Deterministic, Logistic, Poisson
from exporter.tf1.contrib.lazy_names import lazy_names

__all__ = ["Deterministic", "Logistic", "MultivariateNormalDiag", "MultivariateNormalDiagWithSoftplusScale",
           "MultivariateNormalFullCovariance", "MultivariateNormalTriL", "OneHotCategorical", "Poisson",
           "RelaxedOneHotCategorical", "percentile"]

_CORE = "tensorflow.python.ops.distributions."

__getattr__, __dir__ = lazy_names(__name__, {
    "BetaWithSoftplusConcentration": f"{_CORE}beta:BetaWithSoftplusConcentration",
    "ExponentialWithSoftplusRate": f"{_CORE}exponential:ExponentialWithSoftplusRate",
    "GammaWithSoftplusConcentrationRate": f"{_CORE}gamma:GammaWithSoftplusConcentrationRate",
    "LaplaceWithSoftplusScale": f"{_CORE}laplace:LaplaceWithSoftplusScale",
    "NormalWithSoftplusScale": f"{_CORE}normal:NormalWithSoftplusScale",
    "StudentTWithAbsDfSoftplusScale": f"{_CORE}student_t:StudentTWithAbsDfSoftplusScale",
    "kl_divergence": "distributions.kl_divergence",
    "matrix_diag_transform": f"{_CORE}util:matrix_diag_transform",
    "reduce_weighted_logsumexp": f"{_CORE}util:reduce_weighted_logsumexp",
    "softplus_inverse": f"{_CORE}util:softplus_inverse",
    "fill_triangular": f"{_CORE}util:fill_triangular",
    "fill_triangular_inverse": f"{_CORE}util:fill_triangular_inverse",
    "tridiag": f"{_CORE}util:tridiag",
}, modules=("tensorflow.compat.v1.distributions",))
