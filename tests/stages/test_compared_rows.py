"""Rows of ours against the parts that they are made of."""

from dataclasses import replace

import numpy as np
import pytest

from penchant.evaluation.ranking import rank_cases
from penchant.records.data import Data
from penchant.records.errors import ConfigError
from penchant.retrieval.sources.transitions import Transitions
from penchant.stages import compared_rows
from penchant.stages.candidates import choose_sources
from penchant.stages.compared_rows import FUSION, KINDS, NETWORK, OURS, Ground, answer, default_rows, find_row
from penchant.stages.config import SOURCES, resolve_config
from penchant.stages.encode import Encoded, encode


@pytest.fixture(scope="module")
def encoded(shop: Data) -> Encoded:
    return encode(shop, "hashing")


@pytest.fixture(scope="module")
def ground(encoded: Encoded) -> Ground:
    return Ground.of(encoded, "leave-last-out", 10)


def test_a_simple_row_is_chosen_on_valid_and_fitted_on_train_and_valid(ground: Ground) -> None:
    found = answer("transitions", ground, resolve_config("tiny", 0))["transitions"]
    early = choose_sources(ground.past, ground.encoded, ground.valid)["transitions"]
    by_hand = Transitions.fit(ground.fitted, ground.asked.num_items, **early.settings)
    assert np.array_equal(found.lists, rank_cases(by_hand.score, ground.asked).lists)
    assert found.valid_ndcg == rank_cases(early.score, ground.valid).ndcg.mean()
    assert min(found.choose_seconds, found.fit_seconds, found.score_seconds) > 0


def test_every_simple_row_and_the_fusion_answer_every_case(ground: Ground) -> None:
    config = resolve_config("tiny", 0)
    found = {name: answer(name, ground, config)[name].lists for name in default_rows(ground.asked.num_items)}
    assert set(found) == {*(name.replace(" ", "-") for name in SOURCES if name != "media-kNN"), FUSION}
    assert all(lists.shape == (len(ground.asked), 10) for lists in found.values())
    assert len({found[name].tobytes() for name in ("popularity", "EASE", "transitions", "text-kNN", FUSION)}) == 5


def test_one_training_answers_for_the_network_and_for_the_whole_and_its_seed_counts(ground: Ground) -> None:
    first, again, other = (answer(OURS, ground, resolve_config("tiny", seed, epochs=1)) for seed in (0, 0, 1))
    assert set(first) == {OURS, NETWORK}
    assert np.array_equal(first[NETWORK].lists, again[NETWORK].lists)
    assert not np.array_equal(first[NETWORK].lists, other[NETWORK].lists)
    assert not np.array_equal(first[NETWORK].lists, first[OURS].lists)


def test_the_key_is_that_of_the_split_and_not_of_what_reads_texts(encoded: Encoded, ground: Ground) -> None:
    assert Ground.of(replace(encoded, item_vectors=encoded.item_vectors * 2), "leave-last-out", 10).key == ground.key
    assert Ground.of(encoded, "leave-last-out", 5).key != ground.key
    assert Ground.of(encoded, "global-time", 10).key != ground.key
    fewer = replace(encoded, events=encoded.events.take(np.arange(len(encoded.events)) > 0))
    assert Ground.of(fewer, "leave-last-out", 10).key != ground.key


def test_words_of_rows() -> None:
    assert [find_row(word) for word in ("RECENT-popularity", "text-knn", "Penchant")] == [
        "recent-popularity",
        "text-kNN",
        "penchant",
    ]
    with pytest.raises(ConfigError, match=r"Unknown row 'transition'. Did you mean 'transitions'"):
        find_row("transition")
    assert set(default_rows(100)) < set(KINDS)


def test_ease_of_a_large_catalogue_is_refused_and_left_out(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compared_rows, "MAX_EASE_ITEMS", 39)
    with pytest.raises(ConfigError, match=r"dense inverse of 40 x 40, more than 39. Leave it out"):
        answer("EASE", ground, resolve_config("tiny", 0))
    assert "EASE" not in default_rows(40)
