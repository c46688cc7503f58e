import numpy as np
import pytest

from penchant.ranking.fuse import NUM_FEATURES, Fusion, comparable, fit_fusion, situation, standardise
from penchant.records.events import Histories, no_history


def histories(lengths: list[int]) -> Histories:
    ptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    size = int(ptr[-1])
    return Histories(
        ptr=ptr,
        item_rows=np.zeros(size, np.int32),
        timestamps=np.zeros(size, np.int64),
        values=np.full(size, np.nan, np.float32),
        kinds=np.zeros(size, np.int16),
        text_rows=np.full(size, -1, np.int32),
        request_times=np.full(len(lengths), 10, np.int64),
    )


def on_one_scale(**scores: np.ndarray) -> dict[str, np.ndarray]:
    return {name: comparable(values, ranked=False) for name, values in scores.items()}


def test_standardised_scores() -> None:
    assert standardise(np.array([[1.0, 2.0, 3.0]])).tolist() == [pytest.approx([-np.sqrt(1.5), 0, np.sqrt(1.5)])]
    assert standardise(np.array([[7.0, 7.0]])).tolist() == [[0, 0]]


def test_what_is_many_deviations_counts_by_its_logarithm() -> None:
    """One of a thousand: (1 - 1/1000) / sqrt(1/1000 * 999/1000) = sqrt(999) deviations; ten times the evidence is as many."""
    one = np.zeros((1, 1000))
    one[0, 0] = 1
    np.testing.assert_allclose(comparable(one, ranked=False)[0, 0], np.log(999**0.5 + 1000**0.5), rtol=1e-4)
    np.testing.assert_allclose(comparable(one * 10, ranked=False), comparable(one, ranked=False), rtol=1e-4)
    assert comparable(np.array([[1.0, 2.0]]), ranked=False).tolist() == [pytest.approx([-np.arcsinh(1), np.arcsinh(1)])]


def test_situation_is_zero_for_strangers_and_grows_with_the_history() -> None:
    assert not situation(no_history(2), 1.0).any()
    found = situation(histories([20]), 10.0)[0]
    assert found.tolist() == [1, 20 / 40, 10 / 20, (20 / 40) * (10 / 20)]


def test_weights_depend_on_the_history() -> None:
    """Strangers are right with source a, the others with source b: the fitted weights say so."""
    rng = np.random.default_rng(0)
    people = histories([0, 30] * 100)
    a, b = rng.normal(size=(2, 200, 25)).astype(np.float32)
    truth = np.where(people.lengths[:, None] > 0, b, a)
    relevant = truth == truth.max(axis=1, keepdims=True)
    fusion = fit_fusion(people, on_one_scale(a=a, b=b), np.ones_like(a), relevant, 10.0, penalty=1e-4)
    stranger, known = fusion.source_weights(histories([0, 30]))
    assert stranger[0] > 3 * abs(stranger[1])
    assert known[1] > 3 * abs(known[0])
    best = fusion.score(people, {"a": a, "b": b}).argmax(axis=1)
    assert relevant[np.arange(200), best].mean() > 0.9


def test_no_source_counts_against_an_item() -> None:
    """Source b says the opposite of the truth: it is ignored, not turned round."""
    rng = np.random.default_rng(0)
    people = histories([0, 30] * 50)
    a = rng.normal(size=(100, 25)).astype(np.float32)
    relevant = a == a.max(axis=1, keepdims=True)
    fusion = fit_fusion(people, on_one_scale(a=a, b=-a), np.ones_like(a), relevant, 10.0, penalty=1e-4)
    weights = fusion.source_weights(people)
    assert (weights >= 0).all()
    assert (weights[:, 1] < 0.05 * weights[:, 0]).all()


def test_of_a_ranked_source_only_the_order_counts() -> None:
    rng = np.random.default_rng(0)
    people = histories([30] * 60)
    taste = rng.normal(size=(60, 25)).astype(np.float32)
    counts = np.tile(np.exp(np.arange(25)), (60, 1)).astype(np.float32)
    equal = np.zeros((1 + NUM_FEATURES, 2), np.float32)
    for ranked, same in ((frozenset[str](), False), (frozenset({"a"}), True)):
        fusion = Fusion(("a", "b"), equal, 10.0, ranked)
        huge, tame = (fusion.score(people, {"a": a, "b": taste}) for a in (counts, np.log(counts)))
        assert np.allclose(huge, tame) == same


def test_ranked_sources_are_learned_with_their_ranks() -> None:
    """The truth follows the order of a's huge counts: as ranks they explain it better, so they get a weight."""
    rng = np.random.default_rng(0)
    people = histories([30] * 200)
    counts = np.tile(np.exp(np.arange(25)), (200, 1)).astype(np.float32)
    relevant = np.eye(25, dtype=bool)[rng.choice(25, 200, p=np.arange(25) / 300)]
    weights = []
    for ranked in (frozenset[str](), frozenset({"a"})):
        scores = {"a": comparable(counts, bool(ranked))}
        fusion = fit_fusion(people, scores, np.ones_like(counts), relevant, 10.0, ranked=ranked)
        weights.append(fusion.source_weights(people)[0, 0])
    assert weights[1] > 1.1 * weights[0]


def test_what_stands_for_nothing_does_not_count_and_what_stands_for_many_does() -> None:
    """The truth is second: the weight grows without the first, and where the last stands for many that must not win."""
    people = histories([30] * 10)
    scores = {"a": np.tile(np.array([2, 1, 0, -3], np.float32), (10, 1))}
    relevant = np.tile([False, True, False, False], (10, 1))
    weights = [
        fit_fusion(people, scores, np.tile(np.array(row, np.float32), (10, 1)), relevant, 10.0).source_weights(people)
        for row in ([1, 1, 1, 1], [0, 1, 1, 1], [1, 1, 1, 999])
    ]
    whole, without_first, many_last = (found[0, 0] for found in weights)
    assert without_first > 2 * whole
    assert many_last > 2 * whole
