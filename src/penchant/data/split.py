"""Which events a model may be fitted on, chosen on and judged on: pure functions of times and users."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from penchant.records.errors import ConfigError
from penchant.records.events import Events

PARTS = {
    "train": "train training tr 训练 训练集",
    "valid": "valid validation val dev 验证 验证集",
    "test": "test testing te 测试 测试集",
}
"""What the cells of a ready-made column are called."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """Boolean masks over the same events, of which each event is in exactly one.

    `known`, where there is one: events that people are asked with, but that nothing is fitted on.
    """

    train: np.ndarray  # bool (N,)
    valid: np.ndarray  # bool (N,)
    test: np.ndarray  # bool (N,)
    known: np.ndarray | None = None  # bool (N,)

    def told(self, fitted: np.ndarray) -> np.ndarray:
        """bool (N,): what histories are made of when `fitted` is what was fitted on."""
        return fitted if self.known is None else fitted | self.known

    def before_test(self, events: Events) -> np.ndarray:
        """bool (N,): all that may be fitted on before the test; of people who are tested as strangers nothing."""
        fitted = self.train | self.valid
        if self.known is None:
            return fitted
        return fitted | (self.known & ~np.isin(events.user_rows, events.user_rows[self.test]))


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
    """Each person's last event that speaks for an item is for test, the one before for valid; under three such, all is train.

    Searches, impressions, skips and dislikes stay where they stand: one after the valid event and before the test event is in
    valid, since it is known when the test event is predicted; one after the last event that speaks for an item is in test.
    """
    order, ptr = events.grouped(int(events.user_rows.max(initial=-1)) + 1)
    owners = events.user_rows[order]
    met = np.concatenate([[0], np.cumsum(events.speak_for_items[order])])
    later = np.empty(len(events), np.int64)  # events that speak for an item, of the same person, after this one
    later[order] = met[ptr[1:]][owners] - met[1:]
    enough = (met[ptr[1:]] - met[ptr[:-1]] >= 3)[events.user_rows]
    test, valid = enough & (later == 0), enough & (later == 1)
    return Split(train=~(test | valid), valid=valid, test=test)


def k_fold_by_user(events: Events, num_folds: int = 5, fold: int = 0, seed: int = 0, share: float = 0.8) -> Split:
    """Strangers are asked: everybody is in one of the folds, by chance, and nobody of fold `fold` is ever fitted on.

    Their last events (a share of 1 - `share`, at least one of two) are the test, the earlier ones are `known`. The next
    fold is split likewise for valid; all others are train. Over all folds, everybody is a stranger once.
    Raises ConfigError for fewer than three folds, a fold that is none, or fewer people than folds.
    """
    people = np.unique(events.user_rows)
    if not 3 <= num_folds <= len(people):
        raise ConfigError(
            f"There are 3 or more folds (train, valid, test) and no more than people, not {num_folds} for {len(people)} "
            "people. Choose another number."
        )
    if not 0 <= fold < num_folds:
        raise ConfigError(f"The folds are 0 to {num_folds - 1}, not {fold}. Name one of these.")
    fold_of = np.zeros(int(people[-1]) + 1, np.int64)
    fold_of[people] = np.random.default_rng(seed).permutation(len(people)) % num_folds
    folds, late = fold_of[events.user_rows], _late(events, share)
    tested, chosen_on = folds == fold, folds == (fold + 1) % num_folds
    return Split(
        train=~(tested | chosen_on), valid=chosen_on & late, test=tested & late, known=(tested | chosen_on) & ~late
    )


def to_parts(column: pl.Series) -> pl.Series | None:
    """The cells of a ready-made column as "train", "valid", "test"; None if any says something else.

    >>> to_parts(pl.Series(["Train", "dev", "测试集"])).to_list(), to_parts(pl.Series(["train", "3"]))
    (['train', 'valid', 'test'], None)
    """
    if column.dtype != pl.String:
        return None
    words = {word: part for part, names in PARTS.items() for word in names.split()}
    known = pl.Enum(list(PARTS))
    parts = column.str.strip_chars().str.to_lowercase().replace_strict(words, default=None, return_dtype=known)
    return None if parts.has_nulls() else parts


def by_column(events: Events, parts: np.ndarray) -> Split:
    """The split that the source brings: `parts` says "train", "valid" or "test" for each event.

    Without valid, the newest ninth of the training events is taken for it.
    Raises ConfigError where nothing is for training, or nothing for the test.
    """
    train, valid, test = (parts == part for part in PARTS)
    if not train.any() or not test.any():
        found = {part: int((parts == part).sum()) for part in PARTS}
        raise ConfigError(f"The split column needs events for train and for test, found {found}. Use another protocol.")
    if not valid.any():
        valid = train & _from_position(events, np.sort(events.timestamps[train]), 8 / 9)
        train = train & ~valid
    return Split(train=train, valid=valid, test=test)


def _late(events: Events, share: float) -> np.ndarray:
    """The events after this share of each person's own."""
    order, ptr = events.grouped(int(events.user_rows.max(initial=-1)) + 1)
    lengths = np.diff(ptr)
    cuts = np.where(lengths > 1, np.minimum(np.ceil(share * lengths), lengths - 1), lengths)
    late = np.empty(len(events), bool)
    late[order] = np.arange(len(events)) - np.repeat(ptr[:-1], lengths) >= np.repeat(cuts, lengths)
    return late


def _from_position(events: Events, times: np.ndarray, share: float) -> np.ndarray:
    """The events from the moment at a share of the sorted times onwards."""
    position = round(share * len(times))
    if position >= len(times):
        return np.zeros(len(times), bool)
    return np.asarray(events.timestamps >= times[position])
