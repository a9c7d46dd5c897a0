"""What ``evaluate_export`` prints, and the same content as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from exporter.evaluation.class_mapping import ClassMapping
from exporter.evaluation.classification import Evaluation, disagreements, largest_difference
from exporter.sizes import byte_text

_LARGEST_MATRIX = 20
_MOST_CONFUSED = 20
_WIDTH_WITHOUT_TERMINAL = 200


@dataclass(frozen=True)
class Report:
    """Evaluations of one or several artifacts on the same images.

    Attributes:
        evaluations: one per artifact.
        reference: the one that the others are compared with, a checkpoint if there is one; one of ``evaluations``.
        mapping: class indices and names.
    """

    evaluations: Sequence[Evaluation]
    reference: Evaluation
    mapping: ClassMapping

    def print(self, console: Console, most_mistakes: int) -> None:
        """Prints confusion, mistakes, disagreements, and last the table of the artifacts."""
        console.print(f"images      {len(self.reference.images)}", highlight=False)
        console.print(f"classes     {escape(self.mapping.explanation)}", highlight=False)
        for warning in self._warnings():
            console.print(f"warning     {escape(warning)}", highlight=False)
        console.print(self._confusion())
        if self.reference.worst_mistakes(most_mistakes):
            console.print(self._mistakes(most_mistakes))
        if len(self.evaluations) > 1:
            console.print(self._disagreements())
        console.print(self._artifacts())

    def as_json(self) -> dict[str, Any]:
        """Returns the whole report as JSON values; numbers that JSON has not are strings ("nan", "inf")."""
        return {
            "images": len(self.reference.images),
            "classes": {"mapping": self.mapping.explanation, "names": {str(k): v for k, v in self.mapping.names.items()}},
            "reference": self.reference.artifact,
            "warnings": self._warnings(),
            "artifacts": [self._artifact_as_json(evaluation) for evaluation in self.evaluations],
            "disagreements": [
                {"image": self.reference.images[index], "label": int(self.reference.labels[index]),
                 "predicted": {evaluation.artifact: int(evaluation.predicted[index]) for evaluation in self.evaluations}}
                for index in disagreements(self.evaluations)],
        }

    def _artifact_as_json(self, evaluation: Evaluation) -> dict[str, Any]:
        return {
            "path": evaluation.artifact, "byte_size": evaluation.byte_size, "accuracy": evaluation.accuracy,
            "images_per_second": evaluation.images_per_second,
            "largest_difference": _number(largest_difference(evaluation, self.reference)),
            "confusion": [{"label": label, "predicted": predicted, "images": count}
                          for (label, predicted), count in evaluation.confusion.items()],
            "mistakes": [{"image": evaluation.images[index], "label": int(evaluation.labels[index]),
                          "predicted": int(evaluation.predicted[index]),
                          "confidence": None if evaluation.confidences is None else _number(evaluation.confidences[index])}
                         for index in evaluation.worst_mistakes(len(evaluation.images))],
        }

    def _warnings(self) -> list[str]:
        known, mapped = self.reference.num_classes, len(self.mapping.names)
        if self.mapping.guessed and known is not None and known != mapped:
            return [f"{mapped} class folders and {known} classes in the model: their sorted order may not be the model's. "
                    "Give --labels in the order of the model's classes."]
        return []

    def _artifacts(self) -> Table:
        table = _table("", "artifact")
        for heading in ("size", "accuracy", "images/s"):
            table.add_column(heading, justify="right")
        compared = len(self.evaluations) > 1
        if compared:
            table.add_column("largest\ndifference", justify="right")
        for evaluation in self.evaluations:
            cells = [escape(evaluation.artifact), byte_text(evaluation.byte_size), f"{evaluation.accuracy:.4f}",
                     f"{evaluation.images_per_second:,.0f}"]
            table.add_row(*cells, *([self._difference(evaluation)] if compared else []))
        return table

    def _difference(self, evaluation: Evaluation) -> str:
        if evaluation is self.reference:
            return "reference"
        difference = largest_difference(evaluation, self.reference)
        return "no output in common" if difference is None else f"{difference:.3g}"

    def _confusion(self) -> Table:
        """The matrix, or for many classes the pairs that are confused most."""
        confusion = self.reference.confusion
        classes = sorted({index for pair in confusion for index in pair})
        if len(classes) > _LARGEST_MATRIX:
            return self._most_confused()
        table = _table("Confusion: rows are true, columns are predicted classes", "")
        for predicted in classes:
            table.add_column(self._name(predicted), justify="right")
        for label in classes:
            counts = [confusion.get((label, predicted), 0) for predicted in classes]
            table.add_row(self._name(label), *(str(count) if count else "." for count in counts))
        return table

    def _most_confused(self) -> Table:
        wrong = {pair: count for pair, count in self.reference.confusion.items() if pair[0] != pair[1]}
        table = _table("Most confused", "class", "predicted as")
        table.add_column("images", justify="right")
        for (label, predicted), count in sorted(wrong.items(), key=lambda item: -item[1])[:_MOST_CONFUSED]:
            table.add_row(self._name(label), self._name(predicted), str(count))
        return table

    def _mistakes(self, count: int) -> Table:
        evaluation = self.reference
        table = _table("Worst mistakes", "image", "class", "predicted as")
        table.add_column("confidence", justify="right")
        for index in evaluation.worst_mistakes(count):
            confidence = "-" if evaluation.confidences is None else f"{evaluation.confidences[index]:.4f}"
            table.add_row(escape(evaluation.images[index]), self._name(evaluation.labels[index]),
                          self._name(evaluation.predicted[index]), confidence)
        return table

    def _disagreements(self) -> Table | str:
        indices = disagreements(self.evaluations)
        if not indices:
            return f"All {len(self.evaluations)} artifacts agree on every image.\n"
        table = _table(f"Images on which the artifacts disagree: {len(indices)}", "image", "class")
        for evaluation in self.evaluations:
            table.add_column(escape(evaluation.artifact), overflow="fold")
        for index in indices:
            predicted = (self._name(evaluation.predicted[index]) for evaluation in self.evaluations)
            table.add_row(escape(self.reference.images[index]), self._name(self.reference.labels[index]), *predicted)
        return table

    def _name(self, index: Any) -> str:
        return escape(self.mapping.name(int(index)))


def report_console() -> Console:
    """Returns a console for stdout; lines are wide where it is no terminal, so that no name is wrapped in a file."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH_WITHOUT_TERMINAL)


def _number(value: float | None) -> float | str | None:
    return value if value is None else float(value) if math.isfinite(value) else str(value)


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title or None, title_justify="left", box=box.SIMPLE)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
