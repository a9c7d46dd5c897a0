"""The order in which the nodes of a graph run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


def in_order(wanted: Iterable[str], inputs: Mapping[str, Sequence[str]]) -> dict[str, None]:
    """Returns the nodes that some need, each behind its inputs but for those that close a loop.

    Args:
        wanted: names of nodes.
        inputs: name -> the names that it waits for.
    """
    found: dict[str, None] = {}
    entered: set[str] = set()
    stack = [(name, False) for name in wanted]
    while stack:
        name, is_left = stack.pop()
        if is_left:
            found[name] = None
        elif name not in entered:
            entered.add(name)
            stack.append((name, True))
            stack += [(other, False) for other in inputs[name] if other not in entered]
    return found


class NodeOrder:
    """Which of some marked nodes come before a node: a bit for each, since graphs have thousands of both.

    Args:
        nodes: as `in_order` gives them.
        inputs: name -> the names that it waits for.
        marked: the nodes that are asked for.
    """

    def __init__(self, nodes: Iterable[str], inputs: Mapping[str, Sequence[str]], marked: Iterable[str]) -> None:
        self._bits = {name: 1 << number for number, name in enumerate(sorted(marked))}
        self._before: dict[str, int] = dict.fromkeys(nodes, 0)
        is_changed = bool(self._bits)
        while is_changed:
            is_changed = False
            for name, known in self._before.items():
                before = known
                for other in inputs[name]:
                    before |= self._before[other] | self._bits.get(other, 0)
                if before != known:
                    self._before[name], is_changed = before, True

    def comes_before(self, first: str, second: str) -> bool:
        """Whether ``second`` waits for ``first``, a marked node."""
        return bool(self._before[second] & self._bits[first])
