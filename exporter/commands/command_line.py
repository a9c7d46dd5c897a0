"""What all commands share: reading flags, quiet TensorFlow, errors as messages, exit codes.

Each command reads its flags into a ``FlagValues`` of its own, so that flags which a model's module defines can't collide
with the command's.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Callable, Sequence

from absl import flags

from exporter.errors import BUG_EXIT_CODE, INTERRUPTED_EXIT_CODE, ExportError, UsageError

_SUCCESS = 0


def new_flags() -> flags.FlagValues:
    """Returns an empty set of flags with ``--help`` and ``--debug``."""
    values: flags.FlagValues = flags.FlagValues()  # type: ignore[no-untyped-call]
    flags.DEFINE_boolean("help", False, "Show this help.", short_name="h", flag_values=values)
    flags.DEFINE_boolean("debug", False, "Show stack traces and TensorFlow's own messages.", flag_values=values)
    return values


def run(command: Callable[[flags.FlagValues, list[str]], None], values: flags.FlagValues, usage: str,
        arguments: Sequence[str] | None = None) -> int:
    """Parses the arguments and runs ``command``; errors become one message on stderr and the exit code of their class.

    Args:
        command: takes the flags and the positional arguments.
        values: the command's flags.
        usage: shown by ``--help`` above the flags.
        arguments: the command line, by default the process's own; the first is the program's name.

    Returns:
        The process's exit code.
    """
    arguments = list(sys.argv if arguments is None else arguments)
    program = os.path.basename(arguments[0])
    try:
        positional = _parse(values, arguments)
        if values.help:
            print(help_text(usage, values))
            return _SUCCESS
        if not values.debug:
            _quiet_tensorflow()
        os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
        command(values, positional)
        sys.stdout.flush()
        return _SUCCESS
    except ExportError as error:
        return _report(program, error, values)
    except KeyboardInterrupt:
        print(f"{program}: interrupted; nothing was left behind.", file=sys.stderr)
        return INTERRUPTED_EXIT_CODE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _SUCCESS
    except Exception:
        traceback.print_exc()
        print(f"{program}: this is a bug in exporter. Please report it with the lines above.", file=sys.stderr)
        return BUG_EXIT_CODE


def help_text(usage: str, values: flags.FlagValues) -> str:
    """Returns the usage and every flag with its default."""
    lines = [usage.rstrip(), "", "Flags:"]
    for name in sorted(values):
        if values[name].name != name:
            continue
        flag = values[name]
        default = (flag.default_as_str or "").strip("'")
        lines += [f"  --{name}", f"      {flag.help}" + (f" (default: {default})" if default not in ("", "false") else "")]
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


def _quiet_tensorflow() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)


def _report(program: str, error: ExportError, values: flags.FlagValues) -> int:
    if "debug" in values and values.debug:
        traceback.print_exception(error)
    print(f"{program}: {error}", file=sys.stderr)
    return error.exit_code
