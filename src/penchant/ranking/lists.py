"""From scores to the lists that somebody wants: the best candidates, weighed against each other, within the rules.

    scores -> pulled -> what may be shown -> candidates -> their value -> weighing re-rankers -> rules -> k

Weighing re-rankers see the best candidates alone and hand fewer of them on, each to the next; whoever holds rules sees all of
them behind those, and what joined for the rules' sake: fresh items, pins.
Legend: B people, I items of the catalogue, E raw items, C candidates, k list length.
"""

from dataclasses import dataclass, replace

import numpy as np

from penchant.evaluation.diversity import category_mixes
from penchant.ranking.rerank.reranker import NOTHING, Candidates
from penchant.ranking.wishes import Wishes
from penchant.records.events import Histories
from penchant.records.ranked import Ranked, mask_seen, top_k

NUM_FRESH = 20
"""Fresh items that join, of each person; as many as a list is long, where it is longer."""
TINY = 1e-300
"""Of those who may be shown nothing the sum of chances has a logarithm too."""
NARROWING = 3
"""Rules choose among so many times k that were weighed; behind these stand the others."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """`notes`: a sentence for each person whose list is short, or lacks a pin, because of rules; "" where nothing is amiss.
    `features`: of what was drawn, float32 (B, k, D), for a policy that learns."""

    ranked: Ranked
    notes: list[str]
    features: np.ndarray | None = None


def pull(scores: np.ndarray, wishes: Wishes) -> None:
    """Adds what is asked for to scores (B, I + E), in place."""
    if wishes.pull is not None:
        scores += wishes.pull * scores.std(axis=1, keepdims=True)


def bar(scores: np.ndarray, histories: Histories, wishes: Wishes) -> None:
    """Scores (B, I + E) of what may not be recommended become -inf, in place."""
    if wishes.exclude_seen:
        mask_seen(scores, histories)
    if wishes.allowed is not None:
        scores[:, ~wishes.allowed] = -np.inf


def make_candidates(scores: np.ndarray, histories: Histories, wishes: Wishes) -> Candidates:
    """The best of each person, best first; then pinned items, then the fresh ones that have most to speak for them."""
    best = top_k(scores, min(wishes.num_candidates, scores.shape[1]))
    rows = _with(best.item_rows, np.tile(np.array(wishes.pinned, np.int32), (len(scores), 1)))
    content = None if wishes.content is None else wishes.content(histories)
    if wishes.fresh is not None:
        possible = np.isfinite(scores) & wishes.fresh
        said = np.where(possible, scores if content is None else content, -np.inf)
        rows = _with(rows, top_k(said, max(NUM_FRESH, wishes.k)).item_rows)
    return Candidates(
        item_rows=rows,
        scores=_at(scores, rows),
        mixes=None if wishes.categories is None else category_mixes(histories, wishes.categories),
        content=None if content is None else _at(content, rows),
    )


def log_chances(candidates: Candidates, scores: np.ndarray) -> np.ndarray:
    """Logarithm of the chance that each candidate is the next item, of all that may be shown; 0 for what is none.

    scores: (B, I + E), logits.
    """
    top = np.max(scores, axis=1, keepdims=True, initial=np.finfo(np.float32).min)
    total = np.log(np.exp(scores - top, dtype=np.float64).sum(axis=1, keepdims=True) + TINY) + top
    return np.where(candidates.possible, candidates.scores, total) - total


def by_value(candidates: Candidates, values: np.ndarray) -> Candidates:
    """The same candidates in the order of other scores, float (B, C)."""
    scores = np.where(candidates.possible, values, -np.inf).astype(np.float32)
    return replace(candidates, scores=scores).take(np.argsort(-scores, axis=1, kind="stable"))


def relisted(candidates: Candidates, wishes: Wishes) -> Listed:
    """Lists of k, with the scores that the items had; short where rules leave less."""
    given, k, nothing = _held(candidates, wishes), wishes.k, [""] * len(candidates)
    if wishes.rules is None:
        return Listed(ranked=_first(given, k), notes=nothing)
    ranked = given.ranked(wishes.rules.rerank(given, k))
    amiss = (ranked.item_rows < 0).any() or not np.isin(wishes.pinned, ranked.item_rows).all()
    return Listed(ranked=ranked, notes=wishes.rules.shortage(given, k) if amiss else nothing)


def drawn(candidates: Candidates, histories: Histories, wishes: Wishes) -> Listed:
    """Lists of k that are drawn from the candidates as re-rankers leave them, each item with its chance."""
    assert wishes.draw is not None
    given = _held(candidates, wishes)
    found = wishes.draw(Ranked(given.item_rows, given.scores), histories)
    ranked = replace(found.ranked, propensities=found.propensities.astype(np.float32))
    return Listed(ranked=ranked, notes=[""] * len(candidates), features=found.features)


def _held(candidates: Candidates, wishes: Wishes) -> Candidates:
    """Weighed, and then in the order of those who keep places."""
    given = _weighed(candidates, wishes)
    for reranker in wishes.holding:
        order = reranker.rerank(given, wishes.k)
        given = given.take(_completed(order, given.rows.shape[1]))
    return given


def _weighed(candidates: Candidates, wishes: Wishes) -> Candidates:
    """Each re-ranker keeps the same share of what it gets, so that the first leaves the next a choice."""
    width = min(wishes.num_candidates, candidates.rows.shape[1])
    if not wishes.weighing or not width:
        return candidates
    given = candidates.take(np.tile(np.arange(width), (len(candidates), 1)))
    kept = min(width, wishes.k * (NARROWING if wishes.has_rules else 1))
    for place, reranker in enumerate(wishes.weighing, 1):
        size = round(width * (kept / width) ** (place / len(wishes.weighing)))
        given = given.take(reranker.rerank(given, size))
    return _behind(given, candidates) if wishes.has_rules else given


def _behind(first: Candidates, others: Candidates) -> Candidates:
    """The others follow, without those that stand there already."""
    rows = _with(first.item_rows, others.item_rows)
    added = rows[:, first.item_rows.shape[1] :] >= 0
    return replace(
        others,
        item_rows=rows,
        scores=np.hstack([first.scores, np.where(added, others.scores, -np.inf)]),
        content=None if first.content is None or others.content is None else np.hstack([first.content, others.content]),
    )


def _with(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Other rows (B, n) behind rows (B, C), -1 in the place of those that are there."""
    twice = (others[:, :, None] == rows[:, None, :]).any(axis=2)
    return np.hstack([rows, np.where(twice, NOTHING, others).astype(rows.dtype)])


def _at(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Values (B, I + E) at rows (B, C), -inf where there is none."""
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
