"""The Estimator: a model function, run on one machine."""

from __future__ import annotations

import copy
import inspect
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from exporter.lazy_tensorflow import tf
from exporter.tf1.contrib.estimator_surface.export import ExportOutput, PredictOutput
from exporter.tf1.contrib.estimator_surface.model_fn import EstimatorSpec, ModeKeys
from exporter.tf1.contrib.estimator_surface.run_config import RunConfig
from exporter.tf1.contrib.estimator_surface.training_session import training_session

__all__ = ["Estimator", "WarmStartSettings"]

_DEFAULT_SIGNATURE = "serving_default"


class WarmStartSettings:
    """Which variables start from a checkpoint; the arguments of `tf.train.warm_start`."""

    def __init__(self, ckpt_to_initialize_from: str, vars_to_warm_start: Any = ".*", var_name_to_vocab_info: Any = None,
                 var_name_to_prev_var_name: Any = None) -> None:
        self.ckpt_to_initialize_from, self.vars_to_warm_start = ckpt_to_initialize_from, vars_to_warm_start
        self.var_name_to_vocab_info, self.var_name_to_prev_var_name = var_name_to_vocab_info, var_name_to_prev_var_name


class Estimator:
    """Trains, evaluates, predicts with and exports what a model function builds, on one machine.

    Args:
        model_fn: (features, labels, mode, params, config) -> EstimatorSpec; it may lack the last four.
        model_dir: the folder of checkpoints; a temporary one by default.
        config: a RunConfig, or a dict of what it takes.
        params: given to the model function.
        warm_start_from: a checkpoint, its folder, or WarmStartSettings.

    Raises:
        ValueError: two different folders are given, or the model function lacks `features`, or `params` that are given.
    """

    def __init__(self, model_fn: Callable[..., Any], model_dir: str | None = None, config: Any = None, params: Any = None,
                 warm_start_from: Any = None) -> None:
        config = RunConfig(**config) if isinstance(config, Mapping) else config or RunConfig()
        if model_dir is not None and config.model_dir is not None and os.fspath(model_dir) != config.model_dir:
            raise ValueError("`model_dir` are set both in constructor and `RunConfig`, but with different values: "
                             f"{model_dir!r} and {config.model_dir!r}.")
        self._model_dir = os.fspath(model_dir or config.model_dir or tempfile.mkdtemp())
        self._config = config.replace(model_dir=self._model_dir)
        self._model_fn, self._params, self._warm_start_from = model_fn, params or {}, warm_start_from
        arguments = _arguments(model_fn)
        if "features" not in arguments and "*" not in arguments:
            raise ValueError(f"model_fn ({model_fn}) must include features argument.")
        if params is not None and "params" not in arguments and "*" not in arguments:
            raise ValueError(f"model_fn ({model_fn}) does not include params argument, but params ({params}) is passed to "
                             "Estimator.")

    model_dir = property(lambda self: self._model_dir, doc="The folder of checkpoints.")
    config = property(lambda self: copy.deepcopy(self._config), doc="A copy of the settings.")
    params = property(lambda self: copy.deepcopy(self._params), doc="A copy of what the model function gets.")

    @property
    def model_fn(self) -> Callable[..., Any]:
        """(features, labels, mode, config) -> EstimatorSpec."""
        return lambda features, labels, mode, config: self._call_model_fn(features, labels, mode, config)

    def latest_checkpoint(self) -> str | None:
        """Returns the prefix of the last checkpoint, or None."""
        path: str | None = tf.train.latest_checkpoint(self._model_dir)
        return path

    def get_variable_names(self) -> list[str]:
        """Returns the names of the last checkpoint's variables."""
        return [name for name, _ in tf.train.list_variables(self._model_dir)]

    def get_variable_value(self, name: str) -> Any:
        """Returns the value of a variable in the last checkpoint."""
        return tf.train.load_variable(self._model_dir, name)

    def eval_dir(self, name: str | None = None) -> str:
        """Returns the folder of the evaluation's summaries."""
        return os.path.join(self._model_dir, f"eval_{name}" if name else "eval")

    def train(self, input_fn: Callable[..., Any], hooks: Sequence[Any] | None = None, steps: int | None = None,
              max_steps: int | None = None, saving_listeners: Any = None) -> Estimator:
        """Trains, from the last checkpoint if there is one.

        Args:
            input_fn: () -> (features, labels) or a dataset of them; it may take `params`, `config` and `mode`.
            hooks: hooks of the session.
            steps: how many steps; or
            max_steps: until the global step is this. Without both, until the input ends.
            saving_listeners: called when a checkpoint is saved.

        Returns:
            Itself.

        Raises:
            ValueError: both numbers are given.
        """
        if steps is not None and max_steps is not None:
            raise ValueError("Can not provide both steps and max_steps.")
        if max_steps is not None and self._trained_steps() >= max_steps:
            return self
        with self._graph() as (_, global_step):
            spec = self._spec(input_fn, ModeKeys.TRAIN)
            self._warm_start()
            until = [tf.train.StopAtStepHook(steps, max_steps)] if steps is not None or max_steps is not None else []
            with training_session(spec, self._config, global_step, [*(hooks or ()), *until], saving_listeners) as session:
                while not session.should_stop():
                    session.run([spec.train_op, spec.loss])
        return self

    def evaluate(self, input_fn: Callable[..., Any], steps: int | None = None, hooks: Sequence[Any] | None = None,
                 checkpoint_path: str | None = None, name: str | None = None) -> dict[str, Any]:
        """Returns the metrics, the loss and the global step, over the input or the first `steps` batches.

        Args:
            input_fn: () -> (features, labels) or a dataset of them.
            steps: how many batches; None: until the input ends.
            hooks: hooks of the session.
            checkpoint_path: the checkpoint; the last by default.
            name: not used.
        """
        with self._graph() as (_, global_step):
            spec = self._spec(input_fn, ModeKeys.EVAL)
            metrics = {key: (metric.result(), metric.updates[0]) if hasattr(metric, "updates") else metric
                       for key, metric in spec.eval_metric_ops.items()}
            metrics["loss"] = tf.metrics.mean(spec.loss)
            update = tf.group(*[updating for _, updating in metrics.values()])
            final = tf.train.FinalOpsHook({"global_step": global_step,
                                           **{key: value for key, (value, _) in metrics.items()}})
            with self._session(spec, checkpoint_path, [*(hooks or ()), *spec.evaluation_hooks, final]) as session:
                done = 0
                while not session.should_stop() and (steps is None or done < steps):
                    session.run(update)
                    done += 1
        return dict(final.final_ops_values)

    def predict(self, input_fn: Callable[..., Any], predict_keys: Any = None, hooks: Sequence[Any] | None = None,
                checkpoint_path: str | None = None, yield_single_examples: bool = True) -> Iterator[Any]:
        """Gives the predictions for each row of the input, or for each batch.

        Args:
            input_fn: () -> features or a dataset of them.
            predict_keys: the names of the predictions to give; all by default.
            hooks: hooks of the session.
            checkpoint_path: the checkpoint; the last by default, random values if there is none.
            yield_single_examples: False: batches.

        Raises:
            ValueError: no prediction has such a name.
        """
        with self._graph():
            spec = self._spec(input_fn, ModeKeys.PREDICT)
            predictions = spec.predictions
            if predict_keys is not None and isinstance(predictions, Mapping):
                predictions = {name: tensor for name, tensor in predictions.items() if name in tuple(predict_keys)}
                if not predictions:
                    raise ValueError(f"Expected to run at least one output from {list(spec.predictions)}, provided "
                                     f"{predict_keys}.")
            with self._session(spec, checkpoint_path, [*(hooks or ()), *spec.prediction_hooks]) as session:
                while not session.should_stop():
                    batch = session.run(predictions)
                    yield from _rows(batch) if yield_single_examples else [batch]

    def export_saved_model(self, export_dir_base: str, serving_input_receiver_fn: Callable[[], Any],
                           assets_extra: Any = None,
                           as_text: bool = False, checkpoint_path: str | None = None, strip_default_attrs: bool = True,
                           experimental_mode: str = ModeKeys.PREDICT) -> bytes:
        """Writes a SavedModel below a folder, in one named by the time, and returns its path.

        Args:
            export_dir_base: the folder.
            serving_input_receiver_fn: () -> ServingInputReceiver.
            assets_extra: name below `assets.extra` -> file to be copied there.
            as_text: whether the graph is written as text.
            checkpoint_path: the checkpoint; the last by default.
            strip_default_attrs: whether attributes that have their default values are left out.
            experimental_mode: the mode of the model function.

        Raises:
            ValueError: there is no checkpoint.
        """
        checkpoint_path = checkpoint_path or self.latest_checkpoint()
        if not checkpoint_path:
            raise ValueError(f"Couldn't find trained model at {self._model_dir}.")
        directory = _new_directory(os.fspath(export_dir_base))
        with self._graph():
            receiver = serving_input_receiver_fn()
            spec = self._call_model_fn(receiver.features, None, experimental_mode)
            with tf.Session(config=self._config.session_config) as session:
                scaffold = spec.scaffold or tf.train.Scaffold()
                (scaffold.saver or tf.train.Saver(sharded=True)).restore(session, checkpoint_path)
                builder = tf.saved_model.Builder(directory)
                builder.add_meta_graph_and_variables(
                    session, [tf.saved_model.tag_constants.SERVING], _signatures(spec, receiver),
                    assets_collection=tf.get_collection(tf.GraphKeys.ASSET_FILEPATHS),
                    strip_default_attrs=strip_default_attrs,
                    main_op=scaffold.local_init_op or tf.group(tf.local_variables_initializer(), tf.tables_initializer()))
                builder.save(as_text)
        _copy_assets(assets_extra or {}, os.path.join(directory, "assets.extra"))
        return os.fsencode(directory)

    def export_savedmodel(self, export_dir_base: str, serving_input_receiver_fn: Callable[[], Any], assets_extra: Any = None,
                          as_text: bool = False, checkpoint_path: str | None = None,
                          strip_default_attrs: bool = False) -> bytes:
        """The older name of `export_saved_model`."""
        return self.export_saved_model(export_dir_base, serving_input_receiver_fn, assets_extra, as_text, checkpoint_path,
                                       strip_default_attrs)

    def _call_model_fn(self, features: Any, labels: Any, mode: str, config: Any = None) -> Any:
        """Calls the model function with those of its arguments that it takes."""
        arguments = _arguments(self._model_fn)
        offered = {"labels": labels, "mode": mode, "params": self.params, "config": config or self.config}
        if labels is not None and "labels" not in arguments and "*" not in arguments:
            raise ValueError("model_fn does not take labels, but input_fn returns labels.")
        return self._model_fn(features=features, **{name: value for name, value in offered.items() if name in arguments})

    def _spec(self, input_fn: Callable[..., Any], mode: str) -> EstimatorSpec:
        arguments = _arguments(input_fn)
        offered = {"mode": mode, "params": self.params, "config": self.config}
        with tf.device("/cpu:0"):
            result = input_fn(**{name: value for name, value in offered.items() if name in arguments})
            features, labels = _features_and_labels(result, mode)
        spec: EstimatorSpec = self._call_model_fn(features, labels, mode, self.config)
        return spec

    def _graph(self) -> Any:
        return _NewGraph(self._config.tf_random_seed)

    def _session(self, spec: EstimatorSpec, checkpoint_path: str | None, hooks: Sequence[Any]) -> Any:
        creator = tf.train.ChiefSessionCreator(
            spec.scaffold, config=self._config.session_config,
            checkpoint_filename_with_path=checkpoint_path or self.latest_checkpoint())
        return tf.train.MonitoredSession(session_creator=creator, hooks=list(hooks))

    def _trained_steps(self) -> int:
        checkpoint = self.latest_checkpoint()
        return int(tf.train.load_variable(checkpoint, "global_step")) if checkpoint else 0

    def _warm_start(self) -> None:
        settings = self._warm_start_from
        if settings is None or self.latest_checkpoint():
            return
        if not isinstance(settings, WarmStartSettings):
            settings = WarmStartSettings(os.fspath(settings))
        tf.train.warm_start(settings.ckpt_to_initialize_from, settings.vars_to_warm_start, settings.var_name_to_vocab_info,
                            settings.var_name_to_prev_var_name)


