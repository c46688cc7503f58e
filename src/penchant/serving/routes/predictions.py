"""What is predicted of people and items: a rating, a like, whatever the model has tasks for."""

from typing import Any

from fastapi import APIRouter

from penchant.serving.answers import Predictions
from penchant.serving.wire import Pairs
from penchant.serving.workspace import Current

router = APIRouter(prefix="/v1")


@router.post("/predict", response_model=Predictions)
def predict(ask: Pairs, current: Current) -> dict[str, Any]:
    """One value per task that looks at pairs, in the user's own units: stars, hours, or a chance.

    Pairs of a person and an item; with `history`, a stranger's raw events, items alone.
    """
    history = None if ask.history is None else [event.given() for event in ask.history]
    pairs = [{"user_id": pair.user_id, "item_id": pair.item_id} for pair in ask.pairs]
    with current.model() as model:
        return {**current.served(model), "pairs": model.predict(pairs, history)}
