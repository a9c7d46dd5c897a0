"""The results of a benchmark as a table and a plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import Usage


@dataclass(frozen=True)
class Row:
    """One case: this exporter without and with verification, the classic route (which has none), three copies of the
    bytes, and the import of TensorFlow."""

    case: str
    ours: Usage
    verified: Usage
    classic: Usage
    copies: Usage
    tensorflow_import: Usage

    @property
    def wall_ratio(self) -> float:
        return self.ours.wall / self.classic.wall

    @property
    def verified_ratio(self) -> float:
        return self.verified.wall / self.classic.wall

    @property
    def memory_ratio(self) -> float:
        return self.ours.peak_memory / self.classic.peak_memory

    @property
    def beyond_import_to_copies(self) -> float:
        """What the export takes beyond ``import tensorflow``, against copying the bytes three times."""
        return (self.ours.wall - self.tensorflow_import.wall) / self.copies.wall


def write_results(rows: Sequence[Row], tensorflow_import: Usage, marginal: str, machine: str, output: Path) -> None:
    """Prints the table, and writes ``weights.md`` and ``weights.svg``."""
    text = "\n".join([*_table(rows), "",
                      f"`import tensorflow` alone: {tensorflow_import.wall:.2f} s, "
                      f"{tensorflow_import.peak_memory / 1e6:.0f} MB. {marginal}", "", machine, ""])
    print(text)
    output.mkdir(parents=True, exist_ok=True)
    (output / "weights.md").write_text(text, encoding="utf-8")
    _plot(rows, output / "weights.svg")


def _table(rows: Sequence[Row]) -> list[str]:
    lines = ["| case | classic route | this exporter | ratio | verified | ratio | classic memory | memory | ratio "
             "| 3 cp | (ours - import) / 3 cp |",
             "|---|---|---|---|---|---|---|---|---|---|---|"]
    for row in rows:
        lines.append(
            f"| {row.case} | {row.classic.wall:.2f} s (cpu {row.classic.cpu:.2f}) "
            f"| {row.ours.wall:.2f} s (cpu {row.ours.cpu:.2f}) | **{row.wall_ratio:.2f}** "
            f"| {row.verified.wall:.2f} s (cpu {row.verified.cpu:.2f}) | **{row.verified_ratio:.2f}** "
            f"| {row.classic.peak_memory / 1e6:.0f} MB | {row.ours.peak_memory / 1e6:.0f} MB | **{row.memory_ratio:.2f}** "
            f"| {row.copies.wall:.2f} s | {_or_dash(row)} |")
    return lines


def _or_dash(row: Row) -> str:
    """The ratio says something only where copying takes longer than the noise of an import."""
    return f"{row.beyond_import_to_copies:.2f}" if row.copies.wall > 0.2 else "-"


def _plot(rows: Sequence[Row], path: Path) -> None:
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "exporter"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(10, 0.6 * len(rows) + 1.2), sharey=True, layout="constrained")
    names = [row.case for row in rows][::-1]
    series = (("classic route", "#b8b8b8", [row.classic for row in rows]),
              ("this exporter, verified", "#7fb4c4", [row.verified for row in rows]),
              ("this exporter", "#1f6f8b", [row.ours for row in rows]))
    for axis, title, figure_of in ((axes[0], "wall time (s)", lambda usage: usage.wall),
                                   (axes[1], "peak memory of the largest process (GB)",
                                    lambda usage: usage.peak_memory / 1e9)):
        for number, (label, colour, usages) in enumerate(series):
            positions = [position + 0.27 * (1 - number) for position in range(len(rows))]
            axis.barh(positions, [figure_of(usage) for usage in usages[::-1]], 0.25, color=colour, label=label)
        axis.set_yticks(range(len(rows)), names)
        axis.set_title(title)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].legend(frameon=False, loc="lower right")
    figure.savefig(path, metadata={"Date": None})
