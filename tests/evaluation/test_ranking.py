from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from penchant.evaluation.cases import Cases
from penchant.evaluation.ranking import CaseResults, Score, list_results, only, rank_cases
from penchant.records.errors import DataError
from penchant.records.events import Histories
from penchant.records.ranked import Ranked

MakeCases = Callable[..., Cases]


@pytest.fixture
def cases(make_cases: MakeCases) -> Cases:
    """Person 0 met item 0 and seeks 3 and 5; person 1 met nothing and seeks 1. Item 5 was not in training."""
    return make_cases([[0], []], [[3, 5], [1]], known_users=[True, False], known_items=[True] * 5 + [False])


def constant(scores: list[list[float]]) -> Score:
    return lambda histories: np.array(scores)


def lists_of(items: list[list[int]], scores: list[list[float]]) -> Ranked:
    return Ranked(np.array(items, np.int32), np.array(scores, np.float32))


def test_ranks_by_score_and_leaves_out_what_was_met(cases: Cases) -> None:
    results = rank_cases(constant([[9, 1, 2, 8, 7, 3], [1, 2, 3, 4, 5, 6]]), cases, k=3)
    assert results.lists.tolist() == [[3, 4, 5], [5, 4, 3]]
    assert results.hits.tolist() == [[True, False, True], [False, False, False]]
    assert results.recall.tolist() == [2 / 2, 0 / 1]
    assert results.mrr.tolist() == [1 / 1, 0]
    assert results.ndcg == pytest.approx([(1 + 1 / 2) / (1 + 1 / np.log2(3)), 0])
    assert results.coverage == 3 / 6


def test_relevant_items_come_last_among_equals_also_at_the_cut(cases: Cases) -> None:
    tied = constant([[0, 0, 0, 0, 0, 0], [0, 5, 5, 0, 0, 0]])
    assert rank_cases(tied, cases, k=3).lists.tolist() == [[1, 2, 4], [2, 1, 0]]
    assert rank_cases(tied, cases, k=1).hits.tolist() == [[False], [False]]
    assert rank_cases(tied, cases, k=5).lists.tolist() == [[1, 2, 4, 3, 5], [2, 1, 0, 3, 4]]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_no_recommendation(cases: Cases, bad: float) -> None:
    results = rank_cases(constant([[bad, bad, bad, 1, bad, bad], [bad] * 6]), cases, k=3)
    assert results.lists.tolist() == [[3, -1, -1], [-1, -1, -1]]


def test_lists_longer_than_the_catalogue_are_filled(cases: Cases) -> None:
    results = rank_cases(constant([[1.0] * 6] * 2), cases, k=8)
    assert (results.lists >= 0).sum(axis=1).tolist() == [5, 6]
    assert results.recall.tolist() == [1, 1]


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_batches_do_not_change_results(make_cases: MakeCases, batch: int) -> None:
    many = make_cases([[i] for i in range(5)], [[i + 1] for i in range(5)], [True] * 5, [True] * 6)

    def score(histories: Histories) -> np.ndarray:
        assert len(histories) <= batch
        return np.sin(histories.item_rows[:, None] * 7 + np.arange(6))

    expected = rank_cases(lambda histories: np.sin(np.arange(5)[:, None] * 7 + np.arange(6)), many, k=3)
    assert rank_cases(score, many, k=3, batch=batch).lists.tolist() == expected.lists.tolist()


def test_a_system_keeps_its_scores(cases: Cases) -> None:
    scores = np.ones((2, 6), np.float32)
    rank_cases(lambda histories: scores, cases)
    assert (scores == 1).all()


def test_asked_for_some_items_nothing_else_is_recommended(cases: Cases) -> None:
    some = only(constant([[9.0, 1, 2, 3, 4, 5]] * 2), np.array([True, False, True, False, True, False]))
    assert rank_cases(some, cases, k=3).lists.tolist() == [[4, 2, -1], [0, 4, 2]]


