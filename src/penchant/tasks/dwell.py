"""How long, or how often, somebody plays or views an item: the value of the event, in whatever unit it has."""

import numpy as np

from penchant.records.words import KINDS
from penchant.tasks.quantity import Quantity
from penchant.tasks.tables import Asked

KINDS_WITH_TIME = ("view", "click", "play")


class Dwell(Quantity):
    """Seconds, hours, plays or a share of the whole, given that the person turns to the item."""

    name = "dwell"
    reads = "pair"
    default_weight = 0.3
    needs = "A label is the `value` of an event of the kind `view`, `click` or `play`: seconds, hours, or a share"

    def quantities(self, asked: Asked) -> np.ndarray:
        events = asked.events
        if events.amounts is None:
            return np.full(len(events), np.nan, np.float32)
        spent = np.isin(events.kinds, [KINDS.index(kind) for kind in KINDS_WITH_TIME]) & (events.amounts >= 0)
        return np.where(spent, events.amounts, np.float32(np.nan))
