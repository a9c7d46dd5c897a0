"""What all commands share: reading flags, quiet TensorFlow, errors as messages, exit codes.

Each command reads its flags into a ``FlagValues`` of its own, so that flags which a model's module defines can't collide
with the command's.
"""

from __future__ import annotations

import io
import logging
import os
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from absl import flags

from exporter.commands.interruption import Interruption, Interruptions, interruption
from exporter.errors import BUG_EXIT_CODE, INTERRUPTED_EXIT_CODE, ExportError, OutputError, UsageError

_SUCCESS = 0
_ADDED_BY_ABSL = ";\n    repeat this option"


def new_flags() -> flags.FlagValues:
    """Returns an empty set of flags with ``--help`` and ``--debug``."""
    values: flags.FlagValues = flags.FlagValues()  # type: ignore[no-untyped-call]
    flags.DEFINE_boolean("help", False, "Show this help.", short_name="h", flag_values=values)
    flags.DEFINE_boolean("debug", False, "Show stack traces, decisions, and TensorFlow's own messages.", flag_values=values)
    return values


def run(command: Callable[[flags.FlagValues, list[str]], None], values: flags.FlagValues, usage: str,
        arguments: Sequence[str] | None = None) -> int:
    """Parses the arguments and runs ``command``; errors become one message on stderr and the exit code of their class.

    Args:
        command: takes the flags and the positional arguments.
        values: the command's flags.
        usage: shown by ``--help`` above the flags.
        arguments: the command line, the first being the program's name. None takes the process's own, and ends the
            process when the command is done: TensorFlow would take another third of a second to be torn down.

    Returns:
        The exit code.
    """
    if arguments is None:
        Interruptions()
        _open_streams()
        code = _run(command, values, usage, sys.argv)
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        os._exit(code)
    return _run(command, values, usage, arguments)


def _open_streams() -> None:
    """Makes printing never fail for what it prints, nor where the shell has closed a stream."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
            setattr(sys, name, open(number, "r" if number == 0 else "w", closefd=False))  # noqa: SIM115 (it stays open)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def lasting_output() -> Iterator[None]:
    """Lets a command go on whose reader is gone, to end with its own exit code: what it prints goes nowhere.

    Raises:
        OutputError: the stream can't be written for another reason.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _print_to_nowhere()
    except OSError as error:
        _print_to_nowhere()
        raise OutputError(f"Standard output can't be written: {error.strerror}.", "Direct it elsewhere.") from error


def _print_to_nowhere() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(command: Callable[[flags.FlagValues, list[str]], None], values: flags.FlagValues, usage: str,
         arguments: Sequence[str]) -> int:
    program = os.path.basename(arguments[0])
    try:
        positional = _parse(values, list(arguments))
        if values.help:
            print(help_text(usage, values))
            return _SUCCESS
        if values.debug:
            _show_log()
        command(values, positional)
        sys.stdout.flush()
        return _SUCCESS
    except ExportError as error:
        if "--debug" in arguments:
            traceback.print_exception(error)
        print(f"{program}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt as error:
        return _interrupted(error, program)
    except BrokenPipeError:
        _print_to_nowhere()
        return _SUCCESS
    except Exception as error:
        if (cause := interruption(error)) is not None:
            return _interrupted(cause, program)
        traceback.print_exc()
        print(f"{program}: this is a bug in exporter. Please report it with the lines above.", file=sys.stderr)
        return BUG_EXIT_CODE


def _show_log() -> None:
    """Shows what this package logs of its decisions, such as which modules are taken as Python 2."""
    log = logging.getLogger("exporter")
    log.setLevel(logging.INFO)
    log.addHandler(logging.StreamHandler())
    log.propagate = False


def _interrupted(error: KeyboardInterrupt, program: str) -> int:
    print(f"{program}: interrupted; nothing was left behind.", file=sys.stderr)
    return error.exit_code if isinstance(error, Interruption) else INTERRUPTED_EXIT_CODE


def help_text(usage: str, values: flags.FlagValues) -> str:
    """Returns the usage and every flag with its default."""
    lines = [usage.rstrip(), "", "Flags:"]
    for flag in (flag for module_flags in values.flags_by_module_dict().values() for flag in module_flags):
        default = (flag.default_as_str or "").strip("'")
        shown_default = f" (default: {default})" if default not in ("", "false", "[]") else ""
        text = flag.help.partition(_ADDED_BY_ABSL)[0] + shown_default
        name = f"[no]{flag.name}" if flag.boolean and flag.default else flag.name
        lines += [f"  --{name}", textwrap.fill(text, 100, initial_indent=" " * 6, subsequent_indent=" " * 6)]
    return "\n".join(lines)


def _parse(values: flags.FlagValues, arguments: list[str]) -> list[str]:
    try:
        positional: list[str] = values(arguments, known_only=False)
    except flags.Error as error:
        if any(argument in ("--help", "-h", "-help") for argument in arguments):
            values["help"].parse("true")
            return []
        raise UsageError(f"{error}", "See --help for all flags.") from error
    return positional[1:]
