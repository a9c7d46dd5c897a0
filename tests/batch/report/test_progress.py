"""Progress: a bar on a terminal, lines elsewhere, nothing where it is not wanted."""

import io

import pytest

from exporter.batch.executors.executor import JobFinished, JobStarted
from exporter.batch.report.progress import BatchProgress
from tests.batch.outcomes import PROBLEM, a_job, exported, failed, skipped, up_to_date
from tests.batch.terminals import Terminal


@pytest.fixture(autouse=True)
def colourful(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")


def lines_of(*events, total=20):
    stream = io.StringIO()
    with BatchProgress(total, stream=stream) as progress:
        for event in events:
            progress.show(event)
    return stream.getvalue().splitlines()


def test_elsewhere_than_on_a_terminal_each_job_that_ends_has_a_line():
    job = a_job("digits-1000")
    assert lines_of(JobStarted(job, "worker 1"), JobFinished(job, exported()), JobFinished(a_job("old"), up_to_date()),
                    JobFinished(a_job("gone"), failed()), JobFinished(a_job("late"), skipped())) == [
        "[ 1/20] exported    digits-1000  1.2 MB  0.8 s",
        "[ 2/20] up to date  old",
        f"[ 3/20] failed      gone  {PROBLEM}",
        "[ 4/20] skipped     late  interrupted"]


def test_a_line_is_one_line_whatever_the_texts_hold():
    assert lines_of(JobFinished(a_job("a\x1b[2Jb"), failed("first\n\n  second\tthird\rfourth")), total=1) == [
        "[1/1] failed      a?[2Jb  first second third fourth"]


def test_quiet_shows_nothing():
    stream = io.StringIO()
    with BatchProgress(1, quiet=True, stream=stream) as progress:
        progress.show(JobStarted(a_job("a"), "worker 1"))
        progress.show(JobFinished(a_job("a"), failed()))
    with Terminal(80) as terminal, BatchProgress(1, quiet=True, stream=terminal.stream) as progress:
        progress.show(JobFinished(a_job("a"), failed()))
    assert stream.getvalue() == terminal.raw == ""


def test_a_terminal_shows_the_running_jobs_and_a_bar_and_keeps_the_failures():
    with Terminal(80) as terminal, BatchProgress(3, stream=terminal.stream) as progress:
        progress.show(JobStarted(a_job("good [red]"), "worker 1"))
        progress.show(JobStarted(a_job("gone [/]"), "worker 2"))
        refresh(progress)
        progress.show(JobFinished(a_job("good [red]"), exported()))
        progress.show(JobFinished(a_job("gone [/]"), failed()))
        refresh(progress)
    text = "\n".join(terminal.lines)
    assert any(line.startswith("good [red]") and "worker 1" in line for line in terminal.lines), "a name is no markup"
    assert "0/3" in text
    assert "2/3" in text
    assert f"failed      gone [/]  {PROBLEM}" in terminal.lines
    assert "exported" not in text, "the table tells of these"
    assert "gone" not in text[text.index("2/3"):]


@pytest.mark.parametrize("columns", [30, 80])
def test_no_line_is_wider_than_the_terminal(columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    with Terminal(columns) as terminal, BatchProgress(10_000, stream=terminal.stream) as progress:
        progress.show(JobStarted(a_job("long-" * 50), "ray node 10.0.0.1 " * 5))
        refresh(progress)
    assert any("long-" in line for line in terminal.lines)
    assert max(map(len, terminal.lines)) <= columns


def test_the_terminal_has_its_cursor_back_after_an_interruption():
    def interrupt(stream):
        with BatchProgress(1, stream=stream) as progress:
            progress.show(JobStarted(a_job("a"), "worker 1"))
            raise KeyboardInterrupt

    with Terminal(80) as terminal, pytest.raises(KeyboardInterrupt):
        interrupt(terminal.stream)
    assert terminal.raw.rindex("\x1b[?25h") > terminal.raw.rindex("\x1b[?25l")


def refresh(progress):
    """Draws now, what is else drawn four times a second."""
    progress._display._live.refresh()
