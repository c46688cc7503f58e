"""Who is answered by which version, and what came of it."""

import json
from typing import Any

import numpy as np
import pytest

from penchant.serving.events.log import Logged
from penchant.serving.traffic import Experiment, agreement, report


def experiment(**other: Any) -> Experiment:
    told = {"name": "a", "kind": "ab", "control": 1, "challenger": 2, "share": 0.3, "salt": "0a" * 16, "since": 0}
    return Experiment(**{**told, **other})


def test_people_stay_in_their_arm_and_the_share_holds() -> None:
    one, other = experiment(), experiment(salt="0b" * 16)
    people = [f"u{number}" for number in range(4000)]
    arms = [one.arm(person) for person in people]
    assert arms == [one.arm(person) for person in people]
    assert np.mean([arm == "challenger" for arm in arms]) == pytest.approx(0.3, abs=0.03)
    assert arms != [other.arm(person) for person in people]
    assert {experiment(share=0.0, kind="shadow").arm(person) for person in people} == {"control"}
    told = json.loads(one.exposure(people[arms.index("control")]))
    assert told == {"experiment": "a", "arm": "control", "version": 1, "arm_propensity": 0.7}


def log(events: list[dict]) -> list[Logged]:
    return [Logged(sequence=n, tenant="t", event=event, received_at=n) for n, event in enumerate(events, start=1)]


def shown(found: Experiment, person: str, item: str) -> dict:
    return {"user_id": person, "item_id": item, "kind": "impression", "context": found.exposure(person)}


def test_clicks_are_counted_once_and_only_after_they_were_shown() -> None:
    found = experiment()
    ours = next(f"u{n}" for n in range(99) if found.arm(f"u{n}") == "challenger")
    theirs = next(f"u{n}" for n in range(99) if found.arm(f"u{n}") == "control")
    events = [
        {"user_id": ours, "item_id": "x", "kind": "click"},  # before it was shown
        shown(found, ours, "x"),
        shown(found, ours, "y"),
        {"user_id": ours, "item_id": "x", "kind": "click"},
        {"user_id": ours, "item_id": "x", "kind": "like"},  # the same impression
        {"user_id": ours, "item_id": "y", "kind": "rate", "value": 1.0},  # speaks against it
        shown(found, theirs, "x"),
        shown(experiment(name="another"), theirs, "y"),
        {"user_id": theirs, "item_id": "y", "kind": "click"},
    ]
    told = report(found, log(events), (1.0, 5.0))
    assert {name: (arm["impressions"], arm["clicks"], arm["people"]) for name, arm in told["arms"].items()} == {
        "challenger": (2, 1, 1),
        "control": (1, 0, 1),
    }
    assert told["difference"]["value"] == 1 / 2 - 0


@pytest.mark.parametrize(("better", "inside"), [(0.15, False), (0.0, True)])
def test_the_interval_finds_a_difference_that_there_is(better: float, inside: bool) -> None:
    """People differ in how much they click, 10 impressions each: the interval is over people."""
    found, rng, events = experiment(share=0.5), np.random.default_rng(0), []
    for number in range(600):
        person = f"u{number}"
        chance = rng.beta(2, 8) + (better if found.arm(person) == "challenger" else 0)
        for item in range(10):
            events.append(shown(found, person, f"i{item}"))
            if rng.random() < chance:
                events.append({"user_id": person, "item_id": f"i{item}", "kind": "click"})
    told = report(found, log(events), (1.0, 5.0))["difference"]
    assert told["value"] == pytest.approx(better, abs=0.03)
    assert (told["low"] <= 0 <= told["high"]) == inside


def test_agreement_of_a_shadow() -> None:
    assert agreement([]) is None
    assert agreement([1.0, 1.0]) == {"lists": 2, "overlap": 1.0, "low": 1.0, "high": 1.0}
