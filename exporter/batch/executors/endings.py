"""How a job's process ended without a result, as a result in plain words."""

from __future__ import annotations

import signal

from exporter.batch.executors.output import last_words
from exporter.batch.job import FAILED, JobResult
from exporter.errors import BUG_EXIT_CODE, ExportError, ModelError
from exporter.sizes import byte_text

_MORE_MEMORY = "Run fewer jobs at a time with --jobs, or on a machine with more memory."


def crashed(exit_code: int | None, memory: int, lines: list[str]) -> JobResult:
    """Returns the result of a process that is gone.

    Args:
        exit_code: of the process, negative for a signal; None where it lives but has cut its connection.
        memory: the job's estimate, in bytes.
        lines: the last ones that it printed.
    """
    output = "\n".join(lines)
    if exit_code == -signal.SIGKILL:
        return JobResult(
            FAILED, problem="The job's process was killed by SIGKILL; likely there was too little memory (its estimate is "
                            f"{byte_text(memory)}).{_said(lines)}",
            advice=_MORE_MEMORY, exit_code=ExportError.exit_code, output=output)
    if exit_code == -signal.SIGTERM:
        return JobResult(FAILED, problem="The job's process was ended by SIGTERM, from outside.",
                         advice="Run the batch again.", exit_code=ExportError.exit_code, output=output)
    return JobResult(FAILED, problem=f"{_ending(exit_code)}{_said(lines)}",
                     advice="Likely cause: the model's code. Its last output has the details.",
                     exit_code=ModelError.exit_code, output=output)


def timed_out(timeout: float, lines: list[str]) -> JobResult:
    """Returns the result of a job that was ended because it took too long (``timeout`` is in seconds)."""
    return JobResult(FAILED, problem=f"The job took longer than {timeout:g} s (--timeout).{_said(lines)}",
                     advice="Give it more time with --timeout, or see what its model waits for.",
                     exit_code=ExportError.exit_code, output="\n".join(lines))


def out_of_memory(memory: int) -> JobResult:
    """Returns the result of a job that could not get memory; ``memory`` is its estimate in bytes."""
    return JobResult(FAILED, problem=f"The job ran out of memory (its estimate is {byte_text(memory)}).",
                     advice=_MORE_MEMORY, exit_code=ExportError.exit_code)


def left(code: object) -> JobResult:
    """Returns the result of a job whose code called ``sys.exit``."""
    return JobResult(FAILED, problem=f"The model's code ended the job by sys.exit({'' if code is None else repr(code)}).",
                     advice="Code of a model has to return.", exit_code=ModelError.exit_code)


def interrupted_itself() -> JobResult:
    """Returns the result of a job whose code raised KeyboardInterrupt, though nobody has asked it to end."""
    return JobResult(FAILED, problem="The model's code raised KeyboardInterrupt.",
                     advice="Code of a model has to return, or to raise an Exception.", exit_code=ModelError.exit_code)


def server_died(memory: int, lines: list[str]) -> JobResult:
    """Returns the result of a job during which the server died, and died again when the job was alone with it.

    Args:
        memory: the job's estimate, in bytes.
        lines: the last ones that the server printed.
    """
    return JobResult(
        FAILED, problem="The process that starts the jobs died while this job ran, and again while it ran alone.",
        advice="Likely cause: the model's code, which ends its parent process, or too little memory (the job's estimate is "
               f"{byte_text(memory)}).", exit_code=ModelError.exit_code, output="\n".join(lines))


def not_started(error: OSError, memory: int) -> JobResult:
    """Returns the result of a job for which the system gave no process; ``memory`` is its estimate in bytes."""
    return JobResult(FAILED, problem=f"No process could be started for the job: {error.strerror or error} (its estimate is "
                                     f"{byte_text(memory)}).", advice=_MORE_MEMORY, exit_code=ExportError.exit_code)


def bug(error: BaseException) -> JobResult:
    """Returns the result of a job that raised what it should have told; its stack trace has been printed."""
    return JobResult(FAILED, problem=f"This is a bug in exporter: {type(error).__name__}: {error}",
                     advice="Please report it with the lines of its output.", exit_code=BUG_EXIT_CODE)


def _ending(exit_code: int | None) -> str:
    if exit_code is None:
        return "The job's process cut its connection."
    if exit_code < 0:
        return f"The job's process was killed by signal {-exit_code} ({_signal_name(-exit_code)})."
    return f"The job's process ended by itself, with exit code {exit_code} and no result."


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "a real-time signal"


def _said(lines: list[str]) -> str:
    words = last_words(lines)
    return f" Its last output: {words}" if words else ""
