"""`tf.contrib.predictor`: a SavedModel as a function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exporter.lazy_tensorflow import tf
from exporter.tf1.contrib.lazy_names import lazy_names

__all__ = ["from_saved_model"]

__getattr__, __dir__ = lazy_names(__name__, training="from_contrib_estimator from_estimator")


class _SavedModelPredictor:
    """Runs a signature of a SavedModel; see `from_saved_model`."""

    def __init__(self, directory: str, key: str, signature: Any, tags: str, graph: Any, config: Any,
                 names: tuple[Mapping[str, str], Mapping[str, str]] | None) -> None:
        self._graph = graph or tf.Graph()
        with self._graph.as_default():
            self._session = tf.Session(config=config)
            model = tf.saved_model.load(self._session, tags.split(","), directory)
            inputs, outputs = names or _tensor_names(signature or model.signature_def[key])
            self._feeds = {name: self._graph.get_tensor_by_name(tensor) for name, tensor in inputs.items()}
            self._fetches = {name: self._graph.get_tensor_by_name(tensor) for name, tensor in outputs.items()}

    def __call__(self, input_dict: Mapping[str, Any]) -> dict[str, Any]:
        """Returns name -> output.

        Raises:
            ValueError: an input that the signature does not have.
        """
        unknown = sorted(set(input_dict) - set(self._feeds))
        if unknown:
            raise ValueError(f"Got unexpected keys in input_dict: {unknown}\nexpected: {sorted(self._feeds)}")
        feeds = {self._feeds[name]: value for name, value in input_dict.items()}
        outputs: dict[str, Any] = self._session.run(self._fetches, feeds)
        return outputs

    @property
    def graph(self) -> Any:
        """The graph."""
        return self._graph

    @property
    def session(self) -> Any:
        """The session."""
        return self._session

    @property
    def feed_tensors(self) -> dict[str, Any]:
        """Name -> tensor of the inputs."""
        return self._feeds

    @property
    def fetch_tensors(self) -> dict[str, Any]:
        """Name -> tensor of the outputs."""
        return self._fetches


def from_saved_model(export_dir: str, signature_def_key: str | None = None, signature_def: Any = None,
                     input_names: Any = None, output_names: Any = None, tags: str | None = None, graph: Any = None,
                     config: Any = None) -> _SavedModelPredictor:
    """Returns a function: name -> input, to name -> output.

    Args:
        export_dir: the SavedModel.
        signature_def_key: the signature; ``serving_default`` by default.
        signature_def: a signature in its place.
        input_names, output_names: name -> tensor, in the place of a signature.
        tags: of the graph, separated by commas; ``serve`` by default.
        graph, config: of the session.

    Raises:
        ValueError: more than one of the three is given, or one of the two mappings without the other.
    """
    has_names = [input_names is not None, output_names is not None]
    if any(has_names) != all(has_names) or (signature_def_key, signature_def, input_names).count(None) < 2:
        raise ValueError("Give one of signature_def_key, signature_def, or input_names and output_names together.")
    key = signature_def_key or tf.saved_model.signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY
    names = (input_names, output_names) if all(has_names) else None
    return _SavedModelPredictor(export_dir, key, signature_def, tags or "serve", graph, config, names)


def _tensor_names(signature: Any) -> tuple[dict[str, str], dict[str, str]]:
    return ({name: info.name for name, info in signature.inputs.items()},
            {name: info.name for name, info in signature.outputs.items()})
