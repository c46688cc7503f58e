"""The one network: item tower, history, next item, and task heads over shared experts. Knows no task by name.

Legend: B sequences, L positions, P chosen positions, I items (extra ones included), D width, S = interests * D width of a
state, K heads of a kind, O outputs of all of them, Q texts, T text width.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from penchant.models.aggregators.aggregator import Aggregator
from penchant.models.catalogue import Among, CatalogueLogits
from penchant.models.dropout import ByteDropout
from penchant.models.heads import Head, Heads
from penchant.models.item_tower import Content, ItemTower
from penchant.models.live_texts import Fresh, LiveTexts
from penchant.models.sequences import START, Sequences
from penchant.models.sharing.residuals import TaskResiduals
from penchant.models.sharing.sharing import Sharing
from penchant.models.trends import Trends
from penchant.records import words
from penchant.records.ranges import Range, check_fields

TEMPERATURES = (0.02, 0.5)
TREND_WEIGHT = 0.3
"""What the trends start with, at log scale, for everybody."""
NUM_WAITS = 32
"""Waits are told apart by powers of two: up to 2**31 time units."""
RANGES = {
    **dict.fromkeys(("embedding_size", "num_blocks", "num_heads", "max_length"), Range(least=1, whole=True)),
    **dict.fromkeys(("dropout", "id_dropout"), Range(least=0, below=1)),
    "expert_size": Range(least=1, whole=True),
    "task_residual_size": Range(least=0, whole=True),
    "temperature": Range(least=TEMPERATURES[0], most=TEMPERATURES[1]),
}


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """Words, sizes and rates. `aggregator`, `sharing`: words of `stages/build.py`; `max_length`: events of a history that
    are looked at; `id_dropout`: share of id residuals left out at a step; `temperature`: start value of the learned
    softmax temperature; `task_residual_size`: width of the items' vectors of each task's own, 0 for none."""

    aggregator: str = "transformer"
    sharing: str = "ple"
    embedding_size: int = 128
    num_blocks: int = 2
    num_heads: int = 2
    dropout: float = 0.3
    id_dropout: float = 0.2
    max_length: int = 128
    expert_size: int = 64
    task_residual_size: int = 0
    temperature: float = 0.05

    def __post_init__(self) -> None:
        """Raises: ConfigError for a number out of its range."""
        check_fields(self, RANGES)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """What a network is told of the items: texts, events of each (float32 or int (I,)), trends, and the domain of each
    (int64 (I,), from 0)."""

    content: Content
    counts: np.ndarray
    trends: Trends
    domains: np.ndarray


class Network(nn.Module):
    """Cosine softmax for the catalogue; heads over [user, item, user * item] for pairs, over the user alone, over a text."""

    moments: Tensor
    trends: Tensor
    item_domains: Tensor
    wait_ends: Tensor
    text_mean: Tensor

    def __init__(
        self,
        config: NetworkConfig,
        heads: Sequence[Head],
        catalogue: Catalogue,
        trunk: Aggregator,
        sharing: Callable[[int, int, int], Sharing],
    ) -> None:
        super().__init__()
        size, counts, trends = config.embedding_size, catalogue.counts, catalogue.trends
        self.config = config
        self.heads = tuple(heads)
        self.items = ItemTower(catalogue.content, counts, size, config.id_dropout)
        self.kinds = _small_embedding(len(words.KINDS), size)
        self.buckets = _small_embedding(words.NUM_RATING_BUCKETS, size)
        self.waits = _small_embedding(NUM_WAITS, trunk.num_interests * size)
        self.start = nn.Parameter(torch.randn(size) * 0.02)
        self.text_gate = nn.Parameter(torch.zeros(()))
        self.dropout = ByteDropout(config.dropout)
        self.trunk = trunk
        self.query = nn.Linear(size, size)
        self.log_temperature = nn.Parameter(torch.tensor(math.log(config.temperature)))
        prior = np.log1p(counts.astype(np.float32))
        self.register_buffer("moments", torch.from_numpy(trends.moments))
        self.register_buffer("trends", torch.from_numpy(trends.values))
        self.register_buffer("item_domains", torch.from_numpy(catalogue.domains))
        self.register_buffer("text_mean", torch.from_numpy(catalogue.content.mean.copy()))
        self.register_buffer("wait_ends", 2 ** torch.arange(1, NUM_WAITS) - 1, persistent=False)
        self.trend_weights = nn.Linear(size, trends.values.shape[1])
        nn.init.zeros_(self.trend_weights.weight)
        nn.init.constant_(self.trend_weights.bias, TREND_WEIGHT)
        self.item_bias = nn.Parameter(torch.from_numpy(0.3 * (prior - prior.mean())))
        num_domains = int(catalogue.domains.max(initial=0)) + 1
        self.domains = _small_embedding(num_domains, size) if num_domains > 1 else None
        self.live: LiveTexts | None = None
        """The language model below the items, while it learns along."""
        self.task_heads = nn.ModuleDict(self._make_heads(len(catalogue.content.mean), sharing))

    def _make_heads(self, text_size: int, sharing: Callable[[int, int, int], Sharing]) -> dict[str, Heads]:
        """One group for each thing that heads look at, where any do."""
        config, size = self.config, self.config.embedding_size
        widths = {"pair": 3 * size, "user": self.trunk.num_interests * size, "text": size + text_size}
        groups = {}
        for reads, width in widths.items():
            heads = [head for head in self.heads if head.reads == reads]
            if heads:
                own = None
                if reads == "pair" and config.task_residual_size:
                    own = TaskResiduals(len(self.item_bias), size, len(heads), config.task_residual_size)
                groups[reads] = Heads(heads, width, sharing, config.expert_size, config.dropout, own)
        return groups

    @property
    def device(self) -> torch.device:
        """Where it is, all of it."""
        return self.start.device

    def shared_parameters(self) -> list[nn.Parameter]:
        """Those below the features that all heads read; the others are the heads'."""
        some = [self.domains, self.live]
        modules = [self.items, self.kinds, self.buckets, self.trunk, *(module for module in some if module is not None)]
        return [self.start, self.text_gate, *(value for module in modules for value in module.parameters())]

    def head_parameters(self) -> list[nn.Parameter]:
        """All but the shared ones."""
        shared = {id(value) for value in self.shared_parameters()}
        return [value for value in self.parameters() if id(value) not in shared]

    def take_loads(self) -> dict[str, dict[str, Tensor]]:
        """The mean gates (X,) of each task, by group of heads, since they were asked for last; of groups with gates."""
        loads = {}
        for name, group in self.task_heads.items():
            assert isinstance(group, Heads)
            load = group.experts.take_loads()
            if load is not None:
                loads[name] = dict(zip(group.names, load, strict=True))
        return loads

    def item_table(
        self,
        extra_vectors: Tensor | None = None,
        fresh: Fresh | None = None,
        extra_numbers: Tensor | None = None,
    ) -> Tensor:
        """Vectors of the catalogue and of raw extra items, (E, T) and (E, N): (I, D), not normalised. fresh: see `ItemTower`."""
        table: Tensor = self.items(fresh)
        return table if extra_vectors is None else torch.cat([table, self.items.of_text(extra_vectors, extra_numbers)])

    def states(
        self,
        sequences: Sequences,
        table_ID: Tensor,
        text_vectors: Tensor | None = None,
        extra_domains: Tensor | None = None,
    ) -> Tensor:
        """What is known of the person after each event: (B, L, S).

        extra_domains: int64 (E,) of the raw items that the table ends with; -1, and None for all: unknown.
        """
        rows = sequences.item_rows
        met = functional.embedding(rows.clamp(min=0), table_ID) * (rows >= 0)[..., None]
        x = met + self.kinds(sequences.kinds) + self.buckets(sequences.buckets)
        if self.domains is not None:
            raw = (
                rows.new_full((len(table_ID) - len(self.item_domains),), -1) if extra_domains is None else extra_domains
            )
            own = torch.cat([self.item_domains, raw])[rows.clamp(min=0)]
            known = (rows >= 0) & (own >= 0)
            x = x + self.domains(torch.where(known, own, 0)) * known[..., None]
        if text_vectors is not None and len(text_vectors):
            said = functional.embedding(sequences.text_rows.clamp(min=0), self.items.of_text(text_vectors))
            gate = torch.where(rows >= 0, self.text_gate, 1.0) * (sequences.text_rows >= 0)
            x = x + gate[..., None] * said
        x = torch.where((rows == START)[..., None], self.start, x)
        return torch.as_tensor(self.trunk(self.dropout(x), sequences.times))

    def asked(self, states_PS: Tensor, waits_P: Tensor) -> Tensor:
        """The states when requests come, so long after the last event: (P, S)."""
        return torch.as_tensor(states_PS + self.waits(self.steps_of(waits_P)))

    def steps_of(self, waits_P: Tensor) -> Tensor:
        """Waits as they are told apart, int64 (P,) below NUM_WAITS."""
        return torch.bucketize(waits_P, self.wait_ends, right=True)

    def catalogue(self, states_PS: Tensor, table_ID: Tensor, moments_P: Tensor, among: Among | None = None) -> Tensor:
        """Logits of each item being the next, (P, I): taste, a bias, and how much this person follows the trends.

        among: logits of these items alone, (P, N), as a softmax over the catalogue needs them.

        moments_P: row of the trends at each request. Extra items take the bias of the least met one, and no trend. Where a
        person has several interests, each has its say: the logarithm of their mean likelihood.
        """
        trends, bias = self.trends, torch.as_tensor(self.item_bias)
        if among is not None:
            table_ID, trends = table_ID.index_select(0, among.rows), trends.index_select(2, among.rows)
            bias = bias.index_select(0, among.rows) + among.log_weights
        items = functional.normalize(table_ID, dim=-1)
        num_extra = len(table_ID) - len(bias)
        if num_extra:
            bias = torch.cat([bias, bias.min().expand(num_extra)])
            trends = functional.pad(trends, (0, num_extra))
        interests = self._interests(states_PS)
        follows = self.trend_weights(interests.mean(1))
        queries = self._queries(interests).unbind(1)
        logits = [CatalogueLogits.apply(query, items, bias, follows, trends, moments_P) for query in queries]  # type: ignore[no-untyped-call]
        if len(logits) == 1:
            return torch.as_tensor(logits[0])
        return torch.stack(logits).logsumexp(0) - math.log(len(logits))

    def pairs(
        self, states_PS: Tensor, items_PD: Tensor, item_rows_P: Tensor, told: Mapping[str, Tensor]
    ) -> dict[str, Tensor]:
        """Outputs of the pair heads for one item per row (not normalised vectors), each (P, O). told: see `Heads`.

        Of several interests those speak that the item is close to.
        """
        if "pair" not in self.task_heads:
            return {}
        items_PD = functional.normalize(items_PD, dim=-1)
        interests = self._interests(states_PS)
        if interests.shape[1] == 1:
            people = interests[:, 0]
        else:
            near = (self._queries(interests) @ items_PD[:, :, None]).softmax(1)
            people = (near * interests).sum(1)
        features = torch.cat([people, items_PD, people * items_PD], dim=-1)
        return dict(self.task_heads["pair"](features, told, people, item_rows_P))

    def people(self, states_PS: Tensor) -> dict[str, Tensor]:
        """Outputs of the heads that look at the user alone, each (P, O)."""
        return dict(self.task_heads["user"](states_PS)) if "user" in self.task_heads else {}

    @torch.no_grad()
    def centre_texts(self, text_vectors: Tensor) -> None:
        """Heads that look at a text see it beside the mean of these (Q, T), if there are any; before, of the items'.

        Encoders put all texts of a kind into one corner, and reviews are another kind than titles.
        """
        if len(text_vectors):
            self.text_mean.copy_(text_vectors.mean(0))

    def read(self, text_vectors: Tensor) -> Tensor:
        """Texts (Q, T) as items are read: (Q, D)."""
        return self.items.of_text(text_vectors)

    def texts(self, read_QD: Tensor, text_vectors: Tensor) -> dict[str, Tensor]:
        """Outputs of the heads that look at a text alone, each (Q, O): what items share of it, and the text itself."""
        if "text" not in self.task_heads:
            return {}
        centred = functional.normalize(text_vectors - self.text_mean, dim=-1) * math.sqrt(text_vectors.shape[1])
        return dict(self.task_heads["text"](torch.cat([read_QD, centred], dim=-1)))

    def _interests(self, states_PS: Tensor) -> Tensor:
        """(P, S) -> (P, interests, D)"""
        return states_PS.view(len(states_PS), self.trunk.num_interests, self.config.embedding_size)

    def _queries(self, interests: Tensor) -> Tensor:
        """(P, interests, D), of the length that the temperature says."""
        scale = torch.exp(-self.log_temperature.clamp(math.log(TEMPERATURES[0]), math.log(TEMPERATURES[1])))
        return torch.as_tensor(scale * functional.normalize(self.query(interests), dim=-1))


def _small_embedding(num: int, size: int) -> nn.Embedding:
    embedding = nn.Embedding(num, size)
    nn.init.normal_(embedding.weight, std=0.02)
    return embedding
