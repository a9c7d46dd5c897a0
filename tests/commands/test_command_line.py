"""What all commands share."""

import subprocess
import sys

import pytest

from exporter.commands.command_line import new_flags, run
from exporter.errors import CheckpointError


def command_that(action):
    return lambda options, positional: action()


def raise_error(error):
    raise error


@pytest.mark.parametrize(("error", "code"), [(CheckpointError("no such checkpoint", "look again"), 4),
                                             (KeyboardInterrupt(), 130), (ZeroDivisionError("oops"), 70)])
def test_each_error_has_its_exit_code(error, code, capsys):
    assert run(command_that(lambda: raise_error(error)), new_flags(), "usage", ["program"]) == code
    assert capsys.readouterr().err.strip()


def test_an_error_of_ours_is_one_message_without_a_trace(capsys):
    run(command_that(lambda: raise_error(CheckpointError("no such checkpoint", "look again"))), new_flags(), "", ["prog"])
    assert capsys.readouterr().err == "prog: no such checkpoint\nlook again\n"


def test_a_bug_shows_its_trace(capsys):
    run(command_that(lambda: raise_error(ZeroDivisionError("oops"))), new_flags(), "", ["prog"])
    assert "Traceback" in capsys.readouterr().err


def test_the_flags_of_a_command_are_its_own():
    from absl import flags

    new_flags()
    assert "debug" not in flags.FLAGS


def test_the_process_ends_with_the_commands_exit_code_and_flushed_output():
    program = ("from exporter.commands.command_line import *\n"
               "def command(options, positional):\n    print('said')\n    raise UsageError('bad')\n"
               "run(command, new_flags(), '')\nprint('never reached')")
    completed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (completed.returncode, completed.stdout) == (2, "said\n")
