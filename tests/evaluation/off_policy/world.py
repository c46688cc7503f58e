"""A world whose truth is known: kinds of people, actions, a policy that logs and another that is asked about."""

from dataclasses import dataclass

import numpy as np

from penchant.evaluation.off_policy.log import Log

KINDS_OF_PEOPLE, ACTIONS, VISITS = 5, 6, 4


def softmax(scores: np.ndarray) -> np.ndarray:
    return np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class World:
    """`chances`, `logging`, `target`: (kinds of people, actions), of a click and of being shown."""

    chances: np.ndarray
    logging: np.ndarray
    target: np.ndarray

    @property
    def truth(self) -> float:
        return float((self.target * self.chances).sum(axis=1).mean())

    @property
    def logged_truth(self) -> float:
        return float((self.logging * self.chances).sum(axis=1).mean())

    def log(self, num_people: int, rng: np.random.Generator) -> tuple[Log, np.ndarray]:
        """A log of some visits each, by people of whom some like everything, and the kind of person of each event."""
        kind = rng.integers(0, KINDS_OF_PEOPLE, num_people).repeat(VISITS)
        mood = rng.uniform(-0.1, 0.1, num_people).repeat(VISITS)
        actions = (self.logging[kind].cumsum(axis=1) < rng.random(len(kind))[:, None]).sum(axis=1)
        clicks = rng.random(len(kind)) < self.chances[kind, actions] + mood
        log = Log(
            user_rows=np.arange(num_people).repeat(VISITS),
            actions=actions,
            rewards=clicks.astype(float),
            propensities=self.logging[kind, actions],
        )
        return log, kind


def a_world(seed: int = 0) -> World:
    """The logging policy likes what people don't, the target what they do."""
    rng = np.random.default_rng(seed)
    chances = rng.uniform(0.1, 0.9, (KINDS_OF_PEOPLE, ACTIONS))
    noise = rng.normal(0, 0.5, (2, KINDS_OF_PEOPLE, ACTIONS))
    return World(chances, softmax(noise[0] - 1.2 * chances), softmax(noise[1] + 1.8 * chances))
