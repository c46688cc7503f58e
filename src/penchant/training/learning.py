"""What changes while a network learns, and how it is judged, kept and taken up. Knows no batch and no loss."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from penchant.models.network import Network
from penchant.training.balancing.balancer import Balancer
from penchant.training.callbacks import EpochEnd, objective_over
from penchant.training.checkpoint import load_checkpoint, optimizer_tensors, restore_optimizer, save_checkpoint
from penchant.training.ema import AveragedWeights
from penchant.training.settings import TrainingConfig


@dataclass(kw_only=True)
class Trained:
    """`best_epoch` counts from 1; `curves` has one row per epoch."""

    best_epoch: int = 0
    best_score: float | None = None
    curves: list[EpochEnd] = field(default_factory=list)

    @property
    def scores(self) -> tuple[float | None, ...]:
        """The objective after each epoch."""
        return tuple(end.score for end in self.curves)


class Learning:
    """What changes from step to step, and how it is judged, kept and taken up."""

    def __init__(
        self, network: Network, optimizer: torch.optim.Optimizer, balancer: Balancer, config: TrainingConfig
    ) -> None:
        self.network, self.optimizer, self.balancer, self.config = network, optimizer, balancer, config
        self.average = AveragedWeights(network, config.ema) if config.ema else None
        self.best: dict[str, Tensor] = {}
        self.result = Trained()
        self.gathered = 0
        """Batches whose gradients wait for a step."""

    def judge(self, end: EpochEnd, validate: Callable[[], dict[str, float]] | None, first: str) -> EpochEnd:
        """Scores the weights as they would be used, and keeps the best."""
        result = self.result
        self.network.eval()
        with self.average.in_place() if self.average else nullcontext():
            self._read_anew()
            scores = validate() if validate is not None else {}
            score = objective_over(scores, self.config.objective or {first: 1.0}) if scores else None
            if score is not None and (result.best_score is None or score > result.best_score):
                result.best_epoch, result.best_score = end.epoch + 1, score
                self.best = {name: value.detach().clone() for name, value in self.network.state_dict().items()}
        end = replace(end, score=score, scores=scores)
        result.curves.append(end)
        return end

    def finish(self) -> None:
        """Leaves the network with the best weights; without validation with the last ones, averaged where they were."""
        if self.best:
            self.network.load_state_dict(self.best)
        else:
            self.result.best_epoch = len(self.result.curves)
            if self.average:
                self.average.put()
        self.network.eval()

    def save(self, folder: Path) -> None:
        """A checkpoint of this moment, between two epochs."""
        parts = {
            "network": self.network.state_dict(),
            "best": self.best,
            "optimizer": optimizer_tensors(self.optimizer),
            "balancer": self.balancer.state(),
            "average": self.average.state() if self.average else {},
        }
        best = {"best_epoch": self.result.best_epoch, "best_score": self.result.best_score}
        curves = [vars(end) for end in self.result.curves]
        save_checkpoint(folder, parts, {"config": self._told(), "curves": curves, **best})

    def restore(self, folder: Path) -> None:
        """Takes up what `save` wrote."""
        parts, position = load_checkpoint(folder, self.network.state_dict(), self._told())
        self.network.load_state_dict(parts["network"])
        self.best = parts.get("best", {})
        restore_optimizer(self.optimizer, parts.get("optimizer", {}))
        self.balancer.load_state(parts.get("balancer", {}))
        if self.average:
            self.average.load_state(parts["average"])
        curves = [EpochEnd(**end) for end in position["curves"]]
        self.result = Trained(best_epoch=position["best_epoch"], best_score=position["best_score"], curves=curves)
        self.network.eval()
        with self.average.in_place() if self.average else nullcontext():
            self._read_anew()

    def _told(self) -> dict[str, Any]:
        """What the weights depend on: not where they are."""
        return {name: value for name, value in asdict(self.config).items() if name != "device"}

    def _read_anew(self) -> None:
        """All texts, where the language model learns along."""
        if self.network.live is not None:
            self.network.live.read_all()
            self.network.items.renew(self.network.live.items.vectors)
            self.network.centre_texts(self.network.live.said.vectors)
