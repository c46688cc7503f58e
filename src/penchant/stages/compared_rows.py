"""The rows of a comparison that are ours: each is chosen on valid, fitted anew on train and valid, and answers the test.

Knows them by name. What other systems answer comes as files (`evaluation/top_lists.py`).
Legend: C cases, k list length.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np

from penchant.data.leaks import check, leaks_across
from penchant.data.split import Split
from penchant.evaluation.cases import Cases
from penchant.evaluation.ranking import Score, rank_cases
from penchant.records.errors import ConfigError, suggestion
from penchant.records.events import Events
from penchant.stages.candidates import READS_PICTURES, choose_sources, fit_sources, settings_of
from penchant.stages.config import MAX_EASE_ITEMS, SOURCES, Config
from penchant.stages.encode import Encoded
from penchant.stages.fine_tuning import retold
from penchant.stages.fitting import choose, make_tasks, refit
from penchant.stages.fusing import fuse, time_scale
from penchant.stages.meter import Meter, highest
from penchant.stages.protocols import check_asked, find_protocol, make_cases
from penchant.training.callbacks import Callback

OURS, NETWORK, FUSION = "penchant", "network-alone", "fusion-without-network"
SIMPLE = {name.replace(" ", "-"): name for name in SOURCES}
KINDS = {**dict.fromkeys(SIMPLE, "simple"), FUSION: "ablation", OURS: "ours", NETWORK: "network"}
"""Every row, by the word that asks for it."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What all rows stand on. `key`: hash of the split and the length of lists; lists of one key answer the same cases."""

    encoded: Encoded
    split: Split
    k: int
    leaks: list[dict[str, Any]]
    valid: Cases
    asked: Cases
    key: str

    @classmethod
    def of(cls, encoded: Encoded, protocol: str, k: int, *, allow_leaks: bool = False) -> "Ground":
        """Raises: ConfigError for an unknown protocol, LeakError for a split that gives answers away, unless they are allowed,
        DataError for one that leaves nobody to ask."""
        chosen, events = find_protocol(protocol), encoded.events
        split = chosen.split(encoded, 0, 0)
        leaks = leaks_across(events, split, by_time=chosen.by_time, has_clock=encoded.data.has_clock)
        fitted = split.before_test(events)
        return cls(
            encoded=encoded,
            split=split,
            k=k,
            leaks=check(leaks, allow_leaks=allow_leaks),
            valid=check_asked(
                make_cases(encoded, protocol, split.train, split.valid, split.told(split.train)), protocol, "valid"
            ),
            asked=check_asked(make_cases(encoded, protocol, fitted, split.test, split.told(fitted)), protocol, "test"),
            key=_key(encoded, split, protocol, k),
        )

    @property
    def past(self) -> Events:
        return self.encoded.events.take(self.split.train)

    @property
    def later(self) -> Events:
        return self.encoded.events.take(self.split.valid)

    @property
    def fitted(self) -> Events:
        """Train and valid."""
        return self.encoded.events.take(self.split.before_test(self.encoded.events))


@dataclass(frozen=True, kw_only=True)
class Answered:
    """Lists of the cases, int32 (C, k), -1 fills, and what they took: seconds, and MiB of the whole process at its peak.

    `cpu_seconds`: of choosing and fitting. `valid_ndcg`: None where valid chose more than the settings.
    """

    lists: np.ndarray
    valid_ndcg: float | None
    choose_seconds: float
    fit_seconds: float
    cpu_seconds: float
    score_seconds: float
    peak_mib: float | None


def find_row(word: str) -> str:
    """The row that a word names, in any case.

    >>> find_row("Item-kNN"), find_row("ease")
    ('item-kNN', 'EASE')

    Raises: ConfigError for an unknown one.
    """
    known = {name.casefold(): name for name in KINDS}
    if word.casefold() not in known:
        raise ConfigError(f"Unknown row {word!r}. {suggestion(word, KINDS)}")
    return known[word.casefold()]


def default_rows(num_items: int, *, pictures: bool = False) -> list[str]:
    """All that need no network, as far as they fit the catalogue. pictures: whether its items have some."""
    left_out = {"EASE"} if num_items > MAX_EASE_ITEMS else set()
    left_out |= set() if pictures else {READS_PICTURES}
    return [name for name in (*SIMPLE, FUSION) if name not in left_out]


