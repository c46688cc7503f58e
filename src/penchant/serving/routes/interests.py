"""What somebody is interested in, by label."""

from typing import Any

from fastapi import APIRouter

from penchant.serving.answers import Inferred
from penchant.serving.interests import interests
from penchant.serving.wire import Who
from penchant.serving.workspace import Current

router = APIRouter(prefix="/v1")


@router.post("/interests", response_model=Inferred)
def told(who: Who, current: Current) -> dict[str, Any]:
    """The strongest labels, and who says so: a task of the model, or the history alone."""
    with current.model() as model:
        return interests(model, who.user_id, who.past)
