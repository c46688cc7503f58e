"""Which weights are judged, kept and left, on a training that is real."""

from dataclasses import dataclass

import pytest

from penchant.models.network import Network
from penchant.records.errors import ConfigError
from penchant.training.callbacks import Callback, EpochEnd
from training.ring import fingerprint, learn_ring


@dataclass
class Stop(Callback):
    """Ends a run after so many epochs."""

    epochs: int = 3

    def on_epoch(self, end: EpochEnd) -> bool:
        return end.epoch + 1 == self.epochs


def test_the_objective_decides_which_weights_are_kept() -> None:
    """The scores are dictated: next item is best after the first epoch, rating after the second."""
    told = [{"next_item": 3.0, "rating": 1.0}, {"next_item": 2.0, "rating": 4.0}, {"next_item": 1.0, "rating": 1.0}]
    for objective, best, score in [
        ({}, 1, 3.0),
        ({"rating": 0.5}, 2, 2.0),
        ({"next_item": 1.0, "rating": 1.0}, 2, 6.0),
    ]:
        rest = iter(told)
        network, result = learn_ring(epochs=3, validate=lambda _, rest=rest: next(rest), objective=objective)
        assert (result.best_epoch, result.best_score) == (best, score)
        rest = iter(told)
        stopped = [
            learn_ring(epochs=3, validate=lambda _, rest=rest: next(rest), objective=objective, callbacks=[Stop(best)])
        ]
        assert fingerprint(stopped[0][0]) == fingerprint(network)


def test_an_objective_of_no_task_is_refused() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'rating'"):
        learn_ring(objective={"ratings": 1.0})


def test_averaged_weights_are_what_is_validated_and_left() -> None:
    seen: list[str] = []

    def look(network: Network) -> dict[str, float]:
        seen.append(fingerprint(network))
        return {"next_item": float(len(seen)), "rating": 0.0}

    left, _ = learn_ring(epochs=3, ema=0.9, validate=look)
    assert fingerprint(left) == seen[-1]
    assert fingerprint(learn_ring(epochs=3, ema=0.9)[0]) == seen[-1]
    assert fingerprint(learn_ring(epochs=3)[0]) != seen[-1]
