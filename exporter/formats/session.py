"""Running a TensorFlow graph as a loaded artifact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from exporter.formats.format import LoadedArtifact
from exporter.formats.run_state import RunState
from exporter.graph.tensor_spec import TensorSpec
from exporter.lazy_tensorflow import Graph, tf

_converts_layouts: ContextVar[bool] = ContextVar("converts_layouts", default=False)


def exact_session_config() -> Any:
    """Returns a ``tf.ConfigProto`` under which a graph runs as it is written: grappler would change last bits.

    Only devices that are not there are left aside, so that a model built for GPUs runs without them. Within
    `converting_layouts`, grappler does one thing.
    """
    config = tf.ConfigProto(allow_soft_placement=True)
    rewrite_options = config.graph_options.rewrite_options
    rewrite_options.disable_meta_optimizer = not _converts_layouts.get()
    config.graph_options.optimizer_options.opt_level = -1
    if _converts_layouts.get():
        for field in rewrite_options.DESCRIPTOR.fields:
            if field.enum_type is not None and field.enum_type.name == "Toggle":
                setattr(rewrite_options, field.name, rewrite_options.OFF)
        rewrite_options.memory_optimization = rewrite_options.NO_MEM_OPT
        rewrite_options.layout_optimizer = rewrite_options.ON
        rewrite_options.cpu_layout_conversion = rewrite_options.NCHW_TO_NHWC
        rewrite_options.min_graph_nodes = -1
    return config


@contextmanager
def converting_layouts() -> Iterator[None]:
    """Lets the sessions that are opened in the block run graphs in NCHW, the data format of GPUs, on a CPU.

    TensorFlow has no kernels for that; its layout optimizer, which is on in everybody's sessions, makes them NHWC.
    """
    token = _converts_layouts.set(True)
    try:
        yield
    finally:
        _converts_layouts.reset(token)


def open_session(graph: Graph | None = None) -> Any:
    """Returns a session on ``graph`` (a new one by default) with `exact_session_config`."""
    return tf.Session(graph=graph or tf.Graph(), config=exact_session_config())


def loaded_graph(session: Any, inputs: Mapping[str, TensorSpec], outputs: Mapping[str, TensorSpec]) -> LoadedArtifact:
    """Wraps a session whose graph is ready to run. Each run begins with the variables as they are now."""
    fetches = {name: spec.name for name, spec in outputs.items()}
    state = RunState(session, fetches.values())
    run = session.make_callable(list(fetches.values()), feed_list=[spec.name for spec in inputs.values()])

    def call(feeds: dict[str, Any]) -> dict[str, np.ndarray[Any, Any]]:
        """Runs the graph once: takes arrays by input key, returns them by output name."""
        state.restore()
        values = run(*(as_array(feeds[key], spec) for key, spec in inputs.items()))
        # A single string as an array of strings would lose zeros at its end.
        return {name: np.asarray(value, object if isinstance(value, bytes) else None)
                for name, value in zip(fetches, values, strict=True)}

    return LoadedArtifact(inputs, outputs, call, session.close)


def as_array(value: Any, spec: TensorSpec) -> np.ndarray[Any, Any]:
    """Returns a value as an array of the tensor's type; strings as objects."""
    return np.asarray(value, dtype=object if spec.dtype == "string" else tf.as_dtype(spec.dtype).as_numpy_dtype)
