"""When somebody comes back: the time from an event to their next one."""

import numpy as np

from penchant.tasks.quantity import Quantity
from penchant.tasks.tables import Asked


class ReturnGap(Quantity):
    """Seconds, or places of an order where there is no clock. Asked right after the event, so that no wait tells it."""

    name = "return_gap"
    table = "returns"
    reads = "user"
    default_weight = 0.1
    by_default = False
    needs = "A label is the time between two events of one person"

    def quantities(self, asked: Asked) -> np.ndarray:
        return asked.outcomes["gap"]