class _NewGraph:
    """A graph that is the default one inside, with a global step."""

    def __init__(self, seed: int | None) -> None:
        self._seed = seed

    def __enter__(self) -> tuple[Any, Any]:
        self._graph = tf.Graph()
        self._context = self._graph.as_default()
        self._context.__enter__()
        tf.set_random_seed(self._seed)
        return self._graph, tf.train.get_or_create_global_step()

    def __exit__(self, *failure: Any) -> None:
        self._context.__exit__(*failure)


def _arguments(function: Callable[..., Any]) -> set[str]:
    """The names of a function's arguments; `*` among them if it takes any by keyword."""
    parameters = inspect.signature(function).parameters.values()
    return {"*" if parameter.kind is parameter.VAR_KEYWORD else parameter.name for parameter in parameters}


def _features_and_labels(result: Any, mode: str) -> tuple[Any, Any]:
    if hasattr(result, "make_initializable_iterator") or isinstance(result, tf.data.Dataset):
        iterator = tf.data.make_initializable_iterator(result)
        tf.add_to_collection(tf.GraphKeys.TABLE_INITIALIZERS, iterator.initializer)
        result = iterator.get_next()
    if isinstance(result, (list, tuple)):
        if len(result) != 2:
            raise ValueError(f"input_fn should return (features, labels) as a len 2 tuple, found {len(result)} values.")
        return result[0], None if mode == ModeKeys.PREDICT else result[1]
    return result, None


