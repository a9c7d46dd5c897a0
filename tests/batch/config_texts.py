"""Config files and directories of checkpoints for tests. A checkpoint's files need names and sizes here, and no content."""

import pytest

from exporter.batch.config.problems import ConfigError
from exporter.batch.plan.planning import plan_batch

MODEL = "models.slim_cnn:SlimCNN"


def touch_checkpoints(directory, *names, size=8):
    """Makes files that are named as checkpoints are; the data file has ``size`` bytes."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in names:
        (directory / f"{name}.index").write_bytes(b"index")
        (directory / f"{name}.data-00000-of-00001").write_bytes(b"." * size)
    return directory


def name_latest(directory, name):
    """Writes the state file, with the path of the machine where the training ran."""
    (directory / "checkpoint").write_text(f'model_checkpoint_path: "/elsewhere/{name}"\n')


def export_text(**keys):
    """One export of the model as YAML; ``keys`` come on top, None takes one away."""
    values = {"name": "digits", "model": MODEL, "checkpoint": "runs/digits", "output_directory": "exports/{name}", **keys}
    lines = [f"{key}: {value}" for key, value in values.items() if value is not None]
    return "  - " + "\n    ".join(lines) + "\n"


def config_text(*exports, **top):
    """A whole file: exports as `export_text` gives them, and what else is at its top."""
    head = "".join(f"{key}: {value}\n" for key, value in top.items())
    return f"version: 1\n{head}exports:\n" + "".join(exports or [export_text()])


def plan(text, *overrides, file="batch.yaml"):
    """Plans a config file of this text in the current directory."""
    with open(file, "wb") as stream:
        stream.write(text if isinstance(text, bytes) else text.encode())
    return plan_batch([file], overrides)


def names(planned):
    """The names of a plan's jobs."""
    return [job.name for job in planned.jobs]


def problems_of(text, *overrides):
    """All problems of a config file of this text, as they are shown."""
    with pytest.raises(ConfigError) as caught:
        plan(text, *overrides)
    return [str(problem) for problem in caught.value.problems]


def problem_of(text, *overrides):
    """The only problem of a config file of this text."""
    problems = problems_of(text, *overrides)
    assert len(problems) == 1, "\n".join(problems)
    return problems[0]
