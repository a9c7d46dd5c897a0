"""What ``--dry_run`` shows: every job, why it runs or does not, and how much there is to write at most."""

import io

from exporter.batch.job import FAILED, UP_TO_DATE, Job, JobResult
from exporter.batch.plan.work import Work
from exporter.batch.report.plan_text import plan_content, print_plan
from exporter.options.export_options import ExportOptions


def job(name, **arguments):
    return Job(name, ExportOptions(model="nets:Net", trained_checkpoint_prefix="runs/model.ckpt-3",
                                   output_directory=f"exports/{name}", formats=["frozen_graph"]), 3, 5_000_000, **arguments)


WORK = Work((job("a", reasons=("the source nets has changed", "--force")), job("b"), job("[red]c")),
            {"b": JobResult(UP_TO_DATE), "[red]c": JobResult(FAILED, problem="There is no\ncheckpoint.", advice="Look.")})


def printed(work):
    stream = io.StringIO()
    print_plan(work, stream)
    return stream.getvalue()


def test_the_plan_as_json():
    content = plan_content(WORK)
    assert content["counts"] == {"to run": 1, "up to date": 1, "failed": 1}
    assert content["bytes_at_most"] == 5_000_000
    assert content["jobs"][0] == {
        "name": "a", "status": "to run", "reasons": ["the source nets has changed", "--force"], "model": "nets:Net",
        "input_graph": None, "checkpoint": "runs/model.ckpt-3", "step": 3, "output_directory": "exports/a",
        "bytes_at_most": 5_000_000, "problem": "", "advice": ""}
    assert [(entry["status"], entry["problem"], entry["bytes_at_most"]) for entry in content["jobs"][1:]] == [
        ("up to date", "", 0), ("failed", "There is no\ncheckpoint.", 0)]


def test_the_plan_as_a_table():
    lines = printed(WORK).splitlines()
    assert [line.split()[0] for line in lines[:4]] == ["name", "a", "b", "[red]c"]
    assert "to run: the source nets has changed; --force" in lines[1]
    assert "5.0 MB" in lines[1]
    assert "failed: There is no checkpoint." in lines[3]
    assert lines[-1] == "1 to run, 1 up to date, 1 failed; at most 5.0 MB of weights to write"


def test_a_plan_without_jobs():
    assert printed(Work((), {})).splitlines()[-1] == "no jobs; at most 0 B of weights to write"
