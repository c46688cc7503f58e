import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.assets.resolve import resolve
from penchant.data.rows import to_events
from penchant.data.sources.movielens import read_movielens_100k
from penchant.data.split import Split, by_column, global_time, k_fold_by_user, leave_last_out, to_parts
from penchant.records.errors import ConfigError
from penchant.records.events import Events
from penchant.records.vocabulary import Vocabulary
from penchant.records.words import KINDS

LOG = st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 3), st.integers(0, 6)), max_size=25)


def log(rows: list[tuple[int, int, int]]) -> Events:
    """Events from (user row, item row, time), in order of time."""
    users, items, times = np.array(sorted(rows, key=lambda row: row[2]), np.int64).reshape(-1, 3).T
    return Events(
        user_rows=users.astype(np.int32),
        item_rows=items.astype(np.int32),
        timestamps=times,
        values=np.full(len(users), np.nan, np.float32),
        kinds=np.zeros(len(users), np.int16),
        text_rows=np.full(len(users), -1, np.int32),
    )


def parts(split: Split) -> list[str]:
    return ["train" if t else "valid" if v else "test" for t, v in zip(split.train, split.valid, strict=True)]


@pytest.mark.parametrize("cut", [global_time, leave_last_out])
@given(rows=LOG)
def test_every_event_is_in_exactly_one_part(cut: object, rows: list[tuple[int, int, int]]) -> None:
    split = cut(log(rows))  # type: ignore[operator]
    assert (split.train.astype(int) + split.valid + split.test == 1).all()
    assert len(split.train) == len(rows)


@given(rows=LOG)
def test_nothing_of_a_later_part_of_global_time_is_earlier_or_at_the_same_moment(
    rows: list[tuple[int, int, int]],
) -> None:
    events = log(rows)
    split = global_time(events)
    for early, late in ((split.train, split.valid | split.test), (split.train | split.valid, split.test)):
        if early.any() and late.any():
            assert events.timestamps[early].max() < events.timestamps[late].min()


@given(rows=LOG)
def test_leave_last_out_keeps_one_event_with_an_item_for_test_and_one_for_valid(
    rows: list[tuple[int, int, int]],
) -> None:
    events = log(rows)
    split = leave_last_out(events)
    for user in range(4):
        mine = (events.user_rows == user) & (events.item_rows >= 0)
        expected = 1 if mine.sum() >= 3 else 0
        assert (mine & split.test).sum() == (mine & split.valid).sum() == expected
        order = [part for part, own in zip(parts(split), events.user_rows == user, strict=True) if own]
        assert order == sorted(order, key=["train", "valid", "test"].index)


def test_what_was_only_shown_or_disliked_is_nobodys_last_event() -> None:
    """Else whoever was shown something at the end would have no case."""
    kinds = ["click", "click", "impression", "click", "impression", "skip", "click", "impression", "dislike"]
    events = log([(0, row % 4, row) for row in range(len(kinds))])
    split = leave_last_out(replace(events, kinds=np.array([KINDS.index(kind) for kind in kinds], np.int16)))
    assert parts(split) == 3 * ["train"] + 3 * ["valid"] + 3 * ["test"]


def test_global_time_by_position() -> None:
    split = global_time(log([(0, 0, time) for time in range(10)]))
    assert parts(split) == 8 * ["train"] + ["valid", "test"]


def test_ties_at_a_cut_all_go_to_the_later_part() -> None:
    times = [0, 1, 2, 3, 4, 5, 6, 8, 8, 9]  # position 8 lies within the tie
    split = global_time(log([(0, 0, time) for time in times]))
    assert parts(split) == 7 * ["train"] + 2 * ["valid"] + ["test"]


def test_other_fractions() -> None:
    events = log([(0, 0, time) for time in range(4)])
    assert parts(global_time(events, (0.5, 0.25, 0.25))) == ["train", "train", "valid", "test"]
    assert parts(global_time(events, (1, 0, 0))) == 4 * ["train"]
    assert parts(global_time(events, (0.5, 0.5, 0))) == 2 * ["train"] + 2 * ["valid"]


@pytest.mark.parametrize("fractions", [(0.8, 0.1, 0.2), (1.2, -0.1, -0.1)])
def test_fractions_that_are_none(fractions: tuple[float, float, float]) -> None:
    with pytest.raises(ConfigError, match=r"add up to 1, not \("):
        global_time(log([(0, 0, 0)]), fractions)


def test_leave_last_out_by_hand() -> None:
    split = leave_last_out(log([(0, 1, 1), (0, 2, 2), (1, 1, 3), (0, 3, 4), (1, 2, 5), (0, 0, 6)]))
    assert parts(split) == ["train", "train", "train", "valid", "train", "test"]


def test_searches_go_with_what_they_precede() -> None:
    split = leave_last_out(log([(0, 1, 1), (0, -1, 2), (0, 2, 3), (0, -1, 4), (0, 3, 5), (0, -1, 6)]))
    assert parts(split) == ["train", "train", "valid", "valid", "test", "test"]


def test_no_events() -> None:
    assert parts(global_time(log([]))) == parts(leave_last_out(log([]))) == []


yardstick = pytest.mark.skipif(
    "PENCHANT_YARDSTICK" not in os.environ, reason="$PENCHANT_YARDSTICK names no folder of splits"
)


