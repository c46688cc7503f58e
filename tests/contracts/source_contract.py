"""What every candidate source promises. A test class inherits this and names the class of the source."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from penchant.records.errors import ArtifactError
from penchant.records.events import Events, Histories, no_history
from penchant.retrieval.source import ARRAYS_FILE, CandidateSource

NUM_ITEMS = 12


def events_of(people: Mapping[int, Sequence[int]]) -> Events:
    """Each person's items in their order; the people take turns, so that nobody's events stand together."""
    turns = [(turn, user, item) for user, items in people.items() for turn, item in enumerate(items)]
    times, users, items = np.array(sorted(turns), np.int64).reshape(-1, 3).T
    count = len(users)
    return Events(
        user_rows=users.astype(np.int32),
        item_rows=items.astype(np.int32),
        timestamps=times,
        values=np.full(count, np.nan, np.float32),
        kinds=np.zeros(count, np.int16),
        text_rows=np.full(count, -1, np.int32),
    )


def histories_with(
    people: Sequence[Sequence[int]],
    *,
    text_rows: Sequence[int] | None = None,
    text_vectors: np.ndarray | None = None,
    extra_vectors: np.ndarray | None = None,
) -> Histories:
    """What each person met, oldest first."""
    lengths = [len(items) for items in people]
    count = sum(lengths)
    return Histories(
        ptr=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        item_rows=np.array([item for items in people for item in items], np.int32),
        timestamps=np.arange(count),
        values=np.full(count, np.nan, np.float32),
        kinds=np.zeros(count, np.int16),
        text_rows=np.full(count, -1, np.int32) if text_rows is None else np.array(text_rows, np.int32),
        request_times=np.full(len(people), count),
        text_vectors=text_vectors,
        extra_vectors=extra_vectors,
    )


def some_events() -> Events:
    """Six people who walk over nine of the twelve items with different strides."""
    return events_of({user: [(user + stride * (1 + user % 3)) % 9 for stride in range(5)] for user in range(6)})


SOME_HISTORIES = histories_with([[1, 2, 3], [], [4], [0, 8, 2, 6]])


class SourceContract:
    """`source_class`, `extra` (what `fit` takes after num_items), `personal` (answers depend on the history)."""

    source_class: ClassVar[Any]
    extra: ClassVar[tuple[np.ndarray, ...]] = ()
    personal: ClassVar[bool] = True
    learns_from_events: ClassVar[bool] = True

    def fit(self, events: Events, **settings: float) -> CandidateSource:
        source = self.source_class.fit(events, NUM_ITEMS, *self.extra, **settings)
        assert isinstance(source, CandidateSource)
        return source

    def test_scores_are_float32_and_finite_for_the_whole_catalogue(self) -> None:
        scores = self.fit(some_events()).score(SOME_HISTORIES)
        assert scores.dtype == np.float32
        assert scores.shape == (4, NUM_ITEMS)
        assert np.isfinite(scores).all()
        assert scores[0].any()

    def test_saved_and_loaded_it_is_equal(self, tmp_path: Path) -> None:
        source = self.fit(some_events(), **self.source_class.GRID[-1])
        source.save(tmp_path / "new" / "folder")
        loaded = self.source_class.load(tmp_path / "new" / "folder")
        assert loaded.settings == source.settings
        assert loaded.num_items == NUM_ITEMS
        np.testing.assert_array_equal(loaded.score(SOME_HISTORIES), source.score(SOME_HISTORIES))

    def test_a_folder_of_another_kind_is_refused(self, tmp_path: Path) -> None:
        self.fit(some_events()).save(tmp_path)
        other = type("Other", (self.source_class,), {})
        with pytest.raises(ArtifactError, match=f"must hold a Other, found '{self.source_class.__name__}'"):
            other.load(tmp_path)

    def test_a_damaged_folder_is_refused(self, tmp_path: Path) -> None:
        self.fit(some_events()).save(tmp_path)
        (tmp_path / ARRAYS_FILE).write_bytes(b"no tensors")
        with pytest.raises(ArtifactError, match="Fit and save it again"):
            self.source_class.load(tmp_path)

    def test_fits_repeat_themselves(self) -> None:
        first, second = self.fit(some_events()), self.fit(some_events())
        assert first.arrays.keys() == second.arrays.keys()
        for name, array in first.arrays.items():
            np.testing.assert_array_equal(array, second.arrays[name])

    def test_the_grid_starts_with_the_default_and_every_entry_fits(self) -> None:
        grid = self.source_class.GRID
        assert self.fit(some_events(), **grid[0]).settings == self.fit(some_events()).settings
        assert len({tuple(sorted(entry.items())) for entry in grid}) == len(grid)
        for entry in grid:
            assert entry.items() <= self.fit(some_events(), **entry).settings.items()

    def test_what_scoring_alone_looks_at_costs_no_new_fit(self) -> None:
        source, kind = self.fit(some_events()), self.source_class
        for entry in kind.GRID:
            scoring = {name: value for name, value in entry.items() if name in kind.SCORING}
            other = source.scoring_with(scoring)
            again = self.fit(some_events(), **scoring)
            assert other.settings == again.settings
            np.testing.assert_array_equal(other.score(SOME_HISTORIES), again.score(SOME_HISTORIES))

    def test_no_people_give_no_rows(self) -> None:
        assert self.fit(some_events()).score(no_history(0)).shape == (0, NUM_ITEMS)

    def test_without_a_history_a_personal_source_has_no_evidence(self) -> None:
        scores = self.fit(some_events()).score(no_history(2))
        assert scores.shape == (2, NUM_ITEMS)
        assert scores.any() != self.personal

    def test_without_events_there_is_no_evidence(self) -> None:
        assert self.fit(events_of({})).score(SOME_HISTORIES).any() != self.learns_from_events

    def test_a_person_alone_gets_what_the_person_gets_in_a_crowd(self) -> None:
        source = self.fit(some_events())
        alone = source.score(SOME_HISTORIES.select([3]))
        np.testing.assert_allclose(alone[0], source.score(SOME_HISTORIES)[3], rtol=1e-5, atol=1e-7)

    def test_rows_that_are_no_items_are_ignored(self) -> None:
        source = self.fit(some_events())
        strange = histories_with([[-1, 1, NUM_ITEMS, 2, 3, -1], [-1, NUM_ITEMS + 5]])
        expected = source.score(histories_with([[1, 2, 3], []]))
        np.testing.assert_array_equal(source.score(strange), expected)

    def test_events_without_an_item_of_the_catalogue_teach_nothing(self) -> None:
        plain = events_of({0: [1, 2, 3], 1: [2, 3, 1]})
        noisy = events_of({0: [-1, 1, 2, NUM_ITEMS, 3], 1: [-1, 2, 3, NUM_ITEMS, 1]})
        for name, array in self.fit(plain).arrays.items():
            np.testing.assert_array_equal(self.fit(noisy).arrays[name], array)

    def test_retrieves_the_best_that_the_person_has_not_met(self) -> None:
        source = self.fit(some_events())
        scores = source.score(SOME_HISTORIES)
        ranked = source.retrieve(SOME_HISTORIES, k=3)
        assert ranked.item_rows.shape == (4, 3)
        for person, rows in enumerate(ranked.item_rows):
            met = SOME_HISTORIES.select([person]).item_rows
            rest = [row for row in range(NUM_ITEMS) if row not in met and scores[person, row] != 0]
            best = sorted(rest, key=lambda row: (-scores[person, row], row))[:3]
            assert rows.tolist() == best + [-1] * (3 - len(best))

    def test_longer_lists_than_the_catalogue_end_in_nothing(self) -> None:
        ranked = self.fit(some_events()).retrieve(SOME_HISTORIES, k=NUM_ITEMS + 3)
        assert (ranked.item_rows[:, NUM_ITEMS:] == -1).all()
        assert np.isneginf(ranked.scores[ranked.item_rows == -1]).all()
