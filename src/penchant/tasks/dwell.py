"""How long, or how often, somebody plays or views an item: the value of the event, in whatever unit it has."""

import numpy as np

from penchant.records.words import KINDS
from penchant.tasks.evidence import Evidence
from penchant.tasks.quantity import Quantity
from penchant.tasks.tables import Asked
from penchant.tasks.task import Facts

KINDS_WITH_TIME = ("view", "click", "play")
_KINDS = tuple(KINDS.index(kind) for kind in KINDS_WITH_TIME)


class Dwell(Quantity):
    """Seconds, hours, plays or a share of the whole, given that the person turns to the item."""

    name = "dwell"
    reads = "pair"
    default_weight = 0.3
    needs = "A label is the `value` of an event of the kind `view`, `click` or `play`: seconds, hours, or a share"

    def evidence(self, facts: Facts) -> Evidence:
        assert self.numbers is not None, "evidence is asked of a fitted task"
        return Evidence(column="amounts", numbers=self.numbers, spread=1.0, kinds=_KINDS)

    def quantities(self, asked: Asked) -> np.ndarray:
        events = asked.events
        if events.amounts is None:
            return np.full(len(events), np.nan, np.float32)
        spent = np.isin(events.kinds, _KINDS) & (events.amounts >= 0)
        return np.where(spent, events.amounts, np.float32(np.nan))
