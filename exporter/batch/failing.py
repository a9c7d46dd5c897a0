"""An error of an export as the result of its job."""

from __future__ import annotations

import traceback

from exporter.batch.config.words import yaml_words
from exporter.batch.job import FAILED, JobResult
from exporter.errors import ExportError, ModelError

_MOST_FRAMES = 20


def failed_result(error: ExportError, seconds: float = 0.0) -> JobResult:
    """Returns the result of a job that failed by ``error``, in the words of the configuration."""
    return JobResult(FAILED, seconds=seconds, problem=yaml_words(error.problem), advice=yaml_words(error.advice),
                     exit_code=error.exit_code, output=_stack_trace(error))


def _stack_trace(error: ExportError) -> str:
    """The stack trace of what the model's code raised, which its author needs; nothing for other errors."""
    if not isinstance(error, ModelError) or error.__cause__ is None:
        return ""
    return "".join(traceback.format_exception(error.__cause__)[-_MOST_FRAMES:])
