from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from penchant.data.read import read
from penchant.models.offsets import Offsets
from penchant.models.shares import Shares
from penchant.records.events import histories_of, no_history
from penchant.stages.encode import Encoded, encode
from penchant.stages.tasks import make_task
from penchant.stages.telling import read_told, tell, write_told
from penchant.tasks.tables import TABLES
from penchant.tasks.task import Task

HOURS = {"long": 90.0, "short": 1.0}


def shop(*, stars: bool) -> Encoded:
    """Twenty people play a long and a short game, rate both perhaps, and are shown two more, of which they click the first."""
    events = []
    for user in range(20):
        about, start = {"user_id": f"u{user}"}, 1000 * user
        for step, (item, hours) in enumerate(HOURS.items()):
            spent = hours * (1 + user % 2)
            events.append({**about, "item_id": item, "timestamp": start + step, "kind": "play", "value": spent})
            kind = {"kind": "rate", "value": 5.0 - user % 3} if stars else {"kind": "like" if user % 3 else "dislike"}
            events.append({**about, "item_id": item, "timestamp": start + 10 + step, **kind})
        shown = {**about, "timestamp": start + 20, "kind": "impression"}
        events += [{**shown, "item_id": "news"}, {**shown, "item_id": "olds"}]
        events.append({**about, "item_id": "news", "timestamp": start + 30, "kind": "click"})
    return encode(read(events), "hashing")


def told_of(encoded: Encoded, words: Sequence[str]) -> tuple[dict[str, Any], dict[str, np.ndarray], dict[str, Task]]:
    tasks = [make_task(word) for word in words]
    asked = {name: TABLES[name](encoded.events) for name in {task.table for task in tasks}}
    fitted = [task.fitted(asked[task.table], encoded.facts) for task in tasks]
    labels = {task.name: task.labels(asked[task.table], encoded.facts) for task in fitted}
    told, rows = tell(fitted, asked, labels, encoded.events, encoded)
    return told, rows, {task.name: task for task in fitted}


def test_each_head_is_told_of_its_own_label() -> None:
    told, rows, tasks = told_of(shop(stars=True), ["next_item", "rating", "like", "dwell", "click"])
    assert told.keys() == rows.keys() == {"rating", "like", "dwell", "click"}
    assert told["rating"] is told["like"], "ratings tell of both"
    assert isinstance(told["dwell"], Offsets)
    assert isinstance(told["click"], Shares)
    assert tasks["dwell"].numbers == told["dwell"].evidence.numbers


def test_without_ratings_likes_tell_of_likes() -> None:
    assert isinstance(told_of(shop(stars=True), ["like"])[0]["like"], Offsets)
    assert isinstance(told_of(shop(stars=False), ["like"])[0]["like"], Shares)


def test_who_plays_long_and_what_is_played_long_is_foreseen_so() -> None:
    encoded = shop(stars=True)
    told, _, tasks = told_of(encoded, ["dwell"])
    people = encoded.users.rows(["u1", "u2"])
    histories = histories_of(encoded.events, people, np.full(2, 10**6), len(encoded.users))
    owners, items = np.array([0, 0, 1, 1]), encoded.items.rows(["long", "short"] * 2)
    numbers = tasks["dwell"].numbers
    assert numbers is not None
    hours = numbers.invert(told["dwell"].alone(told["dwell"].pairs(histories, owners, items)[:, 0]))
    assert hours[0] > 20 * hours[1], "90 hours to 1, drawn together a little"
    assert hours[0] > 1.05 * hours[2], "of one item, by who plays twice as long: two plays of twelve speak"
    assert hours[1] > hours[3]
    strangers = told["dwell"].pairs(no_history(4), owners, items)
    assert (strangers[:, 0, 1] == 0).all()


def test_what_is_clicked_is_foreseen_to_be_clicked() -> None:
    encoded = shop(stars=True)
    told, rows, _ = told_of(encoded, ["click"])
    items = encoded.items.rows(["news", "olds", "long"])
    chances = told["click"].alone(told["click"].pairs(no_history(1), np.zeros(3, np.int64), items)[:, 0])
    assert chances[0] > 0.8
    assert chances[1] < 0.2
    assert chances[2] == pytest.approx(0.5)
    assert rows["click"].shape == (40, 1, 2)
    assert (rows["click"][:2] == 0).all(), "the first list looks back at nothing"


def test_what_is_told_comes_back_from_disk(tmp_path: Path) -> None:
    encoded = shop(stars=True)
    told, _, _ = told_of(encoded, ["rating", "like", "dwell", "click"])
    kept = write_told(tmp_path / "told.safetensors", told)
    assert kept["tasks"] == {"rating": 0, "like": 0, "dwell": 1, "click": 2}, "what is shared is kept once"
    assert any(name.startswith("2.list_") for name in load_file(tmp_path / "told.safetensors"))
    found = read_told(tmp_path / "told.safetensors", kept)
    histories = histories_of(encoded.events, np.array([1]), np.zeros(1, np.int64), len(encoded.users))
    owners, items, beside = np.zeros(5, np.int64), np.arange(5), np.full(5, 2)
    for name, one in told.items():
        for method in ("pairs", "near"):
            more = (beside,) if method == "pairs" else ()
            own, other = (getattr(part, method)(histories, owners, items, *more) for part in (one, found[name]))
            np.testing.assert_array_equal(own, other)
    assert found["rating"] is found["like"]
