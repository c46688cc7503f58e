"""What people do, and what they were shown. Both are in the log before they are acknowledged."""

from typing import Any

import polars as pl
from fastapi import APIRouter

from penchant.serving.answers import Accepted
from penchant.serving.routes.metrics import Counted
from penchant.serving.wire import Events, Shown
from penchant.serving.workspace import Current
from penchant.stages.asking import kind_of
from penchant.stages.impressions import impressions

router = APIRouter(prefix="/v1")


@router.post("/events", status_code=202, response_model=Accepted)
def events(batch: Events, current: Current, counted: Counted) -> dict[str, Any]:
    """Keeps what people did; the next answer takes it into account.

    202 comes after the commit: what was acknowledged is there after a crash. An event that is sent again with its `key` is kept
    once.
    """
    rows = [event.given() for event in batch.events]
    keys = [row.pop("key", None) for row in rows]
    sequences = current.add(rows, keys)
    counted.taken(current.tenant, map(kind_of, rows))
    return {"accepted": len(sequences), "sequences": sequences}


@router.post("/shown", status_code=202, response_model=Accepted)
def shown(what: Shown, current: Current, counted: Counted) -> dict[str, Any]:
    """Keeps what somebody was shown, with its propensity, as impressions; what comes of it is told by later events.

    While an experiment runs, each impression says which version answered the person, and with what chance that was so.
    """
    rows = impressions(pl.DataFrame([{"user_id": what.user_id, **item.given()} for item in what.items]))
    if (experiment := current.experiment) is not None:
        rows = [{**row, "context": experiment.exposure(what.user_id)} for row in rows]
    keys = [what.key and f"{what.key}/{place}" for place in range(len(rows))]
    sequences = current.add(rows, keys)
    counted.taken(current.tenant, map(kind_of, rows))
    return {"accepted": len(sequences), "sequences": sequences}
