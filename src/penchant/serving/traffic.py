"""Two versions on the same traffic: who is answered by which, and what came of it. Knows no model.

ab: the challenger answers a share of the people, the same people every time. shadow: it answers nobody; its lists are compared
with those that were given.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from penchant.evaluation.significance import bootstrap_interval, clustered_interval, clustered_values, percentiles
from penchant.serving.events.log import Logged
from penchant.stages.learner import reward_of

CONTROL, CHALLENGER = "control", "challenger"
ARMS = (CONTROL, CHALLENGER)


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """`control`, `challenger`: numbers of versions; `share`: of the people that the challenger answers, 0 in the shadow; `salt`:
    the key of the hash that draws them; `since`: the last sequence of the log before it began."""

    name: str
    kind: Literal["ab", "shadow"]
    control: int
    challenger: int
    share: float
    salt: str
    since: int

    def arm(self, user_id: str | None) -> str:
        """The same for a person as long as the experiment runs; strangers without a name are with the control.

        >>> shop = Experiment(name="a", kind="ab", control=1, challenger=2, share=0.5, salt="00", since=0)
        >>> len({shop.arm("ann") for _ in range(9)}), shop.arm(None)
        (1, 'control')
        """
        if user_id is None:
            return CONTROL
        digest = hashlib.blake2b(user_id.encode(), key=bytes.fromhex(self.salt), digest_size=8).digest()
        return CHALLENGER if int.from_bytes(digest, "big") < self.share * 2**64 else CONTROL

    def exposure(self, user_id: str) -> str:
        """What the log keeps with an impression: which arm answered, and with what chance that was so."""
        arm = self.arm(user_id)
        number, chance = (
            (self.challenger, self.share) if arm == CHALLENGER else (self.control, round(1 - self.share, 12))
        )
        told = {"experiment": self.name, "arm": arm, "version": number, "arm_propensity": chance}
        return json.dumps(told, sort_keys=True)


def report(experiment: Experiment, log: Iterable[Logged], scale: tuple[float, float]) -> dict[str, Any]:
    """Clicks per impression of each arm with 95% intervals over people, and the difference.

    A click is an event that speaks for an item (`reward_of`) by somebody who had been shown it; an impression earns one at most.
    """
    arms, people, clicks = _impressions(experiment, log, scale)
    told, draws = {}, {}
    for seed, arm in enumerate(ARMS):
        mine = arms == arm
        if mine.any():
            told[arm] = _rate(clicks[mine], people[mine])
            draws[arm] = clustered_values(_mean, clicks[mine], clicks[mine], people[mine], seed=seed)
    if len(draws) < len(ARMS):
        return {"arms": told, "difference": None}
    low, high = percentiles(draws[CHALLENGER] - draws[CONTROL])
    value = told[CHALLENGER]["rate"] - told[CONTROL]["rate"]
    return {"arms": told, "difference": {"value": value, "low": low, "high": high}}


def agreement(overlaps: list[float]) -> dict[str, Any] | None:
    """How much of the lists that were given the shadow's hold, 0..1, with its interval; None before the first."""
    if not overlaps:
        return None
    low, high = bootstrap_interval(np.array(overlaps))
    return {"lists": len(overlaps), "overlap": float(np.mean(overlaps)), "low": low, "high": high}


def _impressions(
    experiment: Experiment, log: Iterable[Logged], scale: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each impression of the experiment: the arm, the person, and 1.0 if it was clicked."""
    arms, people, clicks = list[str](), list[str](), list[float]()
    waiting: dict[tuple[str, str], int] = {}
    for event in (row.event for row in log):
        who = (event.get("user_id", ""), event.get("item_id") or "")
        told = _exposed(event)
        if told.get("experiment") == experiment.name:
            waiting[who] = len(arms)
            arms.append(told["arm"])
            people.append(who[0])
            clicks.append(0.0)
        elif who in waiting and reward_of({"kind": "view", "value": None, **event}, scale):
            clicks[waiting.pop(who)] = 1.0
    return np.array(arms, str), np.array(people, str), np.array(clicks)


def _exposed(event: dict[str, Any]) -> dict[str, Any]:
    if event.get("kind") != "impression" or "context" not in event:
        return {}
    told = json.loads(event["context"])
    return told if isinstance(told, dict) else {}


def _rate(clicks: np.ndarray, people: np.ndarray) -> dict[str, Any]:
    low, high = clustered_interval(_mean, clicks, clicks, people)
    counts = {"impressions": len(clicks), "clicks": int(clicks.sum()), "people": len(np.unique(people))}
    return {**counts, "rate": float(clicks.mean()), "low": low, "high": high}


def _mean(clicks: np.ndarray, _: np.ndarray, times: np.ndarray) -> float | None:
    return float((clicks * times).sum() / times.sum()) if times.sum() else None
