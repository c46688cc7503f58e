"""Interest labels on vectors whose meaning is known: axis k is label k."""

import numpy as np
import pytest

from penchant.evaluation.prediction import auc, calibration_error
from penchant.records.errors import DataError
from penchant.records.events import Histories
from penchant.records.words import KINDS
from penchant.text.interests import UNSEEN, carried_by, fit_interests, mined_labels

LABELS = ["space", "love", "war"]
SIZE = 16


def make_items(num: int, seed: int, noise: float = 0.6) -> tuple[np.ndarray, np.ndarray]:
    """Vectors (num, SIZE) with a common part, as of E5, and which label each carries."""
    rng = np.random.default_rng(seed)
    carried = rng.random((num, 3)) < [0.5, 0.3, 0.1]
    vectors = noise * rng.normal(size=(num, SIZE))
    vectors[:, :3] += 1.5 * carried
    return (vectors + 3).astype(np.float32), carried


LABEL_VECTORS = (np.eye(3, SIZE) + 5).astype(np.float32)
ITEMS, CARRIED = make_items(600, 0)
NEW, TRUTH = make_items(400, 1)


def aucs(scores: np.ndarray) -> list[float]:
    return [auc(TRUTH[:, k].astype(float), scores[:, k]) or 0 for k in range(3)]


def test_the_cosine_needs_no_example() -> None:
    found = fit_interests(LABELS, LABEL_VECTORS, ITEMS, np.zeros_like(CARRIED))
    assert not found.learned.any()
    assert min(aucs(found.scores(NEW))) > 0.85
    np.testing.assert_allclose(found.cosines(ITEMS).mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(found.cosines(ITEMS).std(axis=0), 1, atol=1e-4)


def test_examples_help_and_calibrate() -> None:
    blind = np.random.default_rng(2).normal(size=LABEL_VECTORS.shape).astype(np.float32)  # names that say nothing
    guessed, learned = (fit_interests(LABELS, blind, ITEMS, c) for c in (np.zeros_like(CARRIED), CARRIED))
    assert learned.learned.all()
    assert min(aucs(learned.scores(NEW))) > max(0.9, *aucs(guessed.scores(NEW)))
    assert (calibration_error(TRUTH.astype(float), learned.scores(NEW)) or 0) < 0.03
    np.testing.assert_allclose(learned.scores(NEW).mean(axis=0), TRUTH.mean(axis=0), atol=0.07)


def test_a_label_without_examples_borrows_the_calibration_of_the_others() -> None:
    some = CARRIED.copy()
    some[:, 2] = False
    found = fit_interests(LABELS, LABEL_VECTORS, ITEMS, some)
    assert found.learned.tolist() == [True, True, False]
    assert aucs(found.scores(NEW))[2] > 0.85
    scores = found.scores(NEW)[:, 2]
    assert scores[TRUTH[:, 2]].mean() > 2 * scores[~TRUTH[:, 2]].mean()
    assert found.slopes[2] != UNSEEN[0]
    assert found.offsets[2] != UNSEEN[1]


def test_rare_labels_have_no_head() -> None:
    rare = np.zeros_like(CARRIED)
    rare[:4, 0] = True
    assert not fit_interests(LABELS, LABEL_VECTORS, ITEMS, rare).learned.any()
    assert not fit_interests(LABELS, LABEL_VECTORS, ITEMS, np.ones_like(CARRIED)).learned.any()


def test_one_label_is_enough() -> None:
    found = fit_interests(["space"], LABEL_VECTORS[:1], ITEMS, CARRIED[:, :1])
    assert (auc(TRUTH[:, 0].astype(float), found.scores(NEW)[:, 0]) or 0) > 0.9


@pytest.mark.parametrize("labels", [["a", "a", "b"], []])
def test_labels_are_distinct_and_some(labels: list[str]) -> None:
    with pytest.raises(DataError, match="one or more and distinct"):
        fit_interests(labels, LABEL_VECTORS[: len(labels)], ITEMS, CARRIED)


def make_histories(*people: list[tuple[int, float, str, int]]) -> Histories:
    """Each person's events: item row, rating, kind, text row."""
    events = [event for person in people for event in person]
    columns = list(zip(*events, strict=True)) if events else [(), (), (), ()]
    return Histories(
        ptr=np.cumsum([0, *map(len, people)]),
        item_rows=np.array(columns[0], np.int32),
        timestamps=np.arange(len(events)),
        values=np.array(columns[1], np.float32),
        kinds=np.array([KINDS.index(kind) for kind in columns[2]], np.int16),
        text_rows=np.array(columns[3], np.int32),
        request_times=np.zeros(len(people), np.int64),
    )


SCORES = np.eye(3)
FOUND = fit_interests(LABELS, LABEL_VECTORS, ITEMS, CARRIED)
NAN = float("nan")


def test_people_are_what_they_liked_lately() -> None:
    person = [(0, NAN, "view", -1), (1, NAN, "view", -1)]
    shares = FOUND.people(make_histories(person), SCORES, half_life=1.0)
    np.testing.assert_allclose(shares, [[1 / 3, 2 / 3, 0]])  # weights 1/2 and 1
    even = FOUND.people(make_histories(person), SCORES, half_life=1e9)
    np.testing.assert_allclose(even, [[1 / 2, 1 / 2, 0]], atol=1e-6)


def test_what_was_not_liked_does_not_count() -> None:
    person = [(0, 5.0, "rate", -1), (1, 2.0, "rate", -1), (2, NAN, "dislike", -1)]
    np.testing.assert_allclose(FOUND.people(make_histories(person), SCORES, rating_scale=(1, 5)), [[1, 0, 0]])


def test_their_own_texts_count() -> None:
    histories = make_histories([(0, NAN, "view", -1), (-1, NAN, "search", 0)])
    np.testing.assert_allclose(FOUND.people(histories, SCORES, half_life=1e9), [[1, 0, 0]])
    said = FOUND.people(histories, SCORES, np.array([[0, 0, 1.0]]), half_life=1e9)
    np.testing.assert_allclose(said, [[1 / 2, 0, 1 / 2]], atol=1e-6)


def test_of_strangers_nothing_is_known() -> None:
    assert np.isnan(FOUND.people(make_histories([], [(0, NAN, "view", -1)]), SCORES)[0]).all()


def test_labels_are_mined_by_frequency() -> None:
    tags = [["b", "a"], ["b", "b"], ["a", "c"], None]
    assert mined_labels(tags, min_items=2) == ["a", "b"]
    assert mined_labels(tags, most=1, min_items=2) == ["a"]
    assert mined_labels(tags) == []


def test_tags_meet_labels_whatever_the_case() -> None:
    assert carried_by([["SPACE", "x"], None, []], LABELS).tolist() == [[True, False, False], [False] * 3, [False] * 3]
