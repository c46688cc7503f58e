"""The candidate sources of a catalogue: which fit its size, with which settings. Settings are chosen by what came later."""

import logging
import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from penchant.evaluation.cases import Cases
from penchant.evaluation.ranking import rank_cases
from penchant.records.events import Events
from penchant.retrieval.source import CandidateSource, Settings
from penchant.stages.config import MAX_EASE_ITEMS, SOURCES
from penchant.stages.encode import Encoded
from penchant.stages.fusing import some_cases

READ_TEXTS = ("text-kNN", "fresh")
READS_PICTURES = "media-kNN"
"""Only where items have pictures."""
MAX_CASES = 1000
MANY_EVENTS = 2_000_000
"""With more, a source is fitted once, and only what costs no new fit is chosen."""
STANDARD_ERRORS = 1.0
"""How far above the default a setting must be, in standard errors of the paired difference. Of many settings, one is above by
chance; the default was good elsewhere (docs/experiments.md)."""
SEED = 0
logger = logging.getLogger(__name__)


def fit_sources(
    events: Events,
    encoded: Encoded,
    settings: Mapping[str, Settings] | None = None,
    seconds: dict[str, float] | None = None,
    only: str | None = None,
) -> dict[str, CandidateSource]:
    """Every candidate source that fits the size of the catalogue; `seconds` takes down the times.

    settings: by name, default those of each source. only: that source alone.
    """
    events = _telling(events)
    sources: dict[str, CandidateSource] = {}
    for name, kind, more in _kinds(encoded, only):
        began = time.perf_counter()
        sources[name] = kind.fit(events, len(encoded.items), *more, **(settings or {}).get(name, {}))
        if seconds is not None:
            seconds[name] = time.perf_counter() - began
    return sources


def choose_sources(
    events: Events, encoded: Encoded, cases: Cases, only: str | None = None
) -> dict[str, CandidateSource]:
    """Every such source, fitted on `events` with the settings of its GRID that answer the later `cases` best by NDCG@10.

    The default stays where no other is above it beyond noise. At most MAX_CASES cases are looked at. only: that source alone.
    """
    events, cases = _telling(events), some_cases(cases, MAX_CASES, np.random.default_rng(SEED))
    return {name: _best(kind, more, events, cases) for name, kind, more in _kinds(encoded, only)}


def settings_of(sources: Mapping[str, CandidateSource]) -> dict[str, Settings]:
    return {name: dict(source.settings) for name, source in sources.items()}


def believed_once(events: Events) -> np.ndarray:
    """bool (N,): what counts believes an event or not, once for all; the network draws anew in each epoch."""
    return events.believed(np.random.default_rng(SEED))


def _telling(events: Events) -> Events:
    return events.take(events.speak_for_items & believed_once(events))


def _kinds(encoded: Encoded, only: str | None) -> Iterator[tuple[str, type[CandidateSource], tuple[Any, ...]]]:
    """Name, class, and what `fit` takes after the number of items."""
    for name, kind in SOURCES.items():
        if only not in (None, name):
            continue
        if name == "EASE" and len(encoded.items) > MAX_EASE_ITEMS:
            logger.info(
                "%d items are too many for EASE (%d): item-kNN stands alone.", len(encoded.items), MAX_EASE_ITEMS
            )
            continue
        if name == READS_PICTURES:
            if (pictures := encoded.reader.pictures) is not None:
                yield name, kind, (encoded.item_vectors, encoded.item_vectors.shape[1] - pictures.width)
            continue
        yield name, kind, (encoded.item_vectors,) if name in READ_TEXTS else ()


def _best(kind: type[CandidateSource], more: tuple[Any, ...], events: Events, cases: Cases) -> CandidateSource:
    best: CandidateSource | None = None
    default, highest = np.zeros(0), 0.0
    for source in _candidates(kind, more, events, cases.num_items):
        found = rank_cases(source.score, cases).ndcg
        if best is None:
            best, default, highest = source, found, float(found.mean())
        elif found.mean() > highest and _beyond_noise(found - default):
            best, highest = source, float(found.mean())
    assert best is not None
    return best


def _candidates(
    kind: type[CandidateSource], more: tuple[Any, ...], events: Events, num_items: int
) -> Iterator[CandidateSource]:
    """The source at every entry of its GRID, the default first; each fit is made once, and where it is dear, one alone."""
    fitted: dict[tuple[tuple[str, float], ...], CandidateSource] = {}
    dear = num_items > kind.MOST_REFITTED or len(events) > MANY_EVENTS
    for entry in kind.GRID:
        counted = {name: value for name, value in entry.items() if name not in kind.SCORING}
        key = tuple(sorted(counted.items()))
        if key not in fitted:
            if fitted and dear:
                continue
            fitted[key] = kind.fit(events, num_items, *more, **counted)
        yield fitted[key].scoring_with({name: entry[name] for name in entry if name in kind.SCORING})


def _beyond_noise(differences: np.ndarray) -> bool:
    """Whether a mean difference (C,) is above 0 by more than STANDARD_ERRORS."""
    error = differences.std() / max(len(differences), 1) ** 0.5
    return bool(differences.mean() > STANDARD_ERRORS * error)
