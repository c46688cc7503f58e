"""What every aggregator promises: it folds a history into a state after each event. Knows events as vectors and times only.

Legend: B sequences, L positions, D width, N interests.
"""

from abc import ABC, abstractmethod

from torch import Tensor, nn

from penchant.records.errors import ConfigError


class Aggregator(nn.Module, ABC):
    """Constructor of each: (embedding_size, num_blocks, num_heads, dropout, max_length); it says which it does not use.

    embedding_size: D. num_blocks: depth, 1 or more. num_heads: divides D. dropout: share, 0 to below 1, while training.
    max_length: most positions of a history.
    """

    num_interests: int = 1
    """N: a state holds so many vectors of D, one after the other."""

    @abstractmethod
    def forward(self, x_BLD: Tensor, times_BL: Tensor) -> Tensor:
        """Events (B, L, D) at int64 times (B, L), oldest first, to states (B, L, N * D).

        Causal: position p sees events 0 to p. What stands behind the end of a history may be anything finite.
        """


def head_size(embedding_size: int, num_heads: int) -> int:
    """Width of one head.

    >>> head_size(128, 4)
    32

    Raises: ConfigError where heads do not divide the width.
    """
    if num_heads < 1 or embedding_size % num_heads:
        raise ConfigError(
            f"num_heads must divide embedding_size ({embedding_size}), found {num_heads}. Try 2, or another size."
        )
    return embedding_size // num_heads
