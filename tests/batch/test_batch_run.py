"""Running a batch: every job has a result in the end, whatever comes between."""

import os
from pathlib import Path

import pytest

from exporter.batch.batch_run import BatchRun, report_directory
from exporter.batch.executors.executor import JobFinished, JobStarted
from exporter.batch.job import EXPORTED, FAILED, SKIPPED, UP_TO_DATE, Job, JobResult
from exporter.batch.plan.work import Work
from exporter.options.export_options import ExportOptions


def job(name, output_directory="exports"):
    return Job(name, ExportOptions(output_directory=output_directory))


class Scripted:
    """An executor whose jobs have the results that their names say; "interrupt" is Ctrl-C while it runs."""

    def __init__(self, fail_fast=False):
        self.fail_fast, self.is_closed = fail_fast, False

    def run(self, jobs):
        try:
            for entry in jobs:
                yield JobStarted(entry, "worker")
                if entry.name == "interrupt":
                    raise KeyboardInterrupt
                is_bad = entry.name.startswith("bad")
                yield JobFinished(entry, JobResult(FAILED if is_bad else EXPORTED))
                if is_bad and self.fail_fast:
                    return
        finally:
            self.is_closed = True



def statuses(batch):
    return {entry.name: result.status for entry, result in batch.results()}


def test_results_are_in_the_order_of_the_configuration():
    shown = []
    known = {"b": JobResult(UP_TO_DATE)}
    batch = BatchRun(Work((job("a"), job("b"), job("bad"), job("c")), known), Scripted())
    batch.run(shown.append)
    assert list(statuses(batch).items()) == [("a", EXPORTED), ("b", UP_TO_DATE), ("bad", FAILED), ("c", EXPORTED)]
    assert [event.job.name for event in shown] == ["a", "a", "bad", "bad", "c", "c"]


def test_a_failed_job_does_not_stop_the_others_unless_that_is_asked_for():
    jobs = (job("a"), job("bad"), job("c"))
    batch = BatchRun(Work(jobs, {}), Scripted(fail_fast=True), fail_fast=True)
    batch.run(lambda event: None)
    assert statuses(batch) == {"a": EXPORTED, "bad": FAILED, "c": SKIPPED}
    assert "--fail_fast" in {entry.name: result.problem for entry, result in batch.results()}["c"]


def test_nothing_runs_after_a_failure_that_was_known_before():
    executor = Scripted()
    batch = BatchRun(Work((job("a"), job("b")), {"b": JobResult(FAILED)}), executor, fail_fast=True)
    batch.run(lambda event: None)
    assert statuses(batch) == {"a": SKIPPED, "b": FAILED}


def test_what_has_ended_before_an_interruption_is_kept():
    executor = Scripted()
    batch = BatchRun(Work((job("a"), job("interrupt"), job("c")), {}), executor)
    with pytest.raises(KeyboardInterrupt):
        batch.run(lambda event: None)
    assert executor.is_closed
    assert statuses(batch) == {"a": EXPORTED, "interrupt": SKIPPED, "c": SKIPPED}


@pytest.mark.parametrize(("outputs", "directory"), [
    (["exports/a", "exports/b"], "exports"), (["exports/x/a", "exports/y/b"], "exports"), (["exports/a"], "exports"),
    (["a"], "."), ([], "."), (["s3://bucket/a"], "."), (["s3://bucket/a", "exports/b"], "exports"),
    (["file:///data/a/b"], "/data/a"), (["/data/a", "/other/b"], ".")])
def test_the_reports_of_a_batch_lie_where_all_outputs_are(outputs, directory):
    found = report_directory([job(str(number), output) for number, output in enumerate(outputs)])
    assert os.path.abspath(found) == os.path.abspath(directory)
    assert not Path(found).is_absolute()
