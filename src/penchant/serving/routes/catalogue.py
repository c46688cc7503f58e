"""Who and what the model knows: people and items."""

from typing import Any

from fastapi import APIRouter, HTTPException, Query

from penchant.serving.answers import NO_SUCH, Item, People, Person
from penchant.serving.ids import ItemId, PersonId
from penchant.serving.workspace import Current

router = APIRouter(prefix="/v1")


@router.get("/users", response_model=People)
def users(
    current: Current, query: str = Query("", max_length=1024), limit: int = Query(50, ge=1, le=1000)
) -> dict[str, list[str]]:
    """Known people whose id begins with the query."""
    with current.model() as model:
        found = [name for name in model.user_ids if name.startswith(query)]
    return {"user_ids": found[:limit]}


@router.get("/users/{user_id:id}", response_model=Person)
def user(user_id: PersonId, current: Current, limit: int = Query(50, ge=1, le=1000)) -> dict[str, Any]:
    """What a person did, newest first; empty for a stranger."""
    with current.model() as model:
        return {"user_id": user_id, "history": model.history(user_id, limit)}


@router.get("/items/{item_id:id}", response_model=Item, responses=NO_SUCH)
def item(item_id: ItemId, current: Current) -> dict[str, Any]:
    """What the catalogue says of an item."""
    with current.model() as model:
        found = model.item(item_id)
    if found is None:
        raise HTTPException(404, "No such item.")
    return found
