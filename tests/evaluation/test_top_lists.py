"""Lists in ids: read as they were written, and refused where they don't answer the cases."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from penchant.evaluation.cases import Cases
from penchant.evaluation.ranking import list_results
from penchant.evaluation.top_lists import TopLists, lists_of
from penchant.records.errors import DataError
from penchant.records.events import Histories
from penchant.records.vocabulary import Vocabulary

USERS, ITEMS = Vocabulary(["ann", "bob", "cid"]), Vocabulary(["a", "b", "c", "007"])


@pytest.fixture
def cases() -> Cases:
    """Of cid, who met a and looks for b, and of ann, who met nothing and looks for 007."""
    met, none = np.array([0], np.int32), np.array([-1], np.int32)
    histories = Histories(
        ptr=np.array([0, 1, 1]),
        item_rows=met,
        timestamps=np.array([1]),
        values=np.array([np.nan], np.float32),
        kinds=np.zeros(1, np.int16),
        text_rows=none,
        request_times=np.array([2, 2]),
    )
    return Cases(
        histories=histories,
        user_rows=np.array([2, 0], np.int32),
        relevant_ptr=np.array([0, 1, 2]),
        relevant_rows=np.array([1, 3], np.int32),
        known_users=np.array([True, False]),
        known_items=np.ones(4, bool),
    )


def lists(**items: list[str]) -> TopLists:
    return TopLists(name="theirs", user_ids=list(items), item_ids=np.array(list(items.values())))


def test_lists_find_their_cases_whatever_the_order(cases: Cases) -> None:
    ranked, missing = lists(ann=["007", "a"], cid=["c", "b"]).answers(cases, USERS, ITEMS)
    assert ranked.item_rows.tolist() == [[2, 1], [3, 0]]
    assert missing == 0
    assert list_results(ranked, cases, 2).mrr.tolist() == [1 / 2, 1]


def test_a_case_without_a_list_is_a_miss(cases: Cases) -> None:
    ranked, missing = lists(cid=["b", ""]).answers(cases, USERS, ITEMS)
    assert ranked.item_rows.tolist() == [[1, -1], [-1, -1]]
    assert missing == 1
    assert list_results(ranked, cases, 2).ndcg.tolist() == [1, 0]


def test_equal_scores_are_in_nobody_s_favour(cases: Cases) -> None:
    given = lists(cid=["b", "c"])
    level = TopLists(name="level", user_ids=["cid"], item_ids=given.item_ids, scores=np.zeros((1, 2), np.float32))
    assert list_results(given.answers(cases, USERS, ITEMS)[0], cases, 2).mrr.tolist() == [1, 0]
    assert list_results(level.answers(cases, USERS, ITEMS)[0], cases, 2).mrr.tolist() == [1 / 2, 0]


@pytest.mark.parametrize("scores", [None, np.array([[2.0, 1.0], [0.5, -np.inf]], np.float32)])
@pytest.mark.parametrize("kind", ["npz", "parquet"])
def test_both_kinds_of_file_are_read_alike(kind: str, scores: np.ndarray | None, tmp_path: Path) -> None:
    path = tmp_path / f"lists.{kind}"
    items = np.array([["007", "a"], ["c", ""]])
    if kind == "npz":
        TopLists(name="ours", user_ids=["ann", "cid"], item_ids=items, scores=scores).write(path)
    else:
        table = {"user_id": ["cid", "ann", "ann"], "item_id": ["c", "a", "007"], "rank": [1, 2, 1]}
        pl.DataFrame(table | ({} if scores is None else {"score": [0.5, 1.0, 2.0]})).write_parquet(path)
    found = TopLists.read(path)
    assert found.user_ids == ["ann", "cid"]
    assert found.item_ids.tolist() == items.tolist()
    assert (found.scores is None) if scores is None else np.array_equal(found.scores, scores)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lists(bob=["b"]), r"1 of 1 are of other people, such as 'bob'. Export the split"),
        (lists(eve=["b"], ann=["b"]), r"1 of 2 are of other people, such as 'eve'"),
        (lists(ann=["7"]), r"1 ids are none of its, such as '7'. Use the ids of items.parquet"),
        (lists(ann=["b", "b"]), r"a list holds an item once, but 1 places break it, such as 'b' for 'ann'"),
        (lists(cid=["b", "a"]), r"nothing that the person had met, but 1 places break it, such as 'a' for 'cid'"),
        (TopLists(name="x", user_ids=["ann", "ann"], item_ids=np.array([["b"], ["c"]])), "'ann' has several"),
        (TopLists(name="x", user_ids=["ann"], item_ids=np.array([["b", "c"]]), scores=np.array([[1, 2]])), "1 rise"),
        (TopLists(name="x", user_ids=["ann"], item_ids=np.array([["b"]]), scores=np.array([[np.nan]])), "not finite"),
        (TopLists(name="x", user_ids=["ann"], item_ids=np.array([["b"]]), scores=np.zeros((1, 2))), r"shape \(1, 2\)"),
    ],
)
def test_lists_that_do_not_answer_are_refused(cases: Cases, wrong: TopLists, message: str) -> None:
    with pytest.raises(DataError, match=message):
        wrong.answers(cases, USERS, ITEMS)


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"\.npz or \.parquet files, found lists\.csv"):
        TopLists.read(tmp_path / "lists.csv")
    with pytest.raises(DataError, match="cannot be read as top lists"):
        TopLists.read(tmp_path / "gone.npz")
    np.savez(tmp_path / "rows.npz", user_id=np.array([1]), item_ids=np.array([[1]]))
    with pytest.raises(DataError, match="ids are strings"):
        TopLists.read(tmp_path / "rows.npz")
    pl.DataFrame({"user_id": ["ann"]}).write_parquet(tmp_path / "half.parquet")
    with pytest.raises(DataError, match="cannot be read as top lists"):
        TopLists.read(tmp_path / "half.parquet")


def test_rows_become_ids() -> None:
    found = lists_of("ours", np.array([2, 0]), np.array([[3, -1], [0, 1]]), USERS, ITEMS)
    assert found.user_ids == ["cid", "ann"]
    assert found.item_ids.tolist() == [["007", ""], ["a", "b"]]