def _rows(batch: Any) -> Iterator[Any]:
    if not isinstance(batch, Mapping):
        yield from batch
        return
    for index in range(len(next(iter(batch.values())))):
        yield {name: value[index] for name, value in batch.items()}


def _signatures(spec: EstimatorSpec, receiver: Any) -> dict[str, Any]:
    return {name: output.as_signature_def(receiver.receiver_tensors) for name, output in _export_outputs(spec).items()}


def _export_outputs(spec: EstimatorSpec) -> dict[str, ExportOutput]:
    outputs = dict(spec.export_outputs or {_DEFAULT_SIGNATURE: PredictOutput(spec.predictions)})
    if len(outputs) == 1:
        outputs[_DEFAULT_SIGNATURE] = next(iter(outputs.values()))
    if _DEFAULT_SIGNATURE not in outputs:
        raise ValueError(f"Multiple export_outputs were provided, but none of them is the default: {sorted(outputs)}. "
                         f"Name one of them {_DEFAULT_SIGNATURE!r}.")
    return outputs


def _copy_assets(assets: Mapping[str, str], directory: str) -> None:
    for name, source in assets.items():
        target = os.path.join(directory, name)
        tf.gfile.MakeDirs(os.path.dirname(target))
        tf.gfile.Copy(source, target)


def _new_directory(base: str) -> str:
    stamp = int(time.time())
    while tf.gfile.Exists(os.path.join(base, str(stamp))):
        stamp += 1
    return os.path.join(base, str(stamp))
