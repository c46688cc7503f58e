"""Items that come and go while the server runs, and people who want to be forgotten."""

from typing import Any

from fastapi import APIRouter, HTTPException

from penchant.serving.answers import NO_SUCH, Accepted, Gone
from penchant.serving.ids import ItemId, PersonId
from penchant.serving.wire import Items
from penchant.serving.workspace import Current

router = APIRouter(prefix="/v1")


@router.put("/items", response_model=Accepted)
def put(what: Items, current: Current) -> dict[str, Any]:
    """Adds items, or replaces what was told of them. They are read at once, and recommended from the next answer on.

    Of an item that the model was trained with, title and other facts change now, its place in the model with the next training.
    """
    sequences = current.put_items([item.given() for item in what.items])
    return {"accepted": len(sequences), "sequences": sequences}


@router.delete("/items/{item_id:id}", response_model=Gone, responses=NO_SUCH)
def remove(item_id: ItemId, current: Current) -> dict[str, int]:
    """Recommends an item no more. What people did with it stays in their histories."""
    if not current.remove_item(item_id):
        raise HTTPException(404, "No such item.")
    return {}


@router.delete("/users/{user_id:id}", response_model=Gone)
def forget(user_id: PersonId, current: Current) -> dict[str, Any]:
    """Makes somebody a stranger: erased from the event log and the running model, and passed over in every file read later.

    Weights that were learned with the person's events stay until the next training.
    """
    with current.model() as model:
        known = model.known.num_told(user_id) > 0
    erased = current.forget(user_id)
    return {"known": known or erased > 0, "erased": erased}
