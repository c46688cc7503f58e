"""Means of numbers that not every step has."""

from collections.abc import Mapping


class Means:
    """The mean of each number over the steps that had it.

    >>> means = Means()
    >>> means.add({"a": 1.0, "b": 4.0})
    >>> means.add({"a": 2.0})
    >>> means.found()
    {'a': 1.5, 'b': 4.0}
    """

    def __init__(self) -> None:
        self.sums: dict[str, float] = {}
        self.counts: dict[str, int] = {}

    def add(self, values: Mapping[str, float]) -> None:
        """One step."""
        for name, value in values.items():
            self.sums[name] = self.sums.get(name, 0.0) + value
            self.counts[name] = self.counts.get(name, 0) + 1

    def found(self) -> dict[str, float]:
        """Of each number that any step had."""
        return {name: total / self.counts[name] for name, total in self.sums.items()}
