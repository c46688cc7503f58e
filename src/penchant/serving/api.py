"""The API, version 1: closed wire types in, plain JSON out. Routes parse, call the live model, answer."""

import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from penchant.records.errors import ConfigError, DataError, PenchantError
from penchant.serving.similar import add_similar
from penchant.stages.model import Model

PAGE = Path(__file__).parent / "page"
PAGE_FILES = {"page.css": "text/css", "page.js": "text/javascript"}
MAX_BODY = 1 << 20
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Id = Annotated[str, Field(min_length=1, max_length=1024)]
Text = Annotated[str, Field(max_length=65_536)]
Word = Annotated[str, Field(max_length=256)]
ASKED = {"k", "exclude_seen", "candidates", "domain", "steer", "strength", "value", "explore", "seed"}
"""What goes to the model as it stands."""
Limit = Annotated[int, Field(ge=0, le=1000)]


class Wire(BaseModel):
    """Unknown keys are errors; NaN and infinity are not numbers here."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class RawEvent(Wire):
    """What a stranger did: an item, or words (a search), or both."""

    item_id: Id | None = None
    kind: Annotated[str, Field(max_length=64)] | None = None
    value: float | None = Field(None, ge=-1e12, le=1e12)
    text: Text | None = None
    timestamp: int | None = Field(None, ge=0, lt=2**40)


class KnownEvent(RawEvent):
    """The same, by a person with a name."""

    user_id: Id


class RawItem(Wire):
    """A new item, by what it says."""

    item_id: Id
    title: Text | None = None
    description: Text | None = None
    tags: Annotated[list[str], Field(max_length=100)] | None = None
    domain: Annotated[str, Field(max_length=1024)] | None = None
    attributes: Annotated[dict[Word, Word | float | list[Word]], Field(max_length=100)] | None = None


class RuleWords(Wire):
    """At most so many of one kind, what stands where (places from 1), what is not shown; all by attribute of the items."""

    caps: Annotated[dict[Word, Limit | dict[Word, Limit]], Field(max_length=20)] | None = None
    pins: Annotated[dict[int, Id], Field(max_length=100)] | None = None
    blocks: Annotated[dict[Word, Annotated[list[Id], Field(max_length=10_000)]], Field(max_length=20)] | None = None


class Ask(Wire):
    """A known person, or a stranger's history; neither means that nothing is known."""

    user_id: Id | None = None
    history: Annotated[list[RawEvent], Field(max_length=1000)] | None = None
    items: Annotated[list[RawItem], Field(max_length=100)] | None = None
    k: int = Field(10, ge=1, le=1000)
    exclude_seen: bool = True
    candidates: Annotated[list[Id], Field(max_length=10_000)] | None = None
    domain: Annotated[str, Field(max_length=1024)] | None = None
    rerank: Annotated[list[Word], Field(max_length=10)] | None = None
    rules: RuleWords | None = None
    steer: Annotated[str, Field(max_length=1000)] | None = None
    strength: float | None = Field(None, gt=0, le=100)
    value: Annotated[str, Field(max_length=1000)] | None = None
    explore: Word | None = None
    seed: int | None = Field(None, ge=0, lt=2**63)


class ShownItem(Wire):
    """A place of a list, from 1, and the chance that it was drawn with."""

    item_id: Id
    rank: int = Field(ge=1, le=1000)
    propensity: float | None = Field(None, gt=0, le=1)


class Shown(Wire):
    """What somebody was really shown of a list."""

    user_id: Id
    items: Annotated[list[ShownItem], Field(min_length=1, max_length=1000)]


class Events(Wire):
    """A batch of events."""

    events: Annotated[list[KnownEvent], Field(min_length=1, max_length=1000)]


