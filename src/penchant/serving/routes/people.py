"""What a person is interested in: as it is inferred, and in words of their own."""

from typing import Any

from fastapi import APIRouter

from penchant.serving.answers import Accepted, Interests
from penchant.serving.ids import PersonId
from penchant.serving.interests import interests
from penchant.serving.wire import Words
from penchant.serving.workspace import Current
from penchant.stages.model import Model

STATED = "search"
"""The kind of event that somebody's own words are kept as: the model reads them like any search."""
LOOKED_AT = 1000
"""Newest events among which a person's own words are looked for."""

router = APIRouter(prefix="/v1/users/{user_id:id}/interests")


@router.get("", response_model=Interests)
def of(user_id: PersonId, current: Current) -> dict[str, Any]:
    """The strongest labels, and who says so: a task of the model, or the history alone; and the person's own words."""
    with current.model() as model:
        told = interests(model, user_id, None)
        return {**current.served(model), "user_id": user_id, **told, "stated": stated(model, user_id)}


@router.put("", response_model=Accepted)
def say(user_id: PersonId, words: Words, current: Current) -> dict[str, Any]:
    """Adds words that the person hasn't said yet to the history, where they count as a search does.

    Said twice is said once. What was said before fades with newer events; it is not unsaid.
    """
    with current.model() as model:
        said = set(stated(model, user_id))
    new = [text for text in dict.fromkeys(words.interests) if text not in said]
    events = [{"user_id": user_id, "kind": STATED, "text": text} for text in new]
    sequences = current.add(events, [None] * len(events)) if events else []
    return {"accepted": len(sequences), "sequences": sequences}


def stated(model: Model, user_id: str) -> list[str]:
    """What somebody put into words, newest first, without repeats."""
    past = model.history(user_id, LOOKED_AT)
    return list(dict.fromkeys(event["text"] for event in past if event["kind"] == STATED and event["text"]))
