"""Lists that are drawn, on a shop that was really learned from; what was shown is logged, and teaches."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import penchant as pn
from penchant.records.data import Data
from penchant.records.errors import ConfigError, DataError
from penchant.stages.model import Model

NEW = [{"item_id": "new", "title": "jazz number 99", "tags": ["jazz"]}]
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def run(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exploring")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_CACHE", str(folder / "cache"))
        pn.fit(shop, size="tiny", encoder="hashing", epochs=3, num_positions=256).save(folder / "run")
    return folder / "run"


@pytest.fixture
def model(run: Path) -> Model:
    return pn.load(run, frame="records")


def ids(rows: Rows) -> list[str]:
    return [row["item_id"] for row in rows]


def test_without_exploring_no_chance_is_told_and_with_a_share_of_0_the_list_stays(model: Model) -> None:
    plain: Rows = model.recommend("u1", k=5)
    assert "propensity" not in plain[0]
    same: Rows = model.recommend("u1", k=5, explore="epsilon:share=0")
    assert [{**row, "propensity": 1.0} for row in plain] == same


def test_a_place_is_given_away_as_often_as_its_chance_says(model: Model) -> None:
    plain = ids(model.recommend("u1", k=4))
    drawn: list[Rows] = [
        model.recommend("u1", k=4, explore="epsilon:share=0.5,place=2,best=8", seed=seed) for seed in range(400)
    ]
    assert all(ids(rows)[:1] + ids(rows)[2:] == plain[:1] + plain[2:] for rows in drawn)
    stays = [rows[1]["item_id"] == plain[1] for rows in drawn]
    assert np.mean(stays) == pytest.approx(0.6, abs=0.1)
    assert {round(rows[1]["propensity"], 6) for rows in drawn} == {0.6, 0.1}
    assert len({rows[1]["item_id"] for rows in drawn}) == 5  # its own, and the four that did not make it


def test_a_seed_draws_the_same_list_and_no_seed_another_one(model: Model) -> None:
    for word in ("epsilon:share=1", "thompson:scale=1"):
        once, again = (ids(model.recommend("u1", explore=word, seed=3)) for _ in range(2))
        assert once == again
        assert len({tuple(ids(model.recommend("u1", explore=word))) for _ in range(20)}) > 1


def test_thompson_acts_on_doubt_by_its_scale(model: Model) -> None:
    calm, bold = (model.recommend("u1", k=5, explore=f"thompson:scale={scale}", seed=0) for scale in (0, 3))
    assert {row["propensity"] for row in calm} == {1.0}
    usual, same = (model.recommend("u1", k=5, explore=word, seed=0) for word in ("thompson", "thompson:scale=0.3"))
    assert usual == same
    assert max(row["propensity"] for row in bold) < 0.9


def test_items_that_nobody_met_may_be_drawn_too(model: Model) -> None:
    """Raw ones, and with `best=1` they alone can take the place."""
    lists = [
        ids(model.recommend("u1", k=1, items=NEW, explore="epsilon:share=1,best=1,fewer=1", seed=seed))
        for seed in range(30)
    ]
    plain = ids(model.recommend("u1", k=1, items=NEW))
    assert {tuple(plain), ("new",)} == set(map(tuple, lists))
    assert model.recommend("u1", k=3, items=NEW, explore="thompson:fewer=1", seed=0)


def test_wishes_hold_for_what_is_drawn(model: Model) -> None:
    rows = model.recommend("u1", k=8, explore="epsilon:share=1", rules={"blocks": {"tags": ["jazz"]}}, seed=0)
    assert all(model.item(item)["tags"] != ["jazz"] for item in ids(rows))  # type: ignore[index]
    varied = ids(model.recommend("u1", rerank="mmr:weight=0.9"))
    assert ids(model.recommend("u1", rerank="mmr:weight=0.9", explore="epsilon:share=0")) == varied
    assert varied != ids(model.recommend("u1"))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"explore": "epsilom"}, "Unknown exploration 'epsilom'. Did you mean 'epsilon'"),
        ({"explore": "epsilon:share=2"}, "share"),
        ({"explore": "epsilon:place=11"}, "place"),
        ({"explore": "epsilon:best=0"}, "best"),
        ({"explore": "thompson:scale=-1"}, "scale"),
        ({"explore": "thompson:fewer=-1"}, "fewer"),
        ({"explore": "epsilon", "rules": {"caps": {"tags": 1}}}, "Caps and pins rearrange"),
        ({"explore": "thompson", "rerank": "mmr"}, "orders candidates anew"),
        ({"explore": "epsilon:fewer=5", "rerank": "fresh"}, "both say what is fresh"),
        ({"explore": "epsilon", "seed": -1}, "seed must be a whole number of at least 0, found -1"),
        ({"explore": "epsilon", "seed": 1.5}, "found 1.5"),
        ({"seed": 3}, "for lists that are drawn"),
    ],
)
def test_mistakes_are_named(model: Model, asked: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        model.recommend("u1", **asked)


def test_what_was_shown_is_logged_and_is_no_history(model: Model) -> None:
    before, people = model.history("u1"), len(model.user_ids)
    rows: Rows = model.recommend(["u1", "u2"], k=3, explore="epsilon:share=1", seed=0)
    assert model.shown(rows) == 6
    logged = model.events.tail(6)
    assert logged["kind"].unique().to_list() == ["impression"]
    assert logged["position"].to_list() == [1, 2, 3] * 2
    assert logged["propensity"].to_list() == [row["propensity"] for row in rows]
    assert model.history("u1") == before
    assert len(model.user_ids) == people
    assert model.shown(model.recommend("u1", k=2)) == 2  # not drawn: no chance
    assert model.events["propensity"].tail(2).to_list() == [None, None]


def test_what_came_of_it_is_learned_and_saved(model: Model, tmp_path: Path) -> None:
    rows: Rows = model.recommend("u1", k=4, explore="thompson", seed=0)
    model.shown(rows)
    model.observe([{"user_id": "u1", "item_id": rows[2]["item_id"], "kind": "click"}])
    model.observe([{"user_id": "u2", "item_id": rows[0]["item_id"], "kind": "click"}])  # was shown nothing
    assert num_learned(model) == 1
    model.save(tmp_path)
    for one in (model, pn.load(tmp_path, frame="records")):
        assert num_learned(one) == 1
        one.shown(one.recommend("u1", k=4, explore="thompson", seed=1))
        assert num_learned(one) == 4  # of the other three nothing came
        assert one.learner is not None
        assert set(one.learner.waiting) == {"u1"}


def test_people_get_what_they_choose(model: Model) -> None:
    """One item is chosen whenever it is shown: it comes to the top, for its chance to be chosen was learned."""
    wanted = ids(model.recommend("u1", k=12))[-1]
    options = {"k": 5, "explore": "thompson:scale=1", "exclude_seen": False}
    for seed in range(60):
        rows = model.recommend("u1", **options, seed=seed)
        model.shown(rows)
        for item in {wanted} & set(ids(rows)):
            assert model.learner is not None
            assert model.learner.reward("u1", item, 1.0)
    late = [ids(model.recommend("u1", **options, seed=1000 + seed))[0] for seed in range(10)]
    assert late.count(wanted) >= 8


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{"user_id": "u1", "item_id": "i1"}], "rank is missing"),
        ([{"user_id": None, "item_id": "i1", "rank": 1}], "Give every row a user_id"),
        ([{"user_id": "u1", "item_id": "i1", "rank": 0}], "position is a place of a list, from 1, found 0"),
        ([{"user_id": "u1", "item_id": "i1", "rank": 1, "propensity": 1.5}], "at most 1, found 1.5"),
    ],
)
def test_mistakes_in_what_was_shown(model: Model, rows: Rows, told: str) -> None:
    with pytest.raises(DataError, match=told):
        model.shown(rows)


def num_learned(model: Model) -> int:
    assert model.learner is not None
    return model.learner.thompson.posterior.num_events