def create_app(model: Model) -> FastAPI:
    """The application around one model that answers in records. One request at a time reaches the model."""
    app = FastAPI(title="Penchant", version="1", docs_url=None, redoc_url=None)
    lock = threading.Lock()
    _guard(app)

    @app.post("/v1/recommend")
    def recommend(ask: Ask) -> dict[str, Any]:
        """The best items, with what is predicted of those in the catalogue; `notes` on how the request was understood."""
        history = None if ask.history is None else [_given(event) for event in ask.history]
        items = None if ask.items is None else [_given(item) for item in ask.items]
        wanted = ask.model_dump(include=ASKED)
        rules = None if ask.rules is None else _given(ask.rules)
        notes: list[str] = []
        with lock:
            known = ask.user_id is not None and bool(model.history(ask.user_id, limit=1))
            who = ask.user_id if history is not None else (ask.user_id or "")
            rows = model.recommend(who, history, items, **wanted, rerank=ask.rerank or (), rules=rules, notes=notes)
            about = _predictions(model, rows, history)
        return {"known": known, "model": model.about["created_at"], "items": about, "notes": notes}

    @app.post("/v1/events", status_code=202)
    def events(batch: Events) -> dict[str, int]:
        """Adds what people did; the next answer takes it into account. Kept in memory only."""
        with lock:
            return {"accepted": model.observe([_given(event) for event in batch.events])}

    @app.post("/v1/shown", status_code=202)
    def shown(what: Shown) -> dict[str, int]:
        """Logs what was shown, with its propensity; what comes of it is told by later events. Kept in memory only."""
        rows = [{"user_id": what.user_id, **_given(item)} for item in what.items]
        with lock:
            return {"accepted": model.shown(rows)}

    @app.get("/v1/users")
    def users(query: str = Query("", max_length=1024), limit: int = Query(50, ge=1, le=1000)) -> dict[str, list[str]]:
        """Known people whose id begins with the query."""
        with lock:
            found = [name for name in model.user_ids if name.startswith(query)]
        return {"user_ids": found[:limit]}

    @app.get("/v1/users/{user_id}")
    def user(user_id: str, limit: int = Query(50, ge=1, le=1000)) -> dict[str, Any]:
        """What a person did, newest first; empty for a stranger."""
        with lock:
            return {"user_id": user_id, "history": model.history(user_id, limit)}

    @app.get("/v1/items/{item_id}")
    def item(item_id: str) -> dict[str, Any]:
        """What the catalogue says of an item."""
        found = model.item(item_id)
        if found is None:
            raise HTTPException(404, "No such item.")
        return found

    add_similar(app, model, lock)

    @app.get("/healthz")
    def health() -> dict[str, Any]:
        """Alive, and which model answers."""
        about = model.about
        return {"status": "ok", "version": about["version"], "size": about["size"], "created_at": about["created_at"]}

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(PAGE / "index.html", media_type="text/html")

    @app.get("/static/{name}", include_in_schema=False)
    def static(name: str) -> FileResponse:
        if name not in PAGE_FILES:
            raise HTTPException(404, "No such file.")
        return FileResponse(PAGE / name, media_type=PAGE_FILES[name])

    return app


def _guard(app: FastAPI) -> None:
    """Size limit, headers on every answer, errors in one form."""

    @app.middleware("http")
    async def guard(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
        declared = request.headers.get("content-length", "0" if request.method in ("GET", "HEAD") else "")
        if not declared.isdigit() or int(declared) > MAX_BODY:
            response: Response = _error(413, "TooLarge", f"A body of known length up to {MAX_BODY} bytes is needed.")
        else:
            response = await call(request)
        response.headers.update(HEADERS)
        return response

    @app.exception_handler(RequestValidationError)
    async def wrong_form(_: Request, error: RequestValidationError) -> JSONResponse:
        """Without what was sent: NaN and halves of letters cannot be sent back."""
        told = [{name: each[name] for name in ("type", "loc", "msg")} for each in error.errors()]
        return JSONResponse({"detail": jsonable_encoder(told)}, 422)

    @app.exception_handler(PenchantError)
    async def mistake(_: Request, error: PenchantError) -> JSONResponse:
        """Bodies of the right form that ask for what there is not are unprocessable too."""
        status = 422 if isinstance(error, ConfigError | DataError) else 400
        return _error(status, type(error).__name__, str(error))


def _error(status: int, kind: str, message: str) -> JSONResponse:
    return JSONResponse({"error": {"type": kind, "message": message}}, status)


def _given(wire: Wire) -> dict[str, Any]:
    return wire.model_dump(exclude_none=True)


def _predictions(
    model: Model, rows: list[dict[str, Any]], history: list[dict[str, Any]] | None
) -> list[dict[str, Any]]:
    """Titles and predictions beside the rows; raw new items have neither."""
    pairs = [row for row in rows if model.item(row["item_id"]) is not None]
    asked = [{"user_id": row["user_id"] or "", "item_id": row["item_id"]} for row in pairs]
    given = {row["item_id"]: row for row in model.predict(asked, history)} if asked else {}
    for row in rows:
        row["title"] = (model.item(row["item_id"]) or {}).get("title")
        row |= {name: value for name, value in given.get(row["item_id"], {}).items() if name not in row}
    return rows
