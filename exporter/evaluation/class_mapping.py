"""Which class index does a folder's name mean?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exporter.errors import UsageError

_MOST_NAMED = 5


@dataclass(frozen=True)
class ClassMapping:
    """Class indices and their names.

    Attributes:
        names: class index -> name; empty where only indices are known.
        explanation: how the mapping was found, for the user.
        guessed: whether it rests on the order of the folders alone.
    """

    names: Mapping[int, str]
    explanation: str
    guessed: bool = False

    def name(self, index: int) -> str:
        """Returns the name of a class, its index where it has none."""
        return self.names.get(index, str(index))


def map_stored_labels(labels: Sequence[str], origin: str) -> ClassMapping:
    """Returns the mapping for class indices that are stored with the images; ``labels`` only give them names."""
    named = f"names by {origin}" if labels else "no names"
    return ClassMapping(dict(enumerate(labels)), f"image/class/label as stored, {named}")


def map_folders(folders: Sequence[str], labels: Sequence[str], origin: str) -> ClassMapping:
    """Finds the class index of each folder: by ``labels`` if there are any, by number, else by sorted order.

    Args:
        folders: the folders' names.
        labels: class names in the order of their indices; may be empty.
        origin: where ``labels`` come from ("--labels").

    Raises:
        UsageError: a folder is not among ``labels``.
    """
    unknown = [folder for folder in folders if folder not in labels]
    if labels and unknown:
        raise UsageError(f"The class folder {unknown[0]!r} is none of the {len(labels)} labels of {origin}: "
                         f"{_shortened(labels)}.", "Name the folders after the labels, or give --labels in the order of the "
                         "model's classes.")
    if labels:
        return ClassMapping(dict(enumerate(labels)), f"folder names by {origin}")
    if all(folder.isascii() and folder.isdigit() for folder in folders):
        return ClassMapping({int(folder): folder for folder in folders}, "folder names are class indices")
    names = dict(enumerate(sorted(folders)))
    order = _shortened([f"{name} = {index}" for index, name in names.items()])
    return ClassMapping(names, f"folders in sorted order: {order}", guessed=True)


def _shortened(items: Sequence[str]) -> str:
    more = f", ... {items[-1]}" if len(items) > _MOST_NAMED else ""
    return ", ".join(items[:_MOST_NAMED]) + more
