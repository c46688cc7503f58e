"""What a model's lists would have earned, from a log of lists that were drawn: the policy is asked at every moment of the log.

Legend: N lists, K places, A candidates that may come first, D features.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from penchant.evaluation.off_policy.estimate import Estimate, estimate
from penchant.evaluation.off_policy.log import Log
from penchant.evaluation.off_policy.slates import estimate_slates
from penchant.ranking.explore.explored import Explored
from penchant.ranking.explore.features import PairFeatures
from penchant.ranking.explore.policy import Policy
from penchant.ranking.wishes import Wishes
from penchant.records.errors import SupportError
from penchant.records.events import Histories, no_history
from penchant.records.ranked import Ranked
from penchant.stages.asking import NO_ITEMS
from penchant.stages.exploring import make_policy, with_fresh
from penchant.stages.item_facts import ItemFacts
from penchant.stages.model import Model
from penchant.stages.shown_lists import ShownLists, shown_lists

BATCH = 256
WIDTH = 12
"""Directions of vectors that the model of rewards looks at."""
RIDGE = 10.0
NOTHING = "epsilon:share=0"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What a policy says of N lists: `chances` (N, K) of what was shown; `firsts` (N, A) of who may come first, and in the last
    column whoever may not; `actions` (N,), the column of the item that stood there; `features` (N, A, D) of all of them."""

    chances: np.ndarray
    firsts: np.ndarray
    actions: np.ndarray
    features: np.ndarray


