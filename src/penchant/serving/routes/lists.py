"""Lists of items: what somebody is recommended, and what is like something."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query

from penchant.serving.wire import Ask
from penchant.serving.workspace import Current
from penchant.stages.model import Model

ASKED = {"k", "exclude_seen", "candidates", "domain", "steer", "strength", "value", "explore", "seed"}
"""What goes to the model as it stands."""
Length = Annotated[int, Query(ge=1, le=1000)]
Domain = Annotated[str | None, Query(max_length=1024)]

router = APIRouter(prefix="/v1")


@router.post("/recommend")
def recommend(ask: Ask, current: Current) -> dict[str, Any]:
    """The best items, with what is predicted of those in the catalogue; `notes` on how the request was understood."""
    history = ask.past
    items = None if ask.items is None else [item.given() for item in ask.items]
    wanted = ask.model_dump(include=ASKED)
    rules = None if ask.rules is None else ask.rules.given()
    notes: list[str] = []
    with current.model() as model:
        known = ask.user_id is not None and bool(model.history(ask.user_id, limit=1))
        who = ask.user_id if history is not None else (ask.user_id or "")
        rows = model.recommend(who, history, items, **wanted, rerank=ask.rerank or (), rules=rules, notes=notes)
        about = _predictions(model, rows, history)
        return {"known": known, "model": model.about["created_at"], "items": about, "notes": notes}


@router.get("/items/{item_id}/similar")
def similar(item_id: str, current: Current, k: Length = 10, domain: Domain = None) -> dict[str, Any]:
    """The items whose texts are nearest to those of one, with their cosines."""
    with current.model() as model:
        if model.item(item_id) is None:
            raise HTTPException(404, "No such item.")
        return {"items": _titled(model, model.similar(item_id, k, domain=domain))}


@router.get("/similar")
def similar_to_text(
    text: Annotated[str, Query(min_length=1, max_length=4096)], current: Current, k: Length = 10, domain: Domain = None
) -> dict[str, Any]:
    """The items whose texts are nearest to words."""
    with current.model() as model:
        return {"items": _titled(model, model.similar(texts=text, k=k, domain=domain))}


def _predictions(
    model: Model, rows: list[dict[str, Any]], history: list[dict[str, Any]] | None
) -> list[dict[str, Any]]:
    """Titles and predictions beside the rows; new items have no predictions, and raw ones no titles."""
    pairs = [row for row in rows if row["item_id"] in model.asking.rows]
    asked = [{"user_id": row["user_id"] or "", "item_id": row["item_id"]} for row in pairs]
    given = {row["item_id"]: row for row in model.predict(asked, history)} if asked else {}
    for row in rows:
        row["title"] = (model.item(row["item_id"]) or {}).get("title")
        row |= {name: value for name, value in given.get(row["item_id"], {}).items() if name not in row}
    return rows


def _titled(model: Model, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    shown = ("item_id", "score", "rank")
    return [
        {**{name: row[name] for name in shown}, "title": (model.item(row["item_id"]) or {}).get("title")}
        for row in rows
    ]
