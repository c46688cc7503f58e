"""The whole recommender on real people's ratings: our figures against those of an evaluator that we did not write."""

import importlib.util
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from penchant.assets.resolve import resolve
from penchant.data.sources.movielens import read_movielens_100k
from penchant.data.split import global_time, leave_last_out
from penchant.evaluation.prediction import auc
from penchant.evaluation.ranking import rank_cases
from penchant.records.events import histories_of
from penchant.records.vocabulary import Vocabulary
from penchant.stages.config import resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.fitting import choose, fit_network, make_tasks
from penchant.stages.protocols import make_cases

pytestmark = pytest.mark.network
yardstick_needed = pytest.mark.skipif(
    "PENCHANT_YARDSTICK" not in os.environ, reason="$PENCHANT_YARDSTICK names no folder of splits"
)


@pytest.fixture(scope="module")
def films() -> Encoded:
    data = read_movielens_100k(resolve("ml-100k").path)
    return encode(data, "hashing")


@yardstick_needed
@pytest.mark.parametrize(("protocol", "name"), [("leave-last-out", "ml-100k_P1"), ("global-time", "ml-100k_P2")])
def test_both_evaluators_agree_on_the_whole_recommender(films: Encoded, protocol: str, name: str) -> None:
    folder = Path(os.environ["PENCHANT_YARDSTICK"])
    spec = importlib.util.spec_from_file_location("yardstick", folder / "evaluate.py")
    assert spec is not None
    assert spec.loader is not None
    yardstick = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(yardstick)
    users, items = (
        Vocabulary(pl.read_csv(folder / "splits" / f"ml-100k_{kind}s.csv", infer_schema=False)[kind])
        for kind in ("user", "item")
    )
    their_users = users.rows(films.data.users["user_id"].to_list())
    their_items = items.rows(films.data.items["item_id"].to_list())

    events = films.events
    split = global_time(events) if protocol == "global-time" else leave_last_out(events)
    cases = make_cases(films, protocol, split.train, split.valid)
    config = resolve_config("tiny", 0, epochs=1)
    past, later = events.take(split.train), events.take(split.valid)
    _, recommender = choose(past, later, cases, films, make_tasks(None, films), config)
    ours = rank_cases(recommender.score, cases)

    truth = yardstick.load_split(folder / "splits" / f"{name}.npz")
    scores = np.full((len(their_users), len(their_items)), -np.inf, np.float32)
    case_users = their_users[cases.user_rows]
    scores[case_users[:, None], their_items[None]] = recommender.score(cases.histories)
    theirs, _ = yardstick.evaluate_scores(truth, "valid", lambda index: scores[truth["valid_case_u"][index]])
    assert theirs["all"]["n"] == len(cases)
    assert theirs["all"]["ndcg@10"] == pytest.approx(ours.ndcg.mean(), abs=1e-6)  # ties fall by row, and rows differ
    assert theirs["all"]["recall@10"] == pytest.approx(ours.recall.mean(), abs=1e-6)
    assert ours.ndcg.mean() > (0.08 if protocol == "leave-last-out" else 0.28)  # far above popularity, .043 and .25


def auc_among_new_films(films: Encoded, new: np.ndarray) -> float:
    """How often a film that a person met stands above one that they did not, both of films that nobody met in training."""
    is_new = np.isin(films.events.item_rows, new)
    past, later = films.events.take(~is_new), films.events.take(is_new)
    config = resolve_config("tiny", 0, epochs=3)
    network = fit_network(past, films, make_tasks(["next_item", "rating"], films), config).source
    people = np.unique(later.user_rows)
    times = np.full(len(people), films.events.timestamps.max())
    scores = network.score(histories_of(past, people, times, len(films.users)))[:, new]
    met = np.zeros((len(films.users), len(films.items)), bool)
    met[later.user_rows, later.item_rows] = True
    met = met[people][:, new]
    some = met.any(axis=1) & ~met.all(axis=1)
    return float(np.mean([auc(m.astype(float), s.astype(float)) for m, s in zip(met[some], scores[some], strict=True)]))


def test_on_real_films_the_texts_decide_for_new_ones(films: Encoded) -> None:
    """The control: with shuffled texts the network knows nothing of films that nobody had rated."""
    rng = np.random.default_rng(0)
    new = rng.choice(len(films.items), 250, replace=False)
    shuffled = replace(films, item_vectors=rng.permutation(films.item_vectors))
    told, untold = auc_among_new_films(films, new), auc_among_new_films(shuffled, new)
    assert told > 0.55
    assert untold < told - 0.05
