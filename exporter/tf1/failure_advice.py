"""What to do about an exception that a model's code raised."""

from __future__ import annotations

__all__ = ["failure_advice", "missing_module_advice"]


def failure_advice(error: BaseException) -> str:
    """Returns the advice for an exception of code that is not ours, which may be TensorFlow 1 outside of the surface."""
    if _is_of_tensorflow_1(error):
        return ("That is TensorFlow 1 code, which its source didn't show: name the folder of the code with --tf1_root. "
                "Stack trace: --debug.")
    if isinstance(error, ValueError) and "allow_pickle=False" in str(error):
        return "The arrays are pickled objects. For TensorFlow 1 code and files that you trust: --allow_pickle"
    advice = missing_module_advice(error)
    return f"{advice}. Stack trace: --debug." if advice else "Run with --debug for the stack trace."


def missing_module_advice(error: BaseException) -> str | None:
    """Returns the advice for a module that is not installed; None for other exceptions."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return None
    return (f"If {error.name} is the repository's own, name the folder that holds it with --tf1_root. If not, install or "
            f"build it; if the code imports it and does without it: --stub_modules {error.name.rpartition('.')[2]}")


def _is_of_tensorflow_1(error: BaseException) -> bool:
    if isinstance(error, ModuleNotFoundError):
        return f"{error.name}.".startswith(("tensorflow.contrib.", "tensorflow.examples.", "tensorflow.python."))
    return isinstance(error, AttributeError) and str(error).startswith("module 'tensorflow")