def test_every_item_needs_a_score(cases: Cases) -> None:
    with pytest.raises(DataError, match=r"shape \(2, 6\), but the system gave \(2, 5\)"):
        rank_cases(constant([[1.0] * 5] * 2), cases)


def test_lists_close_up_over_what_was_met_and_what_stands_twice(cases: Cases) -> None:
    ranked = lists_of([[0, 4, 4, 3, -1], [2, 1, 2, 0, 5]], [[9, 8, 8, 7, -np.inf], [9, 8, 7, np.nan, 1]])
    results = list_results(ranked, cases, k=3)
    assert results.lists.tolist() == [[4, 3, -1], [2, 1, 5]]
    assert results.hits.tolist() == [[False, True, False], [False, True, False]]


def test_lists_put_relevant_items_last_among_equals(cases: Cases) -> None:
    ranked = lists_of([[3, 4, 5], [0, 1, 2]], [[1, 1, 1], [2, 1, 1]])
    assert list_results(ranked, cases, k=3).lists.tolist() == [[4, 3, 5], [0, 2, 1]]
    assert list_results(ranked, cases, k=2).hits.tolist() == [[False, True], [False, False]]


def test_equal_scores_of_neighbours_are_not_one_run(cases: Cases) -> None:
    results = list_results(lists_of([[3, 2], [1, 0]], [[2, 1], [1, 0]]), cases, k=2)
    assert results.lists.tolist() == [[3, 2], [1, 0]]


