"""The forms of answers."""

import json

import pytest
from pydantic import ValidationError

from penchant.serving.answers import Place, Recommended, as_json


def test_predictions_stand_beside_a_place_by_the_name_of_their_task() -> None:
    place = Place(item_id="i1", score=1.0, rank=1, rating=4.5, labels=[0.25, 0.75])
    assert place.model_dump(exclude_unset=True) == {
        "item_id": "i1",
        "score": 1.0,
        "rank": 1,
        "rating": 4.5,
        "labels": [0.25, 0.75],
    }


def test_what_is_no_number_is_no_prediction() -> None:
    with pytest.raises(ValidationError, match="path"):
        Place.model_validate({"item_id": "i1", "score": 1.0, "rank": 1, "path": "/etc"})


def test_what_was_not_promised_is_not_answered() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        Recommended.model_validate(
            {"model": "m", "version": 1, "known": True, "sources": {}, "items": [], "notes": [], "secret": 1}
        )


def test_an_answer_is_written_as_promised_or_not_at_all() -> None:
    told = {"model": "m", "version": 1, "known": True, "sources": {}, "notes": []}
    place = {"item_id": "i1", "score": 1.0, "rank": 1, "labels": [0.25]}
    written = as_json(Recommended, {**told, "items": [place]})
    assert json.loads(written.body)["items"] == [place]  # `title`, which wasn't told, is left out
    assert written.headers["content-type"] == "application/json"
    with pytest.raises(ValidationError, match="Extra inputs"):
        as_json(Recommended, {**told, "items": [], "secret": 1})
