"""Jobs and what became of them, for tests of what is told about them."""

from exporter.batch.job import EXPORTED, FAILED, SKIPPED, UP_TO_DATE, Job, JobResult
from exporter.options.export_options import ExportOptions

PROBLEM = "There is no checkpoint 'runs/nowhere/model.ckpt-1'."
ADVICE = "Checkpoints in runs/digits: model.ckpt-1000, model.ckpt-2000. Give one of these prefixes."


def a_job(name, step=None, reasons=(), **options):
    options.setdefault("output_directory", f"exports/{name}")
    return Job(name, ExportOptions(trained_checkpoint_prefix="runs/digits/model.ckpt-1", **options), step=step,
               reasons=reasons)


def exported(difference=0.0, verification="verified", size=1_234_567, **fields):
    return JobResult(EXPORTED, size, 0.84, difference, verification, **fields)


def failed(problem=PROBLEM, **fields):
    return JobResult(FAILED, seconds=2.5, problem=problem, advice=ADVICE, exit_code=4, **fields)


def up_to_date():
    return JobResult(UP_TO_DATE)


def skipped():
    return JobResult(SKIPPED, problem="interrupted", advice="Run it again.")
