"""What ``--dry_run`` shows: the jobs, what they read and write, and why they have to run."""

from __future__ import annotations

from typing import Any, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from exporter.batch.job import FAILED, UP_TO_DATE, Job
from exporter.batch.plan.work import Work, most_bytes
from exporter.batch.report.wording import one_line, shortened
from exporter.sizes import byte_text

TO_RUN = "to run"
_WIDTH_OF_A_PIPE = 200


def plan_content(work: Work) -> dict[str, Any]:
    """Returns the plan as values that JSON has."""
    jobs = [_job_content(job, work) for job in work.jobs]
    counts = {status: sum(job["status"] == status for job in jobs) for status in (TO_RUN, UP_TO_DATE, FAILED)}
    return {"schema_version": 1, "counts": counts, "bytes_at_most": sum(map(most_bytes, work.to_run)), "jobs": jobs}


def print_plan(work: Work, stream: TextIO) -> None:
    """Prints the plan as a table, and what it comes to in one line."""
    console = Console(file=stream) if stream.isatty() else Console(file=stream, width=_WIDTH_OF_A_PIPE)
    content = plan_content(work)
    table = Table("name", "checkpoint", "output directory", "weights at most", "status", box=None, pad_edge=False)
    for job in content["jobs"]:
        size = byte_text(job["bytes_at_most"]) if job["status"] == TO_RUN and job["bytes_at_most"] else ""
        why = shortened(one_line("; ".join(job["reasons"]) or job["problem"]))
        cells = (job["name"], job["checkpoint"] or "", job["output_directory"], size,
                 f"{job['status']}: {why}" if why else job["status"])
        table.add_row(*(Text(cell, overflow="fold") for cell in cells))
    console.print(table)
    counts = ", ".join(f"{count} {status}" for status, count in content["counts"].items() if count)
    console.print(Text(f"{counts or 'no jobs'}; at most {byte_text(content['bytes_at_most'])} of weights to write"))


def _job_content(job: Job, work: Work) -> dict[str, Any]:
    known = work.known.get(job.name)
    return {"name": job.name, "status": TO_RUN if known is None else known.status,
            "reasons": list(job.reasons), "model": job.options.model,
            "input_graph": job.options.input_graph, "checkpoint": job.options.trained_checkpoint_prefix, "step": job.step,
            "output_directory": job.options.output_directory, "bytes_at_most": most_bytes(job) if known is None else 0,
            "problem": known.problem if known else "", "advice": known.advice if known else ""}
