"""The flags of ``export_inference_graph``."""

from __future__ import annotations

from absl import flags

from exporter.commands.command_line import new_flags
from exporter.commands.option_flags import define_option_flags, read_option_flags
from exporter.options.export_options import ExportOptions, export_option_list


def define_export_flags() -> flags.FlagValues:
    """Returns all flags of the command, in the order in which ``--help`` shows them."""
    values = new_flags()
    define_option_flags(values, export_option_list())
    return values


def read_export_flags(values: flags.FlagValues) -> ExportOptions:
    """Reads all of them.

    Raises:
        UsageError: one is not of its form.
    """
    return read_option_flags(values, export_option_list())
