"""Live progress of a batch: a bar and the running jobs on a terminal, else a line for each job that has ended."""

from __future__ import annotations

import sys
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from exporter.batch.executors.executor import JobEvent, JobStarted
from exporter.batch.job import FAILED, SKIPPED, Job, JobResult
from exporter.batch.report.wording import STATUS_WIDTH, one_line, seconds_text, shortened
from exporter.sizes import byte_text

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_REFRESHES_PER_SECOND = 4


class BatchProgress:
    """Shows what happens to the jobs of a batch; a context manager.

    Args:
        total: how many jobs will run.
        quiet: show nothing.
        stream: where to; by default stderr.
    """

    def __init__(self, total: int, quiet: bool = False, stream: TextIO | None = None) -> None:
        stream = sys.stderr if stream is None else stream
        self._display: _Lines | _LiveDisplay | None = None
        if not quiet:
            self._display = _LiveDisplay(total, stream) if stream.isatty() else _Lines(total, stream)

    def show(self, event: JobEvent) -> None:
        """Shows that a job has started or ended. Where nobody reads any more, the batch goes on."""
        if self._display is None:
            return
        with suppress(OSError):
            if isinstance(event, JobStarted):
                self._display.start(event.job, event.worker)
            else:
                self._display.finish(event.job, event.result)

    def __enter__(self) -> BatchProgress:
        if isinstance(self._display, _LiveDisplay):
            self._display.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if isinstance(self._display, _LiveDisplay):
            self._display.close()


def finished_line(job: Job, result: JobResult) -> str:
    """Returns ``exported    digits-1000  1.2 MB  0.8 s``; of a job that failed, its problem in one line."""
    parts = [one_line(job.name)]
    if result.status in (FAILED, SKIPPED):
        parts.append(shortened(one_line(result.problem)))
    else:
        parts += [byte_text(result.byte_size)] if result.byte_size else []
        parts += [seconds_text(result.seconds)] if result.seconds else []
    return f"{result.status:<{STATUS_WIDTH}}  {'  '.join(parts)}"


class _Lines:
    """One plain line for each job that has ended."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self._total, self._stream, self._finished = total, stream, 0

    def start(self, job: Job, worker: str) -> None:
        """Shows nothing."""

    def finish(self, job: Job, result: JobResult) -> None:
        """Prints the job's line."""
        self._finished += 1
        number = f"{self._finished:>{len(str(self._total))}}"
        print(f"[{number}/{self._total}] {finished_line(job, result)}", file=self._stream, flush=True)


class _LiveDisplay:
    """A bar for the batch and a line for each running job, which are gone at the end; lines of failed jobs remain."""

    def __init__(self, total: int, stream: TextIO) -> None:
        from rich.console import Console, Group
        from rich.live import Live

        self._console = Console(file=stream)
        self._batch, self._running = _batch_bar(), _running_lines()
        self._all = self._batch.add_task("", total=total)
        self._tasks: dict[str, TaskID] = {}
        self._live = Live(Group(self._running, self._batch), console=self._console, transient=True,
                          refresh_per_second=_REFRESHES_PER_SECOND, redirect_stdout=False, redirect_stderr=False)

    def open(self) -> None:
        """Begins to draw."""
        self._live.start()

    def close(self) -> None:
        """Removes what was drawn."""
        self._live.stop()

    def start(self, job: Job, worker: str) -> None:
        """Adds a line for a job that runs."""
        self._tasks[job.name] = self._running.add_task(one_line(job.name), total=None, worker=one_line(worker))

    def finish(self, job: Job, result: JobResult) -> None:
        """Removes its line and moves the bar on; one that failed leaves a line above."""
        from rich.text import Text

        if (task := self._tasks.pop(job.name, None)) is not None:
            self._running.remove_task(task)
        self._batch.advance(self._all)
        if result.status == FAILED:
            self._console.print(Text(finished_line(job, result), "red"), soft_wrap=True)


def _batch_bar() -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    return Progress(BarColumn(bar_width=None), MofNCompleteColumn(), TimeElapsedColumn(), expand=True)


def _running_lines() -> Progress:
    from rich.progress import Progress, TextColumn, TimeElapsedColumn
    from rich.table import Column

    name = Column(ratio=3, no_wrap=True, overflow="ellipsis")
    worker = Column(ratio=1, no_wrap=True, overflow="ellipsis")
    return Progress(TextColumn("{task.description}", markup=False, table_column=name),
                    TextColumn("{task.fields[worker]}", style="dim", markup=False, table_column=worker),
                    TimeElapsedColumn(), expand=True)
