"""What each part of the network for lists is worth: the network alone, whole and with one part taken out or made otherwise.

    PENCHANT_DATA=path/to/data python benchmarks/ablations.py [--sets movielens_100k ...] [--protocols global-time ...]
        [--seeds 0 1 2] [--only ROW ...] [--size tiny] [--set option=value ...] [--folder FOLDER]

Each row learns the next item on train, keeps the epoch that is best on valid, and is asked about the test with what was known
before it: NDCG@10, the whole catalogue, seen items masked. A person's value is the mean over the seeds; differences to the whole
network are paired by case, with 95% bootstrap intervals. What was said stays in FOLDER and is not asked again.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from sources import Ground, difference, read_set
from torch import Tensor, nn
from torch.nn import functional

from penchant.evaluation.ranking import rank_cases
from penchant.models import network
from penchant.models.aggregators import transformer
from penchant.models.aggregators.transformer import Block, GatedTransformer
from penchant.models.item_tower import RESIDUAL_SCALE, Content, ItemTower
from penchant.stages import build, fitting
from penchant.stages.config import Config, resolve_config
from penchant.stages.encode import Encoded
from penchant.stages.fitting import fit_network, make_tasks

WHOLE = "the whole network"
LATE = "late ensemble: without texts + without ids"
Score = Callable[[Any], np.ndarray]


class WithoutIds(ItemTower):
    """Content alone."""

    def __init__(self, content: Content, counts: np.ndarray, embedding_size: int, id_dropout: float) -> None:
        super().__init__(content, counts * 0, embedding_size, id_dropout)


class PlainSum(ItemTower):
    """Every id counts in full, however seldom it was met."""

    def __init__(self, content: Content, counts: np.ndarray, embedding_size: int, id_dropout: float) -> None:
        super().__init__(content, np.where(counts > 0, 1e9, 0), embedding_size, id_dropout)


class Concatenated(ItemTower):
    """Half of the width for the text, half for a usual embedding of the id, joined by a linear layer."""

    def __init__(self, content: Content, counts: np.ndarray, embedding_size: int, id_dropout: float) -> None:
        super().__init__(content, counts, embedding_size, id_dropout)
        nn.init.normal_(self.residual.weight, std=1 / RESIDUAL_SCALE)
        self.joined = nn.Linear(2 * embedding_size, embedding_size)

    def forward(self, fresh: Any = None) -> Tensor:
        kept = (self.counts > 0).float()[:, None]
        if self.training:
            kept = kept * (torch.rand_like(kept) >= self.id_dropout)
        ids = RESIDUAL_SCALE * kept * self.residual.weight
        return torch.as_tensor(self.joined(torch.cat([self._read(self.content, self.numbers), ids], dim=1)))

    def of_text(self, text_vectors: Tensor, numbers: Tensor | None = None) -> Tensor:
        read = super().of_text(text_vectors, numbers)
        return torch.as_tensor(self.joined(torch.cat([read, torch.zeros_like(read)], dim=1)))


class WithoutTime(GatedTransformer):
    """Attention sees how many steps lie between events, not how much time."""

    def forward(self, x_BLD: Tensor, times_BL: Tensor) -> Tensor:
        return super().forward(x_BLD, torch.zeros_like(times_BL))


class WithoutSteps(GatedTransformer):
    """Attention sees how much time lies between events, not how many steps."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for block in self.blocks:
            block.step_bias.requires_grad_(False)


class Ungated(Block):
    """Residuals are added in full, and the feed-forward layer is a GELU of the same width."""

    def forward(self, x_BLD: Tensor, steps_LL: Tensor, gaps_BLL: Tensor) -> Tensor:
        attended = self.attention_out(self._attend(self.attention_norm(x_BLD), steps_LL, gaps_BLL))
        x_BLD = x_BLD + self.dropout(attended)
        value, other = self.feed_up(self.feed_norm(x_BLD)).chunk(2, dim=-1)
        return torch.as_tensor(x_BLD + self.dropout(self.feed_down(functional.gelu(value + other))))


@contextmanager
def without_trends() -> Iterator[None]:
    """Nothing is told of what rises and falls."""
    fit = fitting.Trends.fit

    def flat(*given: Any) -> Any:
        found = fit(*given)
        return replace(found, values=np.zeros_like(found.values))

    with patch.object(fitting.Trends, "fit", flat):
        yield


@dataclass(frozen=True, kw_only=True)
class Row:
    """What is otherwise: a part, the texts, or options."""

    part: Callable[[], AbstractContextManager[Any]] = nullcontext
    texts: Callable[[np.ndarray], np.ndarray] | None = None
    options: tuple[tuple[str, Any], ...] = ()


