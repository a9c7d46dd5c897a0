"""`tf.estimator` of TensorFlow 1.15 on one machine: TensorFlow 2.16 has none.

A model function, `Estimator` with training, evaluation, prediction and export, input functions from arrays, and the hooks
that `tf.train` has too. The ready-made estimators (`DNNClassifier`, …) and heads can be imported and subclassed, and are
refused when they are made.
"""

from __future__ import annotations

import importlib
from typing import Any

from exporter.lazy_tensorflow import tf
from exporter.tf1.contrib.estimator_surface import experimental, export, inputs
from exporter.tf1.contrib.estimator_surface.estimator import Estimator, WarmStartSettings
from exporter.tf1.contrib.estimator_surface.model_fn import EstimatorSpec, ModeKeys
from exporter.tf1.contrib.estimator_surface.run_config import RunConfig
from exporter.tf1.contrib.estimator_surface.training import (
    BestExporter,
    EvalSpec,
    Exporter,
    FinalExporter,
    LatestExporter,
    TrainSpec,
    train_and_evaluate,
)
from exporter.tf1.contrib.missing import missing_symbol, training_only

_OF_TRAIN = (
    "CheckpointSaverHook", "CheckpointSaverListener", "FeedFnHook", "FinalOpsHook", "GlobalStepWaiterHook",
    "LoggingTensorHook", "NanLossDuringTrainingError", "NanTensorHook", "ProfilerHook", "SecondOrStepTimer",
    "SessionRunArgs",
    "SessionRunContext", "SessionRunHook", "SessionRunValues", "StepCounterHook", "StopAtStepHook", "SummarySaverHook",
    "VocabInfo")

_STAND_INS = (
    "BaselineClassifier", "BaselineEstimator", "BaselineRegressor", "BinaryClassHead", "BoostedTreesClassifier",
    "BoostedTreesEstimator", "BoostedTreesRegressor", "DNNClassifier", "DNNEstimator", "DNNLinearCombinedClassifier",
    "DNNLinearCombinedEstimator", "DNNLinearCombinedRegressor", "DNNRegressor", "Head", "LinearClassifier",
    "LinearEstimator",
    "LinearRegressor", "LogisticRegressionHead", "MultiClassHead", "MultiHead", "MultiLabelHead", "PoissonRegressionHead",
    "RegressionHead", "add_metrics", "classifier_parse_example_spec", "regressor_parse_example_spec")

globals().update({name: getattr(tf.train, name) for name in _OF_TRAIN})
globals().update({name: training_only(f"tf.estimator.{name}") for name in _STAND_INS})

__all__ = [*_OF_TRAIN, *_STAND_INS, "BestExporter", "Estimator", "EstimatorSpec", "EvalSpec", "Exporter", "FinalExporter",
           "LatestExporter", "ModeKeys", "RunConfig", "TrainSpec", "WarmStartSettings", "experimental", "export", "inputs",
           "train_and_evaluate"]


def __getattr__(name: str) -> Any:
    """Finds `tpu`, which is `tf.contrib.tpu` and stands on this module."""
    if name == "tpu":
        return importlib.import_module("exporter.tf1.contrib.tpu")
    raise AttributeError(name) if name.startswith("_") else missing_symbol(f"tf.estimator.{name}")
