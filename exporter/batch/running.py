"""Running one job, in whichever process an executor has made for it."""

from __future__ import annotations

import time

from exporter.batch.failing import failed_result
from exporter.batch.job import EXPORTED, Job, JobResult
from exporter.batch.plan.up_to_date import UpToDateCheck
from exporter.batch.plan.work import FORCED
from exporter.errors import ExportError
from exporter.manifest import ExportResult
from exporter.options.exporting import export_with_options


def run_job(job: Job, fork_verification: bool = False) -> JobResult:
    """Exports one job. Errors that users can cause become a result.

    Args:
        job: what to export.
        fork_verification: whether this process is a fresh fork that may be forked again, see `VerificationProcess`.
    """
    start = time.perf_counter()
    try:
        result, request = export_with_options(job.options, fork_verification=fork_verification,
                                        once_locked=lambda: _look_again(job))
    except _Finished as finished:
        return finished.result
    except ExportError as error:
        return failed_result(error, time.perf_counter() - start)
    notice = request.tensorflow_1.notice if request.tensorflow_1 else ""
    return JobResult(EXPORTED, sum(artifact.byte_size for artifact in result.artifacts), time.perf_counter() - start,
                     _largest_difference(result), result.verification.status,
                     warnings=(notice, *result.warnings) if notice else result.warnings)


class _Finished(Exception):  # noqa: N818 (nothing went wrong)
    """Another batch has run the job since this one was planned."""

    def __init__(self, result: JobResult) -> None:
        super().__init__()
        self.result = result


def _look_again(job: Job) -> None:
    """Raises _Finished where the export is up to date now."""
    if FORCED not in job.reasons and (result := UpToDateCheck().compare(job).result) is not None:
        raise _Finished(result)


def _largest_difference(result: ExportResult) -> float | None:
    differences = [output.max_abs for artifact in result.verification.artifacts for output in artifact.outputs]
    return max(differences, default=None)