def off_policy(
    model: Model,
    log: pl.DataFrame | None = None,
    *,
    explore: str = NOTHING,
    k: int | None = None,
    kinds: Sequence[str] = (),
    exclude_seen: bool = True,
    clip: float | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Estimates for the model's lists, drawn as `explore` says (default: as ranked); log: events, None: those of the model;
    k: length of those lists, None: of most lists of the log; longer ones are cut.

    `first`: of the first place, with and without a model of rewards (which is fitted on other people); `positions` and `total`
    of the whole list, or `refused`, why the log cannot tell of it; `trust` and `notes`.

    Raises: DataError for a log without drawn lists; SupportError where it cannot even tell of the first place; ConfigError as
    `recommend`.
    """
    events = model.events if log is None else _with_earlier(model.events, log)
    lists = shown_lists(events, model.recommender.network.scale, k, kinds)
    answers = _ask(model, events, lists, explore, exclude_seen)
    people = np.unique(lists.user_ids, return_inverse=True)[1]
    first = Log(
        user_rows=people, actions=answers.actions, rewards=lists.rewards[:, 0], propensities=lists.propensities[:, 0]
    )
    predicted = expected_rewards(answers.features, first, seed)
    found = estimate(first, answers.firsts, predicted, clip=clip, seed=seed)
    told: dict[str, Any] = {
        "policy": explore,
        "num_lists": len(lists),
        "k": lists.rewards.shape[1],
        "first": _told(found.rows),
        "trust": asdict(found.trust),
        "notes": _notes(lists, explore),
    }
    try:
        slates = estimate_slates(people, lists.rewards, lists.propensities, answers.chances, clip=clip, seed=seed)
    except SupportError as error:
        return {**told, "refused": str(error)}
    return {**told, "positions": [_told(each.rows) for each in slates.positions], "total": _told(slates.total)}


def expected_rewards(features: np.ndarray, log: Log, seed: int) -> np.ndarray:
    """Rewards by a ridge regression that was fitted on the other half of the people: features (N, A, D) -> float64 (N, A)."""
    people = np.unique(log.user_rows)
    half = np.isin(log.user_rows, np.random.default_rng(seed).permutation(people)[: len(people) // 2])
    shown = features[np.arange(len(log)), log.actions].astype(np.float64)
    expected = np.zeros(features.shape[:2])
    for fitted in (half, ~half):
        given = shown[fitted]
        gram = given.T @ given + RIDGE * np.eye(given.shape[1])
        expected[~fitted] = features[~fitted] @ np.linalg.solve(gram, given.T @ log.rewards[fitted])
    return expected


def _with_earlier(known: pl.DataFrame, log: pl.DataFrame) -> pl.DataFrame:
    """The log, behind what the model knew of people before it began; lists that are no part of the log don't count."""
    earlier = known.filter((pl.col("timestamp") < log["timestamp"].min()) & (pl.col("kind") != "impression"))
    return pl.concat([earlier, log.select(known.columns)]).sort("timestamp", maintain_order=True)


def _ask(model: Model, events: pl.DataFrame, lists: ShownLists, explore: str, exclude_seen: bool) -> Answers:
    facts = ItemFacts(model.recommender, model.asking, NO_ITEMS)
    k = lists.rewards.shape[1]
    policy = make_policy(explore, facts, model.agent, k)
    wishes = with_fresh(Wishes(k=k, exclude_seen=exclude_seen), policy, facts)
    vectors = model.recommender.network.vectors(no_history(0))[1]
    pairs = PairFeatures.fit(vectors, WIDTH)
    did = events.with_row_index("row").filter(pl.col("kind") != "impression")
    parts: list[Answers] = []
    for start in range(0, len(lists), BATCH):
        some = range(start, min(start + BATCH, len(lists)))
        shown = np.array([model.asking.rows.rows(lists.item_ids[each]) for each in some])
        probe = _Probe(policy, shown, pairs, model)
        model.recommender.ask(_histories(model, did, lists, some), replace(wishes, draw=probe))
        parts.append(probe.answers[0])
    return _together(parts)


class _Probe:
    """Stands where lists are drawn, and asks the policy about those that were shown instead."""

    def __init__(self, policy: Policy, shown: np.ndarray, pairs: PairFeatures, model: Model) -> None:
        self.policy, self.shown, self.pairs, self.model = policy, shown, pairs, model
        self.answers: list[Answers] = []

    def __call__(self, given: Ranked, histories: Histories) -> Explored:
        drawable = self.policy.may_draw(given)
        chances = np.nan_to_num(self.policy.chances(given, histories, self.shown))
        firsts = self.policy.firsts(given, histories)
        is_first = (drawable.item_rows == self.shown[:, :1]) & (drawable.item_rows >= 0)
        actions = np.where(is_first.any(axis=1), is_first.argmax(axis=1), firsts.shape[1])
        rows = np.hstack([drawable.item_rows, self.shown[:, :1]])
        scores = np.hstack([drawable.scores, np.full((len(rows), 1), -np.inf, np.float32)])
        people, items = self.model.recommender.network.vectors(histories)
        features = self.pairs(people, items[np.maximum(rows, 0)], scores)
        self.answers.append(
            Answers(chances=chances, firsts=np.pad(firsts, ((0, 0), (0, 1))), actions=actions, features=features)
        )
        nothing = np.full(self.shown.shape, -np.inf, np.float32)
        return Explored(ranked=Ranked(self.shown, nothing), propensities=chances, errors=np.zeros_like(chances))


def _histories(model: Model, did: pl.DataFrame, lists: ShownLists, some: range) -> Histories:
    """What was known of each person when the list was made."""
    moments = pl.DataFrame(
        {
            "user_id": [lists.user_ids[each] for each in some],
            "moment": [str(each) for each in some],
            "begins": lists.rows[some.start : some.stop],
        }
    )
    past = did.join(moments, on="user_id").filter(pl.col("row") < pl.col("begins")).sort("row")
    table = past.with_columns(pl.col("moment").alias("user_id")).select(model.events.columns)
    histories = model.asking.histories(moments["moment"].to_list(), table, None)
    return replace(histories, request_times=lists.times[some.start : some.stop])


def _together(parts: Sequence[Answers]) -> Answers:
    """One of all batches; who may not come first stays in the last column."""
    width = max(part.firsts.shape[1] for part in parts)
    firsts, features, actions = [], [], []
    for part in parts:
        own = part.firsts.shape[1]
        columns = np.r_[np.arange(own - 1), np.full(width - own + 1, own - 1)]
        firsts.append(part.firsts[:, columns])
        features.append(part.features[:, columns])
        actions.append(np.where(part.actions == own - 1, width - 1, part.actions))
    return Answers(
        chances=np.concatenate([part.chances for part in parts]),
        firsts=np.concatenate(firsts),
        actions=np.concatenate(actions),
        features=np.concatenate(features),
    )


def _told(rows: dict[str, Estimate]) -> dict[str, Any]:
    return {name: asdict(row) for name, row in rows.items()}


def _notes(lists: ShownLists, explore: str) -> list[str]:
    notes = []
    if lists.num_others:
        notes.append(
            f"{lists.num_others} lists are shorter than {lists.rewards.shape[1]} places, or lack one: left out"
        )
    if explore.startswith("thompson"):
        notes.append(
            "what Thompson sampling believes now may have been learned from this very log: then it looks too good"
        )
    return notes
