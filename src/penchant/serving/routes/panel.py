"""What the page shows an engineer of the run behind the model. It is told to admins only (serving/access/policy.py)."""

from typing import Any, Literal

from fastapi import APIRouter

from penchant.serving.panel import item_map, read_part
from penchant.serving.workspace import Current

router = APIRouter(prefix="/v1/panel")


@router.get("/map")
def the_map(current: Current) -> dict[str, Any]:
    """Items as points: near each other where the model takes them to be alike."""
    with current.model() as model:
        return item_map(model)


@router.get("/model")
def about(current: Current) -> dict[str, Any]:
    """Name, version, size, tasks and numbers of the model that answers."""
    with current.model() as model:
        told = model.describe()
    return {
        name: told[name] for name in ("version", "size", "created_at", "num_users", "num_items") if name in told
    } | {"tasks": list(told.get("tasks", []))}


@router.get("/{part}")
def part(part: Literal["quality", "training", "evaluation", "twins"], current: Current) -> dict[str, Any]:
    """What a command wrote of the run: `found`, None where it has not run yet, and the `command` itself."""
    return read_part(current.folder, part)
