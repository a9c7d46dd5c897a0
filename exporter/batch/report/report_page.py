"""Writing ``batch_report.html``: all jobs of a batch on one page that needs no network."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from exporter.batch.job import EXPORTED, FAILED, SKIPPED, UP_TO_DATE
from exporter.batch.plan.up_to_date import NOT_THERE
from exporter.batch.report.summary import BatchSummary, JobRecord, write_whole
from exporter.batch.report.wording import difference_text, one_line, seconds_text
from exporter.reporting.html import render_template
from exporter.storage.places import is_remote, local_path

_TEMPLATE = Path(__file__).with_name("report_page.html")
_SCRIPT = Path(__file__).with_name("report_page.js")


def write_report_page(summary: BatchSummary, path: Path) -> None:
    """Writes the page; its links to local exports are relative to it.

    Raises:
        OSError: it can't be written.
    """
    write_whole(path, render(summary, path.parent))


def render(summary: BatchSummary, directory: Path) -> str:
    """Returns the page.

    Args:
        summary: what became of the batch.
        directory: where the page will be.
    """
    script = _SCRIPT.read_text(encoding="utf-8")
    return render_template(
        _TEMPLATE, {"seconds": seconds_text}, summary=summary, counts=summary.counts, failed=FAILED, skipped=SKIPPED,
        is_well=summary.exit_code == 0, byte_size=sum(record.bytes for record in summary.records),
        rows=[_row(record, directory) for record in summary.records], script=script, script_digest=_digest(script))


def _digest(script: str) -> str:
    """What a browser must find in the page's own script to run it; no other script is run."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _row(record: JobRecord, directory: Path) -> dict[str, Any]:
    is_there = record.status in (EXPORTED, UP_TO_DATE)
    return {
        "record": record, "problem": one_line(record.problem), "advice": record.advice.strip(),
        "output": record.output.strip(), "reasons": [reason for reason in record.reasons if reason != NOT_THERE],
        "difference": difference_text(record.status, record.largest_difference, record.verification),
        "directory_link": _link(record.output_directory, directory, "/") if is_there else None,
        "report_link": _link(record.report, directory),
    }


def _link(place: str | None, directory: Path, end: str = "") -> str | None:
    """A relative link to a local file or directory; None for what a browser can't open."""
    if place is None or is_remote(place):
        return None
    relative = os.path.relpath(os.path.abspath(local_path(place)), os.path.abspath(directory))
    return quote(relative + end, errors="surrogateescape")
