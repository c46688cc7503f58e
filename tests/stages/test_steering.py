"""Words meet items: six tags whose names an encoder of words tells apart, and the requests that it cannot read."""

import numpy as np
import polars as pl
import pytest

import penchant as pn
from penchant.records.errors import ConfigError, DataError
from penchant.stages.asking import NO_ITEMS
from penchant.stages.item_facts import ItemFacts
from penchant.stages.model import Model
from penchant.stages.steering import steer_by

TAGS = ["space", "garden", "kitchen", "jazz", "horror", "战争"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Items say their tag in the title, too."""
    patch = pytest.MonkeyPatch()
    patch.setenv("PENCHANT_CACHE", str(tmp_path_factory.mktemp("cache")))
    rows = [(f"u{user}", f"i{(5 * user + step) % 36}", step) for user in range(30) for step in range(6)]
    events = pl.DataFrame(rows, schema=["user_id", "item_id", "timestamp"], orient="row")
    items = [
        {"item_id": f"i{item}", "title": f"{TAGS[item % 6]} story {item}", "tags": TAGS[item % 6]} for item in range(36)
    ]
    return pn.fit(pn.read(events, items=items), size="tiny", encoder="hashing", epochs=1, num_positions=64)


@pytest.fixture
def facts(model: Model) -> ItemFacts:
    return ItemFacts(model.recommender, model.asking, NO_ITEMS)


def of_tag(pull: np.ndarray, tag: str) -> float:
    """How much more the items of a tag are pulled than the others are."""
    own = np.arange(len(pull)) % 6 == TAGS.index(tag)
    return float(pull[own].mean() - pull[~own].mean())


def test_more_pulls_and_less_pushes_what_is_meant(facts: ItemFacts) -> None:
    found = steer_by("more space, less jazz", facts)
    assert of_tag(found.pull, "space") > 0.5
    assert of_tag(found.pull, "jazz") < -0.5
    assert abs(of_tag(found.pull, "kitchen")) < 0.4
    assert found.allowed is None
    assert found.notes[0] == "more 'space': tags space, and what texts say"


def test_no_and_only_bar_items_where_the_phrase_stands_for_a_tag(facts: ItemFacts) -> None:
    without, only = steer_by("no jazz", facts).allowed, steer_by("only jazz", facts).allowed
    assert without is not None
    assert only is not None
    np.testing.assert_array_equal(without, np.arange(36) % 6 != 3)
    np.testing.assert_array_equal(only, ~without)
    several = steer_by("only jazz and space, no horror", facts).allowed
    assert several is not None
    np.testing.assert_array_equal(several, np.isin(np.arange(36) % 6, [0, 3]))  # either, for none is both
    assert steer_by("no jazz", facts).pull.std() > steer_by("less jazz", facts).pull.std()


def test_phrases_that_are_no_tag_go_by_texts(facts: ItemFacts) -> None:
    """Nothing has this tag, but one title has the number."""
    found = steer_by("more story 7", facts)
    assert found.pull.argmax() in (7, 17, 27)
    assert found.allowed is None


def test_strength_is_how_far(facts: ItemFacts) -> None:
    np.testing.assert_allclose(
        steer_by("more jazz", facts, 2).pull, 4 * steer_by("more jazz", facts, 0.5).pull, rtol=1e-5
    )


def test_a_new_item_is_pulled_by_what_it_says(model: Model) -> None:
    new = model.asking.raw_items(
        [{"item_id": "n", "title": "jazz", "tags": ["jazz"]}, {"item_id": "m", "title": "space"}]
    )
    pull = steer_by("more jazz", ItemFacts(model.recommender, model.asking, new)).pull
    assert pull.shape == (38,)
    assert pull[36] > 1 > pull[37]


def test_an_english_encoder_says_that_it_reads_no_chinese(facts: ItemFacts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another encoder only by its word: what it would make of the phrase is not asked."""
    monkeypatch.setattr(facts.asking.reader.chosen, "word", "minilm")
    with pytest.raises(ConfigError, match=r"'minilm' reads English alone, and '科幻' .* --encoder e5-small"):
        steer_by("多来点科幻", facts)
    assert of_tag(steer_by("多来点战争", facts).pull, "战争") > 0.5  # a tag of that name needs no encoder


def test_a_request_for_nothing_is_refused(facts: ItemFacts) -> None:
    with pytest.raises(DataError, match="Nothing is asked for"):
        steer_by("please", facts)
