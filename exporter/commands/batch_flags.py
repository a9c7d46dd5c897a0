"""The flags of ``export_batch``."""

from __future__ import annotations

import os

from absl import flags

from exporter.batch.executors.local import check_limits
from exporter.commands.command_line import new_flags
from exporter.errors import UsageError

LOCAL, RAY = "local", "ray"


def define_batch_flags() -> flags.FlagValues:
    """Returns all flags of the command, in the order in which ``--help`` shows them."""
    values = new_flags()
    _switch(values, "dry_run", "Print the plan: jobs, checkpoints, bytes, what is up to date. Nothing is exported.")
    flags.DEFINE_multi_string("only", [], "Run only the jobs whose names match this pattern (*, ?, [...]); repeatable.",
                              flag_values=values)
    flags.DEFINE_multi_string("set", [], "Override a key: exports.0.input_type=tf_example, defaults.formats=[saved_model]. "
                              "An export by its position or name, the value as YAML; repeatable.", flag_values=values)
    flags.DEFINE_integer("jobs", None, "How many jobs run at a time; by default as many as this machine, or the Ray "
                         "cluster, has processors.", flag_values=values)
    flags.DEFINE_float("timeout", None, "Seconds that one job may take; by default as long as it takes.", flag_values=values)
    _switch(values, "fail_fast", "Start no further job after the first one that fails.")
    _switch(values, "force", "Run every job, also those whose exports are up to date.")
    _switch(values, "report", "Write report.html for every export, and batch_report.html, which links them.")
    flags.DEFINE_string("report_directory", None, "Where batch_report.json appears; by default the directory that holds all "
                        "outputs.", flag_values=values)
    _switch(values, "json", "Print the content of batch_report.json, or of the plan, in place of tables.")
    _switch(values, "quiet", "Print nothing but errors.")
    flags.DEFINE_enum("executor", LOCAL, [LOCAL, RAY], "Where jobs run: in processes of this machine, or on a Ray cluster.",
                      flag_values=values)
    flags.DEFINE_string("ray_address", None, "The Ray cluster, host:port; by default the one that runs on this machine, "
                        "else a new one that ends with the command.", flag_values=values)
    _switch(values, "print_schema", "Print the JSON Schema of the configuration, for editors, and nothing else.")
    return values


def check_batch_flags(values: flags.FlagValues, configs: list[str]) -> None:
    """Raises UsageError where flags can't be used as they are."""
    if not configs:
        raise UsageError("No configuration is named.", "Give a YAML file: export_batch configs/digits_input_types.yaml")
    check_limits(1 if values.jobs is None else values.jobs, values.timeout)
    if values.ray_address is not None and values.executor != RAY:
        raise UsageError("--ray_address is for a Ray cluster.", "Add --executor ray, or leave it away.")


def _switch(values: flags.FlagValues, name: str, help_text: str) -> None:
    flags.DEFINE_boolean(name, False, help_text, flag_values=values)


def processors() -> int:
    """Returns how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
