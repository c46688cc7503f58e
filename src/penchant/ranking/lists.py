"""From scores to the lists that somebody wants: the best candidates, weighed against each other, within the rules.

    scores -> what may be shown -> candidates -> weighing re-rankers -> rules -> k

Weighing re-rankers see the best candidates alone and hand fewer of them on, each to the next; whoever holds rules sees all of
them behind those, and what joined for the rules' sake: fresh items, pins.
Legend: B people, I items of the catalogue, E raw items, C candidates, k list length.
"""

import numpy as np

from penchant.evaluation.diversity import category_mixes
from penchant.ranking.rerank.reranker import NOTHING, Candidates
from penchant.ranking.wishes import Wishes
from penchant.records.events import Histories
from penchant.records.ranked import Ranked, mask_seen, top_k

NUM_FRESH = 20
"""Fresh items that join, of each person."""
NARROWING = 3
"""Rules choose among so many times k that were weighed; behind these stand the others."""


def bar(scores: np.ndarray, histories: Histories, wishes: Wishes) -> None:
    """Scores (B, I + E) of what may not be recommended become -inf, in place."""
    if wishes.exclude_seen:
        mask_seen(scores, histories)
    if wishes.allowed is not None:
        scores[:, ~wishes.allowed] = -np.inf


def make_candidates(scores: np.ndarray, histories: Histories, wishes: Wishes) -> Candidates:
    """The best of each person, best first."""
    best = top_k(scores, min(wishes.num_candidates, scores.shape[1]))
    mixes = None if wishes.categories is None else category_mixes(histories, wishes.categories)
    return Candidates(item_rows=best.item_rows, scores=best.scores, mixes=mixes)


def relisted(candidates: Candidates, scores: np.ndarray, histories: Histories, wishes: Wishes) -> Ranked:
    """Lists of k, with the scores that the items had; short where rules leave less. scores: (B, I + E), of all items."""
    weighed = _weighed(candidates, wishes)
    if not wishes.holding:
        return _first(weighed, wishes.k)
    held = _joined(weighed, scores, histories, wishes)
    for place, reranker in enumerate(wishes.holding, 1):
        last = place == len(wishes.holding)
        order = reranker.rerank(held, wishes.k)
        held = held.take(order if last else _completed(order, held.rows.shape[1]))
    return _first(held, wishes.k)


def _weighed(candidates: Candidates, wishes: Wishes) -> Candidates:
    """Each re-ranker keeps the same share of what it gets, so that the first leaves the next a choice."""
    given, width = candidates, candidates.rows.shape[1]
    kept = min(width, wishes.k * (NARROWING if wishes.holding else 1))
    for place, reranker in enumerate(wishes.weighing, 1):
        size = round(width * (kept / max(width, 1)) ** (place / len(wishes.weighing)))
        given = given.take(reranker.rerank(given, size))
    return _behind(given, candidates) if wishes.holding and wishes.weighing else given


def _behind(first: Candidates, others: Candidates) -> Candidates:
    """The others follow, without those that stand there already."""
    twice = (others.item_rows[:, :, None] == first.item_rows[:, None, :]).any(axis=2)
    scores = np.where(twice, -np.inf, others.scores)
    return Candidates(
        item_rows=np.hstack([first.item_rows, np.where(twice, NOTHING, others.item_rows)]),
        scores=np.hstack([first.scores, scores]),
        mixes=first.mixes,
    )


def _joined(candidates: Candidates, scores: np.ndarray, histories: Histories, wishes: Wishes) -> Candidates:
    """With the fresh items that texts speak for most, and the pinned ones; `content` of all where it orders the fresh."""
    content = None if wishes.content is None else wishes.content(histories)
    pinned = np.tile(np.array(wishes.pinned, np.int32), (len(candidates), 1))
    joined = _behind(candidates, Candidates(item_rows=pinned, scores=_at(scores, pinned)))
    if wishes.fresh is not None and content is not None:
        possible = np.isfinite(scores) & wishes.fresh
        fresh = top_k(np.where(possible, content, -np.inf), NUM_FRESH).item_rows
        joined = _behind(joined, Candidates(item_rows=fresh, scores=_at(scores, fresh)))
    if content is None:
        return joined
    return Candidates(
        item_rows=joined.item_rows, scores=joined.scores, mixes=joined.mixes, content=_at(content, joined.item_rows)
    )


def _at(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return np.where(rows >= 0, np.take_along_axis(values, np.maximum(rows, 0), 1), -np.inf)


def _completed(order: np.ndarray, width: int) -> np.ndarray:
    """Positions (B, k), and behind them all others of `width` in their order; -1 fills."""
    chosen = np.zeros((len(order), width + 1), bool)  # the last column takes the -1
    np.put_along_axis(chosen, np.where(order >= 0, order, width), True, 1)
    others = np.where(chosen[:, :-1], NOTHING, np.arange(width))
    both = np.hstack([order, others])
    return np.take_along_axis(both, np.argsort(both < 0, axis=1, kind="stable"), 1)


def _first(candidates: Candidates, k: int) -> Ranked:
    """The first k of what is possible."""
    order = np.argsort(~candidates.possible, axis=1, kind="stable")[:, :k]
    order = np.where(np.take_along_axis(candidates.possible, order, 1), order, NOTHING)
    return candidates.ranked(np.pad(order, ((0, 0), (0, k - order.shape[1])), constant_values=NOTHING))
