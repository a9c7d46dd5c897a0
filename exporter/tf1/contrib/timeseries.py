"""`tf.contrib.timeseries`: models of series."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, training=(
    "ARModel ARRegressor CSVReader FilteringResults NumpyReader OneShotPredictionHead RandomWindowInputFn "
    "StructuralEnsembleRegressor TimeSeriesRegressor TrainEvalFeatures WholeDatasetInputFn "
    "predict_continuation_input_fn"))
