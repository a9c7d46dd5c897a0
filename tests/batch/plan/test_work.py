"""What there is to do: which jobs are chosen, which are known already, and what the others will write at most."""

import pytest

from exporter.batch.job import FAILED, Job, JobResult
from exporter.batch.plan.planning import Plan
from exporter.batch.plan.work import Work, find_work, most_bytes
from exporter.errors import UsageError
from exporter.options.export_options import ExportOptions


def job(name, folder="nowhere", **options):
    return Job(name, ExportOptions(model="tests.goldens:BatchNorm", trained_checkpoint_prefix="model.ckpt",
                                   output_directory=f"{folder}/{name}", **options), checkpoint_size=100)


BROKEN = JobResult(FAILED, problem="there is no checkpoint", exit_code=4)


def test_jobs_without_an_export_have_to_run(tmp_path):
    work = find_work(Plan((job("a", tmp_path), job("b", tmp_path))))
    assert [(entry.name, entry.reasons) for entry in work.to_run] == [("a", ("there is no export yet",)),
                                                                      ("b", ("there is no export yet",))]
    assert work.known == {}


def test_jobs_that_failed_while_they_were_planned_are_known(tmp_path):
    work = find_work(Plan((job("b", tmp_path), job("a", tmp_path)), {"b": BROKEN}))
    assert [entry.name for entry in work.jobs] == ["b", "a"]
    assert work.known == {"b": BROKEN}


@pytest.mark.parametrize(("only", "names"), [(["a*"], ["a-1", "a-2"]), (["*-1", "a-2"], ["a-1", "a-2", "b-1"]),
                                             (["[b]-?"], ["b-1"]), ([], ["a-1", "a-2", "b-1"])])
def test_only_some_jobs(only, names, tmp_path):
    plan = Plan(tuple(job(name, tmp_path) for name in ("a-1", "a-2", "b-1")))
    assert [entry.name for entry in find_work(plan, only).jobs] == names


def test_a_pattern_without_a_match_lists_the_names(tmp_path):
    plan = Plan(tuple(job(f"a-{number}", tmp_path) for number in range(10)))
    with pytest.raises(UsageError, match=r"'b\*' matches no job.\nTheir names: a-0, .* and 2 more"):
        find_work(plan, ["a*", "b*"])


def test_reports_can_be_asked_for_all_jobs(tmp_path):
    work = find_work(Plan((job("a", tmp_path), job("b", tmp_path, report=True))), with_reports=True)
    assert [entry.options.report for entry in work.jobs] == [True, True]


def test_a_job_of_which_the_output_can_not_be_read_fails_alone(tmp_path):
    (tmp_path / "a" / "export_manifest.json").mkdir(parents=True)
    work = find_work(Plan((job("a", tmp_path), job("b", tmp_path))))
    assert [entry.name for entry in work.to_run] == ["b"]
    assert (work.known["a"].status, work.known["a"].exit_code) == (FAILED, 6)


@pytest.mark.parametrize(("options", "size"), [
    ({}, 300), ({"formats": ["frozen_graph"]}, 100), ({"formats": ["checkpoint", "inference_graph"]}, 100),
    ({"optimize_for_inference": True}, 400), ({"formats": ["optimized_graph"], "optimize_for_inference": True}, 100)])
def test_the_most_that_an_export_writes(options, size):
    assert most_bytes(job("a", **options)) == size


def test_nothing_to_do():
    assert find_work(Plan(())) == Work((), {})
