"""The Model protocol, and finding a model by ``package.module:attribute`` or ``path/to/file.py:attribute``."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from exporter.errors import ExportError, ModelError
from exporter.lazy_tensorflow import Tensor
from exporter.model_import import ImportedModel, import_model
from exporter.tensorflow_1_code import find_tensorflow_1_code
from exporter.tf1.failure_advice import failure_advice


@runtime_checkable
class Model(Protocol):
    """What an export needs of a model. No base class: any object with these three methods is one.

    Optional attributes: ``default_input_shape`` (batch, height, width, channels, with None for a free dimension),
    ``labels`` (class names), ``input_dtype`` (what `preprocess` is given, default float32) and ``verification``
    (tolerances by output name).
    """

    def preprocess(self, inputs: Tensor) -> Any:
        """Takes images, float32 [batch, height, width, channels]; returns a tensor or ``(tensor, *context)``."""

    def predict(self, preprocessed: Tensor, *context: Any) -> Any:
        """Takes what `preprocess` returned; returns predictions by name."""

    def postprocess(self, predictions: Any, *context: Any) -> Any:
        """Takes what `predict` returned and the same context; returns the outputs by name."""


class NetworkModel:
    """A plain callable ``network(images)`` as a Model: no preprocessing, outputs named after its return value.

    A single tensor is called ``output``, the tensors of a sequence ``output_0``, ``output_1``, ...; dicts, alone or in a
    sequence, keep their keys.
    """

    def __init__(self, network: Callable[..., Any]) -> None:
        self.network = network

    def preprocess(self, inputs: Tensor) -> Tensor:
        """Returns the images as they are."""
        return inputs

    def predict(self, preprocessed: Tensor, **side_inputs: Tensor) -> dict[str, Tensor]:
        """Runs the network on ``preprocessed`` and names its outputs."""
        accepted = accepted_keywords(self.network, side_inputs)
        return _named_outputs(self.network(preprocessed, **accepted))

    def postprocess(self, predictions: dict[str, Tensor]) -> dict[str, Tensor]:
        """Returns the predictions as they are."""
        return predictions


def _named_outputs(result: Any) -> dict[str, Tensor]:
    if isinstance(result, Mapping):
        return dict(result)
    if isinstance(result, tuple) and hasattr(result, "_asdict"):
        return dict(result._asdict())
    if not isinstance(result, list | tuple):
        return {"output": result}
    named: dict[str, Tensor] = {}
    for index, element in enumerate(result):
        named.update(element if isinstance(element, Mapping) else {f"output_{index}": element})
    return named


def load_model(spec: str, model_args: Mapping[str, Any] | None = None, *, tf1_root: Sequence[str] = (),
               allow_pickle: bool = False, stub_modules: Sequence[str] = ()) -> Any:
    """Finds the model that ``spec`` names and constructs it with ``model_args``.

    TensorFlow 1 code is imported under the surface of TensorFlow 1, which switches TensorFlow's own behavior to that of
    version 1 in this process (exporter/tf1/surface/process_wide.py); where no root was named, a warning says so.

    Args:
        spec: ``package.module:attribute`` or ``path/to/file.py:attribute``.
        model_args: keyword arguments of the class, factory function or network.
        tf1_root: folders of TensorFlow 1 code; by default the model's own, where its source plainly needs it.
        allow_pickle: whether TensorFlow 1 code may load pickles.
        stub_modules: modules that become stand-ins for TensorFlow 1 code where they are not installed.

    Returns:
        An object with `preprocess`, `predict` and `postprocess`.

    Raises:
        UsageError: ``spec`` is not of that form.
        ModelError: nothing is there, or it raised, or it is no model.
    """
    code = find_tensorflow_1_code([spec], tf1_root, allow_pickle, stub_modules)
    if code is not None:
        if code.reason:
            warnings.warn(code.notice, stacklevel=2)
        code.enter()
    model = import_model(spec).apply(functools.partial(as_model, model_args=model_args, name=spec))
    return model if model.is_bound or code is not None else model.for_this_graph()


def as_model(candidate: Any, model_args: Mapping[str, Any] | None = None, name: str = "",
             side_inputs: Collection[str] = ()) -> Any:
    """Returns ``candidate`` as a Model: an instance, a class, a factory function or a plain ``network(images)``.

    ``is_training=False`` is added where a class, factory or network has that parameter and neither ``model_args`` nor
    ``side_inputs``, the names of tensors that are given to a network besides its images, have it.

    Raises:
        ModelError: it can't be constructed with ``model_args``, or is none of these.
    """
    if isinstance(candidate, ImportedModel):
        candidate = candidate.for_this_graph()
    name = name or getattr(candidate, "__name__", type(candidate).__name__)
    arguments = dict(model_args or {})
    if not isinstance(candidate, type) and isinstance(candidate, Model):
        return _refuse_arguments(candidate, arguments, name)
    if not callable(candidate):
        raise ModelError(f"{name} is {type(candidate).__name__} {candidate!r:.80}, which is no model.",
                         "Give a class, a function that returns a model, an object with preprocess/predict/postprocess, "
                         "or a function network(images).")
    if "is_training" not in side_inputs or isinstance(candidate, type):
        arguments = {**_inference_mode(candidate), **arguments}
    if _takes_anything(candidate) or (
            not isinstance(candidate, type) and _open_parameters(candidate, {*arguments, *side_inputs}, name)):
        return NetworkModel(functools.partial(candidate, **arguments))
    made = _construct(candidate, arguments, name)
    if isinstance(made, Model):
        return made
    if callable(made):
        return NetworkModel(made)
    missing = [method for method in ("preprocess", "predict", "postprocess") if not hasattr(made, method)]
    raise ModelError(f"{name} gave a {type(made).__name__}, which has no {', '.join(missing)}.",
                     "A model has the methods preprocess, predict and postprocess, or is a callable network(images).")


def accepted_keywords(function: Callable[..., Any], keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Returns those of ``keywords`` that ``function`` has a parameter for (all, where it takes ``**kwargs``)."""
    parameters = _parameters(function)
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return dict(keywords)
    by_name = {name for name, parameter in parameters.items() if parameter.kind is not parameter.POSITIONAL_ONLY}
    return {key: value for key, value in keywords.items() if key in by_name}


