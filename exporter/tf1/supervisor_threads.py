"""The threads that save checkpoints and summaries during `slim.learning.train`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from exporter.tf1.import_hooks import after_import

__all__ = ["mend_supervisor_threads"]

SERVICE_THREADS = ("SVSummaryThread", "SVStepCounterThread", "SVTimerCheckpointThread")


def mend_supervisor_threads() -> None:
    """Lets `slim.learning.train` run inside `with tf.Graph().as_default()` of a TensorFlow 2 program.

    Since TensorFlow 2.0 every new thread executes eagerly unless `tf.disable_eager_execution` was called,
    and so do the service threads of `tf.train.Supervisor`. There `global_step` (training/training_util.py)
    and `Saver.save` (training/saver.py) take the path for eager tensors, which stops the training:
    `TypeError: <tf.Tensor 'global_step:0' ...> is out of scope`. The threads run with the session's graph
    as default instead.
    """
    after_import("tensorflow.python.training.supervisor", _run_threads_in_session_graph)


def _run_threads_in_session_graph(supervisor: Any) -> None:
    for name in SERVICE_THREADS:
        thread = getattr(supervisor, name)
        thread.run = _in_session_graph(thread.run)


def _in_session_graph(run: Callable[[Any], None]) -> Callable[[Any], None]:
    @functools.wraps(run)
    def run_in_session_graph(thread: Any) -> None:
        with thread._sess.graph.as_default():
            run(thread)

    return run_in_session_graph
