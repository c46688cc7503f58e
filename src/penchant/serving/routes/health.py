"""Whether the process is alive, and which model answers."""

from typing import Any

from fastapi import APIRouter

from penchant.serving.workspace import Current

router = APIRouter()


@router.get("/healthz")
def health(current: Current) -> dict[str, Any]:
    """Alive, and which model answers."""
    with current.model() as model:
        about = model.about
    return {"status": "ok", "version": about["version"], "size": about["size"], "created_at": about["created_at"]}
