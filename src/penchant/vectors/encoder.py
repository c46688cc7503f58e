"""What the store needs to know of an encoder."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np


class Encoder(Protocol):
    """Turns texts into vectors. Two encoders of one `model_id` give equal vectors: it names weights and settings."""

    @property
    def model_id(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """float32 (n, dimension), row by row in the order of the texts."""
        ...
