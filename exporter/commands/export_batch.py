"""``export_batch``: many exports from YAML files."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from absl import flags

from exporter.batch.batch_run import BatchRun, report_directory
from exporter.batch.config.schema import json_schema
from exporter.batch.executors.executor import Executor
from exporter.batch.executors.local import LocalExecutor
from exporter.batch.job import FAILED, SKIPPED
from exporter.batch.plan.planning import plan_batch
from exporter.batch.plan.work import Work, find_work
from exporter.batch.report.plan_text import plan_content, print_plan
from exporter.batch.report.progress import BatchProgress
from exporter.batch.report.report_page import write_report_page
from exporter.batch.report.summary import BatchSummary
from exporter.commands.batch_flags import RAY, check_batch_flags, define_batch_flags, processors
from exporter.commands.command_line import lasting_output, run
from exporter.errors import ExportError, OutputError, UsageError

USAGE = """Runs all exports of YAML files; those that are up to date are left alone.

export_batch configs/digits_input_types.yaml --dry_run
export_batch configs/digits_input_types.yaml --jobs 2

Exit codes: 0 all is well, 1 some jobs failed, 2 usage or configuration, 6 report directory, 70 bug, 130 interrupted.
"""
JSON_NAME, PAGE_NAME = "batch_report.json", "batch_report.html"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    return run(_export_batch, define_batch_flags(), USAGE, arguments)


def _export_batch(values: flags.FlagValues, configs: list[str]) -> None:
    if values.print_schema:
        if configs:
            raise UsageError("--print_schema is given with a configuration.",
                             "The schema is the same for all configurations: leave them away.")
        print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
        return
    check_batch_flags(values, configs)
    start = time.perf_counter()
    work = find_work(plan_batch(configs, values.set), values.only, values.force, values.report)
    if values.dry_run:
        _show_plan(work, values)
    else:
        _run(work, values, start)


def _show_plan(work: Work, values: flags.FlagValues) -> None:
    with lasting_output():
        if values.json:
            print(json.dumps(plan_content(work), indent=2, ensure_ascii=False))
        elif not values.quiet:
            print_plan(work, sys.stdout)
    failures = sum(result.status == FAILED for result in work.known.values())
    if failures:
        raise ExportError(f"{failures} of {len(work.jobs)} exports can't run.", "The plan says why.")


def _run(work: Work, values: flags.FlagValues, start: float) -> None:
    directory = Path(report_directory(work.jobs) if values.report_directory is None else values.report_directory)
    batch = BatchRun(work, _executor(values), values.fail_fast)
    try:
        with BatchProgress(len(work.to_run), values.quiet) as progress:
            batch.run(progress.show)
    finally:
        summary = BatchSummary.of(batch.results(), time.perf_counter() - start)
        _tell(summary, directory, values)
    if summary.exit_code:
        failed, skipped = summary.counts[FAILED], summary.counts[SKIPPED]
        others = f", {skipped} were skipped" if skipped else ""
        raise ExportError(f"{failed} of {len(work.jobs)} exports failed{others}.", f"See {directory / JSON_NAME}.")


def _executor(values: flags.FlagValues) -> Executor:
    if values.executor == RAY:
        from exporter.batch.executors.ray import RayExecutor

        return RayExecutor(values.ray_address, values.jobs, values.timeout, fail_fast=values.fail_fast)
    return LocalExecutor(values.jobs or processors(), values.timeout, fail_fast=values.fail_fast)


def _tell(summary: BatchSummary, directory: Path, values: flags.FlagValues) -> None:
    """Writes what became of the batch, and prints it."""
    with _report_errors(directory):
        summary.write_json(directory / JSON_NAME)
        if values.report:
            write_report_page(summary, directory / PAGE_NAME)
    with lasting_output():
        if values.json:
            print(json.dumps(summary.as_json(), indent=2, ensure_ascii=False))
        elif not values.quiet:
            summary.print_table(sys.stdout)
    for record in summary.records if values.debug else ():
        if record.output:
            print(f"{record.name} printed:\n{record.output.rstrip()}", file=sys.stderr)


@contextmanager
def _report_errors(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"The reports can't be written to {directory}: {error.strerror}.",
                          "Name another directory by --report_directory.") from error


if __name__ == "__main__":
    sys.exit(main())
