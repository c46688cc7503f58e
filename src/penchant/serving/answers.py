"""What goes back over the wire: the forms of answers and of failures, as `/openapi.json` promises them. No model, no routes."""

from typing import Any

from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """A form that is promised is kept: another field is our own mistake."""

    model_config = ConfigDict(extra="forbid")


class Mistake(Answer):
    """`type`: a word for programs; `message`: the rule and the way out, for people."""

    type: str = Field(examples=["NotFound"])
    message: str = Field(examples=["No such item."])


class Failure(Answer):
    """Every answer that is none."""

    error: Mistake


class Served(Answer):
    """Which model answered: when it was fitted, and its number among the versions."""

    model: str = Field(examples=["2026-11-25T19:00:00Z"])
    version: int = Field(1, ge=1, description="Number of the version, from 1; a server of one model has the one.")


class Predicted(BaseModel):
    """What the tasks that look at a person and an item say, each by its name, in the user's own units."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, float | list[float] | None] = Field(init=False)

    user_id: str | None = None
    item_id: str = Field(examples=["i9"])


class Place(Predicted):
    """A place of a list, from 1. `propensity`: the chance that it was drawn with, where lists are drawn."""

    score: float
    rank: int = Field(ge=1)
    title: str | None = None


class Recommended(Served):
    """`sources`: how much each counts for this history; they sum to 1. `notes`: how the request was understood."""

    sources: dict[str, float] = Field(examples=[{"network": 0.5, "item_knn": 0.3, "popularity": 0.2}])
    known: bool = Field(description="Whether anything is known of the person. A stranger's list speaks for everybody.")
    items: list[Place]
    notes: list[str]


class RecommendedMany(Served):
    """A list for each person. `notes` are about all of them. `others`: while two versions are compared, the people whom the
    challenger answered, with its number."""

    others: dict[str, int] = Field(default_factory=dict)
    lists: dict[str, list[Place]]
    notes: list[str]


class Predictions(Served):
    """A row for each pair, in the order in which they were asked for."""

    pairs: list[Predicted]


class Neighbour(Answer):
    """`score`: a cosine."""

    item_id: str
    score: float = Field(ge=-1.001, le=1.001)
    rank: int = Field(ge=1)
    title: str | None = None


class Neighbours(Served):
    """Nearest first."""

    items: list[Neighbour]


class People(Answer):
    """Ids of known people."""

    user_ids: list[str]


class Past(Answer):
    """One thing that somebody did."""

    item_id: str | None
    title: str | None
    kind: str
    value: float | None
    timestamp: int | None
    text: str | None


class Person(Answer):
    """What a person did, newest first; empty for a stranger."""

    user_id: str
    history: list[Past]


class Item(Answer):
    """What the catalogue says of an item; `attributes` as JSON in a string, if there are any."""

    item_id: str
    title: str | None
    tags: list[str] | None
    description: str | None
    attributes: Any = None


class Label(Answer):
    """How much somebody's next item will have to do with a label, 0 to 1."""

    label: str
    value: float = Field(ge=0, le=1)


class Inferred(Answer):
    """What is inferred of somebody, highest first, and by what."""

    source: str = Field(description='The task of the model that says so, or "history": shares of what was chosen.')
    labels: list[Label]


class Interests(Inferred, Served):
    """And what the person has said, newest first."""

    user_id: str
    stated: list[str]


class Accepted(Answer):
    """How many were taken, and their places in the event log."""

    accepted: int = Field(ge=0)
    sequences: list[int] = Field(examples=[[41, 42]])


class Gone(Answer):
    """It is done; `known`: there was something to take away; `erased`: rows of the event log that are no more."""

    known: bool = True
    erased: int = Field(0, ge=0)


class ModelVersion(Answer):
    """A version of the model. `log_sequence`: it was trained with the event log up to there; `verdict`: how it was judged."""

    number: int = Field(ge=1)
    created_at: str = Field(examples=["2026-11-25T19:00:00+00:00"])
    origin: str = Field(examples=["train", "retrain"])
    log_sequence: int = Field(ge=0)
    verdict: dict[str, Any] | None = None


class ModelVersions(Answer):
    """Oldest first. `active`: the one in charge; `retraining`: whether one is being learned; `verdict`: of the last one."""

    active: int = Field(ge=1)
    retraining: bool = False
    verdict: dict[str, Any] | None = None
    versions: list[ModelVersion]


class Trials(Answer):
    """`running`: the experiment, None without one; `results`: clicks per impression of each arm with 95% intervals over people,
    their difference, and in the shadow the agreement of the lists."""

    running: dict[str, Any] | None
    results: dict[str, Any] | None


class Alive(Answer):
    """The process answers."""

    status: str = Field("ok", examples=["ok"])


def as_json(form: type[BaseModel], told: dict[str, Any]) -> Response:
    """The answer, checked and written by the thread that made it: FastAPI would change threads for that.

    What wasn't told is left out. Raises: ValidationError for what the form doesn't promise, which is our own mistake.
    """
    return Response(form.model_validate(told).model_dump_json(exclude_unset=True), media_type="application/json")


NO_SUCH: dict[int | str, dict[str, Any]] = {404: {"model": Failure, "description": "There is no such thing"}}
"""Of routes whose path names a thing."""
