from typing import Any

from penchant.evaluation.list_table import list_table


def test_ndcg_comes_first_and_measures_have_names_that_say_something(metrics: dict[str, Any]) -> None:
    names, rows = list_table(metrics["lists"])
    assert names == ["plain", "mmr:weight=0.3"]
    assert [row[0] for row in rows] == ["NDCG@10", "distance within a list"]
    assert rows[0][1:] == ["0.1300", "0.1250 -0.0050 [-0.0150, +0.0050]"]


def test_no_lists_are_no_table() -> None:
    assert list_table([]) == ([], [])
