"""The routes of similar items: of an item of the catalogue, or of words."""

import threading
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query

from penchant.stages.model import Model

Length = Annotated[int, Query(ge=1, le=1000)]
Domain = Annotated[str | None, Query(max_length=1024)]


def add_similar(app: FastAPI, model: Model, lock: threading.Lock) -> None:
    """Adds the routes to `app`; `lock` is held while the model answers."""

    @app.get("/v1/items/{item_id}/similar")
    def similar(item_id: str, k: Length = 10, domain: Domain = None) -> dict[str, Any]:
        """The items whose texts are nearest to those of one, with their cosines."""
        if model.item(item_id) is None:
            raise HTTPException(404, "No such item.")
        with lock:
            return {"items": _titled(model, model.similar(item_id, k, domain=domain))}

    @app.get("/v1/similar")
    def similar_to_text(
        text: Annotated[str, Query(min_length=1, max_length=4096)], k: Length = 10, domain: Domain = None
    ) -> dict[str, Any]:
        """The items whose texts are nearest to words."""
        with lock:
            return {"items": _titled(model, model.similar(texts=text, k=k, domain=domain))}


def _titled(model: Model, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    shown = ("item_id", "score", "rank")
    return [
        {**{name: row[name] for name in shown}, "title": (model.item(row["item_id"]) or {}).get("title")}
        for row in rows
    ]
