"""Running tasks in processes of this machine: one thread, which waits for results, ends of processes and deadlines."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from typing import Any

from exporter.batch.executors import endings
from exporter.batch.executors.memory import available_memory
from exporter.batch.executors.process import JobProcess, ProcessEnded
from exporter.batch.executors.task import Limits, Task, TaskEvent, TaskFinished, TaskStarted
from exporter.batch.job import FAILED, JobResult
from exporter.verification.process import signals_held_back

SECONDS_TO_CLEAN_UP = 5.0
"""What a process gets between SIGTERM and SIGKILL."""

_LOOK_AROUND = 1.0  # seconds: an end may go unnoticed where what a process has started holds its connections open
CLOSE = "close"
READY = "ready"


class Closed(Exception):  # noqa: N818 (not an error of the program: it is a message)
    """The command wants all to end now; it has died, where ``in_a_hurry``."""

    def __init__(self, in_a_hurry: bool) -> None:
        super().__init__(in_a_hurry)
        self.in_a_hurry = in_a_hurry


@dataclass
class _Run:
    """A task that runs."""

    task: Task
    process: JobProcess
    timeout: float | None
    began: float = field(default_factory=time.monotonic)
    asked_to_end: float | None = None

    def deadline(self) -> float | None:
        """When something has to be done about it."""
        if self.asked_to_end is not None:
            return self.asked_to_end + SECONDS_TO_CLEAN_UP
        return None if self.timeout is None else self.began + self.timeout


class Supervisor:
    """Runs tasks, first come, first served, as far as workers and memory are free.

    Args:
        limits: what they may use.
        start: starts a process.
        reuse: whether a process takes another task after one that it has finished.
        control: brings CLOSE (end all); closed, its other side has died.
    """

    def __init__(self, limits: Limits, start: Callable[[], JobProcess], reuse: bool, control: Any = None) -> None:
        self._limits = limits
        self._memory = limits.memory or 0
        self._start = start
        self._reuse = reuse
        self._control = control
        self._waiting: deque[Task] = deque()
        self._running: list[_Run] = []
        self._idle: list[JobProcess] = []

    def run(self, tasks: Iterable[Task]) -> Generator[TaskEvent, None, None]:
        """Runs the tasks; yields what happens. Closing the generator ends those that run.

        Raises:
            Closed: the control has asked for it; nothing runs any more. What was done by then, or could no more be
                interrupted, has been yielded before.
            KeyboardInterrupt: the same, in this process.
        """
        self._waiting.extend(tasks)
        self._memory = self._limits.memory or available_memory()
        gently = True
        try:
            while self._waiting or self._running:
                yield from self._admit()
                yield from self._news()
        except (Closed, KeyboardInterrupt) as cause:
            gently = not (isinstance(cause, Closed) and cause.in_a_hurry)
            if gently:
                self._let_all_end()
                gently = False
                yield from self._last_results()
            raise
        finally:
            self._end_all(gently)

    def _admit(self) -> Iterator[TaskEvent]:
        while self._waiting and self._has_room(self._waiting[0]):
            if self._control and self._control.poll():
                self._obey()
            task = self._waiting.popleft()
            try:
                with signals_held_back():
                    process = self._process_for(task)
                    self._running.append(_Run(task, process, self._limits.timeout))
            except OSError as error:
                yield TaskStarted(task.number, "no process")
                yield TaskFinished(task.number, endings.not_started(error, task.memory))
                continue
            yield TaskStarted(task.number, f"process {process.pid}")
            process.send(task)  # only now: it may kill this process at once, and would not be known to have started

    def _process_for(self, task: Task) -> JobProcess:
        if task.own_process and self._idle:
            self._idle.pop().end()  # in its place: no more processes than workers
        return self._idle.pop() if self._idle and not task.own_process else self._start()

    def _has_room(self, task: Task) -> bool:
        """A task that needs more memory than there is runs alone."""
        if not self._running:
            return True
        used = sum(run.task.memory for run in self._running)
        return len(self._running) < self._limits.workers and used + task.memory <= self._memory

    def _news(self) -> Iterator[TaskEvent]:
        """Waits until something has happened; yields the tasks that have finished."""
        waitables = [waitable for run in self._running for waitable in run.process.waitables()]
        ready = wait([*waitables, self._control] if self._control else waitables, self._patience())
        if self._control in ready:
            self._obey()
        for run in list(self._running):
            run.process.output.limit()
            result = self._result(run)
            if result is not None:
                self._running.remove(run)
                if self._limits.fail_fast and result.status == FAILED:
                    self._waiting.clear()
                yield TaskFinished(run.task.number, result)

    def _patience(self) -> float:
        if not self._running:
            return 0.0
        deadlines = [deadline for run in self._running if (deadline := run.deadline()) is not None]
        return max(0.0, min([_LOOK_AROUND, *(deadline - time.monotonic() for deadline in deadlines)]))

    def _obey(self) -> None:
        try:
            self._control.recv()
        except (EOFError, OSError):
            raise Closed(in_a_hurry=True) from None
        raise Closed(in_a_hurry=False)

    def _result(self, run: _Run) -> JobResult | None:
        """Returns the result of a task that has ended, and looks after its process; None for one that runs on."""
        try:
            result = run.process.result()
        except ProcessEnded:
            return self._ended(run)
        if result is None:
            return self._ended(run) if self._is_overdue(run) else None
        if run.asked_to_end is not None and result.status == FAILED:
            return self._ended(run)
        if result.status == FAILED and not result.output:
            result = replace(result, output="\n".join(run.process.output.last_lines()))
        if self._reuse and not run.task.own_process and run.asked_to_end is None:
            self._idle.append(run.process)
        else:
            run.process.end()
        return replace(result, seconds=result.seconds or time.monotonic() - run.began)

    def _is_overdue(self, run: _Run) -> bool:
        """Asks a task to end when its time is over; tells whether that was in vain."""
        deadline = run.deadline()
        if deadline is None or time.monotonic() < deadline:
            return False
        if run.asked_to_end is not None:
            return True
        run.asked_to_end = time.monotonic()
        run.process.ask_to_end()
        return False

    def _ended(self, run: _Run) -> JobResult:
        seconds = time.monotonic() - run.began
        lines = run.process.output.last_lines()
        if run.asked_to_end is not None and run.timeout is not None:
            result = endings.timed_out(run.timeout, lines)
        else:
            result = endings.crashed(run.process.exit_code(), run.task.memory, lines)
        run.process.end()
        return replace(result, seconds=seconds)

    def _let_all_end(self) -> None:
        processes = [run.process for run in self._running]
        for process in processes:
            process.ask_to_end()
        _wait_for(processes)

    def _last_results(self) -> Iterator[TaskEvent]:
        """Yields the tasks that were done nevertheless."""
        for run in self._running:
            with suppress(ProcessEnded):
                result = run.process.result()
                if result is not None and result.status != FAILED:
                    seconds = result.seconds or time.monotonic() - run.began
                    yield TaskFinished(run.task.number, replace(result, seconds=seconds))

    def _end_all(self, gently: bool) -> None:
        try:
            if gently:
                self._let_all_end()
        finally:
            for process in [*(run.process for run in self._running), *self._idle]:
                with suppress(OSError):
                    process.end()
            self._running.clear()
            self._idle.clear()


def _wait_for(processes: list[JobProcess]) -> None:
    end = time.monotonic() + SECONDS_TO_CLEAN_UP
    living = list(processes)
    while living and (patience := end - time.monotonic()) > 0:
        wait([process.sentinel for process in living], min(patience, _LOOK_AROUND))
        living = [process for process in living if process.is_alive()]
