"""A whole recommender, really fitted, however many people ask at once."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

import penchant as pn
from penchant.ranking import recommender as module
from penchant.ranking.batched import in_batches
from penchant.records.data import Data
from penchant.records.events import Histories


def test_everybody_is_scored_some_at_a_time_with_new_items_too(
    shop: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path))
    model = pn.fit(shop, size="tiny", encoder="hashing", epochs=1, num_positions=256)
    new = model.asking.raw_items([{"item_id": "new", "title": "jazz"}])
    people = model.asking.histories(model.user_ids, model.events, None, new)
    at_once = model.recommender.score_with_extra(people)
    asked: list[int] = []
    score = model.recommender.sources["item-kNN"].score

    def counted(histories: Histories) -> np.ndarray:
        asked.append(len(histories))
        return score(histories)

    monkeypatch.setattr(model.recommender.sources["item-kNN"], "score", counted)
    monkeypatch.setattr(module, "in_batches", partial(in_batches, most=7 * len(model.items)))
    found = model.recommender.score_with_extra(people)
    assert max(asked) == 7
    assert sum(asked) == len(people)
    assert found.shape == (len(people), len(model.items) + 1)
    np.testing.assert_allclose(found, at_once, rtol=1e-4, atol=1e-4)


def test_what_sources_say_to_everybody_is_worked_out_once_and_is_the_same(
    shop: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path))
    model = pn.fit(shop, size="tiny", encoder="hashing", epochs=1, num_positions=256)
    found, people = model.recommender, model.asking.histories([*model.user_ids, "nobody"], model.events, None)
    assert found.common.keys() == {"popularity", "recent popularity"}
    for name in found.common:
        scores = found.sources[name].score(people)
        np.testing.assert_array_equal(scores, np.tile(scores[-1], (len(people), 1)))
    np.testing.assert_array_equal(found.score(people), found.fusion.score(people, found.scores(people)))
