"""What a pair head is told beforehand, in the units of its outputs: two numbers for each output, which it adds.

Legend: M pairs, O outputs of the head (1 where all are told the same).
"""

from typing import Protocol

import numpy as np

from penchant.records.events import Histories


class Told(Protocol):
    """Satisfied by `Offsets` of numbers and by `Shares` of what came true. Hashed by identity: heads may have one in common."""

    def pairs(
        self, histories: Histories, owners: np.ndarray, item_rows: np.ndarray, beside: np.ndarray | None = None
    ) -> np.ndarray:
        """How far above the average the item stands, and who or what it is asked with: person `owners` (M,) and item
        `item_rows` (M,), which may be a raw one; float32 (M, O, 2).

        beside: how many are shown at once, itself among them, int64 (M,); None: nobody says."""

    def near(self, histories: Histories, owners: np.ndarray, item_rows: np.ndarray) -> np.ndarray:
        """The same of the person near the item, float32 (M,): for calibration alone."""

    def alone(self, offsets: np.ndarray) -> np.ndarray:
        """What is foreseen without a network: offsets (M, 2) summed over the outputs -> (M,), as labels are."""
