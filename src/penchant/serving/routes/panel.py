"""What the page shows an engineer of the run behind the model. It is told to admins only (serving/access/policy.py)."""

import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query

from penchant.records.errors import ArtifactError
from penchant.serving.panel import PARTS, item_map, read_part
from penchant.serving.workspace import Current

MICROSECONDS = 1_000_000

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


@router.get("/events")
def newest(current: Current, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> dict[str, Any]:
    """The newest of the event log, newest first; fewer where other tenants' stand between them."""
    last = current.log.last(current.tenant)
    rows = list(current.log.read(current.tenant, after=max(last - limit, 0), limit=limit))
    shown = ("user_id", "kind", "item_id", "value", "text")
    told = [
        {
            "sequence": row.sequence,
            "received_at": datetime.datetime.fromtimestamp(row.received_at // MICROSECONDS, datetime.UTC).isoformat(),
            "event": {name: row.event.get(name) for name in shown},
        }
        for row in reversed(rows)
    ]
    return {"events": told}


@router.get("/{part}")
def part(part: Literal["quality", "training", "evaluation", "twins"], current: Current) -> dict[str, Any]:
    """What a command wrote of the run: `found`, None where it has not run yet, and the `command` itself."""
    try:
        return read_part(current.folder, part)
    except ArtifactError as error:
        raise HTTPException(500, f"The file is damaged. Make it again: {PARTS[part].command}") from error
