"""An error of an export as the result of its job."""

from __future__ import annotations

from exporter.batch.config.words import yaml_words
from exporter.batch.job import FAILED, JobResult
from exporter.errors import ExportError


def failed_result(error: ExportError, seconds: float = 0.0) -> JobResult:
    """Returns the result of a job that failed by ``error``, in the words of the configuration."""
    return JobResult(FAILED, seconds=seconds, problem=yaml_words(error.problem), advice=yaml_words(error.advice),
                     exit_code=error.exit_code)
