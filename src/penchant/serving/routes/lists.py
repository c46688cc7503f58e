"""Lists of items: what somebody is recommended, and what is like something."""

from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, HTTPException, Query
from fastapi.responses import Response

from penchant.serving.answers import NO_SUCH, Neighbours, Recommended, RecommendedMany, as_json
from penchant.serving.ids import ItemId
from penchant.serving.routes.metrics import Counted
from penchant.serving.wire import Ask, AskMany, Wanted
from penchant.serving.workspace import Current
from penchant.stages.model import Model

ASKED = {"k", "exclude_seen", "candidates", "domain", "steer", "strength", "value", "explore", "seed"}
"""What goes to the model as it stands."""
Length = Annotated[int, Query(ge=1, le=1000)]
Domain = Annotated[str | None, Query(max_length=1024)]

router = APIRouter(prefix="/v1")


@router.post("/recommend", response_model=Recommended, response_model_exclude_unset=True)
def recommend(ask: Ask, current: Current, counted: Counted, later: BackgroundTasks) -> Response:
    """The best items, with what is predicted of those in the catalogue; `notes` on how the request was understood."""
    history, notes = ask.past, list[str]()
    with current.model(ask.user_id) as model:
        known = ask.user_id is not None and model.known.num_told(ask.user_id) > 0
        who = ask.user_id if history is not None else (ask.user_id or "")
        rows = model.recommend(who, history, **wanted(ask), notes=notes)
        if current.has_shadow:
            given = [row["item_id"] for row in rows]
            later.add_task(current.compare, given, lambda other: other.recommend(who, history, **wanted(ask)))
        about = _predictions(model, rows, history)
        counted.listed(current.tenant, known, (row["score"] for row in rows))
        sources = model.sources(who, history)[0]
        told = {**current.served(model), "known": known, "sources": sources, "items": about, "notes": notes}
    return as_json(Recommended, told)


@router.post("/recommend/batch", response_model=RecommendedMany, response_model_exclude_unset=True)
def recommend_many(ask: AskMany, current: Current, counted: Counted) -> dict[str, Any]:
    """A list for each of several people, whoever of them is known; `notes` are about all of them."""
    notes: list[str] = []
    people = list(dict.fromkeys(ask.user_ids))
    lists: dict[str, list[dict[str, Any]]] = {person: [] for person in people}
    versions: dict[str, int] = {}
    with current.models(people) as answering:
        for model, some in answering:
            for row in _predictions(model, model.recommend(some, **wanted(ask), notes=notes), None):
                lists[row["user_id"]].append(row)
            for person in some:
                scores = (row["score"] for row in lists[person])
                counted.listed(current.tenant, model.known.num_told(person) > 0, scores)
            versions |= dict.fromkeys(some, current.served(model)["version"])
        served = current.served()
    others = {person: number for person, number in versions.items() if number != served["version"]}
    return {**served, **({"others": others} if others else {}), "lists": lists, "notes": list(dict.fromkeys(notes))}


@router.get("/items/{item_id:id}/similar", response_model=Neighbours, responses=NO_SUCH)
def similar(item_id: ItemId, current: Current, k: Length = 10, domain: Domain = None) -> dict[str, Any]:
    """The items whose texts are nearest to those of one, with their cosines."""
    with current.model() as model:
        if model.item(item_id) is None:
            raise HTTPException(404, "No such item.")
        return {**current.served(model), "items": _titled(model, model.similar(item_id, k, domain=domain))}


@router.get("/similar", response_model=Neighbours)
def similar_to_text(
    text: Annotated[str, Query(min_length=1, max_length=4096)], current: Current, k: Length = 10, domain: Domain = None
) -> dict[str, Any]:
    """The items whose texts are nearest to words."""
    with current.model() as model:
        return {**current.served(model), "items": _titled(model, model.similar(texts=text, k=k, domain=domain))}


def wanted(ask: Wanted) -> dict[str, Any]:
    """The model's words for what a list should be like."""
    items = None if ask.items is None else [item.given() for item in ask.items]
    rules = None if ask.rules is None else ask.rules.given()
    return {**ask.model_dump(include=ASKED), "items": items, "rules": rules, "rerank": ask.rerank or ()}


def _predictions(
    model: Model, rows: list[dict[str, Any]], history: list[dict[str, Any]] | None
) -> list[dict[str, Any]]:
    """Titles and predictions beside the rows; new items have no predictions, and raw ones no titles."""
    for row in rows:
        row["title"] = model.title(row["item_id"])
    known = [row for row in rows if row["item_id"] in model.asking.rows]
    if not known:
        return rows
    people = [row["user_id"] or "" if history is None else None for row in known]
    values = model.values(people, model.asking.rows.rows([row["item_id"] for row in known]), history)
    columns = {name: given.tolist() for name, given in values.items()}
    for place, row in enumerate(known):
        row |= {name: column[place] for name, column in columns.items() if name not in row}
    return rows


def _titled(model: Model, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    shown = ("item_id", "score", "rank")
    return [{**{name: row[name] for name in shown}, "title": model.title(row["item_id"])} for row in rows]
