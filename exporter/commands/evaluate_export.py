"""``evaluate_export``: runs artifacts on labelled images and compares them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from absl import flags
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress

from exporter.commands.command_line import new_flags, run
from exporter.commands.evaluation_report import Report, report_console
from exporter.commands.option_flags import define_option_flags, read_model_args, read_option_flags
from exporter.errors import OutputError, UsageError
from exporter.evaluation.artifacts import CHECKPOINT, Artifact, find_artifacts
from exporter.evaluation.classification import Evaluation
from exporter.evaluation.evaluating import evaluate
from exporter.evaluation.labelled_images import LabelledImages, open_labelled_images
from exporter.evaluation.training_checkpoint import TrainedModel
from exporter.graph.building import GraphOptions
from exporter.graph.input_types import parse_input_shape
from exporter.model import load_model
from exporter.options.requirements import OF_MODELS
from exporter.tensorflow_import import import_tensorflow
from exporter.tf1.surface.scripts import empty_command_line

USAGE = """Runs artifacts on labelled images: accuracy, confusion, mistakes, and where the artifacts disagree.

evaluate_export exports/digits --data images/
evaluate_export frozen_inference_graph.pb saved_model --data test.tfrecord
evaluate_export runs/digits exports/digits --data test.tfrecord \\
    --model models.slim_cnn:SlimCNN --model_args '{num_classes: 10}' --use_moving_averages

Each argument is an export directory (all its artifacts), a frozen graph, a SavedModel, or a checkpoint. A training
checkpoint needs its --model, and is restored by tf.train.Saver. Differences are those of the float outputs, from the
first checkpoint, or from the first artifact if there is no checkpoint.

Exit codes: 0 done, 2 usage or data, 3 model, 4 checkpoint, 5 graph, 6 --json file, 70 bug, 130 interrupted.
"""


def define_flags() -> flags.FlagValues:
    """Returns the command's flags."""
    values = new_flags()
    flags.DEFINE_list("data", [], "Labelled images: a directory with one folder per class, or TFRecords (also as patterns) "
                      "with image/encoded and image/class/label.", flag_values=values)
    flags.DEFINE_list("labels", [], "Class names in the order of the model's classes. By default the model's own labels; "
                      "else folders with numbers as names are class indices, and others are classes in sorted order.",
                      flag_values=values)
    flags.DEFINE_integer("batch_size", 64, "Images per batch, where the artifact leaves it free.", lower_bound=1,
                         flag_values=values)
    flags.DEFINE_integer("limit", None, "Evaluate this many images only.", lower_bound=1, flag_values=values)
    flags.DEFINE_integer("mistakes", 10, "How many of the worst mistakes to print.", lower_bound=0, flag_values=values)
    flags.DEFINE_string("output_name", None, "The output with the class or the scores. By default classes, probabilities, "
                        "logits, or the only output of floats [batch, classes].", flag_values=values)
    flags.DEFINE_string("json", None, "File to write the report to as JSON.", flag_values=values)
    flags.DEFINE_string("model", None, "For training checkpoints: package.module:Attribute or path/to/file.py:Attribute.",
                        flag_values=values)
    flags.DEFINE_string("model_args", "", "Keyword arguments of the model, as inline YAML or @file.yaml.",
                        flag_values=values)
    define_option_flags(values, OF_MODELS)
    flags.DEFINE_string("input_shape", None, "The model's input shape: -1,28,28,3. By default its own default_input_shape.",
                        flag_values=values)
    flags.DEFINE_boolean("use_moving_averages", False, "Restore the moving averages of a training checkpoint.",
                         flag_values=values)
    return values


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    return run(_evaluate, define_flags(), USAGE, arguments)


@empty_command_line("evaluate_export")  # the model's code may read it
def _evaluate(options: flags.FlagValues, paths: list[str]) -> None:
    if not paths:
        raise UsageError("No artifact is given.", "For example: evaluate_export exports/digits --data images/")
    if not options.data:
        raise UsageError("--data is missing.", "Give a directory with one folder per class, or a TFRecord.")
    _check_json_file(options.json)
    model_args, graph_options = _model_options(options)
    data = open_labelled_images(options.data, options.labels)
    artifacts = [artifact for path in paths for artifact in find_artifacts(path)]
    import_tensorflow(quiet=not options.debug)
    trained = _trained_model(options, model_args, graph_options)
    if trained is not None and trained.labels and not options.labels:
        data = open_labelled_images(options.data, trained.labels, "the model")
    evaluations = _evaluate_all(artifacts, trained, data.limited(options.limit), options)
    reference = next((index for index, artifact in enumerate(artifacts) if artifact.kind == CHECKPOINT), 0)
    report = Report(evaluations, evaluations[reference], data.mapping)
    report.print(report_console(), options.mistakes)
    if options.json:
        _write_json(report, Path(options.json))


def _evaluate_all(artifacts: Sequence[Artifact], trained: TrainedModel | None, data: LabelledImages,
                  options: flags.FlagValues) -> list[Evaluation]:
    console = Console(stderr=True)
    evaluations: list[Evaluation] = []
    with Progress(*Progress.get_default_columns(), MofNCompleteColumn(), console=console, transient=True,
                  disable=not console.is_terminal) as progress:
        for artifact in artifacts:
            task = progress.add_task(artifact.name, total=len(evaluations[0].images) if evaluations else data.count)
            with artifact.load(trained) as loaded:
                evaluations.append(evaluate(artifact, loaded, data, options.batch_size, options.output_name,
                                            partial(progress.advance, task)))
    return evaluations


def _model_options(options: flags.FlagValues) -> tuple[dict[str, Any], GraphOptions]:
    """Checks all flags of the model that can be checked without importing it."""
    for name in ("model_args", *OF_MODELS, "input_shape", "use_moving_averages"):
        if options[name].value and not options.model:
            raise UsageError(f"--{name} is for training checkpoints, together with --model.",
                             "An exported artifact brings its own graph and weights: leave it away.")
    input_shape = parse_input_shape(options.input_shape) if options.input_shape else None
    return read_model_args(options.model_args), GraphOptions(input_shape=input_shape)


def _trained_model(options: flags.FlagValues, model_args: dict[str, Any], graph: GraphOptions) -> TrainedModel | None:
    if not options.model:
        return None
    code = read_option_flags(options, OF_MODELS)
    model = load_model(options.model, model_args, tf1_root=code.tf1_roots, allow_pickle=code.allow_pickle,
                       stub_modules=code.stub_modules)
    return TrainedModel(model, graph, options.use_moving_averages)


def _check_json_file(path: str | None) -> None:
    if path and (Path(path).is_dir() or not Path(path).absolute().parent.is_dir()):
        raise OutputError(f"--json {path} is no place for a file.", "Give a file in a directory that exists.")


def _write_json(report: Report, path: Path) -> None:
    try:
        path.write_text(json.dumps(report.as_json(), indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path} can't be written: {error.strerror}.", "Give another --json file.") from error


if __name__ == "__main__":
    sys.exit(main())
