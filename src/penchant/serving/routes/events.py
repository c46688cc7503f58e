"""What people do, and what they were shown."""

from fastapi import APIRouter

from penchant.serving.wire import Events, Shown
from penchant.serving.workspace import Current

router = APIRouter(prefix="/v1")


@router.post("/events", status_code=202)
def events(batch: Events, current: Current) -> dict[str, int]:
    """Adds what people did; the next answer takes it into account. Kept in memory only."""
    with current.model() as model:
        return {"accepted": model.observe([event.given() for event in batch.events])}


@router.post("/shown", status_code=202)
def shown(what: Shown, current: Current) -> dict[str, int]:
    """Logs what was shown, with its propensity; what comes of it is told by later events. Kept in memory only."""
    rows = [{"user_id": what.user_id, **item.given()} for item in what.items]
    with current.model() as model:
        return {"accepted": model.shown(rows)}
