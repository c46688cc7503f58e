"""The language model below the items while it learns along: what a batch is about is read anew, with gradient.

All other texts keep their last reading, which is made again from time to time. It knows texts and rows, no loss.
Legend: I items, Q texts of events, n of either, F of them read anew, T text width.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from penchant.text.tunable import TunableEncoder

Fresh = tuple[Tensor, Tensor]
"""Rows, int64 (F,), ascending, and their vectors with gradient, float32 (F, T)."""


class Texts:
    """`texts` as the encoder gets to see them, and `vectors`, float32 (n, T): their last reading."""

    def __init__(self, texts: Sequence[str], vectors: Tensor) -> None:
        self.texts, self.vectors = texts, vectors
        self.tokens: list[list[int]] = []


class LiveTexts(nn.Module):
    """Texts of items and of events. `most`: so many of each kind are read anew in a step, drawn where a batch has more;
    `rate`: the learning rate of the encoder's weights.

    Its parameters are what the encoder learns; frozen weights are neither among them nor in its state.
    """

    def __init__(self, encoder: TunableEncoder, items: Texts, said: Texts, most: int, rate: float) -> None:
        super().__init__()
        self.encoder, self.items, self.said = encoder, items, said
        self.most, self.rate = most, rate
        self.learned = nn.ParameterList(encoder.learned)
        for kind in (items, said):
            kind.tokens = encoder.encoder.tokenize(kind.texts)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "LiveTexts":
        """Kept readings and frozen weights go where the network goes, though they are not in its state."""
        for kind in (self.items, self.said):
            kind.vectors = fn(kind.vectors)
        self.encoder.encoder.model._apply(fn)
        return super()._apply(fn, recurse)  # type: ignore[no-untyped-call]

    def train(self, mode: bool = True) -> "LiveTexts":
        self.encoder.train(mode)
        return super().train(mode)

    def fresh_items(self, rows: Tensor) -> Fresh:
        """Of the items in `rows` (any shape, below 0 = none)."""
        return self._fresh(self.items, rows)

    def fresh_texts(self, rows: Tensor) -> Tensor:
        """All texts of events (Q, T), with gradient where they are in `rows` (any shape, below 0 = none)."""
        return self.said.vectors.index_copy(0, *self._fresh(self.said, rows))

    @torch.no_grad()
    def read_all(self) -> None:
        """Every text is read anew."""
        for kind in (self.items, self.said):
            kind.vectors.copy_(self.encoder.vectors(kind.tokens))

    def _fresh(self, kind: Texts, rows: Tensor) -> Fresh:
        """What all of them move by together is taken off.

        Else the model finds that a step towards one corner brings every text of a batch nearer to what is asked for, and
        away from those that keep their last reading: after some epochs all vectors are the same (docs/experiments.md).
        """
        chosen = torch.unique(rows[rows >= 0]).to(kind.vectors.device)
        if len(chosen) > self.most:
            chosen = chosen[torch.randperm(len(chosen))[: self.most]].sort().values
        vectors = self.encoder.vectors([kind.tokens[row] for row in chosen.tolist()])
        return chosen, vectors - vectors.mean(0) + kind.vectors[chosen].mean(0)
