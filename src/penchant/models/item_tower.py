"""Items from what they say, plus what their events taught: content is the identity, the id is a residual.

vector(i) = norm(Linear(whitened text of i) + numbers of i @ W) + n_i / (n_i + kappa) * residual_i, with the residual zero at
the start, dropped at random while learning (DropoutNet; DenseRec), and absent for items that nobody met. Numbers are there
where the items' table has some, such as a price. Legend: I items, T text width, D width, N features made of numbers.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

KAPPA = 5.0
TEXT_SCALE = 0.3
"""How loud content starts beside the residual (docs/experiments.md)."""
NUMBER_SCALE = 0.25
"""How loud each number of an item starts: about as loud as its text."""
RESIDUAL_SCALE = 8.0
"""Lets a residual that starts at zero catch up with content within a few epochs (docs/experiments.md)."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """Texts of the catalogue as the tower reads them, `whitened`: float32 (I, W); raw (E, T) -> (raw - mean) @ projection.
    And its numbers, made features: `numbers`, float32 (I, N), None: it has none."""

    whitened: np.ndarray
    mean: np.ndarray  # float32 (T,)
    projection: np.ndarray  # float32 (T, W)
    numbers: np.ndarray | None = None

    @classmethod
    def of(cls, text_vectors: np.ndarray, numbers: np.ndarray | None = None, size: int = 128) -> "Content":
        """Relaxed PCA whitening of (I, T) to W = min(size, T, what the items can carry).

        Small directions are held down (by a tenth of the mean variance): full whitening blows up their noise.
        """
        mean = text_vectors.mean(axis=0, dtype=np.float64)
        _, singular, directions = np.linalg.svd(text_vectors - mean, full_matrices=False)
        width = max(1, min(size, int((singular > 1e-6 * max(singular[0], 1e-12)).sum())))
        variance = singular[:width] ** 2 / len(text_vectors)
        projection = directions[:width].T / np.sqrt(variance + 0.1 * variance.mean() + 1e-12)
        whitened = (text_vectors - mean) @ projection
        return cls(
            **{
                name: value.astype(np.float32)
                for name, value in (("whitened", whitened), ("mean", mean), ("projection", projection))
            },
            numbers=numbers,
        )


class ItemTower(nn.Module):
    """Text vectors and counts in, item vectors (not normalised) out."""

    mean: Tensor
    projection: Tensor
    content: Tensor
    counts: Tensor
    numbers: Tensor | None

    def __init__(self, content: Content, counts: np.ndarray, embedding_size: int, id_dropout: float) -> None:
        super().__init__()
        self.id_dropout = id_dropout
        self.register_buffer("mean", torch.from_numpy(content.mean))
        self.register_buffer("projection", torch.from_numpy(content.projection))
        self.register_buffer("content", torch.from_numpy(content.whitened))
        self.register_buffer("counts", torch.from_numpy(counts.astype(np.float32)))
        self.linear = nn.Linear(content.projection.shape[1], embedding_size)
        self.norm = nn.LayerNorm(embedding_size)
        nn.init.constant_(self.norm.weight, TEXT_SCALE)
        self.residual = nn.Embedding(len(counts), embedding_size)
        nn.init.zeros_(self.residual.weight)
        numbers = content.numbers
        self.register_buffer("numbers", None if numbers is None else torch.from_numpy(numbers))
        self.by_number = (
            None if numbers is None else nn.Parameter(NUMBER_SCALE * torch.randn(numbers.shape[1], embedding_size))
        )

    def forward(self, fresh: tuple[Tensor, Tensor] | None = None) -> Tensor:
        """Vectors of the whole catalogue, (I, D).

        fresh: rows, int64 (F,), and raw text vectors, (F, T), that stand for the kept ones and carry a gradient.
        """
        gate = (self.counts / (self.counts + KAPPA))[:, None]
        if self.training:
            gate = gate * (torch.rand_like(gate) >= self.id_dropout)
        content = self.content
        if fresh is not None:
            rows, text_vectors = fresh
            content = content.index_copy(0, rows, self._whiten(text_vectors).to(content))
        return self._read(content, self.numbers) + RESIDUAL_SCALE * gate * self.residual.weight

    def of_text(self, text_vectors: Tensor, numbers: Tensor | None = None) -> Tensor:
        """Vectors of raw texts (E, T) -> (E, D): items that nobody met, with their numbers (E, N); searches, without."""
        return self._read(self._whiten(text_vectors), numbers)

    @torch.no_grad()
    def renew(self, text_vectors: Tensor) -> None:
        """Keeps other readings of the catalogue, raw (I, T): about their own mean, along the directions of the first ones."""
        text_vectors = text_vectors.to(self.mean)
        self.mean.copy_(text_vectors.mean(0))
        self.content.copy_(self._whiten(text_vectors))

    def _whiten(self, text_vectors: Tensor) -> Tensor:
        return (text_vectors - self.mean) @ self.projection

    def _read(self, whitened: Tensor, numbers: Tensor | None) -> Tensor:
        x = self.linear(whitened)
        if self.by_number is not None and numbers is not None:
            x = x + numbers @ self.by_number
        return torch.as_tensor(self.norm(x))
