"""`tf.contrib.learn`: what code outside of training uses of it: the modes, run configurations, vocabularies, CSV files.

Its estimators, heads, monitors and experiments are for training only; TensorFlow 2 has nothing for them.
"""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names
from exporter.tf1.contrib.learn import datasets, learn_runner, preprocessing
from exporter.tf1.contrib.learn.keys import (
    InputFnOps,
    ModeKeys,
    ModelFnOps,
    PredictionKey,
    ProblemType,
    RunConfig,
    TaskType,
)

__all__ = ["InputFnOps", "ModeKeys", "ModelFnOps", "PredictionKey", "ProblemType", "RunConfig", "TaskType", "datasets",
           "learn_runner", "preprocessing"]

_TRAINING = """
BaseEstimator DNNClassifier DNNEstimator DNNLinearCombinedClassifier DNNLinearCombinedEstimator DNNLinearCombinedRegressor
DNNRegressor DynamicRnnEstimator Estimator Evaluable Experiment ExportStrategy Head KMeansClustering LinearClassifier
LinearEstimator LinearRegressor LogisticRegressor MetricSpec NotFittedError SKCompat SVM Trainable binary_svm_head
build_parsing_serving_input_fn evaluate extract_dask_data extract_dask_labels extract_pandas_data extract_pandas_labels
extract_pandas_matrix infer infer_real_valued_columns_from_input infer_real_valued_columns_from_input_fn
make_export_strategy multi_class_head multi_head multi_label_head no_op_train_fn poisson_regression_head
read_batch_examples read_batch_features read_batch_record_features read_keyed_batch_examples
read_keyed_batch_examples_shared_queue read_keyed_batch_features read_keyed_batch_features_shared_queue regression_head
run_feeds run_n train
"""
_STUBS = "exporter.tf1.contrib.learn.stubs:"

__getattr__, __dir__ = lazy_names(__name__, {
    "NanLossDuringTrainingError": "train.NanLossDuringTrainingError",
    **{name: f"{_STUBS}{name}" for name in ("graph_actions", "head", "io", "models", "monitors", "ops", "utils")},
    **{name: f"exporter.tf1.contrib.learn.{name}:" for name in ("keys", "stubs")},
    **dict.fromkeys(("run_config", "model_fn", "constants"), "exporter.tf1.contrib.learn.keys:"),
}, training=_TRAINING)
