"""What one commit writes: which events are new, which were there before, and their numbers. Pure; knows no database."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field

from penchant.records.errors import ConflictError
from penchant.serving.events.rows import Draft, Row

Known = dict[tuple[str, str], tuple[int, str]]
"""Tenant and key -> the sequence and the event that were kept under them."""
Outcome = list[int] | Exception


@dataclass(frozen=True, kw_only=True)
class Append:
    """One call of `EventLog.append`, waiting."""

    tenant: str
    drafts: list[Draft]
    received_at: int
    future: "Future[list[int]]" = field(default_factory=Future)

    @property
    def size(self) -> int:
        """About the bytes that it holds."""
        return sum(len(each.event) for each in self.drafts)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Rows to insert; the last sequence of each tenant that gets some, and of all; an outcome for each append."""

    rows: list[Row]
    heads: dict[str, int]
    last: int
    outcomes: list[Outcome]


def plan(appends: Iterable[Append], last: int, heads: Mapping[str, int], known: Known) -> Plan:
    """Numbers the new events from `last` + 1 on. An append that conflicts gets its error, takes no number and stops no other.

    `heads`: the last sequence of each tenant so far, 0 or absent without one; `known`: those of the appends' keys that were used.
    """
    rows: list[Row] = []
    outcomes: list[Outcome] = []
    heads, known = dict(heads), dict(known)
    for append in appends:
        try:
            sequences, taken = _numbered(append, last, known)
        except ConflictError as error:
            outcomes.append(error)
            continue
        outcomes.append(sequences)
        known |= {
            (append.tenant, each.key): (number, each.event) for number, each in taken.items() if each.key is not None
        }
        for last, each in taken.items():
            row = Row(append.tenant, last, 0, *each, append.received_at, 0)
            rows.append(row.linked(heads.get(append.tenant, 0)))
            heads[append.tenant] = last
    return Plan(rows=rows, heads={row.tenant: heads[row.tenant] for row in rows}, last=last, outcomes=outcomes)


def _numbered(append: Append, last: int, known: Known) -> tuple[list[int], dict[int, Draft]]:
    """The sequence of each event, and those that are new by theirs."""
    sequences: list[int] = []
    taken: dict[int, Draft] = {}
    used: dict[str, tuple[int, str]] = {}
    for each in append.drafts:
        before = None if each.key is None else used.get(each.key) or known.get((append.tenant, each.key))
        if before is not None and before[1] != each.event:
            raise ConflictError(f"The key {each.key!r} was used for another event. Send a new event under a new key.")
        number = last + len(taken) + 1 if before is None else before[0]
        if before is None:
            taken[number] = each
        if each.key is not None:
            used[each.key] = (number, each.event)
        sequences.append(number)
    return sequences, taken