def tower(kind: type[ItemTower]) -> Row:
    return Row(part=lambda: patch.object(network, "ItemTower", kind))


def trunk(kind: type[GatedTransformer]) -> Row:
    return Row(part=lambda: patch.dict(build.AGGREGATORS, transformer=kind))


ROWS: dict[str, Row] = {
    WHOLE: Row(),
    "without texts": Row(texts=np.zeros_like),
    "texts shuffled": Row(texts=lambda given: given[np.random.default_rng(0).permutation(len(given))]),
    "without ids": tower(WithoutIds),
    "ids never dropped": Row(options=(("id_dropout", 0.0),)),
    "plain sum: no gate at the ids": tower(PlainSum),
    "text and id concatenated": tower(Concatenated),
    "without time between events": trunk(WithoutTime),
    "without steps between events": trunk(WithoutSteps),
    "without gates in the blocks": Row(part=lambda: patch.object(transformer, "Block", Ungated)),
    "without trends": Row(part=without_trends),
}


def learn(ground: Ground, encoded: Encoded, row: Row, config: Config) -> Score:
    """The network of the best epoch on valid."""
    tasks = make_tasks(["next_item"], encoded)
    valid = ground.valid

    def scores(source: Any, _: Any) -> dict[str, float]:
        return {"next_item": float(rank_cases(source.score, valid).ndcg.mean())}

    with row.part():
        found = fit_network(ground.past, encoded, tasks, config, validate=scores)
    score: Score = found.source.score
    return score


def standing(scores: np.ndarray) -> np.ndarray:
    return np.asarray((scores - scores.mean(axis=1, keepdims=True)) / scores.std(axis=1, keepdims=True))


def both(one: Score, other: Score) -> Score:
    return lambda histories: standing(one(histories)) + standing(other(histories))


class Asked:
    """The rows of one set and protocol, kept on disk."""

    def __init__(self, ground: Ground, folder: Path, size: str, options: dict[str, Any]) -> None:
        self.ground, self.folder, self.size, self.options = ground, folder, size, options
        folder.mkdir(parents=True, exist_ok=True)

    def ndcg(self, name: str, seed: int) -> np.ndarray:
        path = self.folder / f"{name.replace(' ', '_').replace(':', '')}-{seed}.npy"
        if not path.exists():
            began = time.process_time()
            np.save(path, rank_cases(self._score(name, seed), self.ground.test).ndcg)
            print(f"{name}, seed {seed}: {time.process_time() - began:.0f} CPU s", file=sys.stderr, flush=True)
        return np.asarray(np.load(path))

    def _score(self, name: str, seed: int) -> Score:
        if name == LATE:
            return both(self._score("without texts", seed), self._score("without ids", seed))
        row, encoded = ROWS[name], self.ground.encoded
        if row.texts is not None:
            encoded = replace(encoded, item_vectors=row.texts(encoded.item_vectors))
        return learn(self.ground, encoded, row, resolve_config(self.size, seed, **self.options, **dict(row.options)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", default=["movielens_100k"])
    parser.add_argument("--protocols", nargs="+", default=["global-time", "leave-last-out"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--only", nargs="+", default=[*ROWS, LATE])
    parser.add_argument("--size", default="tiny")
    parser.add_argument("--encoder", default="auto")
    parser.add_argument("--set", nargs="*", default=[], metavar="option=value", dest="options")
    parser.add_argument("--folder", type=Path, default=Path("ablations"))
    given = parser.parse_args()
    root = os.environ.get("PENCHANT_DATA") or sys.exit("Set PENCHANT_DATA to the folder of data sets.")
    options = {name: float(value) for name, _, value in (each.partition("=") for each in given.options)}
    for name in given.sets:
        encoded = read_set(Path(root) / name, given.encoder)
        for protocol in given.protocols:
            asked = Asked(Ground.of(encoded, protocol), given.folder / name / protocol, given.size, options)
            whole = np.stack([asked.ndcg(WHOLE, seed) for seed in given.seeds])
            print(f"\n{name}, {protocol}: {whole.shape[1]} cases")
            for row in given.only:
                own = np.stack([asked.ndcg(row, seed) for seed in given.seeds])
                seeds = " ".join(f"{value:.4f}" for value in own.mean(axis=1))
                print(f"{row:44} {own.mean():.4f} ({seeds})  {difference(own.mean(0), whole.mean(0))}", flush=True)


if __name__ == "__main__":
    main()
