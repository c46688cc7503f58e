"""Which events a model may be fitted on, chosen on and judged on: pure functions of times and users."""

from dataclasses import dataclass

import numpy as np

from penchant.records.errors import ConfigError
from penchant.records.events import NO_ROW, Events


@dataclass(frozen=True, kw_only=True)
class Split:
    """Three boolean masks over the same events, of which each event is in exactly one."""

    train: np.ndarray  # bool (N,)
    valid: np.ndarray  # bool (N,)
    test: np.ndarray  # bool (N,)


def global_time(events: Events, fractions: tuple[float, float, float] = (0.8, 0.1, 0.1)) -> Split:
    """Cuts all events at two moments, so that nothing later is known earlier.

    The moments are those of the events at the positions that the fractions give in time order; events at the very
    moment of a cut all go to the later part. Raises ConfigError unless the fractions are shares that add up to 1.
    """
    if min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-9:
        raise ConfigError(
            f"The fractions of a split are shares that add up to 1, not {fractions}. Give e.g. .8, .1, .1."
        )
    times = np.sort(events.timestamps)
    after_train = _from_position(events, times, fractions[0])
    test = _from_position(events, times, fractions[0] + fractions[1])
    return Split(train=~after_train, valid=after_train & ~test, test=test)


def leave_last_out(events: Events) -> Split:
    """Each person's last event with an item is for test, the one before for valid; under three such, all is train.

    Searches go with what they precede: one before the test event and after the valid event is in valid, since it is
    known when the test event is predicted; one after the last event with an item is in test.
    """
    order, ptr = events.grouped(int(events.user_rows.max(initial=-1)) + 1)
    owners = events.user_rows[order]
    has_item = events.item_rows[order] != NO_ROW
    met = np.concatenate([[0], np.cumsum(has_item)])
    later = np.empty(len(events), np.int64)  # events with an item, of the same person, after this one
    later[order] = met[ptr[1:]][owners] - met[1:]
    enough = (met[ptr[1:]] - met[ptr[:-1]] >= 3)[events.user_rows]
    test, valid = enough & (later == 0), enough & (later == 1)
    return Split(train=~(test | valid), valid=valid, test=test)


def _from_position(events: Events, times: np.ndarray, share: float) -> np.ndarray:
    """The events from the moment at a share of the sorted times onwards."""
    position = round(share * len(times))
    if position >= len(times):
        return np.zeros(len(times), bool)
    return np.asarray(events.timestamps >= times[position])
