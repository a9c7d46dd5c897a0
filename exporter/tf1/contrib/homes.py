"""Where modules of `tf.contrib` are today, that are whole somewhere else."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["HOMES"]

HOMES: Mapping[str, str] = {
    "slim.nets": "tf_slim.nets",
    "slim.python.slim.nets": "tf_slim.nets",
    **{f"slim.{prefix}{name}": f"tf_slim.nets.{name}" for prefix in ("nets.", "python.slim.nets.")
       for name in ("alexnet", "inception", "inception_v1", "inception_v2", "inception_v3", "overfeat", "resnet_utils",
                    "resnet_v1", "resnet_v2", "vgg")},
    **{f"slim.python.slim.data.{name}": f"tf_slim.data.{name}" for name in (
        "data_decoder", "data_provider", "dataset", "dataset_data_provider", "parallel_reader", "prefetch_queue",
        "tfexample_decoder")},
    "slim.python.slim.evaluation": "tf_slim.evaluation",
    "slim.python.slim.learning": "tf_slim.learning",
    "slim.python.slim.model_analyzer": "tf_slim.model_analyzer",
    **{f"layers.python.layers.{name}": f"tf_slim.layers.{name}" for name in (
        "initializers", "layers", "normalization", "optimizers", "regularizers", "rev_block_lib", "summaries", "utils")},
    "layers.python.ops.bucketization_op": "tf_slim.layers.bucketization_op",
    "layers.python.ops.sparse_ops": "tf_slim.layers.sparse_ops",
    "framework.python.ops.arg_scope": "tf_slim.ops.arg_scope",
    "framework.python.ops.variables": "tf_slim.ops.variables",
    **{f"layers.python.layers.{name}": f"exporter.tf1.contrib.layers.{name}" for name in (
        "embedding_ops", "encoders", "feature_column")},
    **{f"distributions.python.ops.{name}": f"tensorflow.python.ops.distributions.{name}" for name in (
        "bernoulli", "beta", "categorical", "dirichlet", "dirichlet_multinomial", "distribution", "exponential", "gamma",
        "kullback_leibler", "laplace", "multinomial", "normal", "student_t", "uniform")},
    "keras.api.keras": "tf_keras.api._v1.keras",
    "keras.python.keras": "tf_keras.src",
    **{f"keras{room}.{name}": f"tf_keras.api._v1.keras.{name}" for room in ("", ".api.keras", ".python.keras") for name in (
        "activations", "applications", "backend", "callbacks", "constraints", "datasets", "initializers", "layers", "losses",
        "metrics", "models", "optimizers", "preprocessing", "regularizers", "utils")},
    **{f"learn.python.learn.{name}": f"exporter.tf1.contrib.learn.{home}" for name, home in (
        ("datasets", "datasets"), ("datasets.base", "datasets"), ("datasets.mnist", "mnist"),
        ("learn_runner", "learn_runner"), ("preprocessing", "preprocessing"), ("preprocessing.text", "preprocessing"),
        ("preprocessing.categorical_vocabulary", "preprocessing"), ("run_config", "keys"), ("estimators.run_config", "keys"),
        ("estimators.model_fn", "keys"), ("estimators.constants", "keys"))},
    "learn.datasets.base": "exporter.tf1.contrib.learn.datasets",
    "learn.datasets.mnist": "exporter.tf1.contrib.learn.mnist",
    "learn.preprocessing.text": "exporter.tf1.contrib.learn.preprocessing",
    "lookup.lookup_ops": "exporter.tf1.contrib.lookup",
    "image.python.ops.dense_image_warp": "exporter.tf1.contrib.image.warping",
    "losses.python.losses.loss_ops": "tf_slim.losses.loss_ops",
    "losses.metric_learning": "tf_slim.losses.metric_learning",
    "losses.python.metric_learning": "tf_slim.losses.metric_learning",
    "losses.python.metric_learning.metric_loss_ops": "tf_slim.losses.metric_learning",
    "metrics.python.ops.metric_ops": "tf_slim.metrics.metric_ops",
    "metrics.python.ops.histogram_ops": "tf_slim.metrics.histogram_ops",
    "metrics.python.metrics.classification": "tf_slim.metrics.classification",
    "slim.python.slim.queues": "tf_slim.queues",
    "slim.python.slim.summaries": "tf_slim.summaries",
    "tfprof.python.tools.tfprof.model_analyzer": "exporter.tf1.contrib.tfprof.model_analyzer",
    "tfprof.python.tools.tfprof.tfprof_logger": "tensorflow.python.profiler.tfprof_logger",
    "training.python.training.evaluation": "tf_slim.training.evaluation",
    "training.python.training.training": "tf_slim.training.training",
}
"""Dotted name below ``tensorflow.contrib.`` (of TensorFlow 1.15, tensorflow/contrib) -> the module that has it."""
