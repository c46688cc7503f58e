"""What is kept of people answers as if it was worked out anew: the plain path, all sources and the network, stands beside it."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import penchant as pn
from penchant.ranking.network_source import NetworkSource
from penchant.ranking.wishes import Wishes
from penchant.records.data import Data
from penchant.stages.asking import NO_ITEMS, RawItems
from penchant.stages.model import Model
from penchant.stages.states import States

LATER = 1_600_900_000


@pytest.fixture(scope="module")
def folder(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_CACHE", str(run / "cache"))
        pn.fit(shop, size="tiny", encoder="hashing", epochs=1, num_positions=256).save(run)
    return run


@pytest.fixture
def model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    monkeypatch.setenv("PENCHANT_CACHE", str(folder / "cache"))
    return pn.load(folder, frame="records")


def plain(model: Model, person: str, k: int = 5, new: RawItems = NO_ITEMS) -> list[tuple[str, float]]:
    """Nothing is kept, not even the vectors of the catalogue."""
    had = model.recommender.network
    network = NetworkSource(had.network, had.told, had.scale, had.numbers)
    histories = model.asking.histories([person], model.events, None, new)
    ranked = replace(model.recommender, network=network).ask(histories, Wishes(k=k)).ranked
    ids = model.asking.rows_with(new).ids(ranked.item_rows[0])
    return list(zip(ids, ranked.scores[0].tolist(), strict=True))


def answer(model: Model, person: str, k: int = 5) -> list[tuple[str, float]]:
    return [(row["item_id"], row["score"]) for row in model.recommend(person, k=k)]


def event(person: str, item: int, **more: Any) -> dict[str, Any]:
    return {"user_id": person, "item_id": f"i{item}", "kind": "view", "timestamp": LATER, **more}


def test_what_is_kept_answers_as_what_is_worked_out_anew(model: Model) -> None:
    for person in ["u1", "u2", "u1", "nobody", "u2", "somebody else"]:
        assert answer(model, person) == plain(model, person)
    assert len(model.states) == 3  # all whom nobody knows are one


def test_a_stranger_is_read_once_for_all_that_a_request_asks(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Any] = []
    had = model.asking.histories

    def histories(*given: Any) -> Any:
        read.append(given[2])
        return had(*given)

    past = [{"item_id": "i3", "timestamp": LATER}, {"item_id": "i6", "timestamp": LATER}]
    anew = Wishes(k=5), had([None], model.known.of(()), past, NO_ITEMS, model.known.newest)
    plain_list = model.recommender.ask(anew[1], anew[0]).ranked.scores[0].tolist()
    monkeypatch.setattr("penchant.stages.states.time.time", lambda: 1000.0)
    monkeypatch.setattr(model.asking, "histories", histories)
    assert [row["score"] for row in model.recommend(history=past, k=5)] == plain_list
    model.predict([{"item_id": "i1"}], past)
    model.sources(history=past)
    assert read == [past]
    past.append({"item_id": "i9", "timestamp": LATER})  # the same list, which says something else now
    assert [row["score"] for row in model.recommend(history=past, k=5)] != plain_list
    assert len(read) == 2


def test_a_strangers_now_goes_on(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    past, clock = [{"item_id": "i3"}], [1000.0]
    monkeypatch.setattr("penchant.stages.states.time.time", lambda: clock[0])
    first = model.states.asked([None], past)
    assert model.states.asked([None], past) is first
    clock[0] += 1
    assert model.states.asked([None], past) is not first
    again = model.states.asked([None], past)
    model.observe([event("u1", 2, timestamp=model.known.newest + 5)])
    assert model.states.asked([None], past) is not again


def test_an_event_changes_the_next_answer_of_the_person(model: Model) -> None:
    before = answer(model, "u1")
    model.observe([event("u1", int(before[0][0][1:]))])
    assert answer(model, "u1") == plain(model, "u1")
    assert answer(model, "u1") != before
    model.observe([event("nobody", 3), {"user_id": "nobody", "text": "jazz", "timestamp": LATER}])
    assert answer(model, "nobody") == plain(model, "nobody")


@pytest.mark.parametrize("seconds", [1, 1_000, 100_000, 10_000_000])
def test_time_goes_on_for_everybody(model: Model, seconds: int) -> None:
    """Somebody else's event is now: this person has waited so long."""
    answer(model, "u1")
    model.observe([event("u2", 3, timestamp=LATER + seconds)])
    assert answer(model, "u1") == plain(model, "u1")


def test_what_was_shown_changes_nothing_that_is_kept(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    model.observe([{"user_id": "u2", "item_id": "i3"}])  # it is now
    before = answer(model, "u1")
    model.shown([{"user_id": "u1", "item_id": item, "rank": 1} for item, _ in before])
    monkeypatch.setattr(model.recommender.sources["EASE"], "score", None)  # whoever asks it fails
    now = answer(model, "u1")
    assert [item for item, _ in now] == [item for item, _ in before]


def test_predictions_are_the_same(model: Model) -> None:
    pairs = [{"user_id": "u1", "item_id": f"i{item}"} for item in range(8)]
    histories = model.asking.histories(["u1"], model.events, None)
    rows = model.asking.rows.rows([pair["item_id"] for pair in pairs])
    expected = model.recommender.predict(histories, np.zeros(8, np.int64), rows)
    for _ in range(2):
        found = model.predict(pairs)
        for name, values in expected.items():
            np.testing.assert_array_equal([row[name] for row in found], values)


def test_items_that_came_later_are_part_of_what_is_kept(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second answer asks no source; other new items, and those of one request, are worked out."""
    for title in ("jazz number 100", "space number 101"):
        model.added.put([{"item_id": title, "title": title}])
        model.observe([{"user_id": "u1", "item_id": title, "kind": "like", "timestamp": LATER}])
        now = [answer(model, "u1", 20) for _ in range(2)]
        assert now[0] == now[1] == plain(model, "u1", 20, model.added.new)
    with monkeypatch.context() as patch:
        patch.setattr(model.recommender.sources["EASE"], "score", None)
        assert answer(model, "u1", 20) == now[0]
    more = model.recommend("u1", items=[{"item_id": "own", "title": "garden"}], k=len(model.items))
    assert "own" in [row["item_id"] for row in more]


def test_who_was_asked_about_longest_ago_makes_room(model: Model) -> None:
    model.recommend("u1")
    size = model.states.num_bytes
    few = States(model.recommender, model.asking, model.known, most_bytes=3 * size)
    for person in ["u1", "u2", "u3", "u1", "u4", "u5"]:
        few.asked([person], None)
        assert few.num_bytes <= 3 * size
    assert 1 <= len(few) <= 4
    assert [person for person, _ in few._kept][-2:] == ["u4", "u5"]
    none = States(model.recommender, model.asking, model.known, most_bytes=0)
    scores = none.scores(none.asked(["u1"], None))
    assert (len(none), none.num_bytes) == (0, 0)
    np.testing.assert_array_equal(scores, model.states.scores(model.states.asked(["u1"], None)))


def test_threads_may_read_while_one_writes(model: Model) -> None:
    """After the last event everybody is answered as the plain path does, and the bytes are those of what is kept."""
    people = [f"u{number}" for number in range(6)]

    def read() -> None:
        for person in people * 4:
            model.states.scores(model.states.asked([person], None))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number, person in enumerate(people * 2):
        model.observe([event(person, number, timestamp=LATER + number)])
    for thread in threads:
        thread.join()
    for person in people:
        assert answer(model, person) == plain(model, person)
    assert model.states.num_bytes == sum(state.num_bytes for state in model.states._kept.values())
