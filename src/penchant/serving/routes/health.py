"""Whether the process is alive, and whether it can answer. Open to everybody, so nothing of anybody's model is told here."""

from fastapi import APIRouter, Request

from penchant.serving.answers import Alive

router = APIRouter()


@router.get("/healthz", response_model=Alive)
async def health() -> dict[str, str]:
    """The process is alive. Costs next to nothing, and waits for nobody."""
    return {"status": "ok"}


@router.get("/readyz", response_model=Alive)
def ready(request: Request) -> dict[str, str]:
    """Models are loaded and their event logs can be read; 503 if not."""
    for workspace in request.app.state.workspaces.values():
        workspace.log.last(workspace.tenant)
    return {"status": "ready"}