@pytest.fixture(scope="module")
def films() -> Events:
    """ML-100K in the rows of the yardstick."""
    splits = Path(os.environ["PENCHANT_YARDSTICK"]) / "splits"
    users, items = (
        Vocabulary(pl.read_csv(splits / f"ml-100k_{name}s.csv", infer_schema=False)[name]) for name in ("user", "item")
    )
    return to_events(read_movielens_100k(resolve("ml-100k").path), users, items)


def agrees(events: Events, split: Split, name: str) -> None:
    with np.load(Path(os.environ["PENCHANT_YARDSTICK"]) / "splits" / name, allow_pickle=False) as truth:
        train = events.take(split.train)
        assert np.array_equal(train.user_rows, truth["train_u"])
        assert np.array_equal(train.item_rows, truth["train_i"])
        assert np.array_equal(train.timestamps, truth["train_t"])
        assert np.array_equal(train.values, truth["train_r"])
        for part in ("valid", "test"):
            held = events.take(getattr(split, part))
            order, _ = held.grouped(943)
            owners = np.repeat(truth[f"{part}_case_u"], np.diff(truth[f"{part}_rel_ptr"]))
            assert np.array_equal(held.user_rows[order], owners)
            assert np.array_equal(held.item_rows[order], truth[f"{part}_rel_i"])


@yardstick
@pytest.mark.network
def test_global_time_is_that_of_the_yardstick(films: Events) -> None:
    split = global_time(films)
    assert [int(part.sum()) for part in (split.train, split.valid, split.test)] == [79_999, 10_001, 10_000]
    with np.load(Path(os.environ["PENCHANT_YARDSTICK"]) / "splits" / "ml-100k_P2.npz", allow_pickle=False) as truth:
        assert films.timestamps[split.valid].min() == truth["t1"]
        assert films.timestamps[split.test].min() == truth["t2"]
    agrees(films, split, "ml-100k_P2.npz")


@yardstick
@pytest.mark.network
def test_leave_last_out_is_that_of_the_yardstick(films: Events) -> None:
    agrees(films, leave_last_out(films), "ml-100k_P1.npz")


@given(
    rows=st.lists(st.tuples(st.integers(0, 5), st.integers(-1, 3), st.integers(0, 6)), min_size=1, max_size=30),
    seed=st.integers(0, 9),
)
def test_every_person_is_a_stranger_in_one_fold(rows: list[tuple[int, int, int]], seed: int) -> None:
    events = log(rows + [(user, 0, 9) for user in range(4)])
    tested = np.zeros(len(events), int)
    for fold in range(4):
        split = k_fold_by_user(events, 4, fold, seed)
        masks = [split.train, split.valid, split.test, split.known]
        assert (np.sum(masks, axis=0) == 1).all()
        asked = events.user_rows[split.test]
        fitted = split.before_test(events)
        assert not np.isin(events.user_rows[fitted], asked).any()
        assert not np.isin(events.user_rows[split.train], events.user_rows[split.valid]).any()
        for user in np.unique(asked):
            own = events.user_rows == user
            assert np.flatnonzero(own & split.test).min() > np.flatnonzero(own & split.told(fitted)).max()
        tested += split.test
    _, counts = np.unique(events.user_rows, return_counts=True)
    assert tested.sum() == sum(min(n - 1, n - int(np.ceil(0.8 * n))) or n > 1 for n in counts if n > 1)
    assert tested.max() <= 1


def test_the_chosen_folds_person_is_fitted_on_before_the_test() -> None:
    events = log([(user, 0, time) for user in range(3) for time in range(5)])
    split = k_fold_by_user(events, 3)
    assert split.before_test(events).sum() == 10
    assert split.train.sum() == 5
    assert split.known is not None
    assert split.known.sum() == 8


def test_a_seed_makes_the_folds() -> None:
    events = log([(user, 0, time) for user in range(30) for time in range(5)])
    first, again, other = (k_fold_by_user(events, 5, 0, seed).test for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize(
    ("folds", "fold", "message"),
    [(2, 0, "not 2 for 4 people"), (5, 0, "not 5 for 4 people"), (3, 3, "folds are 0 to 2, not 3"), (3, -1, "not -1")],
)
def test_folds_that_make_no_sense(folds: int, fold: int, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        k_fold_by_user(log([(user, 0, 0) for user in range(4)]), folds, fold)


def test_a_ready_made_split_is_taken_as_it_is() -> None:
    split = by_column(log([(0, 0, time) for time in range(4)]), np.array(["train", "test", "valid", "train"]))
    assert parts(split) == ["train", "test", "valid", "train"]


def test_without_valid_the_newest_ninth_of_training_is_taken() -> None:
    split = by_column(log([(0, 0, time) for time in range(10)]), np.array(["train"] * 9 + ["test"]))
    assert parts(split) == ["train"] * 8 + ["valid", "test"]


@pytest.mark.parametrize("word", ["train", "test"])
def test_a_ready_made_split_needs_both_ends(word: str) -> None:
    with pytest.raises(ConfigError, match=rf"train and for test, found .*'{word}': 2"):
        by_column(log([(0, 0, 0), (0, 0, 1)]), np.array([word, word]))


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["训练", "验证集", "TEST "], ["train", "valid", "test"]),
        (["training", "val", "te"], ["train", "valid", "test"]),
        (["train", None], None),
        (["train", "holdout"], None),
        ([1, 2], None),
    ],
)
def test_words_for_parts(cells: list[object], found: list[str] | None) -> None:
    told = to_parts(pl.Series(cells))
    assert (None if told is None else told.to_list()) == found
