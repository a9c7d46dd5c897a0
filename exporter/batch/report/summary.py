"""What became of a batch: the table that is printed at the end, and the same as ``batch_report.json``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TextIO

from exporter.batch.job import EXPORTED, FAILED, SKIPPED, UP_TO_DATE, Job, JobResult
from exporter.batch.report.wording import difference_text, one_line, seconds_text, shortened
from exporter.manifest import as_json
from exporter.reporting.page import REPORT_NAME
from exporter.sizes import byte_text
from exporter.storage.places import is_remote, join, local_path
from exporter.version import __version__

SCHEMA_VERSION = 1
STATUSES = (EXPORTED, UP_TO_DATE, FAILED, SKIPPED)
_STYLES = {EXPORTED: "green", UP_TO_DATE: "cyan", FAILED: "bold red", SKIPPED: "yellow"}
_HEADINGS = ("Name", "Status", "Size", "Seconds", "Largest difference, or error")
_NUMBERS = ("Size", "Seconds")
_MOST_OUTPUT = 8000  # characters of a failed job's last lines


@dataclass(frozen=True)
class JobRecord:
    """One job as ``batch_report.json`` has it; see `exporter.batch.job.Job` and `JobResult` for what is not told here.

    Attributes:
        bytes: of all artifacts.
        output: the end of what the job's code printed.
        report: where the export's ``report.html`` is; None where there is none.
    """

    name: str
    status: str
    output_directory: str | None
    checkpoint: str | None
    step: int | None
    bytes: int
    seconds: float
    largest_difference: float | None
    verification: str
    reasons: tuple[str, ...]
    problem: str
    advice: str
    exit_code: int
    warnings: tuple[str, ...]
    output: str
    report: str | None

    @classmethod
    def of(cls, job: Job, result: JobResult) -> JobRecord:
        """Returns the record of a job and its result."""
        options = job.options
        return cls(
            job.name, result.status, options.output_directory, options.trained_checkpoint_prefix, job.step,
            result.byte_size, result.seconds, result.largest_difference, result.verification, job.reasons, result.problem,
            result.advice, result.exit_code, result.warnings, result.output[-_MOST_OUTPUT:], _report_place(job, result))


@dataclass(frozen=True)
class BatchSummary:
    """What became of a batch.

    Attributes:
        records: one per job, in the order of the configuration.
        seconds: how long all of it took.
        created: when it ended, UTC.
    """

    records: tuple[JobRecord, ...]
    seconds: float
    created: str

    @classmethod
    def of(cls, results: Iterable[tuple[Job, JobResult]], seconds: float) -> BatchSummary:
        """Returns the summary of a batch that has just ended; of each job only a small record is kept."""
        created = datetime.now(timezone.utc).isoformat(timespec="seconds")
        return cls(tuple(JobRecord.of(job, result) for job, result in results), seconds, created)

    @property
    def counts(self) -> dict[str, int]:
        """Status -> number of jobs, all four of them."""
        counts = dict.fromkeys(STATUSES, 0)
        for record in self.records:
            counts[record.status] += 1
        return counts

    @property
    def exit_code(self) -> int:
        """0 if every job was exported or is up to date, else 1."""
        return 0 if all(record.status in (EXPORTED, UP_TO_DATE) for record in self.records) else 1

    @property
    def last_line(self) -> str:
        """``15 exported, 2 up to date, 5 failed in 31 s``."""
        counts = [f"{count} {status}" for status, count in self.counts.items() if count]
        return f"{', '.join(counts) or 'nothing to export'} in {seconds_text(self.seconds)}"

    def print_table(self, stream: TextIO) -> None:
        """Prints the table: as wide as the terminal, in colours there; else one line per job, nothing cut off."""
        if self.records:
            if stream.isatty():
                self._print_on_terminal(stream)
            else:
                stream.write("".join(f"{line}\n" for line in self._plain_lines()))
        stream.write(f"{self.last_line}\n")
        stream.flush()

    def as_json(self) -> dict[str, Any]:
        """Returns the content of ``batch_report.json``; what is not finite is a string, as in a manifest."""
        content = {"schema_version": SCHEMA_VERSION, "exporter": __version__, "created": self.created,
                   "seconds": round(self.seconds, 3), "exit_code": self.exit_code, "counts": self.counts,
                   "jobs": [asdict(record) for record in self.records]}
        return {key: as_json(value) for key, value in content.items()}

    def write_json(self, path: Path) -> None:
        """Writes ``batch_report.json``: the old file is there until the new one is whole.

        Raises:
            OSError: it can't be written.
        """
        write_whole(path, json.dumps(self.as_json(), indent=2, ensure_ascii=False) + "\n")

    def _print_on_terminal(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
        for heading in _HEADINGS:
            table.add_column(heading, justify="right" if heading in _NUMBERS else "left", overflow="fold",
                             no_wrap=heading in (*_NUMBERS, "Status"))
        for record in self.records:
            name, status, *others = _cells(record)
            table.add_row(Text(name), Text(status, _STYLES[status]), *map(Text, others))
        Console(file=stream).print(table)

    def _plain_lines(self) -> Iterator[str]:
        rows = [_HEADINGS, *map(_cells, self.records)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = [cell.rjust(width) if heading in _NUMBERS else cell.ljust(width)
                     for heading, cell, width in zip(_HEADINGS, row, widths, strict=True)]
            yield "  ".join(cells).rstrip()


def write_whole(path: Path, text: str) -> None:
    """Writes a file: under another name first, then in the place of the old one.

    Raises:
        OSError: it can't be written; the old one is left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _cells(record: JobRecord) -> tuple[str, str, str, str, str]:
    problem = record.problem if record.status in (FAILED, SKIPPED) else ""
    return (one_line(record.name), record.status, byte_text(record.bytes) if record.bytes else "",
            f"{record.seconds:.1f}" if record.seconds else "",
            shortened(one_line(problem)) or difference_text(record.status, record.largest_difference, record.verification))


def _report_place(job: Job, result: JobResult) -> str | None:
    """Where the report is. A store is not asked: an export that was asked for a report has one."""
    directory = job.options.output_directory
    if directory is None or result.status not in (EXPORTED, UP_TO_DATE):
        return None
    place = join(directory, REPORT_NAME)
    is_there = job.options.report if is_remote(place) else os.path.isfile(local_path(place))
    return place if is_there else None