def _parameters(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):  # builtins have no signature
        return {}


def _takes_anything(candidate: Any) -> bool:
    """Whether it is an object that is called with ``*args``, as a Keras model is: a network, while functions make models."""
    is_function = isinstance(candidate, type | functools.partial) or inspect.isroutine(candidate)
    return not is_function and any(
        parameter.kind is parameter.VAR_POSITIONAL for parameter in _parameters(candidate).values())


def _inference_mode(candidate: Callable[..., Any]) -> dict[str, Any]:
    return {"is_training": False} if "is_training" in _parameters(candidate) else {}


def _open_parameters(function: Callable[..., Any], given: Collection[str], name: str) -> list[str]:
    """The parameters that still need a value: none in a factory, one (the images) in a network."""
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    open_names = [parameter.name for parameter in _parameters(function).values()
                  if parameter.kind in positional and parameter.default is parameter.empty
                  and parameter.name not in given]
    if len(open_names) > 1:
        raise ModelError(f"{name} needs values for {', '.join(open_names)}.",
                         f"Give all but the images with --model_args '{{{open_names[-1]}: ...}}', or tensors with "
                         "--side_input_names.")
    return open_names


def _construct(factory: Callable[..., Any], arguments: Mapping[str, Any], name: str) -> Any:
    try:
        inspect.signature(factory).bind(**arguments)
    except TypeError as error:
        accepted = ", ".join(map(str, _parameters(factory).values())) or "none"
        raise ModelError(f"{name} can't be called with model_args {arguments}: {error}.",
                         f"Its parameters: {accepted}.") from error
    except ValueError:
        pass  # a builtin without a signature: the call itself will tell
    try:
        return factory(**arguments)
    except (KeyboardInterrupt, ExportError):
        raise
    except BaseException as error:  # code that is not ours may also exit
        raise ModelError(f"{name} raised {type(error).__name__} while it was constructed: {error}",
                         failure_advice(error)) from error


def _refuse_arguments(model: Any, arguments: Mapping[str, Any], name: str) -> Any:
    if arguments:
        raise ModelError(f"{name} is a finished object and takes no model_args, found {dict(arguments)}.",
                         "Name its class or a factory function instead.")
    return model
