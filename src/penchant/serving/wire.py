"""What comes over the wire: closed types with limits. What they mean is the model's matter."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Key = Annotated[str, Field(min_length=1, max_length=256)]
"""Of the client's making: what is sent again with the same one is kept once."""
Id = Annotated[str, Field(min_length=1, max_length=1024)]
Text = Annotated[str, Field(max_length=65_536)]
Word = Annotated[str, Field(max_length=256)]
Limit = Annotated[int, Field(ge=0, le=1000)]


class Wire(BaseModel):
    """Unknown keys are errors; NaN and infinity are not numbers here, and neither are words and truths."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True)

    def given(self) -> dict[str, Any]:
        """What was said, without what was left out."""
        return self.model_dump(exclude_none=True)


class RawEvent(Wire):
    """What a stranger did: an item, or words (a search), or both."""

    item_id: Id | None = None
    kind: Annotated[str, Field(max_length=64)] | None = None
    value: float | None = Field(None, ge=-1e12, le=1e12)
    text: Text | None = None
    timestamp: int | None = Field(None, ge=0, lt=2**40)


class KnownEvent(RawEvent):
    """The same, by a person with a name; `key`: the client's own id of the event."""

    user_id: Id
    key: Key | None = None


class RawItem(Wire):
    """A new item, by what it says."""

    item_id: Id
    title: Text | None = None
    description: Text | None = None
    tags: Annotated[list[str], Field(max_length=100)] | None = None
    domain: Annotated[str, Field(max_length=1024)] | None = None
    created_at: int | None = Field(None, ge=0, lt=2**40)
    attributes: Annotated[dict[Word, Word | float | list[Word]], Field(max_length=100)] | None = None


class Items(Wire):
    """Items to add, or to tell anew."""

    items: Annotated[list[RawItem], Field(min_length=1, max_length=100)]


class RuleWords(Wire):
    """At most so many of one kind, what stands where (places from 1), what is not shown; all by attribute of the items."""

    caps: Annotated[dict[Word, Limit | dict[Word, Limit]], Field(max_length=20)] | None = None
    pins: Annotated[dict[Annotated[int, Field(strict=False)], Id], Field(max_length=100)] | None = None
    blocks: Annotated[dict[Word, Annotated[list[Id], Field(max_length=10_000)]], Field(max_length=20)] | None = None


class Who(Wire):
    """A known person, or a stranger's history; neither means that nothing is known."""

    user_id: Id | None = None
    history: Annotated[list[RawEvent], Field(max_length=1000)] | None = None

    @property
    def past(self) -> list[dict[str, Any]] | None:
        """The stranger's history, None for a person with a name."""
        return None if self.history is None else [event.given() for event in self.history]


class Wanted(Wire):
    """What a list should be like, whoever it is for."""

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


class Ask(Who, Wanted):
    """Who asks, and for which list."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"user_id": "u42", "k": 10}, {"history": [{"text": "jazz"}]}]}
    )


class AskMany(Wanted):
    """Lists for several people, alike but for whom they are for."""

    user_ids: Annotated[list[Id], Field(min_length=1, max_length=100)]


class Pair(Wire):
    """Somebody and an item; the person is left out where a stranger's history is given."""

    user_id: Id | None = None
    item_id: Id


class Pairs(Wire):
    """Up to 1,000 pairs."""

    pairs: Annotated[list[Pair], Field(min_length=1, max_length=1000)]
    history: Annotated[list[RawEvent], Field(max_length=1000)] | None = None


class Words(Wire):
    """What somebody likes, in words of their own."""

    interests: Annotated[list[Annotated[str, Field(min_length=1, max_length=1000)]], Field(min_length=1, max_length=20)]


class ShownItem(Wire):
    """A place of a list, from 1, and the chance that it was drawn with."""

    item_id: Id
    rank: int = Field(ge=1, le=1000)
    propensity: float | None = Field(None, gt=0, le=1)


class Shown(Wire):
    """What somebody was really shown of a list; `key`: the client's own id of this showing."""

    user_id: Id
    key: Key | None = None
    items: Annotated[list[ShownItem], Field(min_length=1, max_length=1000)]


class Events(Wire):
    """A batch of events."""

    events: Annotated[list[KnownEvent], Field(min_length=1, max_length=1000)]


class Trial(Wire):
    """An experiment: another version answers a share of the people (ab), or nobody, and is compared (shadow)."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
    kind: Literal["ab", "shadow"] = "ab"
    challenger: int = Field(ge=1, lt=2**31)
    share: float = Field(0.5, gt=0, lt=1)
