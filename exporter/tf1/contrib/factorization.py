"""`tf.contrib.factorization`: clusters and factors."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, training=(
    "COSINE_DISTANCE GMM GmmAlgorithm KMEANS_PLUS_PLUS_INIT KMeans KMeansClustering RANDOM_INIT "
    "SQUARED_EUCLIDEAN_DISTANCE WALSMatrixFactorization WALSModel gmm"))
