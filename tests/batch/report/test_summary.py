"""The end of a batch: the table, the JSON, the exit code."""

import io
import json
import math
import os
from dataclasses import replace

import pytest

from exporter.batch.report.summary import BatchSummary
from exporter.batch.report.wording import difference_text, seconds_text
from tests.batch.outcomes import ADVICE, PROBLEM, a_job, exported, failed, skipped, up_to_date
from tests.batch.terminals import Terminal


@pytest.fixture
def summary():
    return BatchSummary.of([
        (a_job("digits-1000", 1000, ("its manifest is damaged",)), exported(warnings=("weak",))),
        (a_job("close"), exported(1.25e-7, "weakly verified")), (a_job("unproven"), exported(None, "not verified")),
        (a_job("old"), up_to_date()), (a_job("gone"), failed(output="line 1\nline 2\n")), (a_job("late"), skipped())], 31.4)


def printed(summary):
    stream = io.StringIO()
    summary.print_table(stream)
    return stream.getvalue().splitlines()


def test_the_table_in_a_pipe_has_one_whole_line_per_job(summary):
    assert printed(summary) == [
        "Name         Status        Size  Seconds  Largest difference, or error",
        "digits-1000  exported    1.2 MB      0.8  equal to the bit",
        "close        exported    1.2 MB      0.8  1.25e-07, weakly verified",
        "unproven     exported    1.2 MB      0.8  not verified",
        "old          up to date",
        f"gone         failed                  2.5  {PROBLEM}",
        "late         skipped                      interrupted",
        "3 exported, 1 up to date, 1 failed, 1 skipped in 31 s"]


def test_names_are_not_cut_off_in_a_pipe_and_errors_only_where_they_are_endless():
    name, problem = "n" * 300, "p" * 200
    summary = BatchSummary.of([(a_job(name), failed(f"{problem}\nmore")), (a_job(name), failed("q" * 25_000))], 1)
    [_, line, endless, _] = printed(summary)
    assert line.split() == [name, "failed", "2.5", problem, "more"]
    assert endless.split()[-1] == "q" * 240 + "..."
    assert summary.records[1].problem == "q" * 25_000


