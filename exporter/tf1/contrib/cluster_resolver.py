"""`tf.contrib.cluster_resolver`."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, {
    "ClusterResolver": "distribute.cluster_resolver.ClusterResolver",
    "GCEClusterResolver": "distribute.cluster_resolver.GCEClusterResolver",
    "KubernetesClusterResolver": "distribute.cluster_resolver.KubernetesClusterResolver",
    "SimpleClusterResolver": "distribute.cluster_resolver.SimpleClusterResolver",
    "SlurmClusterResolver": "distribute.cluster_resolver.SlurmClusterResolver",
    "TFConfigClusterResolver": "distribute.cluster_resolver.TFConfigClusterResolver",
    "TPUClusterResolver": "distribute.cluster_resolver.TPUClusterResolver",
    "UnionClusterResolver": "distribute.cluster_resolver.UnionResolver",
})
