"""One job of a batch, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from exporter.options.export_options import ExportOptions

EXPORTED, UP_TO_DATE, FAILED, SKIPPED = "exported", "up to date", "failed", "skipped"


@dataclass(frozen=True)
class Job:
    """One export of a batch; it can be sent to another process or machine.

    Attributes:
        name: unique within the batch.
        options: all that `export` needs; ``trained_checkpoint_prefix`` is one checkpoint's prefix.
        step: the checkpoint's step, where its name tells it.
        checkpoint_size: bytes of the checkpoint's files with values; 0 where there is no checkpoint.
        reasons: why it has to run, for a job whose export is there already.
    """

    name: str
    options: ExportOptions
    step: int | None = None
    checkpoint_size: int = 0
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class JobResult:
    """What became of a job.

    Attributes:
        status: EXPORTED, UP_TO_DATE, FAILED or SKIPPED.
        byte_size: bytes of all artifacts.
        seconds: how long it took.
        largest_difference: the largest absolute difference of any output from the checkpoint's; None where not compared.
        verification: the verification's status, or "".
        problem: what was found, for a job that failed or was skipped.
        advice: what to do about it.
        exit_code: what ``export_inference_graph`` would have exited with.
        warnings: what the user should know of the export.
        output: the last lines that the job's code printed, where it failed.
    """

    status: str
    byte_size: int = 0
    seconds: float = 0.0
    largest_difference: float | None = None
    verification: str = ""
    problem: str = ""
    advice: str = ""
    exit_code: int = 0
    warnings: tuple[str, ...] = ()
    output: str = ""
