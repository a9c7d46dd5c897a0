"""Errors for symbols of TensorFlow 1 that are not there: they name the symbol, the line that asked, and what to do."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from exporter.errors import ModelError

__all__ = ["MissingKernelError", "MissingModuleError", "MissingNameError", "MissingSymbolError", "StandInError",
           "TrainingOnlyError", "UnwrittenSymbolError", "asking_line", "missing_module", "missing_name", "missing_symbol",
           "training_only", "unwritten", "without_kernel"]

_NOT_ASKING = ("exporter.", "importlib.", "tensorflow.python.util.")
_RENAMED_IN_1_0 = {"pack": "tf.stack", "unpack": "tf.unstack", "mul": "tf.multiply", "sub": "tf.subtract",
                   "neg": "tf.negative", "select": "tf.where", "batch_matmul": "tf.matmul", "listdiff": "tf.setdiff1d",
                   "scalar_summary": "tf.summary.scalar", "histogram_summary": "tf.summary.histogram",
                   "image_summary": "tf.summary.image", "merge_summary": "tf.summary.merge",
                   "merge_all_summaries": "tf.summary.merge_all", "train.SummaryWriter": "tf.summary.FileWriter",
                   "initialize_all_tables": "tf.tables_initializer", "complex_abs": "tf.abs",
                   "inv": "tf.reciprocal", "nn.seq2seq": "tf.contrib.legacy_seq2seq"}


class MissingSymbolError(ModelError, AttributeError):
    """A module of TensorFlow 1 lacks the attribute that the code asked for."""


class MissingModuleError(ModelError, ModuleNotFoundError):
    """There is no such module in TensorFlow 1, or the surface does not have it."""


class MissingNameError(ModelError, ImportError):
    """`from module import name` asked for a name that the module lacks."""


class StandInError(ModelError, NotImplementedError):
    """Code used a symbol that can be imported, and no more; the kinds below say why, and what to do."""

    because = "can be imported, and no more"
    way_out = ""


class TrainingOnlyError(StandInError):
    """Code used a symbol that only training needs, and that TensorFlow 2 has nothing for."""

    because = "is for training only and can't be used here"
    way_out = "Call the part of the code that builds the model for inference, or train with TensorFlow 1.15."


class MissingKernelError(StandInError):
    """Code used a symbol whose operation runs nowhere, or on GPUs only, in TensorFlow 2."""

    because = "stands on a kernel that TensorFlow 2 has not, at least not on CPUs"
    way_out = "Build the model for inference without it."


class UnwrittenSymbolError(StandInError):
    """Code used a symbol that a model may need, and that nobody has written for TensorFlow 2 yet."""

    because = "can be imported, but is not written for TensorFlow 2"
    way_out = "If the model can do without it, guard the line; if not, please report the symbol."


def missing_symbol(dotted_name: str) -> AttributeError:
    """Returns the error for an attribute, to be raised by a module's ``__getattr__``.

    Args:
        dotted_name: the symbol as users write it, ``tf.contrib.layers.optimize_loss``.
    """
    return MissingSymbolError(_problem(dotted_name), _advice(dotted_name))


def missing_name(dotted_name: str) -> ImportError:
    """Returns the error for a name that is imported from a module without it."""
    return MissingNameError(_problem(dotted_name), _advice(dotted_name))


def missing_module(dotted_name: str) -> ModuleNotFoundError:
    """Returns the error for a module, to be raised by an import; its ``name`` is the module's, as in Python."""
    error = MissingModuleError(_problem(dotted_name), _advice(dotted_name))
    error.name = dotted_name
    return error


def _problem(dotted_name: str) -> str:
    return f"{dotted_name} is not on the TensorFlow 1 surface{asking_line()}."


def _advice(dotted_name: str) -> str:
    renamed = _RENAMED_IN_1_0.get(dotted_name.removeprefix("tf.").removeprefix("tensorflow."))
    if renamed:
        return f"It is a name of TensorFlow 0.x, which 1.15 didn't have either: it became {renamed}."
    return ("If the model can do without it, guard the line (try/except, or move it to the training code); if not, please "
            "report the symbol.")


def training_only(dotted_name: str) -> Any:
    """Returns a stand-in for a symbol that only training uses: it can be imported and subclassed, not called.

    Args:
        dotted_name: the symbol as users write it, ``tf.contrib.tpu.TPUEstimator``.

    The stand-in is a class of the symbol's own name. Calling it, as a function or to make an instance, raises
    TrainingOnlyError with the symbol and the line that asked.
    """
    return _stand_in(dotted_name, TrainingOnlyError)


def without_kernel(dotted_name: str, instead: str = "") -> Any:
    """Returns a stand-in, as `training_only` does, for a symbol whose kernel is gone; it raises MissingKernelError.

    Args:
        dotted_name: the symbol as users write it, ``tf.contrib.cudnn_rnn.CudnnLSTM``.
        instead: what to do, where there is more to say than to do without it.
    """
    return _stand_in(dotted_name, MissingKernelError, instead)


def unwritten(dotted_name: str, instead: str = "") -> Any:
    """Returns a stand-in, as `training_only` does, for a symbol that lacks its code; it raises UnwrittenSymbolError.

    Args:
        dotted_name: the symbol as users write it, ``tf.contrib.integrate.odeint``.
        instead: what to do, where there is more to say than to report it.
    """
    return _stand_in(dotted_name, UnwrittenSymbolError, instead)


def _stand_in(dotted_name: str, error: type[StandInError], instead: str = "") -> Any:

    def refuse(cls: type, *arguments: Any, **keywords: Any) -> Any:
        """Raises the error."""
        raise error(f"{dotted_name} {error.because}{asking_line()}.", instead or error.way_out)

    module, _, name = dotted_name.rpartition(".")
    return type(name, (), {"__new__": refuse, "__module__": module, "__doc__": f"Stands in for {dotted_name}."})


def asking_line() -> str:
    """Returns where the code stands that asked for something, as `` (asked for by file.py, line 7)``; may be empty."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        if not f"{name}.".startswith(_NOT_ASKING):
            return f" (asked for by {frame.f_code.co_filename}, line {frame.f_lineno})"
        frame = frame.f_back
    return ""
