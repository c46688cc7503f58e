"""Figures of rows with visible arithmetic: forty people who each look for one item among four."""

import numpy as np
import pytest

from penchant.evaluation.cases import Cases
from penchant.evaluation.comparison import differences, figures, verdict
from penchant.evaluation.ranking import CaseResults
from penchant.records.events import no_history

NUM = 40


def answers(num_hits: int, place: int = 0) -> CaseResults:
    """The first `num_hits` people get their item, item 0, at a place of a list of two; the others get items 1 and 2."""
    cases = Cases(
        histories=no_history(NUM),
        user_rows=np.arange(NUM, dtype=np.int32),
        relevant_ptr=np.arange(NUM + 1),
        relevant_rows=np.zeros(NUM, np.int32),
        known_users=np.ones(NUM, bool),
        known_items=np.ones(4, bool),
    )
    lists = np.tile(np.array([1, 2], np.int32), (NUM, 1))
    lists[:num_hits, place] = 0
    return CaseResults(cases=cases, lists=lists, hits=lists == 0)


def test_figures_of_one_row() -> None:
    found = figures([answers(10, place=1), answers(20, place=1)])
    gain = 1 / np.log2(3)
    assert found["by_seed"] == pytest.approx([10 / NUM * gain, 20 / NUM * gain])
    assert found["ndcg"]["value"] == pytest.approx(15 / NUM * gain)
    assert found["recall"]["value"] == pytest.approx(15 / NUM)
    assert found["mrr"]["value"] == pytest.approx(15 / NUM / 2)
    assert found["coverage"] == 3 / 4
    assert found["ndcg"]["low"] < found["ndcg"]["value"] < found["ndcg"]["high"]


def test_differences_are_told_against_the_reference_and_corrected() -> None:
    told = differences({"ours": [answers(30)], "same": [answers(10)], "theirs": [answers(10)]}, "theirs")
    ours, same = told
    assert (ours["row"], ours["value"]) == ("ours", 20 / NUM)
    assert ours["low"] > 0
    assert ours["p_holm"] == pytest.approx(2 / 10_000)  # no draw reaches 20 equal signs; two rows are tested
    assert ours["verdict"] == "above"
    assert (same["value"], same["p_holm"], same["verdict"]) == (0, 1, "not shown to differ")


def test_the_other_way_round_it_is_below() -> None:
    (told,) = differences({"ours": [answers(30)], "theirs": [answers(10)]}, "ours")
    assert (told["row"], told["value"], told["verdict"]) == ("theirs", -20 / NUM, "below")


def test_seeds_have_to_agree() -> None:
    told = differences({"theirs": [answers(10)], "ours": [answers(40), answers(9)]}, "theirs")
    assert told[0]["by_seed"] == pytest.approx([30 / NUM, -1 / NUM])
    assert told[0]["p_holm"] < 0.05
    assert told[0]["verdict"] == "not shown to differ"
    assert verdict(0.04, [-0.1, -0.2]) == "below"
