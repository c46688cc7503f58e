"""What travels over HTTP: closed questions, open answers. Knows no model and no route."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, JsonValue, Tag, model_validator
from pydantic_core import PydanticCustomError

from penchant.records.errors import suggestion
from penchant.serving import limits

Id = Annotated[str, Field(min_length=1, max_length=limits.MAX_ID)]
Timestamp = Annotated[int, Field(ge=0, le=limits.LAST_TIMESTAMP)]


class Question(BaseModel):
    """Part of a request: an unknown key, a number that is not finite or a huge string is refused."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, str_max_length=limits.MAX_TEXT
    )

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, value: Any) -> Any:
        for key in value if isinstance(value, dict) else ():
            if key not in cls.model_fields:
                hint = suggestion(key, cls.model_fields)
                raise PydanticCustomError("unknown_key", "Unknown key {key}. {hint}", {"key": repr(key), "hint": hint})
        return value

    def words(self) -> dict[str, Any]:
        """What was said, in the words of the tables; what was left out is left out."""
        return self.model_dump(exclude_none=True)


class RawItem(Question):
    """A new item, known by its words alone, that joins the candidates of one request."""

    item_id: Id
    title: str | None = None
    description: str | None = None
    tags: Annotated[list[str], Field(max_length=limits.MAX_TAGS)] | None = None

    @model_validator(mode="after")
    def _has_words(self) -> Self:
        if not (self.title or self.description or self.tags):
            raise PydanticCustomError("no_words", "A raw item needs a title, a description or tags to be understood")
        return self


class StrangerEvent(Question):
    """Something that a person did who is known only from this request."""

    kind: Id
    """view, click, play, like, dislike, rate, review, search, purchase, share, skip, ...: any word is taken."""
    item_id: Id | None = None
    text: str | None = None
    """Words of a search or a review."""
    value: float | None = None
    """The rating, seconds or price, depending on `kind`."""
    timestamp: Timestamp | None = None
    """Seconds since 1970; left out: now."""

    @model_validator(mode="after")
    def _has_content(self) -> Self:
        if not (self.item_id or self.text):
            raise PydanticCustomError("no_content", "An event needs an `item_id` or a `text`")
        return self


class Event(StrangerEvent):
    """Something that a known or a new person did."""

    user_id: Id


def _one_or_batch(value: Any) -> str:
    return "batch" if isinstance(value, list) else "one"


EventBatch = Annotated[list[Event], Field(min_length=1, max_length=limits.MAX_EVENTS)]
OneOrManyEvents = Annotated[
    Annotated[Event, Tag("one")] | Annotated[EventBatch, Tag("batch")], Discriminator(_one_or_batch)
]


class RecommendRequest(Question):
    """Who asks (by `user_id`, or by `events` of a stranger, or nobody), among what, and for how much."""

    user_id: Id | None = None
    events: Annotated[list[StrangerEvent], Field(max_length=limits.MAX_EVENTS)] | None = None
    """What a stranger did, oldest first."""
    items: Annotated[list[RawItem], Field(max_length=limits.MAX_ITEMS)] | None = None
    """New items that join the candidates."""
    candidates: Annotated[list[Id], Field(max_length=limits.MAX_CANDIDATES)] | None = None
    """Only these items may be recommended."""
    k: Annotated[int, Field(ge=1, le=limits.MAX_K)] = 10
    exclude_seen: bool = True
    with_predictions: bool = False
    """Adds the predicted rating and the probability of a like to each item of the catalogue."""

    @model_validator(mode="after")
    def _one_person(self) -> Self:
        if self.user_id is not None and self.events is not None:
            raise PydanticCustomError("two_people", "Give `user_id` or `events`, not both: who is asking?")
        return self


class Answer(BaseModel):
    """Every answer says which model gave it."""

    model_config = ConfigDict(protected_namespaces=())

    model_version: str


class Recommendation(BaseModel):
    item_id: str
    title: str | None = None
    tags: list[str] | None = None
    score: float | None
    rank: int
    rating: float | None = None
    """Predicted rating, on the scale of the training data."""
    like: float | None = None
    """Probability of a like, 0 to 1."""


class RecommendAnswer(Answer):
    user_id: str | None
    known: bool
    """False: answered as a stranger; a `user_id` that nobody knows has no history."""
    items: list[Recommendation]
    """Best first."""


class EventsAnswer(Answer):
    accepted: int


class PeopleAnswer(Answer):
    user_ids: list[str]
    total: int
    """How many people match in all."""


class PastEvent(BaseModel):
    kind: str
    item_id: str | None = None
    title: str | None = None
    text: str | None = None
    value: float | None = None
    timestamp: int | None = None


class HistoryAnswer(Answer):
    user_id: str
    events: list[PastEvent]
    """Newest first."""


class ItemAnswer(Answer):
    item_id: str
    title: str | None = None
    description: str | None = None
    tags: list[str] | None = None
    attributes: JsonValue = None


class ModelAnswer(Answer):
    name: str | None = None
    size: str | None = None
    tasks: list[str] = []
    num_users: int
    num_items: int
    created_at: JsonValue = None
    has_clock: bool = True
    """False: timestamps are only an order."""
    rating_scale: tuple[float, float] | None = None
    """Lowest and highest rating."""


class HealthAnswer(Answer):
    status: str = "ok"


class Problem(BaseModel):
    type: str
    message: str


class ErrorAnswer(BaseModel):
    error: Problem