def answer(
    row: str,
    ground: Ground,
    config: Config,
    tasks: Sequence[str] | None = None,
    callbacks: Sequence[Callback] = (),
) -> dict[str, Answered]:
    """What a row answers, by its name; the network alone and the whole recommender come together.

    config: of what has a network; its seed too.
    Raises: ConfigError for EASE of a catalogue that is too large, media-kNN of one without pictures.
    """
    if row in SIMPLE:
        return {row: _simple(ground, SIMPLE[row])}
    return {FUSION: _fused(ground)} if row == FUSION else _learned(ground, config, tasks, callbacks)


def seeded(row: str) -> bool:
    """Whether chance has a part in it."""
    return row in (OURS, NETWORK)


def _simple(ground: Ground, source: str) -> Answered:
    if source == "EASE" and ground.asked.num_items > MAX_EASE_ITEMS:
        raise ConfigError(
            f"EASE needs a dense inverse of {ground.asked.num_items} x {ground.asked.num_items}, more than {MAX_EASE_ITEMS}. "
            "Leave it out; item-kNN holds beyond."
        )
    if source == READS_PICTURES and ground.encoded.reader.pictures is None:
        raise ConfigError(f"{source} compares pictures, and these items have none that can be read. Leave it out.")
    with Meter() as choosing:
        early = choose_sources(ground.past, ground.encoded, ground.valid, source)
    valid_ndcg = float(rank_cases(early[source].score, ground.valid, ground.k).ndcg.mean())
    with Meter() as fitting:
        late = fit_sources(ground.fitted, ground.encoded, settings_of(early), only=source)
    return _answered(late[source].score, ground.asked, ground.k, choosing, fitting, valid_ndcg)


def _fused(ground: Ground) -> Answered:
    with Meter() as choosing:
        early = choose_sources(ground.past, ground.encoded, ground.valid)
        fusion = fuse(early, None, ground.valid, time_scale(ground.past))
    with Meter() as fitting:
        late = fit_sources(ground.fitted, ground.encoded, settings_of(early))

    def score(histories: Any) -> np.ndarray:
        return fusion.score(histories, {name: source.score(histories) for name, source in late.items()})

    return _answered(score, ground.asked, ground.k, choosing, fitting)


def _learned(
    ground: Ground, config: Config, tasks: Sequence[str] | None, callbacks: Sequence[Callback]
) -> dict[str, Answered]:
    past, later = ground.past, ground.later
    made = make_tasks(tasks, ground.encoded, past)
    with Meter() as choosing:
        choice, _ = choose(past, later, ground.valid, ground.encoded, made, config, callbacks)
    with Meter() as fitting:
        final = refit(ground.fitted, ground.encoded, made, config, choice, callbacks)
    asked = retold(ground.asked, final.encoded)
    network = final.recommender.network
    scores: dict[str, Score] = {
        OURS: final.recommender.score,
        NETWORK: lambda histories: network.score(histories)[:, : asked.num_items],
    }
    return {name: _answered(score, asked, ground.k, choosing, fitting) for name, score in scores.items()}


def _answered(
    score: Score, asked: Cases, k: int, choosing: Meter, fitting: Meter, valid_ndcg: float | None = None
) -> Answered:
    with Meter() as answering:
        lists = rank_cases(score, asked, k).lists
    return Answered(
        lists=lists,
        valid_ndcg=valid_ndcg,
        choose_seconds=choosing.seconds,
        fit_seconds=fitting.seconds,
        cpu_seconds=choosing.cpu_seconds + fitting.cpu_seconds,
        score_seconds=answering.seconds,
        peak_mib=highest(choosing, fitting, answering),
    )


def _key(encoded: Encoded, split: Split, protocol: str, k: int) -> str:
    """Of ids, events and parts. What reads the texts has no part in it: it is a setting of a row."""
    found = blake2b(f"{protocol} {k}".encode(), digest_size=16)
    for ids in (encoded.users.all, encoded.items.all):
        found.update("\0".join(ids).encode())
    events = encoded.events
    for array in (
        events.user_rows,
        events.item_rows,
        events.timestamps,
        events.kinds,
        split.train,
        split.valid,
        split.test,
    ):
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()
