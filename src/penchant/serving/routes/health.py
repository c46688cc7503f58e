"""Whether the process is alive, and whether it can answer. Open to everybody, so nothing of the model is told here."""

from fastapi import APIRouter

from penchant.serving.answers import Alive
from penchant.serving.workspace import Current

router = APIRouter()


@router.get("/healthz", response_model=Alive)
async def health() -> dict[str, str]:
    """The process is alive. Costs next to nothing, and waits for nobody."""
    return {"status": "ok"}


@router.get("/readyz", response_model=Alive)
def ready(current: Current) -> dict[str, str]:
    """A model answers."""
    with current.model():
        return {"status": "ready"}
