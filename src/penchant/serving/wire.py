"""What comes over the wire: closed types with limits. What they mean is the model's matter."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[str, Field(min_length=1, max_length=1024)]
Text = Annotated[str, Field(max_length=65_536)]
Word = Annotated[str, Field(max_length=256)]
Limit = Annotated[int, Field(ge=0, le=1000)]


class Wire(BaseModel):
    """Unknown keys are errors; NaN and infinity are not numbers here."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

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
