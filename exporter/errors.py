"""The errors that users see, and the exit code of each.

    ExportError             1   anything below that has no class of its own
    ├── UsageError          2   a flag, an argument, a YAML key
    ├── ModelError          3   the model was not found, raised, or broke its contract
    ├── CheckpointError     4   the checkpoint was not found, is damaged, or does not fit the model
    ├── GraphError          5   an output was not found, or the graph can't be converted
    ├── OutputError         6   the output path exists, is not writable, or the disk is full
    └── VerificationError   7   an artifact's outputs differ from the checkpoint's
        └── NotComparableError  the model itself runs on none of the inputs

An interrupted command (Ctrl-C) exits with 130, a bug in this package with 70 (``EX_SOFTWARE``).
"""

from __future__ import annotations

INTERRUPTED_EXIT_CODE = 130
BUG_EXIT_CODE = 70


_NOISE = ("Graph execution error", "Detected at node", "Node:", "Errors may have", "<stack traces unavailable>", "File \"",
          "[[{{node", "(0)", "(1)", "0 successful operations", "Original stack trace", "Traceback")


def reason(error: BaseException) -> str:
    """Returns the line of an exception's message that tells something; TensorFlow's have stack traces around it."""
    lines = [line.strip() for line in str(getattr(error, "message", None) or error).splitlines()]
    telling = [line for line in lines if line and not line.startswith(_NOISE)]
    return telling[0] if telling else type(error).__name__


class ExportError(Exception):
    """Base class of every error that a user can cause and mend.

    Args:
        problem: what was found, and what was expected.
        advice: what to do; printed on a line of its own.
    """

    exit_code = 1

    def __init__(self, problem: str, advice: str = "") -> None:
        super().__init__(problem, advice)
        self.problem = problem
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.problem}\n{self.advice}" if self.advice else self.problem


class UsageError(ExportError, ValueError):
    """A flag, an argument or a YAML key has a value that can't be used."""

    exit_code = 2


class ModelError(ExportError):
    """The model was not found, raised while it was built, or returned something that can't be exported."""

    exit_code = 3


class CheckpointError(ExportError):
    """The checkpoint was not found, is damaged, or does not fit the model's variables."""

    exit_code = 4


class GraphError(ExportError):
    """A tensor was not found in the graph, or the graph can't be turned into constants."""

    exit_code = 5


class OutputError(ExportError):
    """The output path exists already, can't be written, or has too little space."""

    exit_code = 6


class VerificationError(ExportError):
    """An artifact gives other outputs than the checkpoint it was made from."""

    exit_code = 7


class NotComparableError(VerificationError):
    """The reference itself can't be run on the inputs that there are."""
