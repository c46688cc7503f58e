"""The routes: from a question on the wire to the live model and back."""

from importlib import resources
from mimetypes import guess_type
from typing import Annotated

from fastapi import FastAPI, HTTPException, Path, Query
from fastapi.responses import Response

from penchant.serving import answers, limits, wire
from penchant.serving.gate import Gate
from penchant.serving.state import Ask, LiveModel, Servable

PAGE_SUFFIXES = (".html", ".css", ".js", ".svg")

IdInPath = Annotated[str, Path(min_length=1, max_length=limits.MAX_ID)]


def create_app(model: Servable) -> FastAPI:
    """The whole server for one model: API, page, limits and headers.

    Raises:
        ConfigError: the model answers in another frame than records.
    """
    live = LiveModel(model)
    app = FastAPI(
        title="Penchant",
        summary="Recommendations that follow what people do.",
        # FastAPI's own documentation pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        responses=answers.DOCUMENTED,
    )
    app.add_middleware(Gate)
    answers.install(app)
    _add_recommend(app, live)
    _add_events(app, live)
    _add_people(app, live)
    _add_catalogue(app, live)
    _add_page(app)
    return app


def _add_recommend(app: FastAPI, live: LiveModel) -> None:
    @app.post("/v1/recommend")
    def recommend(question: wire.RecommendRequest) -> wire.RecommendAnswer:
        """Items for a known person, for a stranger with some events, or for somebody of whom nothing is known."""
        known, rows = live.recommend(
            Ask(
                user_id=question.user_id,
                history=[event.words() for event in question.events or []],
                items=[item.words() for item in question.items or []],
                candidates=question.candidates,
                k=question.k,
                exclude_seen=question.exclude_seen,
                with_predictions=question.with_predictions,
            )
        )
        items = [wire.Recommendation(**row) for row in rows]
        return wire.RecommendAnswer(model_version=live.version, user_id=question.user_id, known=known, items=items)


def _add_events(app: FastAPI, live: LiveModel) -> None:
    @app.post("/v1/events", status_code=202)
    def events(question: wire.OneOrManyEvents) -> wire.EventsAnswer:
        """Takes one event, or a list of them; the very next answer knows about it."""
        batch = question if isinstance(question, list) else [question]
        accepted = live.observe([event.words() for event in batch])
        return wire.EventsAnswer(model_version=live.version, accepted=accepted)


def _add_people(app: FastAPI, live: LiveModel) -> None:
    @app.get("/v1/users")
    def people(
        query: Annotated[str, Query(max_length=limits.MAX_ID)] = "",
        limit: Annotated[int, Query(ge=1, le=limits.MAX_PEOPLE_FOUND)] = 20,
    ) -> wire.PeopleAnswer:
        """People whose id contains `query`."""
        found, total = live.people(query, limit)
        return wire.PeopleAnswer(model_version=live.version, user_ids=found, total=total)

    @app.get("/v1/users/{user_id:path}")
    def person(user_id: IdInPath, limit: Annotated[int, Query(ge=1, le=limits.MAX_HISTORY)] = 50) -> wire.HistoryAnswer:
        """What a person did, newest first."""
        rows = live.history(user_id, limit)
        if rows is None:
            raise HTTPException(404, "Nobody of this id is known. GET /v1/users finds people.")
        past = [wire.PastEvent(**row) for row in rows]
        return wire.HistoryAnswer(model_version=live.version, user_id=user_id, events=past)


def _add_catalogue(app: FastAPI, live: LiveModel) -> None:
    @app.get("/v1/items/{item_id:path}")
    def item(item_id: IdInPath) -> wire.ItemAnswer:
        """The content of an item of the catalogue."""
        content = live.item(item_id)
        if content is None:
            raise HTTPException(404, "No item of this id is in the catalogue.")
        return wire.ItemAnswer(**content, model_version=live.version)

    @app.get("/v1/model")
    def model() -> wire.ModelAnswer:
        """What answers here."""
        return wire.ModelAnswer(**live.describe(), model_version=live.version)

    @app.get("/healthz")
    def health() -> wire.HealthAnswer:
        """Whether the server answers."""
        return wire.HealthAnswer(model_version=live.version)


def _add_page(app: FastAPI) -> None:
    """`/` and `/static/NAME`, from a fixed set of files: no path of a request ever reaches the disk."""
    folder = resources.files("penchant.serving.page")
    files = {file.name: file.read_bytes() for file in folder.iterdir() if file.name.endswith(PAGE_SUFFIXES)}

    @app.get("/", include_in_schema=False)
    def page() -> Response:
        return Response(files["index.html"], media_type="text/html")

    @app.get("/static/{name}", include_in_schema=False)
    def static(name: str) -> Response:
        if name not in files:
            raise HTTPException(404, "The page has no such file.")
        return Response(files[name], media_type=guess_type(name)[0])