def test_on_a_terminal_it_fits_and_is_in_colour(summary, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    long = BatchSummary.of([(a_job("digits-[red]" + "x" * 90), failed())], 1)
    with Terminal(80) as terminal:
        summary.print_table(terminal.stream)
        long.print_table(terminal.stream)
    assert max(map(len, terminal.lines)) <= 80
    assert "\x1b[1;31mfailed" in terminal.raw
    assert "\x1b[32mexported" in terminal.raw
    together = "".join(line.split("  ")[0].strip() for line in terminal.lines[-8:])
    assert "digits-[red]" in together, "a name is no markup"
    assert together.count("x") >= 90, "and wraps"


def test_no_color_is_honoured(summary, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    with Terminal(80) as terminal:
        summary.print_table(terminal.stream)
    assert not [code for code in ("\x1b[31m", "\x1b[1;31m", "\x1b[32m") if code in terminal.raw]
    assert any("failed" in line for line in terminal.lines)


@pytest.mark.parametrize(("results", "code", "line"), [
    ([exported(), up_to_date()], 0, "1 exported, 1 up to date in 0.4 s"), ([], 0, "nothing to export in 0.4 s"),
    ([exported(), failed()], 1, "1 exported, 1 failed in 0.4 s"), ([skipped()], 1, "1 skipped in 0.4 s")])
def test_only_if_all_is_well_it_is_zero(results, code, line):
    found = BatchSummary.of([(a_job(str(number)), result) for number, result in enumerate(results)], 0.4)
    assert (found.exit_code, printed(found)[-1]) == (code, line)


def test_json_has_everything(summary, tmp_path):
    summary.write_json(tmp_path / "new" / "batch_report.json")
    content = json.loads((tmp_path / "new" / "batch_report.json").read_text())
    assert os.listdir(tmp_path / "new") == ["batch_report.json"]
    assert {key: content[key] for key in ("schema_version", "seconds", "exit_code")} == {
        "schema_version": 1, "seconds": 31.4, "exit_code": 1}
    assert content["counts"] == {"exported": 3, "up to date": 1, "failed": 1, "skipped": 1}
    assert content["jobs"][0] == {
        "name": "digits-1000", "status": "exported", "output_directory": "exports/digits-1000",
        "checkpoint": "runs/digits/model.ckpt-1", "step": 1000, "bytes": 1_234_567, "seconds": 0.84,
        "largest_difference": 0.0, "verification": "verified", "reasons": ["its manifest is damaged"], "problem": "",
        "advice": "", "exit_code": 0, "warnings": ["weak"], "output": "", "report": None}
    assert content["jobs"][4]["problem"] == PROBLEM
    assert content["jobs"][4]["advice"] == ADVICE
    assert content["jobs"][4]["output"] == "line 1\nline 2\n"
    assert content["jobs"][4]["exit_code"] == 4


@pytest.mark.parametrize(("difference", "text"), [(math.nan, "NaN"), (math.inf, "Infinity")])
def test_json_knows_no_nan(tmp_path, difference, text):
    summary = BatchSummary.of([(a_job("a"), exported(difference))], 1)
    summary.write_json(tmp_path / "report.json")
    content = json.loads((tmp_path / "report.json").read_text(), parse_constant=pytest.fail)
    assert content["jobs"][0]["largest_difference"] == text


def test_names_that_are_no_unicode_can_be_written(tmp_path):
    """Python has bytes of a file's name that are no UTF-8 as lone surrogates."""
    BatchSummary.of([(a_job("a\udcff"), exported())], 1).write_json(tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_bytes())["jobs"][0]["name"] == "a\udcff"


def test_the_old_json_stays_where_the_new_one_can_not_be_written(summary, tmp_path, monkeypatch):
    path = tmp_path / "report.json"
    path.write_text("old")

    def fail(*arguments):
        raise OSError("no space")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        summary.write_json(path)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.json"]


def test_reports_are_named_where_they_are(tmp_path):
    (tmp_path / "report.html").write_text("")
    here, remote = str(tmp_path), "s3://bucket/exports/a"
    jobs = [(a_job("local", output_directory=here), up_to_date()), (a_job("failed", output_directory=here), failed()),
            (a_job("none", output_directory=str(tmp_path / "other")), exported()),
            (a_job("remote", output_directory=remote, report=True), exported()),
            (a_job("bare", output_directory=remote), exported())]
    assert [record.report for record in BatchSummary.of(jobs, 1).records] == [
        str(tmp_path / "report.html"), None, None, f"{remote}/report.html", None]


def test_of_long_output_the_end_is_kept():
    [record] = BatchSummary.of([(a_job("a"), failed(output="x" * 100_000 + "the end"))], 1).records
    assert record.output.endswith("the end")
    assert len(record.output) <= 8000


def test_results_are_taken_one_by_one():
    """Of ten thousand jobs the options and models are not kept."""
    taken = BatchSummary.of(((a_job(str(number)), exported()) for number in range(3)), 1)
    assert [record.name for record in taken.records] == ["0", "1", "2"]
    assert replace(taken, records=()).counts == dict.fromkeys(("exported", "up to date", "failed", "skipped"), 0)


@pytest.mark.parametrize(("seconds", "text"), [
    (0.04, "0.0 s"), (0.84, "0.8 s"), (31.4, "31 s"), (59.7, "1 min 0 s"), (312, "5 min 12 s"), (11_100, "3 h 5 min")])
def test_seconds_in_words(seconds, text):
    assert seconds_text(seconds) == text


def test_differences_in_words():
    assert difference_text("exported", 0.0, "verified") == "equal to the bit"
    assert difference_text("exported", math.nan, "") == "nan"
    assert difference_text("up to date", None, "") == ""