@pytest.mark.parametrize(
    ("items", "message"), [([[1]], r"2 cases, 6 items\), but 1 lists"), ([[1], [6]], "2 lists with rows up to 6")]
)
def test_lists_must_answer_the_cases(cases: Cases, items: list[list[int]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        list_results(lists_of(items, [[1.0]] * len(items)), cases)


def test_known_and_unknown_items_count_apart_at_their_old_ranks(cases: Cases) -> None:
    results = rank_cases(constant([[0, 1, 2, 9, 8, 7], [1, 2, 3, 4, 5, 6]]), cases, k=3)
    known, unknown = results.on_known_items, results.on_unknown_items
    assert (len(known), len(unknown)) == (2, 1)
    assert known.mrr.tolist() == [1 / 1, 0]
    assert unknown.mrr.tolist() == [1 / 3]  # item 5 stays at rank 3
    assert unknown.recall.tolist() == [1 / 1]


def test_select_keeps_values_with_their_cases(cases: Cases) -> None:
    results = rank_cases(constant([[9, 1, 2, 8, 7, 3], [1, 2, 3, 4, 5, 6]]), cases, k=3)
    swapped = results.select(np.array([1, 0]))
    assert swapped.ndcg.tolist() == results.ndcg[::-1].tolist()
    assert swapped.cases.user_rows.tolist() == [1, 0]


def test_no_cases_give_no_results(cases: Cases) -> None:
    nobody = cases.select(slice(0, 0))
    assert len(rank_cases(constant([]), nobody)) == 0
    assert len(list_results(Ranked(np.zeros((0, 3), np.int32), np.zeros((0, 3), np.float32)), nobody)) == 0


# ---- agreement with an independent evaluator ----

SPLITS = ["ml-100k_P1", "ml-100k_P2", "ml-100k_P2last", "beauty_P1"]
MOST_CASES = 1000  # all of MovieLens, the first ones of Beauty


def load_split(yardstick: tuple[ModuleType, Path], name: str) -> dict[str, np.ndarray]:
    evaluator, folder = yardstick
    split = evaluator.load_split(folder / f"{name}.npz")
    for part in ("valid", "test"):
        split[f"{part}_case_u"] = split[f"{part}_case_u"][:MOST_CASES]
        for kind in ("hist", "rel"):
            ptr = split[f"{part}_{kind}_ptr"][: MOST_CASES + 1]
            split |= {f"{part}_{kind}_ptr": ptr, f"{part}_{kind}_i": split[f"{part}_{kind}_i"][: ptr[-1]]}
    return split


def split_cases(split: dict[str, np.ndarray], part: str, make_cases: MakeCases) -> Cases:
    def rows(kind: str) -> list[np.ndarray]:
        return np.split(split[f"{part}_{kind}_i"], split[f"{part}_{kind}_ptr"][1:-1])

    known_users = np.isin(split[f"{part}_case_u"], split["train_u"])
    known_items = np.isin(np.arange(split["n_items"]), split["train_i"])
    return make_cases(rows("hist"), rows("rel"), known_users, known_items)


def scores_of(kind: str, shape: tuple[int, int]) -> np.ndarray:
    scores = np.random.default_rng(0).random(shape, np.float32)
    if kind == "constant":
        return np.zeros(shape, np.float32)
    return np.floor(scores * 20) / 20 if kind == "quantised" else scores


def groups_of(results: CaseResults) -> dict[str, CaseResults]:
    """Our results under the other evaluator's names."""
    known, some = results.cases.known_users, results.cases.histories.lengths > 0
    masks = {"all": known | ~known, "warm": known, "cold_hist": ~known & some, "cold_nohist": ~known & ~some}
    groups = {name: results.select(mask) for name, mask in masks.items()}
    groups |= {f"{name}+warm_items": group.on_known_items for name, group in list(groups.items())}
    return groups | {f"{name}+cold_items": groups[name].on_unknown_items for name in masks}


def assert_agreement(results: CaseResults, expected: dict[str, dict[str, Any]]) -> None:
    groups = groups_of(results)
    assert expected["all"]["coverage@10"] == pytest.approx(results.coverage, abs=1e-9)
    for name, figures in expected.items():
        group = groups[name]
        assert figures["n"] == len(group), name
        if len(group):
            means = {"ndcg@10": group.ndcg.mean(), "recall@10": group.recall.mean(), "mrr@10": group.mrr.mean()}
            assert {metric: figures[metric] for metric in means} == pytest.approx(means, abs=1e-9), name


@pytest.mark.parametrize("kind", ["random", "constant", "quantised"])
@pytest.mark.parametrize("part", ["valid", "test"])
@pytest.mark.parametrize("name", SPLITS)
def test_agrees_with_an_independent_evaluator(
    yardstick: tuple[ModuleType, Path], make_cases: MakeCases, name: str, part: str, kind: str
) -> None:
    evaluator, split = yardstick[0], load_split(yardstick, name)
    cases = split_cases(split, part, make_cases)
    scores = scores_of(kind, (len(cases), cases.num_items))
    expected, lists = evaluator.evaluate_scores(split, part, lambda index: scores[index])

    # A batch of all: the scores belong to the cases in their order.
    results = rank_cases(lambda histories: scores, cases, batch=len(cases))
    assert results.lists.tolist() == lists.tolist()
    assert_agreement(results, expected)


@pytest.mark.parametrize("kind", ["random", "constant", "quantised"])
@pytest.mark.parametrize("name", SPLITS)
def test_lists_agree_with_an_independent_evaluator(
    yardstick: tuple[ModuleType, Path], make_cases: MakeCases, name: str, kind: str
) -> None:
    evaluator, split = yardstick[0], load_split(yardstick, name)
    cases = split_cases(split, "test", make_cases)
    scores = scores_of(kind, (len(cases), cases.num_items))
    items = np.argsort(-scores, axis=1, kind="stable")[:, :100].astype(np.int32)  # with what was met, and with ties
    items[:, 7] = items[:, 3]  # and one item twice
    items = np.take_along_axis(items, np.argsort(-np.take_along_axis(scores, items, axis=1), axis=1, kind="stable"), 1)
    ranked = Ranked(items, np.take_along_axis(scores, items, axis=1))

    expected = evaluator.evaluate_topk(split, "test", split["test_case_u"], ranked.item_rows, ranked.scores)
    assert_agreement(list_results(ranked, cases), expected)
