"""What to do about an exception that a model's code raised."""

from __future__ import annotations

__all__ = ["failure_advice"]


def failure_advice(error: BaseException) -> str:
    """Returns the advice for an exception of code that is not ours, which may be TensorFlow 1 outside of the surface."""
    if _is_of_tensorflow_1(error):
        return ("That is TensorFlow 1 code, which its source didn't show: name the folder of the code with --tf1_root. "
                "Stack trace: --debug.")
    return "Run with --debug for the stack trace."


def _is_of_tensorflow_1(error: BaseException) -> bool:
    if isinstance(error, ModuleNotFoundError):
        return f"{error.name}.".startswith(("tensorflow.contrib.", "tensorflow.examples.", "tensorflow.python."))
    return isinstance(error, AttributeError) and str(error).startswith("module 'tensorflow")
