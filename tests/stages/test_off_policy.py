"""A shop whose people click on what is shown with known chances, and what its log says of other lists."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import penchant as pn
from penchant.cli import app
from penchant.evaluation.off_policy.log import Log
from penchant.records.data import Data
from penchant.records.errors import ConfigError, SupportError
from penchant.stages.impressions import impressions
from penchant.stages.model import Model
from penchant.stages.off_policy import expected_rewards, off_policy

LOGGED = "epsilon:share=0.9,best=8"


@dataclass(frozen=True)
class World:
    """A model that served lists of 2, and what its lists as ranked would really have earned at each place."""

    model: Model
    truth: tuple[float, float]


@pytest.fixture(scope="module")
def run(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("off policy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_CACHE", str(folder / "cache"))
        pn.fit(shop, size="tiny", encoder="hashing", epochs=2, num_positions=256).save(folder / "run")
    return folder / "run"


def chance_of(item: str) -> float:
    """Even items are chosen more often."""
    return 0.7 if int(item[1:]) % 2 == 0 else 0.2


@pytest.fixture(scope="module")
def world(run: Path) -> World:
    """Three turns of 460 people, most of whom nothing is known of at first."""
    model, rng, ranked = pn.load(run, frame="polars"), np.random.default_rng(0), []
    people = [*model.user_ids, *(f"x{number}" for number in range(400))]
    for turn in range(3):
        ranked.append(model.recommend(people, k=2))
        drawn = model.recommend(people, k=2, explore=LOGGED, seed=turn)
        model.shown(drawn)
        chosen = drawn.filter(pl.Series([rng.random() < chance_of(item) for item in drawn["item_id"]]))
        model.observe([{**row, "kind": "like"} for row in chosen.select("user_id", "item_id").to_dicts()])
    best = pl.concat(ranked)
    first, second = (
        float(np.mean([chance_of(item) for item in best.filter(rank=place)["item_id"]])) for place in (1, 2)
    )
    model.save(run)
    return World(model, (first, second))


@pytest.fixture(scope="module")
def found(world: World) -> dict[str, Any]:
    return off_policy(world.model)


def test_the_policy_that_logged_has_earned_what_the_log_says(world: World) -> None:
    """All weights are 1: the moments, the histories and the chances are those of the log (but for ties of a second)."""
    told = off_policy(world.model, explore=LOGGED)
    assert told["num_lists"] == 3 * 460
    assert told["trust"]["mean_weight"] == pytest.approx(1, abs=0.01)
    assert told["trust"]["effective_people"] == pytest.approx(460, abs=5)
    for place in told["positions"]:
        assert place["ips"]["value"] == pytest.approx(place["logged"]["value"], abs=0.01)


def test_lists_as_ranked_earn_what_they_really_would(world: World, found: dict[str, Any]) -> None:
    for name in ("ips", "snips", "dr", "sndr"):
        assert found["first"][name]["value"] == pytest.approx(world.truth[0], abs=0.08)
    assert found["positions"][1]["snips"]["value"] == pytest.approx(world.truth[1], abs=0.08)
    assert found["total"]["snips"]["value"] == pytest.approx(sum(world.truth), abs=0.12)


def test_what_is_asked_for_changes_the_answer(world: World, found: dict[str, Any]) -> None:
    one = off_policy(world.model, k=1, clip=0.5)
    assert len(one["positions"]) == 1
    assert one["first"]["clipped ips"]["value"] < one["first"]["ips"]["value"]
    assert off_policy(world.model, k=1, kinds=("purchase",))["first"]["logged"]["value"] == 0
    again = off_policy(world.model, k=1, exclude_seen=False)
    assert again["trust"]["mean_weight"] < one["trust"]["mean_weight"]  # what people have met was never shown
    other = off_policy(world.model, seed=1)
    assert other["first"]["snips"]["value"] == found["first"]["snips"]["value"]
    assert other["first"]["snips"]["low"] != found["first"]["snips"]["low"]


def test_what_the_log_never_showed_is_refused(world: World) -> None:
    """Candidates that were not among those that were drawn from."""
    with pytest.raises(SupportError, match="on average"):
        off_policy(world.model, k=1, explore="epsilon:share=1,best=30")
    with pytest.raises(ConfigError, match="Unknown exploration"):
        off_policy(world.model, explore="luck")


def test_a_log_of_thompson_sampling_in_a_table(run: Path, world: World) -> None:
    """Nothing was learned meanwhile, so that what it believes now is what it believed: weights are 1 within its draws."""
    model = pn.load(run, frame="polars")
    word = "thompson:scale=1,best=8"
    drawn = model.recommend([f"y{number}" for number in range(300)], k=1, explore=word, seed=0)
    later = int(model.events["timestamp"].max()) + 1  # type: ignore[arg-type]
    log = model.asking.raw_events(
        [{**row, "timestamp": later} for row in impressions(drawn)]
        + [{"user_id": "y7", "item_id": "i3", "kind": "like", "timestamp": later + 1}]
    )
    told = off_policy(model, log, explore=word)
    assert told["num_lists"] == 300
    assert told["trust"]["mean_weight"] == pytest.approx(1, abs=0.1)
    assert "learned from this very log" in told["notes"][0]


def test_rewards_are_expected_by_other_people() -> None:
    """Each person's own reward is their number: nobody who is asked about was fitted on."""
    rng = np.random.default_rng(0)
    people = np.arange(200).repeat(3)
    features = np.stack([np.ones((600, 2)), rng.normal(size=(600, 2))], axis=2)
    rewards = features[:, 0] @ np.array([0.5, 2.0])
    events = Log(user_rows=people, actions=np.zeros(600, int), rewards=rewards, propensities=np.ones(600))
    expected = expected_rewards(features, events, 0)
    assert expected[:, 0] == pytest.approx(rewards, abs=0.3)
    assert np.corrcoef(expected[:, 1], features[:, 1, 1])[0, 1] > 0.99
    odd = Log(
        user_rows=people, actions=np.zeros(600, int), rewards=rewards + 100 * (people == 7), propensities=np.ones(600)
    )
    assert expected_rewards(features, odd, 0)[people == 7] == pytest.approx(expected[people == 7])


def test_on_the_command_line(run: Path, world: World) -> None:
    told = CliRunner().invoke(app, ["off-policy", str(run)], catch_exceptions=False)
    assert told.exit_code == 0, told.stderr
    assert "first place, 1380 lists" in told.stdout
    assert "whole list, 2 places" in told.stdout
    asked = ["off-policy", str(run), "--json", "--k", "1", "--reward", "like", "--seed", "3"]
    assert json.loads(CliRunner().invoke(app, asked, catch_exceptions=False).stdout)["k"] == 1
