"""The one network: item tower, history, next item, and task heads over shared experts. Knows no task by name.

Legend: B sequences, L positions, P chosen positions, I items (extra ones included), D width, K pair heads, T text
width.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from penchant.models.aggregators.transformer import GatedTransformer
from penchant.models.catalogue import CatalogueLogits
from penchant.models.dropout import ByteDropout
from penchant.models.item_tower import Content, ItemTower
from penchant.models.sequences import START, Sequences
from penchant.models.sharing.mmoe import SharedExperts
from penchant.models.trends import Trends
from penchant.records import words

TEMPERATURES = (0.02, 0.5)
TREND_WEIGHT = 0.3
"""What the trends start with, at log scale, for everybody."""
NUM_WAITS = 32
"""Waits are told apart by powers of two: up to 2**31 time units."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """What a task asks the network for: a name, what it looks at, how many numbers it gives."""

    name: str
    reads: Literal["catalogue", "pair", "user"]
    num_outputs: int


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """Sizes and rates. `max_length`: events of a history that are looked at; `id_dropout`: share of id residuals left
    out at a step; `temperature`: start value of the learned softmax temperature."""

    embedding_size: int = 128
    num_blocks: int = 2
    num_heads: int = 2
    dropout: float = 0.3
    id_dropout: float = 0.2
    max_length: int = 128
    expert_size: int = 64
    temperature: float = 0.05

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


class Network(nn.Module):
    """Cosine softmax for the catalogue, towers over [user, item, user * item] for pairs, a layer for the user alone."""

    moments: Tensor
    trends: Tensor

    def __init__(
        self, config: NetworkConfig, heads: tuple[Head, ...], content: Content, counts: np.ndarray, trends: Trends
    ) -> None:
        super().__init__()
        size = config.embedding_size
        self.config = config
        self.heads = heads
        self.items = ItemTower(content, counts, size, config.id_dropout)
        self.kinds = _small_embedding(len(words.KINDS), size)
        self.buckets = _small_embedding(words.NUM_RATING_BUCKETS, size)
        self.waits = _small_embedding(NUM_WAITS, size)
        self.start = nn.Parameter(torch.randn(size) * 0.02)
        self.text_gate = nn.Parameter(torch.zeros(()))
        self.dropout = ByteDropout(config.dropout)
        self.trunk = GatedTransformer(size, config.num_blocks, config.num_heads, config.dropout, config.max_length)
        self.query = nn.Linear(size, size)
        self.log_temperature = nn.Parameter(torch.tensor(math.log(config.temperature)))
        prior = np.log1p(counts.astype(np.float32))
        self.register_buffer("moments", torch.from_numpy(trends.moments))
        self.register_buffer("trends", torch.from_numpy(trends.values))
        self.trend_weights = nn.Linear(size, trends.values.shape[1])
        nn.init.zeros_(self.trend_weights.weight)
        nn.init.constant_(self.trend_weights.bias, TREND_WEIGHT)
        self.item_bias = nn.Parameter(torch.from_numpy(0.3 * (prior - prior.mean())))
        self._make_heads(size)

    def _make_heads(self, size: int) -> None:
        self.pair_names = [head.name for head in self.heads if head.reads == "pair"]
        user_heads = [head for head in self.heads if head.reads == "user"]
        self.user_heads = nn.ModuleDict({head.name: nn.Linear(size, head.num_outputs) for head in user_heads})
        if not self.pair_names:
            return
        self.experts = SharedExperts(3 * size, self.config.expert_size, len(self.pair_names))
        self.towers = nn.Parameter(torch.zeros(len(self.pair_names), self.config.expert_size))
        self.offsets = nn.Linear(2, len(self.pair_names))
        nn.init.ones_(self.offsets.weight)
        nn.init.zeros_(self.offsets.bias)

    def item_table(self, extra_vectors: Tensor | None = None) -> Tensor:
        """Vectors of the catalogue and of raw extra items (E, T): (I, D), not normalised."""
        table: Tensor = self.items()
        return table if extra_vectors is None else torch.cat([table, self.items.of_text(extra_vectors)])

    def states(self, sequences: Sequences, table_ID: Tensor, text_vectors: Tensor | None = None) -> Tensor:
        """What is known of the person at each position, when the request that follows comes: (B, L, D)."""
        rows = sequences.item_rows
        met = functional.embedding(rows.clamp(min=0), table_ID) * (rows >= 0)[..., None]
        x = met + self.kinds(sequences.kinds) + self.buckets(sequences.buckets)
        if text_vectors is not None and len(text_vectors):
            said = functional.embedding(sequences.text_rows.clamp(min=0), self.items.of_text(text_vectors))
            gate = torch.where(rows >= 0, self.text_gate, 1.0) * (sequences.text_rows >= 0)
            x = x + gate[..., None] * said
        x = torch.where((rows == START)[..., None], self.start, x)
        waits = torch.log2(1 + sequences.waits.double()).long().clamp(max=NUM_WAITS - 1)
        return torch.as_tensor(self.trunk(self.dropout(x), sequences.times) + self.waits(waits))

    def catalogue(self, states_PD: Tensor, table_ID: Tensor, moments_P: Tensor) -> Tensor:
        """Logits of each item being the next, (P, I): taste, a bias, and how much this person follows the trends.

        moments_P: row of the trends at each request. Extra items take the bias of the least met one, and no trend.
        """
        scale = torch.exp(-self.log_temperature.clamp(math.log(TEMPERATURES[0]), math.log(TEMPERATURES[1])))
        queries = scale * functional.normalize(self.query(states_PD), dim=-1)
        items, trends = functional.normalize(table_ID, dim=-1), self.trends
        bias: Tensor = self.item_bias
        num_extra = len(table_ID) - len(bias)
        if num_extra:
            bias = torch.cat([bias, bias.min().expand(num_extra)])
            trends = functional.pad(trends, (0, num_extra))
        follows = self.trend_weights(states_PD)
        return torch.as_tensor(CatalogueLogits.apply(queries, items, bias, follows, trends, moments_P))  # type: ignore[no-untyped-call]

    def pairs(self, states_PD: Tensor, items_PD: Tensor, offsets_P2: Tensor) -> dict[str, Tensor]:
        """Outputs of the pair heads for one item per position (not normalised vectors), each (P, 1)."""
        if not self.pair_names:
            return {}
        items_PD = functional.normalize(items_PD, dim=-1)
        mixed = self.experts(torch.cat([states_PD, items_PD, states_PD * items_PD], dim=-1))
        outputs = (self.dropout(mixed) * self.towers).sum(-1) + self.offsets(offsets_P2)
        return {name: outputs[:, place, None] for place, name in enumerate(self.pair_names)}

    def people(self, states_PD: Tensor) -> dict[str, Tensor]:
        """Outputs of the heads that look at the user alone, each (P, O)."""
        return {name: head(states_PD) for name, head in self.user_heads.items()}


def _small_embedding(num: int, size: int) -> nn.Embedding:
    embedding = nn.Embedding(num, size)
    nn.init.normal_(embedding.weight, std=0.02)
    return embedding
